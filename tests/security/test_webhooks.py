"""What is not signed over these very bytes opens neither webhook, and breaks neither."""

import base64
import hashlib
import hmac
import json
import os
import random
import re
from collections import Counter
from collections.abc import Callable

import pytest

from greenroom.kernel.limits import WEBHOOK_TOLERANCE_S
from tests.clerk import ROUTE as CLERK
from tests.clerk import fixture as clerk_fixture
from tests.clerk import signature as clerk_signature
from tests.figures import Figure
from tests.reliability import faults
from tests.security.webhook_changes import Headers, Signed, changes
from tests.till import ROUTE as STRIPE
from tests.till import SECRET, Till
from tests.world import World

EACH = 10_000 if os.environ.get("THOROUGH") else 500
REFUSALS = {(400, "INVALID_SIGNATURE"), (400, "INVALID_REQUEST"), (413, "BODY_TOO_LARGE")}
# Of others, of an earlier rotation, of nobody.
OTHERS = ("whsec_" + base64.b64encode(b"another-canary-secret").decode(), "whsec_MA==", "0")


def another_time(now_s: int, chance: random.Random) -> int:
    """A time outside the tolerance, before or after now."""
    beyond = WEBHOOK_TOLERANCE_S + chance.choice([1, 60, 86_400, 10**9])
    return now_s + chance.choice([-1, 1]) * beyond


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

    def forge(raw: bytes, chance: random.Random) -> Headers:
        """By another secret; at another time; over another time, text or digest; as ``v0``."""
        now_s = int(world.clock().timestamp())
        other_s = another_time(now_s, chance)
        stale = hmac.new(SECRET.encode(), f"{other_s}.".encode() + raw, hashlib.sha256).hexdigest()
        ways = (
            till.signature(raw, secret=chance.choice(OTHERS)),
            till.signature(raw, age_s=now_s - other_s),
            f"t={now_s},v1={stale}",
            f"t={now_s},v1={hmac.new(SECRET.encode(), raw, hashlib.sha256).hexdigest()}",
            f"t={now_s},v1={hashlib.sha256(raw).hexdigest()}",
            header.replace("v1=", chance.choice(["v0=", "v2=", "V1=", "v1 ="])),
            till.signature(raw + b" "),
        )
        return {"stripe-signature": chance.choice(ways)}

    return Signed(raw, {"stripe-signature": header}, same, forge)


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

    def forge(raw: bytes, chance: random.Random) -> Headers:
        """By another secret; at another time; for another id; over another text or digest."""
        other_s = another_time(at_s, chance)
        stale = clerk_signature(raw, message_id="msg_1", at_s=other_s)
        plain = base64.b64encode(hashlib.sha256(raw).digest()).decode()
        other = chance.choice(OTHERS[:2])
        ways: tuple[dict[str, str], ...] = (
            {"svix-signature": clerk_signature(raw, message_id="msg_1", at_s=at_s, secret=other)},
            {"svix-signature": stale, "svix-timestamp": str(other_s)},
            {"svix-signature": stale},
            {"svix-signature": clerk_signature(raw, message_id="msg_2", at_s=at_s)},
            {"svix-signature": clerk_signature(raw + b" ", message_id="msg_1", at_s=at_s)},
            {"svix-signature": f"v1,{plain}"},
            {"svix-signature": signed.replace("v1,", chance.choice(["v1a,", "v2,", "V1,"]))},
            {"svix-id": f"msg_1.{at_s}"},
        )
        return genuine | chance.choice(ways)

    return Signed(raw, genuine, same, forge)


@pytest.mark.parametrize(
    ("route", "make"), [(STRIPE, of_stripe), (CLERK, of_clerk)], ids=["stripe", "clerk"]
)
def test_changed_requests_open_nothing_and_break_nothing(
    world: World, figure: Figure, route: str, make: Callable[[World], Signed]
) -> None:
    """Through the handler itself; a refusal asks neither the table nor anybody else."""
    signed = make(world)
    rows = world.rows()
    event, function = world.event(route, "", headers=signed.headers)
    seen: Counter[tuple[int, str]] = Counter()
    with faults.plan() as plan:
        for one in changes(signed, count=EACH, seed=20261121):
            event |= {"body": one.body, "isBase64Encoded": one.encoded, "headers": one.headers}
            answer = world.invoke(function, event)
            seen[answer["statusCode"], json.loads(answer["body"]).get("code")] += 1

    refused = sum(count for what, count in seen.items() if what in REFUSALS)
    figure("webhooks", "changed and forged deliveries", good=refused, of=EACH)
    assert seen.keys() <= REFUSALS, seen
    assert plan.calls == []
    assert world.rows() == rows
    sound = {"body": signed.raw.decode(), "isBase64Encoded": False, "headers": signed.headers}
    assert world.invoke(function, event | sound)["statusCode"] == 200, "the unchanged one is good"
