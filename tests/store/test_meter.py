"""Quotas: what a call takes, and that it is settled or given back once."""

import random
from dataclasses import replace

import pytest

from greenroom.kernel.errors import (
    Conflict,
    GreenroomError,
    IdempotencyInProgress,
    IdempotencyMismatch,
    NotFound,
    QuotaExceeded,
)
from greenroom.kernel.limits import ANSWER_BYTES_MAX, ANSWER_KEPT_S, Limits
from greenroom.kernel.tenants import Tenant
from greenroom.usage.domain import (
    Allowance,
    Answered,
    NoLongerHeld,
    Payer,
    Plan,
    ReservationChanged,
    Service,
    Share,
)
from greenroom.usage.meter import Meter
from greenroom.usage.quota_store import QuotaStore
from tests.books import Vandal
from tests.parallel import together
from tests.quotas import ADA, EXAM, SCHOOL, Metered
from tests.world import World

BOB = "0b9f5e0e-6d0c-5d0e-9a53-5a1a1c8a9a02"
ONE = Plan({"exam_generation": Allowance(1)})


@pytest.fixture
def metered(world: World) -> Metered:
    return Metered(world)


def test_a_call_takes_from_the_tenant_and_from_the_member(metered: Metered) -> None:
    ticket = metered.held()
    metered.meter.settle(ticket, answer=None)

    tenant, user = metered.meter.quota(metered.payer, EXAM, plan=Plan())
    assert (tenant.of, tenant.limit, tenant.used, tenant.remaining) == ("tenant", 500, 1, 499)
    assert (user.of, user.limit, user.used, user.remaining) == ("user", 200, 1, 199)
    assert tenant.reset_at.isoformat() == "2026-12-01T00:00:00+00:00"
    assert metered.states() == ["settled"]
    metered.audit()


def test_a_person_alone_has_a_quota_of_their_own(metered: Metered) -> None:
    metered.held()
    metered.payer = Payer(ADA)
    metered.held()

    (own,) = metered.meter.quota(metered.payer, EXAM, plan=Plan())
    assert (own.of, own.limit, own.used) == ("user", 20, 1)
    metered.audit()


def test_tenants_of_one_id_but_two_kinds_share_nothing(metered: Metered) -> None:
    metered.plan = ONE
    metered.held()
    metered.payer = Payer(ADA, Tenant("organization", SCHOOL.tenant_id))

    metered.held()

    metered.audit()


def test_who_has_used_up_their_quota_is_told_when_it_opens(metered: Metered) -> None:
    metered.plan = ONE
    metered.held()

    with pytest.raises(QuotaExceeded) as refusal:
        metered.held(payer=Payer(BOB, SCHOOL))

    assert refusal.value.facts == {
        "limit": 1,
        "remaining": 0,
        "resetAt": "2026-12-01T00:00:00.000000Z",
        "scope": "tenant",
    }
    assert refusal.value.retry_after_s == 9.5 * 86_400
    metered.audit()


def test_a_member_is_limited_within_the_tenant(metered: Metered) -> None:
    metered.limits = Limits(ai_member_units=1)
    metered.held()
    metered.held(payer=Payer(BOB, SCHOOL))

    with pytest.raises(QuotaExceeded) as refusal:
        metered.held()

    assert refusal.value.facts["scope"] == "user"
    assert metered.used() == 2, "the refused call took nothing from the tenant"
    metered.audit()


@pytest.mark.parametrize("limit", [0, 4])
def test_the_first_call_of_a_month_is_refused_where_it_takes_more_than_there_is(
    metered: Metered, limit: int
) -> None:
    metered.plan = Plan({"exam_generation": Allowance(limit)})
    metered.service = Service("exam_generation", 5)

    with pytest.raises(QuotaExceeded) as refusal:
        metered.held()

    assert (refusal.value.facts["limit"], refusal.value.facts["remaining"]) == (limit, limit)
    assert not metered.rows("quota")


def test_a_soft_limit_refuses_nobody(metered: Metered) -> None:
    metered.plan = Plan({"exam_generation": Allowance(1, "soft")})
    metered.limits = Limits(ai_member_units=1)

    for _ in range(3):
        metered.held()

    tenant, user = metered.meter.quota(metered.payer, EXAM, plan=metered.plan)
    assert (tenant.used, tenant.remaining, tenant.enforcement) == (3, 0, "soft")
    assert (user.used, user.remaining) == (3, 0)
    metered.audit()


def test_what_something_else_has_paid_for_is_counted_and_never_refused(metered: Metered) -> None:
    metered.payer = Payer(ADA)
    metered.service = Service("interview_feedback", 1, metered_only=True)
    metered.limits = Limits(ai_person_units=1)
    metered.daily = {"interview_feedback": 0}

    metered.held()
    metered.held()

    assert metered.used("user") == 2
    assert not metered.rows("quota_event")
    metered.audit()


def test_the_next_month_begins_with_all_of_it(metered: Metered) -> None:
    metered.plan = ONE
    metered.held()
    metered.world.clock.move(10 * 86_400)

    ticket = metered.held()

    assert ticket.period == "2026-12"
    metered.audit()


@pytest.mark.parametrize("reason", ["failed", "cancelled", "crashed"])
def test_what_is_given_back_can_be_used_again(metered: Metered, reason: str) -> None:
    metered.plan = ONE
    ticket = metered.held()

    assert metered.meter.release(ticket, reason=reason) is True  # type: ignore[arg-type]
    assert metered.meter.release(ticket, reason="failed") is False
    with pytest.raises(NoLongerHeld) as refusal:
        metered.meter.settle(ticket, answer=b"{}")

    assert refusal.value.facts == {"reason": reason}
    assert not metered.rows("generation")
    metered.held()


def test_what_is_settled_is_not_given_back(metered: Metered) -> None:
    ticket = metered.held()
    for _ in range(2):
        metered.meter.settle(ticket, answer=b"{}")

    assert metered.meter.release(ticket, reason="failed") is False

    assert metered.used() == 1
    metered.audit()


def test_units_go_back_to_the_month_that_they_came_from(metered: Metered) -> None:
    ticket = metered.held()
    metered.world.clock.move(10 * 86_400)
    metered.held()

    metered.meter.release(ticket, reason="failed")

    assert metered.used() == 1
    metered.audit()


class TestSweeping:
    """Calls that were never heard of again."""

    def test_a_row_that_was_told_of_a_call_that_is_still_held_does_not_hide_it(
        self, metered: Metered
    ) -> None:
        """As when nobody knows whether the call was settled, and it was not."""
        ticket = metered.held()
        tx = metered.world.table.transaction()
        metered.meter.add_told(tx, ticket)
        assert tx.attempt() == ()

        metered.world.clock.move(301)

        assert metered.meter.sweep(metered.world.clock()).released == 1
        assert metered.used() == 0
        metered.audit()

    def test_the_row_decides_whether_a_call_has_crashed_not_the_index(
        self, metered: Metered
    ) -> None:
        """An index may be behind: the attempt that it still shows may be over."""
        ticket = metered.held("r1")
        place = (SCHOOL.pk("R", ticket.request_id), "RESERVATION")
        long_ago = "2026-11-21T11:00:00.000000Z#r1"
        Vandal(metered.world).change(*place, GSI2SK=long_ago)

        swept = metered.meter.sweep(metered.world.clock())

        assert (swept.released, swept.untouched) == (0, 1)
        assert metered.states() == ["held"]

    def test_a_crash_is_due_until_it_was_told(self, metered: Metered) -> None:
        told: list[object] = []

        def fails_once(facts: object) -> None:
            told.append(facts)
            if len(told) == 1:
                raise RuntimeError

        metered.held("r1")
        metered.world.clock.move(301)
        meter = Meter(
            QuotaStore(metered.world.table),
            limits=metered.limits,
            daily={},
            log=fails_once,
            clock=metered.world.clock,
            note=lambda message, _: metered.notes.append(message),
        )

        swept = [meter.sweep(metered.world.clock()) for _ in range(3)]

        assert [one.failed for one in swept] == [1, 0, 0]
        assert told[0] == told[1]
        assert len(told) == 2
        assert metered.used() == 0
        metered.audit()

    def test_units_of_a_quota_that_is_gone_go_nowhere(self, metered: Metered) -> None:
        metered.payer = Payer(ADA)
        ticket = metered.held()
        Vandal(metered.world).remove(f"USER#{ADA}", "QUOTA#exam_generation#2026-11")

        assert metered.meter.release(ticket, reason="failed") is True

        assert not metered.rows("quota")


class TestOneKey:
    """Requests with one ``Idempotency-Key``, so with one request id."""

    def test_a_repeat_of_what_was_answered_gets_that_answer_and_takes_nothing(
        self, metered: Metered
    ) -> None:
        metered.plan = ONE
        metered.meter.settle(metered.held("r1"), answer='{"ä": "🎓"}'.encode())

        again = metered.reserve("r1")

        assert again == Answered('{"ä": "🎓"}'.encode())
        assert metered.used() == 1

    def test_a_repeat_while_the_first_is_worked_on_is_told_to_wait(self, metered: Metered) -> None:
        metered.held("r1")

        with pytest.raises(IdempotencyInProgress) as refusal:
            metered.reserve("r1")

        assert refusal.value.retry_after_s == 1
        metered.audit()

    def test_a_repeat_of_what_failed_is_the_next_attempt(self, metered: Metered) -> None:
        first = metered.held("r1")
        metered.meter.release(first, reason="failed")

        second = metered.held("r1")

        assert second.attempt == 2
        assert metered.meter.release(first, reason="failed") is False, "of the first attempt"
        with pytest.raises(NoLongerHeld):
            metered.meter.settle(first, answer=None)
        metered.meter.settle(second, answer=b"{}")
        assert metered.used() == 1
        metered.audit()

    def test_a_repeat_of_what_failed_needs_units_too(self, metered: Metered) -> None:
        metered.plan = ONE
        metered.meter.release(metered.held("r1"), reason="failed")
        metered.held()

        with pytest.raises(QuotaExceeded):
            metered.reserve("r1")

        metered.audit()

    @pytest.mark.parametrize("state", ["held", "settled", "released"])
    def test_another_body_under_the_key_is_refused(self, metered: Metered, state: str) -> None:
        ticket = metered.held("r1")
        if state == "settled":
            metered.meter.settle(ticket, answer=b"{}")
        if state == "released":
            metered.meter.release(ticket, reason="failed")

        with pytest.raises(IdempotencyMismatch):
            metered.reserve("r1", body="another")

        metered.audit()

    def test_a_repeat_after_a_crash_is_the_next_attempt_and_the_crash_is_told(
        self, metered: Metered
    ) -> None:
        metered.held("r1")
        metered.world.clock.move(301)

        second = metered.held("r1")

        assert second.attempt == 2
        assert [(one["status"], one["attempt"]) for one in metered.logged] == [("crashed", 1)]
        assert metered.used() == 1
        metered.audit()

    def test_an_answer_is_kept_for_a_day_and_never_made_anew_for_nothing(
        self, metered: Metered
    ) -> None:
        metered.meter.settle(metered.held("r1"), answer=b"{}")
        metered.world.clock.move(ANSWER_KEPT_S)

        with pytest.raises(Conflict):
            metered.reserve("r1")

        assert metered.used() == 1

    def test_of_many_at_once_one_is_worked_on(self, metered: Metered) -> None:
        def reserve() -> str:
            try:
                return type(metered.reserve("r1")).__name__
            except IdempotencyInProgress:
                return "wait"

        results = together(*[reserve] * 10)

        assert sorted(results) == ["Ticket", *["wait"] * 9]
        metered.audit()

    def test_of_many_that_repeat_what_failed_one_is_worked_on(self, metered: Metered) -> None:
        metered.meter.release(metered.held("r1"), reason="failed")

        def reserve() -> object:
            try:
                return metered.held("r1").attempt
            except IdempotencyInProgress:
                return "wait"

        results = together(*[reserve] * 10)

        assert sorted(results, key=str) == [2, *["wait"] * 9]
        metered.audit()


class TestCancelling:
    """A person who no longer wants what is being made."""

    def test_a_call_in_flight_gives_its_units_back(self, metered: Metered) -> None:
        ticket = metered.held("r1")

        assert metered.meter.cancel(ADA, "r1") == "released"
        assert metered.meter.cancel(ADA, "r1") == "released"

        with pytest.raises(NoLongerHeld) as refusal:
            metered.meter.settle(ticket, answer=b"{}")
        assert refusal.value.facts == {"reason": "cancelled"}
        assert metered.used() == 0
        metered.audit()

    def test_what_is_answered_stays_answered(self, metered: Metered) -> None:
        metered.meter.settle(metered.held("r1"), answer=None)

        assert metered.meter.cancel(ADA, "r1") == "settled"

        assert metered.used() == 1

    def test_nobody_cancels_somebody_elses(self, metered: Metered) -> None:
        metered.held("r1")

        with pytest.raises(NotFound):
            metered.meter.cancel(BOB, "r1")

        assert metered.states() == ["held"]


class TestRearming:
    """Which reservations a repeat may re-arm: the store's own condition, whatever was read."""

    def rearm(self, metered: Metered, *, attempt: int, body: str = "h") -> GreenroomError | None:
        """Re-arm the reservation of ``r1`` as that attempt."""
        found = QuotaStore(metered.world.table).of_user(ADA, "r1")
        assert found is not None
        return QuotaStore(metered.world.table).take(
            replace(found.ticket, attempt=attempt),
            [Share(of="tenant", limit=9, enforcement="hard")],
            request_hash=body,
            expires_at=metered.world.clock.now,
            again=True,
            daily=None,
        )

    @pytest.mark.parametrize("state", ["held", "settled", "crashed"])
    def test_only_one_that_was_given_back_and_told(self, metered: Metered, state: str) -> None:
        ticket = metered.held("r1")
        if state == "settled":
            metered.meter.settle(ticket, answer=None)
        if state == "crashed":
            metered.meter.release(ticket, reason="crashed")

        assert isinstance(self.rearm(metered, attempt=2), ReservationChanged)

        metered.audit()

    @pytest.mark.parametrize(("attempt", "body"), [(1, "h"), (3, "h"), (2, "another")])
    def test_only_as_the_next_attempt_of_that_request(
        self, metered: Metered, attempt: int, body: str
    ) -> None:
        metered.meter.release(metered.held("r1"), reason="failed")

        assert isinstance(self.rearm(metered, attempt=attempt, body=body), ReservationChanged)

        assert metered.states() == ["released"]
        metered.audit()

    def test_a_crash_is_noted_as_told_only_while_it_is_the_newest_attempt(
        self, metered: Metered
    ) -> None:
        ticket = metered.held("r1")
        metered.meter.release(ticket, reason="failed")
        metered.held("r1")

        QuotaStore(metered.world.table).told(ticket)

        (row,) = metered.rows("reservation")
        assert "GSI2PK" in row, "the second attempt is due"


def test_an_answer_that_is_too_long_to_keep_is_not_kept_and_not_paid_twice(
    metered: Metered,
) -> None:
    long = random.Random(1).randbytes(ANSWER_BYTES_MAX + 1)
    metered.meter.settle(metered.held("r1"), answer=long)

    with pytest.raises(Conflict):
        metered.reserve("r1")

    assert not metered.rows("generation")
    assert metered.used() == 1
