"""What is not signed over these very bytes opens neither webhook, and breaks neither."""

import base64
import json
import re
from collections import Counter
from collections.abc import Callable

import pytest

from tests.clerk import ROUTE as CLERK
from tests.clerk import fixture as clerk_fixture
from tests.clerk import signature as clerk_signature
from tests.hostile import Headers, Signed, changes
from tests.reliability import faults
from tests.till import ROUTE as STRIPE
from tests.till import Till
from tests.world import World

MUTATIONS = 10_000


def of_stripe(world: World) -> Signed:
    """A paid checkout: what a forger would like to send."""
    ada = world.person()
    ada.credits()
    till = Till(world)
    raw = json.dumps(till.paid(till.seed(ada))).encode()
    header = till.signature(raw)
    genuine = dict(part.split("=") for part in header.split(","))

    def same(headers: Headers) -> bool:
        """Space around a part, and schemes that are not ours, mean nothing."""
        parts = [part.strip() for part in headers.get("stripe-signature", "").split(",")]
        times = [part[2:] for part in parts if part.startswith("t=")]
        return times == [genuine["t"]] and f"v1={genuine['v1']}" in parts

    return Signed(raw, {"stripe-signature": header}, same)


def of_clerk(world: World) -> Signed:
    """The news of a person."""
    raw = json.dumps(clerk_fixture("user.updated"), indent=2).encode()
    at_s = int(world.clock().timestamp())
    signed = clerk_signature(raw, message_id="msg_1", at_s=at_s)
    genuine = {"svix-id": "msg_1", "svix-timestamp": str(at_s), "svix-signature": signed}
    digest = base64.b64decode(signed.removeprefix("v1,"))

    def same(headers: Headers) -> bool:
        """Other signatures beside the genuine one mean nothing."""
        rest = {name: text for name, text in headers.items() if name != "svix-signature"}
        given = headers.get("svix-signature", "").split(" ")
        known = [one[3:] for one in given if re.fullmatch(r"v1,[A-Za-z0-9+/]{43}=", one)]
        plain = {name: text for name, text in genuine.items() if name != "svix-signature"}
        return rest == plain and any(base64.b64decode(one) == digest for one in known)

    return Signed(raw, genuine, same)


@pytest.mark.parametrize(
    ("route", "make"), [(STRIPE, of_stripe), (CLERK, of_clerk)], ids=["stripe", "clerk"]
)
def test_ten_thousand_changed_requests_open_nothing_and_break_nothing(
    world: World, route: str, make: Callable[[World], Signed]
) -> None:
    """Through the handler itself; a refusal asks neither the table nor anybody else."""
    signed = make(world)
    rows = world.rows()
    event, function = world.event(route, "", headers=signed.headers)
    seen: Counter[tuple[int, str]] = Counter()
    with faults.plan() as plan:
        for one in changes(signed, count=MUTATIONS, seed=20261121):
            event |= {"body": one.body, "isBase64Encoded": one.encoded, "headers": one.headers}
            answer = world.invoke(function, event)
            seen[answer["statusCode"], json.loads(answer["body"])["code"]] += 1

    assert plan.calls == []
    assert world.rows() == rows
    assert seen.total() == MUTATIONS
    assert {status for status, _ in seen} <= {400, 401, 413}, seen
    assert {code for _, code in seen} <= {"INVALID_SIGNATURE", "INVALID_REQUEST", "BODY_TOO_LARGE"}
    sound = {"body": signed.raw.decode(), "isBase64Encoded": False, "headers": signed.headers}
    assert world.invoke(function, event | sound)["statusCode"] == 200, "the unchanged one is good"
