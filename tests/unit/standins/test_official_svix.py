"""The official Svix library: it verifies what the Clerk stand-in sends, and we what it signs."""

import base64
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from svix.webhooks import Webhook, WebhookVerificationError

from local.standins.clerk import ClerkStandIn
from local.standins.common import running
from tests.clerk import FIXTURES, ROUTE, SECRET, fixture
from tests.figures import Figure
from tests.unit.standins.test_clerk_webhooks import Endpoint, sign_in, until
from tests.world import World

OTHER = "whsec_" + base64.b64encode(b"canary-of-another-endpoint").decode()
EVENTS = sorted(path.stem for path in FIXTURES.glob("*.json") if "vectors" not in path.stem)


def test_the_library_verifies_every_message_of_the_stand_in(tmp_path: Path, figure: Figure) -> None:
    endpoint = Endpoint()
    with endpoint.listening():
        standin = ClerkStandIn(
            tmp_path, webhook_url=endpoint.url, webhook_secrets=(SECRET, OTHER), retry_first_s=0.01
        )
        with running(standin) as clerk:
            sign_in(clerk, userId="user_1", name="Ada", email="ada@example.org")
            sign_in(clerk, userId="user_1", name="Ada Lovelace")
            sign_in(clerk, userId="user_2", name="Bob")
            until(lambda: len(endpoint.taken) >= 3)

    for headers, raw in endpoint.taken:
        for secret in (SECRET, OTHER):  # both sign during a rotation
            Webhook(secret).verify(raw, headers)
    types = {json.loads(raw)["type"] for _, raw in endpoint.taken}
    figure("official clients", "svix", good=len(endpoint.taken), of=len(endpoint.taken))
    assert types == {"user.created", "user.updated"}
    headers, raw = endpoint.taken[0]
    for tampered in (raw + b" ", raw.replace(b"Ada", b"Eve", 1)):
        with pytest.raises(WebhookVerificationError):
            Webhook(SECRET).verify(tampered, headers)


@pytest.mark.parametrize("name", EVENTS)
def test_we_take_what_the_library_signs(world: World, name: str, figure: Figure) -> None:
    text = json.dumps(fixture(name), indent=2)

    reply = world.call(ROUTE, text, headers=_signed(world, text, SECRET))

    figure("official clients", "svix", good=reply.status == 200, of=1)
    assert reply.status == 200, reply.text


def test_we_refuse_what_the_library_signed_with_another_secret_or_too_long_ago(
    world: World, figure: Figure
) -> None:
    text = json.dumps(fixture("user.created"))
    forged = _signed(world, text, OTHER)
    stale = _signed(world, text, SECRET, age=timedelta(minutes=6))
    moved = {**_signed(world, text, SECRET), "svix-id": "msg_other"}

    replies = [world.call(ROUTE, text, headers=headers) for headers in (forged, stale, moved)]

    figure("official clients", "svix", good=sum(one.status == 400 for one in replies), of=3)
    assert {one.code for one in replies} == {"INVALID_SIGNATURE"}


def _signed(
    world: World, text: str, secret: str, *, age: timedelta = timedelta()
) -> dict[str, str]:
    message_id, at = "msg_2LbSVLrLEFTUIeBJZMXW", world.clock() - age
    at = datetime.fromtimestamp(int(at.timestamp()), UTC)
    return {
        "svix-id": message_id,
        "svix-timestamp": str(int(at.timestamp())),
        "svix-signature": Webhook(secret).sign(message_id, at, text),
    }
