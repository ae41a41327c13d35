"""Random histories of a studio: seats, waitlists, offers and passes, while processes die.

``tests.auditing`` says what holds of its rows at every instant, ``tests.journal`` that nobody was
passed by on a waitlist. The walk with sixteen threads is in ``test_booking_walk``.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule

from greenroom.kernel.clock import to_text
from greenroom.kernel.ids import new_id
from greenroom.organizations.principal import CustomerKind
from tests.auditing import audit
from tests.figures import Figure
from tests.halls import CUTOFF
from tests.journal import journal_of, replay
from tests.reliability.faults import Fault
from tests.reliability.machines import FAULTS, WHICH, Machine, one_of, run_machine
from tests.studios import Class, Studio, named
from tests.world import World

CUSTOMERS = 4
WHOM = st.integers(0, CUSTOMERS - 1)
# Seconds: offers, holds, the cutoff, the class itself, and long after it.
MOMENTS = st.sampled_from([60, 60, 901, 901, 1_801, 3_700, 26 * 3_600])
OVER = {"cancelled", "late_cancelled", "expired", "attended", "no_show"}
# What staff correct: somebody came after all.
NEXT = {"attended": {"attended", "no_show"}, "no_show": {"attended", "no_show"}}


class House(Machine):
    """One studio, its classes and its customers."""

    @initialize()
    def begin(self) -> None:
        """Customers with small packages, and a class with one seat."""
        self.journal = journal_of(self.world)
        self.studio = Studio(self.world, clerk_id="org_house")
        kinds: list[CustomerKind] = ["client", "lead", "client", "client"]
        self.customers = [self.studio.customer(kind) for kind in kinds]
        self.packages = [self.studio.package(one.ref, uses=2) for one in self.customers]
        self.classes: list[Class] = []
        self.wishes: list[tuple[str, str, Any, str]] = []
        self.made: dict[str, str] = {}
        self.statuses: dict[str, str] = {}
        self.hold(1, 6)

    @precondition(lambda self: len(self._coming()) < 2)
    @rule(capacity=st.integers(1, 2), hours=st.sampled_from([6, 30]))
    def hold(self, capacity: int, hours: int) -> None:
        """The studio offers another class."""
        made = self.studio.hold_class(
            capacity=capacity, starts_in=timedelta(hours=hours), waitlistMax=2, noticeMinutes=30
        )
        self.classes.append(made)

    @rule(which=WHICH, whom=WHOM, using=st.booleans(), waits=st.booleans(), fault=FAULTS)
    def book(self, which: int, whom: int, using: bool, waits: bool, fault: Fault | None) -> None:
        """Somebody wants a seat, with their package or without, and may wait for it."""
        body: dict[str, Any] = {
            "classSessionId": one_of(self.classes, which).class_session_id,
            **named(self.customers[whom].ref),
        }
        if waits:
            body["joinWaitlist"] = True
        if using:
            body["use"] = {"packageId": self.packages[whom]}
        self._wish("POST", "/bookings", body, fault)

    @rule(which=WHICH)
    def all_come(self, which: int) -> None:
        """Everybody wants the same class, or to wait for it."""
        for number in range(CUSTOMERS):
            self.book(which, number, using=False, waits=True, fault=None)

    @rule(which=WHICH, whom=WHOM, fault=FAULTS)
    def join(self, which: int, whom: int, fault: Fault | None) -> None:
        """Somebody joins a waitlist."""
        place = f"/classes/{one_of(self.classes, which).class_session_id}/waitlist"
        self._wish("POST", place, named(self.customers[whom].ref), fault)

    def _wish(self, method: str, place: str, body: Any, fault: Fault | None) -> None:
        self.wishes.append((method, place, body, new_id()))
        self._send(self.wishes[-1], fault)

    @precondition(lambda self: self.wishes)
    @rule(which=WHICH, fault=FAULTS)
    def wish_again(self, which: int, fault: Fault | None) -> None:
        """The same request arrives once more."""
        self._send(one_of(self.wishes, which), fault)

    def _send(self, wish: tuple[str, str, Any, str], fault: Fault | None) -> None:
        method, place, body, key = wish
        headers = {"idempotency-key": key}
        reply = self.meet(
            lambda: self.studio.staff(f"{method} {place}", body, headers=headers), fault
        )
        if reply is not None and reply.status in {200, 201}:
            booking_id = reply.body["bookingId"]
            assert self.made.setdefault(key, booking_id) == booking_id

    @precondition(lambda self: self.made)
    @rule(
        which=WHICH,
        what=st.sampled_from(
            ["cancel", "cancel", "confirm", "confirm", "attend", "no-show", "paid"]
        ),
        fault=FAULTS,
    )
    def move(self, which: int, what: str, fault: Fault | None) -> None:
        """A booking is cancelled, confirmed, or its customer came."""
        booking_id = one_of(list(self.made.values()), which)
        reply = self.meet(lambda: self.studio.staff(f"POST /bookings/{booking_id}/{what}"), fault)
        if reply is not None and reply.status == 200:
            self.statuses[booking_id] = reply.body["bookingStatus"]

    @rule(which=WHICH, capacity=st.integers(1, 3), fault=FAULTS)
    def change(self, which: int, capacity: int, fault: Fault | None) -> None:
        """A class moves to another room."""
        held = one_of(self.classes, which)
        self.meet(lambda: held.change(capacity=capacity), fault)

    @rule(which=WHICH, fault=FAULTS)
    def call_off(self, which: int, fault: Fault | None) -> None:
        """The teacher is ill."""
        held = one_of(self.classes, which)
        self.meet(held.cancel, fault)

    @rule(seconds=MOMENTS)
    def travel(self, seconds: int) -> None:
        """Time passes."""
        self.world.clock.move(seconds)

    @rule(fault=FAULTS)
    def sweep(self, fault: Fault | None) -> None:
        """The schedule ticks."""
        self.run(self.world.sweep, fault)

    def _coming(self) -> list[Class]:
        shown = ((one, one.shown) for one in self.classes[-2:])
        now = to_text(self.world.clock())
        return [one for one, told in shown if told["startsAt"] > now]

    @invariant()
    def every_rule_is_kept(self) -> None:
        """After each step: the rows agree, nobody was passed by, and what was told is there."""
        found = audit(self.world, self.studio)
        replay(self.journal, self.studio, cutoff=CUTOFF)
        stored = {
            row["PK"].rpartition("#")[2]: row["booking_status"] for row in found.by_kind["booking"]
        }
        assert set(self.made.values()) <= set(stored)
        for booking_id, before in self.statuses.items():
            if before in OVER:
                assert stored[booking_id] in NEXT.get(before, {before}), (before, stored)
        self.statuses = stored


def test_no_history_of_a_studio_breaks_a_rule(
    make_world: Callable[..., World], figure: Figure
) -> None:
    run_machine(House, make_world, figure)
