"""Allowances, grants, corrections, thresholds and days: what changes a quota, and what notes it."""

import pytest

from greenroom.kernel import telemetry
from greenroom.kernel.errors import IdempotencyMismatch, NotFound, QuotaExceeded
from greenroom.kernel.limits import Limits
from greenroom.table.transaction import Transaction
from greenroom.usage.allowances import Allowances
from greenroom.usage.domain import Allowance, Payer, Person, Plan, Service
from greenroom.usage.quota_items import ReservationItem
from tests.quotas import ADA, EXAM, SCHOOL, Metered, allowances
from tests.reliability import faults
from tests.world import World

NAME = "exam_generation"


@pytest.fixture
def metered(world: World) -> Metered:
    return Metered(world)


@pytest.fixture
def service(metered: Metered) -> Allowances:
    return allowances(metered)


def limit_to(metered: Metered, service: Allowances, limit: int, hardness: str = "hard") -> None:
    """Set the school's allowance, and let callers read it."""
    service.set_allowance(SCHOOL, NAME, Allowance(limit, hardness), actor="op")  # type: ignore[arg-type]
    metered.plan = service.plan(SCHOOL)


class TestAllowances:
    """What a tenant has each month."""

    def test_a_new_allowance_counts_at_once_and_in_the_months_after(
        self, metered: Metered, service: Allowances
    ) -> None:
        metered.held()
        quota = service.set_allowance(SCHOOL, NAME, Allowance(2), actor="op")
        metered.held()  # with the plan as it was read before

        with pytest.raises(QuotaExceeded):
            metered.held()
        metered.world.clock.move(10 * 86_400)

        assert (quota.limit, quota.used, quota.remaining) == (2, 1, 1)
        assert service.quotas(SCHOOL, [NAME])[0].limit == 2
        metered.audit()

    def test_below_what_was_used_nothing_is_left(
        self, metered: Metered, service: Allowances
    ) -> None:
        for _ in range(3):
            metered.held()

        limit_to(metered, service, 1)

        (quota,) = service.quotas(SCHOOL, [NAME])
        assert (quota.limit, quota.used, quota.remaining) == (1, 3, 0)
        with pytest.raises(QuotaExceeded):
            metered.held()
        limit_to(metered, service, 4)
        metered.held()
        metered.audit()

    def test_services_have_their_own(self, metered: Metered, service: Allowances) -> None:
        limit_to(metered, service, 1)
        service.set_allowance(SCHOOL, "other", Allowance(7, "soft"), actor="op")

        assert service.plan(SCHOOL) == Plan({NAME: Allowance(1), "other": Allowance(7, "soft")})
        found = service.quotas(SCHOOL, [NAME, "other", "third"])
        assert [(one.limit, one.enforcement) for one in found] == [
            (1, "hard"),
            (7, "soft"),
            (500, "hard"),
        ]

    def test_at_the_turn_of_a_month_the_next_one_has_it_too(
        self, metered: Metered, service: Allowances
    ) -> None:
        """A call that has read the old allowance may be the first of the new month."""
        metered.world.clock.move(9.5 * 86_400 - 60)
        service.set_allowance(SCHOOL, NAME, Allowance(1), actor="op")
        metered.world.clock.move(60)

        metered.held()

        with pytest.raises(QuotaExceeded):
            metered.held()
        metered.audit()


class TestAdjustments:
    """Grants and corrections: entries beside the allowance."""

    def test_a_grant_is_used_like_the_allowance_and_ends_with_the_month(
        self, metered: Metered, service: Allowances
    ) -> None:
        limit_to(metered, service, 1)
        made = service.adjust(SCHOOL, NAME, units=1, reason="a fair", actor="op", key="k")
        metered.held()
        metered.held()

        with pytest.raises(QuotaExceeded) as refusal:
            metered.held()

        assert refusal.value.facts["limit"] == 2
        assert (made.quota.limit, made.quota.remaining, made.already_done) == (2, 2, False)
        metered.audit()
        metered.world.clock.move(10 * 86_400)
        assert service.quotas(SCHOOL, [NAME])[0].limit == 1

    def test_a_correction_takes_also_what_was_used(
        self, metered: Metered, service: Allowances
    ) -> None:
        limit_to(metered, service, 2)
        metered.held()

        made = service.adjust(SCHOOL, NAME, units=-2, reason="a bug", actor="op", key="k")

        assert (made.quota.limit, made.quota.used, made.quota.remaining) == (0, 1, 0)
        with pytest.raises(QuotaExceeded) as refusal:
            metered.held()
        assert (refusal.value.facts["limit"], refusal.value.facts["remaining"]) == (0, 0)
        metered.audit()

    def test_a_new_allowance_keeps_what_was_granted(
        self, metered: Metered, service: Allowances
    ) -> None:
        service.adjust(SCHOOL, NAME, units=5, reason="x", actor="op", key="k")

        limit_to(metered, service, 10)

        assert service.quotas(SCHOOL, [NAME])[0].limit == 15
        metered.audit()

    def test_a_repeat_is_told_and_another_amount_refused(
        self, metered: Metered, service: Allowances
    ) -> None:
        def adjust(units: int, reason: str = "x") -> bool:
            made = service.adjust(SCHOOL, NAME, units=units, reason=reason, actor="op", key="k")
            return made.already_done

        assert [adjust(5), adjust(5, "y")] == [False, True]
        with pytest.raises(IdempotencyMismatch):
            adjust(6)

        (one,) = service.adjustments(SCHOOL, NAME)
        assert (one.units, one.reason, one.actor, one.key) == (5, "x", "op", "k")
        metered.audit()

    def test_a_person_alone_can_be_granted_units(
        self, metered: Metered, service: Allowances
    ) -> None:
        metered.payer, metered.limits = Payer(ADA), Limits(ai_person_units=1)
        metered.held()
        service.adjust(Person(ADA), NAME, units=1, reason="x", actor="op", key="k#1")

        metered.held()

        assert [one.key for one in service.adjustments(Person(ADA), NAME)] == ["k#1"]
        metered.audit()


class TestBeside:
    """What somebody else writes in the same transaction, such as an admin's trail."""

    def test_it_is_written_with_the_change_or_the_change_is_not(
        self, metered: Metered, service: Allowances
    ) -> None:
        def refused(tx: Transaction) -> None:
            key = ReservationItem.at(SCHOOL, "none")
            tx.check("trail", key, when=ReservationItem.pk.exists(), otherwise=NotFound())

        with pytest.raises(NotFound):
            service.set_allowance(SCHOOL, NAME, Allowance(1), actor="op", beside=refused)
        with pytest.raises(NotFound):
            service.adjust(SCHOOL, NAME, units=5, reason="x", actor="op", key="k", beside=refused)

        assert metered.world.rows() == []


class TestThresholds:
    """80 and 100 percent are noted once a month."""

    def noted(self, metered: Metered) -> list[tuple[str, str]]:
        """Who reached what, by the rows."""
        return sorted(
            (row["SK"]["S"].removeprefix("QUOTAEVENT#"), row["used"]["N"])
            for row in metered.rows("quota_event")
        )

    def test_each_is_noted_once_and_counted(self, metered: Metered, service: Allowances) -> None:
        limit_to(metered, service, 5)
        counted = []

        for _ in range(5):
            with telemetry.recorded() as record:
                metered.held()
                metered.used()
                metered.used()
            counted.append([one.label for one in record.measured if one.metric == "QuotaReached"])

        assert counted == [[], [], [], [("percent", "80")], [("percent", "100")]]
        assert self.noted(metered) == [(f"{NAME}#2026-11#100", "5"), (f"{NAME}#2026-11#80", "4")]

    def test_who_is_refused_finds_what_a_crash_left_unnoted(
        self, metered: Metered, service: Allowances
    ) -> None:
        limit_to(metered, service, 1)
        metered.held()  # and nobody looks
        refused = 0
        reads: list[str] = []
        call = metered.world.table.call

        def counted(operation: str, *args: object, **options: object) -> object:
            reads.append(operation)
            return call(operation, *args, **options)  # type: ignore[arg-type]

        metered.world.table.call = counted  # type: ignore[assignment]

        for _ in range(3):
            with telemetry.recorded() as record, pytest.raises(QuotaExceeded):
                metered.held()
            refused += sum(one.metric == "QuotaRefused" for one in record.measured)

        assert [place for place, _ in self.noted(metered)] == [
            f"{NAME}#2026-11#100",
            f"{NAME}#2026-11#80",
        ]
        assert refused == 3
        assert reads.count("BatchGetItem") == 1, "the next ones know by the refusal itself"

    def test_who_looks_afterwards_only_reads(self, metered: Metered, service: Allowances) -> None:
        limit_to(metered, service, 1)
        metered.held()
        metered.used()

        with faults.plan() as plan:
            metered.used()

        assert [call.operation for call in plan.calls] == ["BatchGetItem"]

    def test_a_quota_of_none_reaches_nothing(self, metered: Metered, service: Allowances) -> None:
        limit_to(metered, service, 0)
        metered.used()

        assert self.noted(metered) == []

    def test_a_member_reaches_their_own(self, metered: Metered) -> None:
        metered.limits = Limits(ai_member_units=1)
        metered.held()
        metered.used()

        assert self.noted(metered) == [
            (f"{NAME}#2026-11#U#{ADA}#100", "1"),
            (f"{NAME}#2026-11#U#{ADA}#80", "1"),
        ]

    def test_a_soft_limit_is_told_about(self, metered: Metered, service: Allowances) -> None:
        limit_to(metered, service, 1, "soft")
        metered.held()
        metered.held()
        metered.used()

        assert len(self.noted(metered)) == 2

    def test_the_next_month_is_noted_anew(self, metered: Metered, service: Allowances) -> None:
        limit_to(metered, service, 1)
        for _ in range(2):
            metered.held()
            metered.used()
            metered.world.clock.move(10 * 86_400)

        assert len(self.noted(metered)) == 4


class TestDays:
    """``DAILY_LIMITS``: how many calls a person may make in a day, wherever they are."""

    def test_the_third_waits_for_midnight(self, metered: Metered) -> None:
        metered.daily = {NAME: 2}
        metered.held()
        metered.held()

        with pytest.raises(QuotaExceeded) as refusal:
            metered.held()
        metered.world.clock.move(12 * 3600)
        metered.held()

        assert refusal.value.facts == {
            "limit": 2,
            "remaining": 0,
            "resetAt": "2026-11-22T00:00:00.000000Z",
            "scope": "day",
        }
        assert refusal.value.retry_after_s == 12 * 3600
        metered.audit()

    def test_what_failed_does_not_count_also_on_the_day_after(self, metered: Metered) -> None:
        metered.daily = {NAME: 1}
        late = metered.held()
        metered.world.clock.move(12 * 3600)
        metered.held()
        metered.meter.release(late, reason="failed")
        metered.audit()
        metered.world.clock.move(-12 * 3600)

        metered.held()

        metered.audit()

    def test_a_limit_of_none_closes_the_service(self, metered: Metered) -> None:
        metered.daily = {NAME: 0}

        with pytest.raises(QuotaExceeded) as refusal:
            metered.held()

        assert refusal.value.facts["scope"] == "day"

    def test_other_services_and_other_people_are_not_limited(self, metered: Metered) -> None:
        metered.daily = {NAME: 1}
        metered.held()
        metered.held(payer=Payer(f"{ADA[:-1]}9", SCHOOL))
        metered.service = Service("other", 1)
        metered.held()
        metered.held()

        assert EXAM.name == NAME
        metered.audit()

    def test_it_does_not_stand_for_the_quota(self, metered: Metered) -> None:
        metered.daily = {NAME: 5}
        metered.payer, metered.limits = Payer(ADA), Limits(ai_person_units=1)
        metered.held()

        with pytest.raises(QuotaExceeded) as refusal:
            metered.held()

        assert refusal.value.facts["scope"] == "user"

    def test_a_quota_that_is_used_up_is_told_before_the_day(
        self, metered: Metered, service: Allowances
    ) -> None:
        metered.daily = {NAME: 1}
        limit_to(metered, service, 1)
        metered.held()

        with pytest.raises(QuotaExceeded) as refusal:
            metered.held()

        assert refusal.value.facts["scope"] == "tenant"

    def test_under_a_soft_limit_the_day_counts_all_the_same(
        self, metered: Metered, service: Allowances
    ) -> None:
        metered.daily = {NAME: 1}
        limit_to(metered, service, 1, "soft")
        metered.held()

        with pytest.raises(QuotaExceeded) as refusal:
            metered.held()

        assert refusal.value.facts["scope"] == "day"
        metered.audit()
