"""Marks of the webhooks, what Stripe says of its endpoints, and the deliberate error."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from greenroom.diagnostics.items import WebhookMarkItem
from greenroom.kernel.limits import Limits
from greenroom.payments.shapes import EVENT_TYPES
from local.standins.common import running
from local.standins.stripe import StripeStandIn
from tests.clerk import message, person_event, tell
from tests.logs import Written
from tests.reliability import faults
from tests.reliability.faults import Fault
from tests.till import Till, event_of
from tests.unit.payments.stripe_events import fixture
from tests.world import SECRETS, World

HOOK = "https://api.greenroom.test/api/webhooks/stripe"


@pytest.fixture
def world(make_world: Callable[..., World]) -> World:
    """A world in which webhooks leave marks, as they do unless a setting says no."""
    return make_world(WEBHOOK_MARK_PAUSE_S=str(Limits().webhook_mark_pause_s))


def report(world: World) -> dict[str, Any]:
    reply = world.person("user_admin").call("GET /api/diagnostic/webhooks")
    assert reply.status == 200, reply.text
    body: dict[str, Any] = reply.body
    return body


def source(world: World, name: str) -> dict[str, Any]:
    (found,) = [one for one in report(world)["sources"] if one["source"] == name]
    return dict(found)


def marks_written(act: Callable[[], object]) -> int:
    """How many writes of marks an act makes."""
    with faults.plan() as plan:
        act()
    return sum("WEBHOOK#" in str(call.request) for call in plan.of("UpdateItem"))


def news(world: World, *, age_s: int = 0) -> dict[str, Any]:
    """Stripe's news of something that nobody needs, made so long ago."""
    created = int(world.clock().timestamp()) - age_s
    return {**event_of(fixture(26)), "type": "plan.created", "created": created}


def test_before_any_news_nothing_is_marked(world: World) -> None:
    assert report(world)["sources"] == [
        {
            "source": name,
            "lastAcceptedAt": None,
            "lagSeconds": None,
            "lastRejectedAt": None,
            "lastRejectedCode": None,
        }
        for name in ("stripe", "clerk")
    ]


def test_accepted_news_of_stripe_are_marked_with_their_age(world: World) -> None:
    till = Till(world)

    till.outcome(news(world, age_s=40))

    told = source(world, "stripe")
    assert told["lastAcceptedAt"] == "2026-11-21T12:00:00.000000Z"
    assert told["lagSeconds"] == 40
    assert told["lastRejectedAt"] is None


def test_accepted_news_of_clerk_are_marked_with_their_age(world: World) -> None:
    event = person_event(world.person())
    world.clock.move(7)

    tell(world, event)

    told = source(world, "clerk")
    assert told["lastAcceptedAt"] == "2026-11-21T12:00:07.000000Z"
    assert told["lagSeconds"] == 7


def test_rejected_news_are_marked_with_the_code(world: World) -> None:
    unsigned = world.call("POST /api/webhooks/stripe", "{}", headers={"stripe-signature": "x"})
    forged = message(world, person_event(world.person())).deliver(svix_signature="v1,x")

    assert unsigned.status == forged.status == 400
    for name in ("stripe", "clerk"):
        told = source(world, name)
        assert told["lastRejectedAt"] == "2026-11-21T12:00:00.000000Z"
        assert told["lastRejectedCode"] == "INVALID_SIGNATURE"
        assert told["lastAcceptedAt"] is None


def test_a_container_marks_at_most_every_15_seconds(world: World) -> None:
    till = Till(world)

    def deliver() -> None:
        till.deliver(news(world))

    assert marks_written(deliver) == 1
    world.clock.move(14.9)
    assert marks_written(deliver) == 0
    world.clock.move(0.1)
    assert marks_written(deliver) == 1


def test_what_was_held_back_goes_with_the_next_mark_while_it_is_young(world: World) -> None:
    till = Till(world)
    till.deliver(news(world))
    world.clock.move(5)
    till.deliver(b"forged", age_s=400)
    assert source(world, "stripe")["lastRejectedAt"] is None

    world.clock.move(12)
    till.deliver(news(world))

    told = source(world, "stripe")
    assert told["lastRejectedAt"] == "2026-11-21T12:00:05.000000Z"
    assert told["lastAcceptedAt"] == "2026-11-21T12:00:17.000000Z"


def test_what_was_held_back_for_long_never_takes_the_place_of_newer_marks(world: World) -> None:
    """Another container has marked in between."""
    till = Till(world)
    till.deliver(news(world))
    world.clock.move(5)
    till.deliver(news(world))
    world.clock.move(100)
    other = world.wiring("clerk_webhook").webhook_marks
    with other.noting("stripe"):
        pass
    world.clock.move(100)

    till.deliver(b"forged", age_s=400)

    assert source(world, "stripe")["lastAcceptedAt"] == "2026-11-21T12:01:45.000000Z"


def test_news_that_failed_on_our_side_are_neither_accepted_nor_rejected(world: World) -> None:
    with faults.plan(Fault(kind="unavailable", times=faults.FOR_EVER)):
        assert Till(world).deliver(news(world)).status == 503

    assert source(world, "stripe")["lastAcceptedAt"] is None
    assert source(world, "stripe")["lastRejectedAt"] is None


@pytest.mark.parametrize("kind", ["unavailable", "timeout_before", "timeout_after"])
def test_a_mark_that_fails_is_tried_once_and_changes_nothing_of_the_answer(
    world: World, kind: faults.Kind, written: Written
) -> None:
    with faults.plan(Fault(kind=kind, operation="UpdateItem", times=faults.FOR_EVER)) as plan:
        assert Till(world).outcome(news(world)) == "ignored"

    assert len(plan.of("UpdateItem")) == 1
    (line,) = [one for one in written.lines() if one["message"] == "a webhook's mark was not kept"]
    assert line["source"] == "stripe"


def test_with_a_pause_of_nothing_there_are_no_marks(world: World) -> None:
    world.rewire(WEBHOOK_MARK_PAUSE_S="0")
    with faults.plan() as plan:
        Till(world).outcome(news(world))

    assert [call.operation for call in plan.calls] == ["TransactWriteItems"]


def test_a_container_that_dies_at_its_mark_has_done_its_work(world: World) -> None:
    till = Till(world)
    event = till.paid(till.seed(world.person(), "credits_3"))
    for kind in ("crash_before", "crash_after"):
        with (
            faults.plan(Fault(kind=kind, operation="UpdateItem")),
            pytest.raises(faults.Crash),
        ):
            till.deliver(event)
        world.rewire()

    assert till.outcome(event) == "duplicate"


def test_a_webhook_stays_one_transaction_and_is_marked_after_it(world: World) -> None:
    with faults.plan() as plan:
        Till(world).outcome(news(world))

    assert [call.operation for call in plan.calls] == ["TransactWriteItems", "UpdateItem"]
    key = WebhookMarkItem.at("stripe")
    assert plan.calls[1].request["Key"] == {"PK": {"S": key.pk}, "SK": {"S": key.sk}}


class Hooked:
    """Stripe with one endpoint, which sends nothing in these tests."""

    def __init__(self, address: str, world: World) -> None:
        self.world = world
        self.api = httpx.Client(
            base_url=f"{address}/v1",
            headers={"Authorization": f"Bearer {SECRETS['STRIPE_SECRET_KEY']}"},
        )
        world.rewire(STRIPE_API_BASE=address)

    def change(self, **form: Any) -> None:
        (endpoint,) = self.api.get("/webhook_endpoints").json()["data"]
        answer = self.api.post(f"/webhook_endpoints/{endpoint['id']}", data=form)
        assert answer.is_success, answer.text

    def told(self) -> dict[str, Any]:
        found: dict[str, Any] = report(self.world)["stripeEndpoints"]
        return found


@pytest.fixture
def hooked(world: World, tmp_path: Path) -> Any:
    standin = StripeStandIn(tmp_path, webhook_url=HOOK, webhook_secrets=("whsec_x",))
    with running(standin) as address:
        found = Hooked(address, world)
        yield found
        found.api.close()
        world.wiring("diagnostics").stripe.close()


def test_an_endpoint_that_is_sent_everything_is_well(hooked: Hooked) -> None:
    endpoint = {"host": "api.greenroom.test", "enabled": True, "missingEvents": []}

    assert hooked.told() == {"ok": True, "reason": None, "endpoints": [endpoint]}


def test_an_endpoint_that_is_sent_all_that_we_handle_is_well(hooked: Hooked) -> None:
    hooked.change(**{f"enabled_events[{n}]": name for n, name in enumerate(EVENT_TYPES)})

    assert hooked.told()["ok"] is True


@pytest.mark.parametrize("missing", ["refund.failed", "charge.dispute.created"])
def test_each_event_that_is_not_sent_is_named(hooked: Hooked, missing: str) -> None:
    others = [name for name in EVENT_TYPES if name != missing]
    hooked.change(**{f"enabled_events[{n}]": name for n, name in enumerate(others)})

    told = hooked.told()

    assert (told["ok"], told["reason"]) == (False, "EVENTS_MISSING")
    assert told["endpoints"][0]["missingEvents"] == [missing]


def test_an_endpoint_that_was_switched_off_is_told(hooked: Hooked) -> None:
    hooked.change(disabled="true")

    told = hooked.told()

    assert (told["ok"], told["reason"]) == (False, "ENDPOINT_DISABLED")
    assert told["endpoints"][0]["enabled"] is False


def test_an_account_that_sends_nothing_to_us_is_told(world: World, tmp_path: Path) -> None:
    standin = StripeStandIn(
        tmp_path, webhook_url="https://other.test/stripe", webhook_secrets=("whsec_x",)
    )
    with running(standin) as address:
        world.rewire(STRIPE_API_BASE=address)
        told = report(world)["stripeEndpoints"]
        world.wiring("diagnostics").stripe.close()

    assert told == {"ok": False, "reason": "ENDPOINT_MISSING", "endpoints": []}


def test_a_stripe_that_does_not_say_is_neither_well_nor_ill(world: World) -> None:
    assert report(world)["stripeEndpoints"] == {
        "ok": None,
        "reason": "PROVIDER_TIMEOUT",
        "endpoints": [],
    }
    world.rewire(STRIPE_SECRET_KEY="")
    assert report(world)["stripeEndpoints"]["reason"] == "SECRETS_MISSING"


def test_a_key_that_stripe_refuses_is_told(world: World, tmp_path: Path) -> None:
    with running(StripeStandIn(tmp_path, secret_key="sk_test_another")) as address:
        world.rewire(STRIPE_API_BASE=address)
        told = report(world)["stripeEndpoints"]
        world.wiring("diagnostics").stripe.close()

    assert (told["ok"], told["reason"]) == (None, "PROVIDER_CREDENTIALS")


def test_a_deliberate_error_is_in_the_log_with_its_frames_where_the_report_says(
    world: World, written: Written
) -> None:
    reply = world.person("user_admin").call("GET /api/diagnostic/error-test")

    assert reply.status == 200
    assert reply.body["kind"] == "error"
    (line,) = [one for one in written.lines() if one["message"] == reply.body["message"]]
    assert line["level"] == "ERROR"
    assert line["request_id"] == reply.body["requestId"] == reply.headers["X-Request-Id"]
    assert line["error_type"] == "DeliberateError"
    assert "deliberate.py" in line["frames"][-1]
    assert reply.body["eventId"] is None


def test_a_deliberate_warning_is_in_the_log(world: World, written: Written) -> None:
    reply = world.person("user_admin").call("GET /api/diagnostic/error-test?kind=warning")

    (line,) = [one for one in written.lines() if one["message"] == reply.body["message"]]
    assert (reply.body["kind"], line["level"]) == ("warning", "WARNING")
    assert line["request_id"] == reply.body["requestId"]


def test_nothing_else_can_be_raised_on_purpose(world: World) -> None:
    reply = world.person("user_admin").call("GET /api/diagnostic/error-test?kind=crash")

    assert (reply.status, reply.body["errors"][0]["field"]) == (422, "kind")
