"""The metrics of the parties outside, of bookings, the table, webhooks, quotas and queues."""

from collections.abc import Callable

import boto3
import httpx
import pytest
from moto import mock_aws

from greenroom.accounts.clerk_api import ClerkApi
from greenroom.kernel import metrics
from greenroom.kernel.breaker import Breaker
from greenroom.kernel.errors import (
    ProviderFailed,
    ProviderTimedOut,
    QuotaExceeded,
    Unavailable,
)
from greenroom.kernel.limits import Limits
from greenroom.payments.gateway import StripeGateway
from greenroom.table.patience import Patience
from greenroom.usage.domain import Allowance, Plan
from tests.clerk import message, person_event
from tests.logs import Written
from tests.metrics import Emitted
from tests.practice import live, turns
from tests.quotas import Metered
from tests.reliability import faults
from tests.reliability.faults import Fault
from tests.studios import Studio
from tests.till import Till, event_of
from tests.unit.payments.stripe_events import fixture
from tests.usage_log import FACTS, Scene, spilled
from tests.world import World

# The other parties


def test_stripe_that_cannot_be_reached_is_told(emitted: Emitted) -> None:
    stripe = StripeGateway(api_key=lambda: "sk_test_x", api_base="http://127.0.0.1:1")

    with metrics.invocation("checkout"), pytest.raises(Exception, match="payment provider"):
        stripe.create_portal(customer_id="cus_1", return_url="https://app.test")
    stripe.close()

    assert emitted.values("ProviderCalls", provider="stripe") == [1]
    assert emitted.values("ProviderErrors", provider="stripe") == [1]


def test_clerk_that_fails_is_told(emitted: Emitted) -> None:
    http = httpx.Client(transport=httpx.MockTransport(lambda _: httpx.Response(500)))
    api = ClerkApi(base_url="https://api.clerk.test", secret_key=lambda: "k", http=http)

    with metrics.invocation("sweeper"), pytest.raises(ProviderFailed):
        api.delete_user("user_1")

    assert emitted.values("ProviderErrors", provider="clerk") == [1]


def test_a_provider_that_is_given_a_rest_is_told_once(emitted: Emitted) -> None:
    breaker = Breaker("stripe", failures=2, pause_s=30)

    with metrics.invocation("checkout"):
        for _ in range(4):
            with pytest.raises(Unavailable), breaker.calling():
                raise ProviderTimedOut

    assert emitted.values("CircuitOpened", provider="stripe") == [1]


# Bookings


def test_a_booking_is_told_and_a_refused_one_by_its_code(edge: World, emitted: Emitted) -> None:
    studio = Studio(edge)
    class_ = studio.hold_class(capacity=1)
    ada, bob = studio.customer(), studio.customer()
    class_.book(ada)

    assert class_.book(bob, dry_run=True).code == "CLASS_FULL"
    assert emitted.values("BookingRejected") == []
    assert class_.book(bob).code == "CLASS_FULL"
    assert class_.book(ada).code == "CLASS_FULL"
    assert class_.join(bob).status == 201
    offered = class_.join(studio.customer())
    assert class_.act(offered, "confirm", {}).code == "INVALID_TRANSITION"

    assert emitted.values("BookingsMade", status="confirmed") == [1]
    assert emitted.values("BookingsMade", status="waitlisted") == [1, 1]
    assert emitted.values("BookingRejected", code="CLASS_FULL") == [1, 1]
    assert emitted.values("BookingRejected", code="INVALID_TRANSITION") == [1]


# The table


@pytest.mark.parametrize(
    ("kind", "metric"), [("conflict", "TxConflicts"), ("throttle", "ThrottleRetries")]
)
def test_conflicts_and_throttling_that_were_waited_out_are_told(
    world: World, emitted: Emitted, kind: faults.Kind, metric: str
) -> None:
    ada = world.person()
    ada.credits()
    world.table.patience = Patience(sleep=lambda _: None)

    with faults.plan(Fault(kind=kind, operation="TransactWriteItems", times=2)):
        assert ada.start().status == 201

    told = {"TxConflicts": emitted.values("TxConflicts")}
    told |= {"ThrottleRetries": emitted.values("ThrottleRetries")}
    assert {name: values for name, values in told.items() if values} == {metric: [2]}
    assert emitted.values("CreditsHeld") == [1]


def test_a_transaction_that_did_nothing_tells_nothing(world: World, emitted: Emitted) -> None:
    ada = world.person()
    ada.credits()
    world.table.patience = Patience(budget_s=0.0, try_s=0.0, sleep=lambda _: None)

    with faults.plan(Fault(kind="throttle", operation="TransactWriteItems", times=99)):
        assert ada.start().status == 503

    assert emitted.values("CreditsHeld") == []
    assert emitted.values("SessionsStarted") == []


def test_every_sweep_tells_how_long_what_is_due_has_been_due(
    world: World, emitted: Emitted
) -> None:
    ada = world.person()
    ada.start()
    world.clock.move(Limits().connect_window_s + 45)

    world.sweep()

    (age_s,) = [value for value in emitted.values("OutboxOldestAgeSeconds") if value]
    assert age_s == 45
    assert sum(emitted.values("OutboxPending")) == 1


# Webhooks


def test_stripes_news_are_told_by_what_became_of_them_and_how_late_they_came(
    world: World, emitted: Emitted
) -> None:
    till, ada = Till(world), world.person()
    ada.credits()
    event = till.paid(till.seed(ada))
    event["created"] = int(world.clock().timestamp()) - 90

    till.outcome(event)
    till.outcome(event)
    till.outcome({**event_of(fixture(26)), "type": "plan.created"})
    assert till.deliver(event, age_s=3_600).status == 400

    assert emitted.values("WebhookReceived", source="stripe") == [1, 1, 1, 1]
    assert emitted.values("WebhookApplied", source="stripe") == [1]
    assert emitted.values("WebhookDuplicate", source="stripe") == [1]
    assert emitted.values("WebhookRejected", source="stripe") == [1]
    assert emitted.values("WebhookLagSeconds", source="stripe")[0] == 90


def test_clerks_news_are_told_too_and_what_the_store_has_not_taken_is_no_refusal(
    world: World, emitted: Emitted
) -> None:
    ada = world.person()
    world.table.patience = Patience(budget_s=0.0, try_s=0.0)
    news = message(world, person_event(ada, "user.created"))

    with faults.plan(Fault(kind="throttle", operation="TransactWriteItems", times=99)):
        assert news.deliver().status == 503
    assert news.deliver(svix_signature="v1,AAAA").status == 400
    assert news.deliver().status == 200
    assert news.deliver().status == 200

    assert emitted.values("WebhookReceived", source="clerk") == [1, 1, 1, 1]
    assert emitted.values("WebhookRejected", source="clerk") == [1]
    assert emitted.values("WebhookApplied", source="clerk") == [1]
    assert emitted.values("WebhookDuplicate", source="clerk") == [1]


# Quotas and the usage log


def test_a_quota_is_told_when_it_is_reached_and_when_it_refuses(
    world: World, emitted: Emitted
) -> None:
    plan = Plan({"exam_generation": Allowance(5)})
    metered = Metered(world, plan=plan)

    with metrics.invocation("ai"):
        for _ in range(5):
            metered.meter.settle(metered.held(), answer=None)
        with pytest.raises(QuotaExceeded):
            metered.held()

    assert emitted.values("QuotaReached", percent="80") == [1]
    assert emitted.values("QuotaReached", percent="100") == [1]
    assert emitted.values("QuotaRefused", scope="tenant") == [1]


def test_a_usage_row_is_told_by_where_it_is(world: World, emitted: Emitted) -> None:
    scene = Scene(world)

    with metrics.invocation("ai"):
        body = spilled(scene)
        scene.log.write(FACTS | {"attempt": 2})
    worked = {"Records": [{"messageId": "1", "body": body}]}
    assert world.invoke("usage_log", worked) == {"batchItemFailures": []}

    assert emitted.values("UsageLog", state="spilled") == [1]
    assert emitted.values("UsageLog", state="stored") == [1]
    assert emitted.values("UsageLogRedriven", to="stored") == [1]


# From a request to what it causes


def test_a_clients_request_id_is_found_in_the_line_and_the_metrics_of_the_worker(
    make_world: Callable[..., World], emitted: Emitted, written: Written
) -> None:
    with mock_aws():
        sqs = boto3.client("sqs", region_name="eu-central-1")
        url = sqs.create_queue(QueueName="feedback")["QueueUrl"]
        world = make_world(FEEDBACK_QUEUE_URL=url)
        practice = live(world)
        body = {"sessionId": practice.session_id, "messages": turns(8)}
        sent = {"x-request-id": "click-42"}
        assert practice.person.call("POST /api/interviews", body, headers=sent).status == 201
        asked = {"QueueUrl": url, "MessageAttributeNames": ["All"]}
        (sent_on,) = sqs.receive_message(**asked)["Messages"]
    saving = written.lines()[-1]
    assert saving["calls"]["queue"] == 1

    # As Lambda's poller hands it over.
    given = {
        name: {"stringValue": one["StringValue"], "dataType": one["DataType"]}
        for name, one in sent_on["MessageAttributes"].items()
    }
    record = {"messageId": "1", "body": sent_on["Body"], "messageAttributes": given}
    world.invoke("feedback", {"Records": [record]}, remaining_ms=119_000)

    (line,) = written.lines()
    assert (line["message"], line["to"]) == ("message handled", "completed")
    assert line["correlation_id"] == saving["correlation_id"] == "click-42"
    assert line["calls"]["llm"] == 1
    (metric,) = [one for one in emitted.lines if "FeedbackSucceeded" in one]
    assert metric["correlation_id"] == "click-42"
