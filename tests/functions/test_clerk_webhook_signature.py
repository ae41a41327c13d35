"""The door of Clerk's webhook: what is not signed over these very bytes is 400, never 500."""

import base64
import json
from typing import Any

import pytest

from tests.clerk import ROUTE, SECRET, Message, fixture, message, signature
from tests.world import World

OTHER = "whsec_" + base64.b64encode(b"another-canary-secret").decode()


@pytest.fixture
def gone(world: World) -> Message:
    return message(world, fixture("user.deleted"))


@pytest.mark.parametrize(("seconds", "status"), [(-301, 400), (-299, 200), (299, 200), (301, 400)])
def test_a_message_is_taken_within_five_minutes_both_ways(
    world: World, gone: Message, seconds: int, status: int
) -> None:
    at_s = int(world.clock().timestamp()) + seconds
    signed = signature(gone.raw, message_id=gone.message_id, at_s=at_s)

    reply = gone.deliver(svix_timestamp=str(at_s), svix_signature=signed)

    assert reply.status == status


def test_bytes_that_were_written_anew_are_refused(gone: Message) -> None:
    signed = Message(gone.world, gone.raw, gone.message_id)
    gone.raw = json.dumps(json.loads(gone.raw)).encode()
    at_s = int(gone.world.clock().timestamp())
    header = signature(signed.raw, message_id=signed.message_id, at_s=at_s)

    assert gone.deliver(svix_signature=header).code == "INVALID_SIGNATURE"
    assert signed.deliver().status == 200


@pytest.mark.parametrize("secrets", ["", ",", " , ", "whsec_", "whsec_!"])
def test_without_a_secret_the_door_is_closed(make_world: Any, secrets: str) -> None:
    world = make_world(CLERK_WEBHOOK_SECRETS=secrets)
    gone = message(world, fixture("user.deleted"))
    at_s = int(world.clock().timestamp())

    assert gone.deliver().code == "INVALID_SIGNATURE"
    for secret in ("", "whsec_"):
        empty = signature(gone.raw, message_id=gone.message_id, at_s=at_s, secret=secret)
        assert gone.deliver(svix_signature=empty).code == "INVALID_SIGNATURE"


def test_during_a_rotation_either_secret_opens(make_world: Any) -> None:
    world = make_world(CLERK_WEBHOOK_SECRETS=f"{OTHER}, {SECRET}")
    at_s = int(world.clock().timestamp())
    for secret in (SECRET, OTHER):
        one = message(world, fixture("user.updated"))
        header = signature(one.raw, message_id=one.message_id, at_s=at_s, secret=secret)
        assert one.deliver(svix_signature=header).status == 200


def test_the_singular_name_of_the_secret_serves_too(make_world: Any) -> None:
    world = make_world(CLERK_WEBHOOK_SECRETS="", CLERK_WEBHOOK_SECRET=SECRET)

    assert message(world, fixture("user.updated")).deliver().status == 200


def test_a_body_in_base64_is_verified_over_what_it_holds(world: World, gone: Message) -> None:
    at_s = int(world.clock().timestamp())
    headers = {
        "svix-id": gone.message_id,
        "svix-timestamp": str(at_s),
        "svix-signature": signature(gone.raw, message_id=gone.message_id, at_s=at_s),
    }

    assert world.call(ROUTE, "!not base64", headers=headers, base64_body=True).status == 400
    assert world.call(ROUTE, gone.raw, headers=headers).status == 200


def test_a_body_over_the_limit_is_refused_before_anything_is_computed(gone: Message) -> None:
    gone.raw = b'"' + b"x" * (256 * 1024) + b'"'

    assert gone.deliver().code == "BODY_TOO_LARGE"
