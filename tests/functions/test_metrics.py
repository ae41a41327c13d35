"""The metrics of sessions, money and feedback: told by what they count, and nothing else."""

import httpx
import pytest

from greenroom.accounts.domain import Posting
from greenroom.kernel import metrics
from greenroom.kernel.limits import Limits
from tests.books import Vandal
from tests.fakes.provider import OFFER, failing
from tests.metrics import Emitted
from tests.practice import Practice, live, saved
from tests.till import Till, event_of
from tests.unit.payments.stripe_events import fixture
from tests.world import World


def ledger(emitted: Emitted) -> dict[str, float]:
    """What was told of the ledger, in credits."""
    told = {
        "granted": emitted.values("CreditsGranted"),
        "held": emitted.values("CreditsHeld"),
        "debited": emitted.values("CreditsDebited"),
        "voided": emitted.values("CreditsVoided"),
    }
    return {name: sum(values) for name, values in told.items() if values}


# Sessions and the voice provider


def test_a_start_tells_the_session_its_token_and_what_the_mint_took(
    world: World, emitted: Emitted
) -> None:
    ada = world.person()

    started = ada.start()

    assert emitted.values("SessionsStarted", type="interview") == [1]
    assert emitted.values("TokensMinted") == [1]
    (took_ms,) = emitted.values("MintLatencyMs")
    assert took_ms > 0
    assert emitted.values("ProviderCalls", provider="openai") == [1]
    (line,) = [one for one in emitted.lines if "SessionsStarted" in one]
    assert line["request_id"] == started.headers["X-Request-Id"]
    assert emitted.values("ProviderErrors") == []
    assert emitted.values("TokenReminted") == []


def test_an_answered_offer_makes_the_charge_final(world: World, emitted: Emitted) -> None:
    live(world)

    assert ledger(emitted) == {"granted": 3, "held": 1, "debited": 1}
    (took_ms,) = emitted.values("SdpExchangeLatencyMs")
    assert took_ms > 0


def test_another_answer_of_the_same_session_debits_nothing(world: World, emitted: Emitted) -> None:
    ada = world.person()
    started = ada.start()
    ada.exchange(started, OFFER)
    again = ada.call(f"POST /api/realtime-session/{started.body['sessionId']}/token")
    assert ada.exchange(again, OFFER + b"a=x\r\n").status == 201

    assert emitted.values("CreditsDebited") == [1]
    assert emitted.values("TokensMinted") == [1, 1]
    assert emitted.values("TokenReminted") == [1]


def test_a_failed_mint_is_the_providers_error_and_the_credit_is_voided(
    world: World, emitted: Emitted
) -> None:
    ada = world.person()
    world.provider.script("/client_secrets", failing(httpx.ReadTimeout))

    assert ada.start().status == 504

    assert emitted.values("ProviderErrors", provider="openai") == [1]
    assert len(emitted.values("MintLatencyMs")) == 1
    assert ledger(emitted) == {"granted": 3, "held": 1, "voided": 1}
    assert emitted.values("TokensMinted") == []


@pytest.mark.parametrize("status", [400, 422])
def test_an_offer_that_the_provider_refuses_is_no_error_of_its(
    world: World, emitted: Emitted, status: int
) -> None:
    ada = world.person()
    started = ada.start()
    world.provider.script(
        "/calls", httpx.Response(status, json={"error": {"code": "invalid_offer"}})
    )

    refused = ada.exchange(started, OFFER)

    assert refused.status == 422
    assert emitted.values("ProviderErrors") == []


def test_a_refused_start_is_told_by_its_reason_and_a_person_who_is_new_is_no_reason(
    world: World, emitted: Emitted
) -> None:
    ada = world.person()
    ada.start()
    assert emitted.values("SessionsRejected") == []

    assert ada.start().code == "ACTIVE_SESSION_EXISTS"

    assert emitted.values("SessionsRejected", reason="ACTIVE_SESSION_EXISTS") == [1]
    assert emitted.values("SessionsStarted") == [1]


# Money


def test_what_is_bought_and_goes_back_is_told_in_credits(world: World, emitted: Emitted) -> None:
    till, ada = Till(world), world.person()
    ada.credits()
    purchase = till.seed(ada)

    till.outcome(till.paid(purchase))
    till.outcome(till.about(purchase, event_of(fixture(26)), id="re_all", amount=1500))

    assert emitted.values("CreditsBought") == [3]
    assert emitted.values("CreditsReversed") == [3]


def test_an_entry_that_is_there_already_is_not_told_again(world: World, emitted: Emitted) -> None:
    ada = world.person()
    ada.credits()
    accounts = world.wiring("account").accounts
    posting = Posting(key="adjustment:1", kind="adjustment", amount=-50, reason="test")

    for _ in range(2):
        with metrics.invocation("account"):
            tx = world.table.transaction()
            accounts.add_credits(tx, ada.user_id, [posting])
            tx.attempt()

    assert emitted.values("CreditsAdjusted") == [0.5]


def test_books_that_do_not_agree_and_payments_without_effect_are_told_every_hour(
    world: World, emitted: Emitted
) -> None:
    till, ada = Till(world), world.person()
    ada.start()
    till.deliver(till.paid(till.seed(ada, "quick")))
    Vandal(world).change(f"USER#{ada.user_id}", "ACCOUNT", credits=900)

    world.invoke("reconcile", {}, remaining_ms=290_000)

    assert emitted.values("LedgerMismatch") == [1]
    assert emitted.values("PaidUnfulfilled") == [1]


# Feedback and the language model


def test_feedback_is_told_from_the_save_to_its_end(world: World, emitted: Emitted) -> None:
    world.rewire(LLM_PRICES='{"gpt-5-mini": {"input": 250000, "output": 2000000}}')
    saved(world)
    assert emitted.values("FeedbackQueued") == [1]
    world.clock.move(90)

    world.feedback()

    assert emitted.values("FeedbackSucceeded") == [1]
    assert emitted.values("FeedbackAgeSeconds") == [90]
    assert emitted.values("ProviderCalls", provider="llm") == [1]
    (tokens_in,), (tokens_out,) = emitted.values("LlmTokensIn"), emitted.values("LlmTokensOut")
    (cost,) = emitted.values("LlmCostMicroUsd")
    assert cost == -(-(tokens_in * 250_000 + tokens_out * 2_000_000) // 1_000_000)
    assert emitted.values("OutboxPending", work="feedback") == [1]
    assert emitted.values("OutboxOldestAgeSeconds", work="feedback") == [90]


def test_feedback_fails_once_though_it_was_tried_thrice(world: World, emitted: Emitted) -> None:
    practice: Practice = saved(world)
    world.provider.script("/chat/completions", *[failing(httpx.ConnectError)] * 3)

    for _ in range(Limits().feedback_attempts):
        world.clock.move(3_600)
        world.feedback()

    assert practice.detail()["feedbackStatus"] == "failed"
    assert emitted.values("FeedbackFailed") == [1]
    assert emitted.values("ProviderErrors", provider="llm") == [1, 1, 1]
    assert emitted.values("FeedbackSucceeded") == []

    practice.request_feedback()
    assert emitted.values("FeedbackQueued") == [1, 1]
