"""Whom a session is offered to, in which order, and for how long: the plans of domain facts §2a."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

import pytest

from greenroom.experts.domain import (
    Audience,
    Expert,
    Wave,
    audience_of,
    is_due,
    may_take,
    next_wave,
    steps_of,
    suits,
)
from greenroom.kernel.limits import OFFERS_MAX, Limits
from greenroom.sessions.domain import RoutingType
from greenroom.sessions.factory import plan
from greenroom.sessions.matching import Assignment, Job, Offer, first_assignment, next_assignment
from tests.unit.sessions.test_factory import request

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
LIMITS = Limits()


def job(offers: tuple[Offer, ...] = (), **changes: Any) -> Job:
    """A chat that looks for an expert; ``changes`` are of its round."""
    asked = request("chat", "free")
    planned = plan(asked, session_id="s-1", now=NOW, limits=LIMITS)
    assignment = replace(first_assignment(asked, now=NOW), **changes)
    return Job(session=planned.session, assignment=assignment, offers=offers)


def expert(name: str, **changes: Any) -> Expert:
    made = Expert(
        expert_id=name,
        name=name,
        presence="online",
        approved=True,
        max_active=3,
        active_count=0,
        is_specialist=False,
        skills=(),
        workshop_id=None,
        idle_since=NOW,
    )
    return replace(made, **changes)


def offer(to: str, status: Any = "pending", **changes: Any) -> Offer:
    made = Offer(
        session_id="s-1",
        expert_id=to,
        round=1,
        wave=1,
        status=status,
        offered_at=NOW,
        expires_at=NOW + timedelta(seconds=45),
        type="chat",
        plan="free",
        urgent=False,
    )
    return replace(made, **changes)


CROWD = {
    "preferred": expert("pat"),
    "special": expert("sue", is_specialist=True),
    "inside": expert("ian", workshop_id="north"),
    "outside": expert("oli"),
}


def wave_of(looking: Job, *online: Expert) -> Wave:
    """The next wave among these; the pure rule asks for an audience, and filters by itself."""
    return next_wave(looking, lambda _: online, limits=LIMITS)


def asked(looking: Job, *online: Expert) -> set[str]:
    return {one.expert_id for one in wave_of(looking, *online).experts}


def routed(routing: str, **changes: Any) -> Job:
    return job(routing_type=routing, preferred_expert_id="pat", workshop_id="north", **changes)


@pytest.mark.parametrize(
    ("routing", "waves"),
    [
        ("broadcast", [("all", 45), ("all", 45)]),
        ("workshop_only", [("workshop", 45), ("workshop", 45)]),
        ("hybrid", [("workshop", 120), ("all", 45), ("all", 45)]),
        (
            "priority_broadcast",
            [("preferred", 45), ("specialists", 60), ("all", 45), ("all", 45)],
        ),
    ],
)
def test_the_waves_of_a_plan(routing: str, waves: list[tuple[str, int]]) -> None:
    told = []
    for number in range(len(waves)):
        wave = wave_of(routed(routing, wave=number), *CROWD.values())
        assert wave.number == number + 1
        told.append((wave.audience, wave.lasts_s))

    assert told == waves


def test_every_routing_type_has_a_plan() -> None:
    assert all(steps_of(routing, LIMITS) for routing in get_args(RoutingType))


@pytest.mark.parametrize(
    ("audience", "names"),
    [
        ("preferred", {"pat"}),
        ("specialists", {"sue"}),
        ("workshop", {"ian"}),
        ("all", {"pat", "sue", "ian", "oli"}),
    ],
)
def test_an_audience_is_who_it_says(audience: Audience, names: set[str]) -> None:
    wanted = routed("hybrid").assignment

    assert {one.expert_id for one in CROWD.values() if suits(one, wanted, audience)} == names


def test_without_a_workshop_nobody_is_of_it() -> None:
    assert not suits(expert("x"), job(routing_type="hybrid").assignment, "workshop")


def test_only_approved_people_and_never_the_customer_are_asked() -> None:
    assert asked(job(), expert("u-1"), expert("x", approved=False)) == set()


@pytest.mark.parametrize(
    "changes", [{"presence": "offline"}, {"active_count": 3}, {"approved": False}]
)
def test_who_takes_no_more_is_not_asked(changes: dict[str, Any]) -> None:
    assert asked(job(), expert("x", **changes)) == set()


def test_who_has_least_to_do_then_who_is_idle_longest_comes_first() -> None:
    crowd = [
        expert("busy", active_count=1, idle_since=NOW - timedelta(days=1)),
        expert("fresh"),
        expert("idle", idle_since=NOW - timedelta(hours=1)),
    ]

    assert [one.expert_id for one in wave_of(job(), *crowd).experts] == ["idle", "fresh", "busy"]


def test_a_wave_asks_so_many_and_no_more() -> None:
    crowd = [expert(f"x{number}") for number in range(OFFERS_MAX + 5)]

    assert len(wave_of(job(), *crowd).experts) == OFFERS_MAX


def test_steps_that_find_nobody_are_skipped_in_one_go() -> None:
    wave = wave_of(routed("priority_broadcast"), CROWD["outside"])

    assert (wave.number, wave.audience, wave.lasts_s) == (3, "all", 45)


def test_nobody_to_ask_is_no_wave_and_uses_up_no_round() -> None:
    first = wave_of(routed("priority_broadcast"))
    later = wave_of(routed("priority_broadcast", wave=5))

    assert (first.number, first.experts, first.lasts_s) == (3, (), 45)
    assert (later.number, later.experts, later.lasts_s) == (5, (), 45)


def test_the_last_step_is_repeated_as_often_as_set_and_then_waits() -> None:
    lasts = [wave_of(routed("hybrid", wave=n), *CROWD.values()).lasts_s for n in range(1, 7)]

    assert lasts == [45, 45, 45, 45, None, None]


def test_who_declined_is_not_asked_again_and_who_was_silent_is() -> None:
    looking = job((offer("no", "declined"), offer("quiet", "expired")), wave=1)

    assert asked(looking, expert("no"), expert("quiet")) == {"quiet"}


def test_a_wave_is_due_when_its_time_is_over_and_not_before() -> None:
    until = NOW + timedelta(seconds=45)
    looking = job((offer("x"),), wave=1, wave_until=until, status="offered")

    assert not is_due(looking, now=until - timedelta(microseconds=1), limits=LIMITS)
    assert is_due(looking, now=until, limits=LIMITS)


def test_a_wave_is_due_at_once_when_all_have_declined_and_others_come_next() -> None:
    until = NOW + timedelta(seconds=45)

    def due(*offers: Offer, **changes: Any) -> bool:
        held = {"wave": 1, "wave_until": until, "status": "offered", **changes}
        looking = job(offers, routing_type="hybrid", workshop_id="north", **held)
        return is_due(looking, now=NOW, limits=LIMITS)

    assert due(offer("x", "declined"))
    assert due(offer("x", "declined"), offer("y", wave=0))
    assert not due(offer("x", "declined"), offer("y"))
    assert not due()
    assert not due(offer("x", "declined", wave=2), wave=2), "nobody else would be asked"


@pytest.mark.parametrize("status", ["accepted", "completed", "released", "cancelled", "expired"])
def test_nothing_goes_out_for_what_looks_for_nobody(status: Any) -> None:
    assert not is_due(job(status=status), now=NOW, limits=LIMITS)


def test_nothing_goes_out_after_the_last_wave_or_past_the_sessions_deadline() -> None:
    late = NOW + timedelta(seconds=LIMITS.expert_window_s)

    assert not is_due(job(wave_until=None), now=NOW, limits=LIMITS)
    assert not is_due(job(), now=late, limits=LIMITS)
    assert is_due(job(), now=late - timedelta(seconds=1), limits=LIMITS)


def test_before_the_first_wave_the_job_is_for_whom_that_will_ask() -> None:
    assert audience_of(routed("hybrid").assignment, LIMITS) == "workshop"
    assert audience_of(routed("hybrid", wave=1).assignment, LIMITS) == "workshop"
    assert audience_of(routed("hybrid", wave=2).assignment, LIMITS) == "all"
    assert audience_of(routed("hybrid", wave=9).assignment, LIMITS) == "all"


def test_who_holds_an_offer_may_take_what_the_present_wave_is_not_for() -> None:
    held = routed("priority_broadcast", wave=2)
    held = replace(held, offers=(offer("pat", wave=1),))

    assert may_take(expert("pat"), held, now=NOW, limits=LIMITS)
    assert not may_take(expert("pat"), held, now=NOW + timedelta(seconds=45), limits=LIMITS)
    assert may_take(CROWD["special"], held, now=NOW, limits=LIMITS)
    assert not may_take(CROWD["outside"], held, now=NOW, limits=LIMITS)


def test_a_released_round_is_followed_by_one_that_keeps_its_place() -> None:
    taken = replace(routed("hybrid", wave=2, status="accepted").assignment, expert_id="x", rev=7)
    later = NOW + timedelta(minutes=5)

    following = next_assignment(taken, now=later)

    kept: list[Assignment] = [
        replace(one, round=0, rev=0, wave=0, wave_until=None, status="queued", expert_id=None)
        for one in (taken, following)
    ]
    assert kept[0] == kept[1]
    assert (following.round, following.wave, following.wave_until) == (2, 0, later)
