"""A studio where everybody does something at once: the rows agree, and nobody is passed by.

Sixteen threads, more than two thousand acts. What each of them does follows from the seed; who is
first does not, and must not matter.
"""

import random
import threading
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Final, cast

import pytest

from greenroom.bookings.domain import Attended, Booking
from greenroom.bookings.schema import CreateClass
from greenroom.bookings.service import PassWanted, Paying, Wish
from greenroom.customers.domain import Customer
from greenroom.kernel.clock import to_text
from greenroom.kernel.errors import GreenroomError
from greenroom.organizations.principal import CustomerKind, Principal
from greenroom.organizations.repo import OrgRepo
from greenroom.organizations.studio import Studio as Settings
from tests.auditing import audit
from tests.halls import CUTOFF
from tests.journal import journal_of, replay
from tests.parallel import together
from tests.studios import Studio, on_five_minutes
from tests.world import World

THREADS, ROUNDS, ACTS = 16, 4, 33
CUSTOMERS, LEADS = 14, 4
CLASSES = 6  # that anybody may still think of booking
CONTESTED_MIN = 10  # promotions with somebody else waiting, who could have been taken
RECENT = 60  # bookings that anybody may still do something with

DONE: Final = "done"
SEATING = {"CLASS_FULL", "CLASS_CANCELLED", "BOOKING_CLOSED", "ALREADY_BOOKED", "OVERLAP"}
WAITING = {"WAITLIST_FULL", "WAITLIST_CLOSED"}
MOVING = {"INVALID_TRANSITION"}
# What each act may be refused with. Anything else is a bug: a 503, too.
EXPECTED: dict[str, set[str]] = {
    "book": SEATING | WAITING | {"NO_REMAINING_USE"},
    "join": (SEATING - {"CLASS_FULL", "OVERLAP"}) | WAITING | {"CLASS_NOT_FULL"},
    "cancel": MOVING | {"BOOKING_CLOSED"},
    "confirm": MOVING | {"OFFER_EXPIRED", "CLASS_CANCELLED", "OVERLAP", "NO_REMAINING_USE"},
    "attend": MOVING | {"CHECK_IN_CLOSED"},
    "pay": MOVING,
    "capacity": MOVING | {"CAPACITY_TAKEN", "CLASS_CANCELLED"},
    "call_off": MOVING,
    "hold": set(),
    "sweep": set(),
    "clock": set(),
}
# What must have happened, or the walk proves nothing.
SEEN = {
    ("book", "CLASS_FULL"),
    ("book", "ALREADY_BOOKED"),
    ("book", "OVERLAP"),
    ("book", "NO_REMAINING_USE"),
    ("join", "CLASS_NOT_FULL"),
    ("capacity", "CAPACITY_TAKEN"),
    # A payment meets its hold only now and then: how the threads run decides.
    *((act, DONE) for act in EXPECTED if act != "pay"),
}
WEIGHTS = {
    "book": 36,
    "join": 9,
    "cancel": 17,
    "confirm": 16,
    "attend": 6,
    "pay": 2,
    "capacity": 5,
    "call_off": 1,
    "hold": 2,
    "sweep": 3,
    "clock": 4,
}


class Walk:
    """A studio with everything that the walkers choose from."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.studio = Studio(world)
        self.wired = world.wiring("bookings")
        self.sweeper = world.wiring("sweeper").booking_sweeper
        self.staff = self.studio.repo
        self.customers = [self._customer(number) for number in range(CUSTOMERS)]
        self.classes: list[str] = []
        self.bookings: list[tuple[str, Customer]] = []
        self._time = threading.Lock()
        dice = random.Random("classes")
        for _ in range(CLASSES):
            self.hold(dice)
        self._give_passes()

    def _customer(self, number: int) -> Customer:
        kind: CustomerKind = "lead" if number < LEADS else "client"
        return self.studio.customer(kind, name=f"Customer {number}")

    def _give_passes(self) -> None:
        """Give everybody a small package, a weekly membership, and to some one without a limit."""
        self.passes: dict[Customer, list[PassWanted]] = {}
        for number, one in enumerate(self.customers):
            package = self.studio.package(one.ref, uses=2)
            weekly = self.studio.membership(one.ref, limit=1, period="week")
            held = [PassWanted(kind="package", pass_id=package)]
            held.append(PassWanted(kind="membership", pass_id=weekly))
            if number % 3 == 0:
                unlimited = self.studio.membership(one.ref)
                held.append(PassWanted(kind="membership", pass_id=unlimited))
            self.passes[one] = held

    def walk(self, seed: str) -> Counter[tuple[str, str]]:
        """Do so many acts one after the other: how often each was done, and refused for what."""
        dice, outcomes = random.Random(seed), Counter[tuple[str, str]]()
        for _ in range(ACTS):
            (act,) = dice.choices(list(WEIGHTS), list(WEIGHTS.values()))
            try:
                getattr(self, act)(dice)
                outcomes[act, DONE] += 1
            except GreenroomError as refusal:
                every = refusal.facts.get("violations", [{"code": refusal.code}])
                outcomes.update((act, one["code"]) for one in every)
        return outcomes

    def first_bookings(self) -> None:
        """Something that can be cancelled from the beginning."""
        for who, class_id in zip(self.customers, self.classes, strict=False):
            wish = Wish.of(who, class_session_id=class_id, source="walk")
            booked = self.wired.bookings.book(self.staff, Settings(), wish)
            self.bookings.append((booked.booking.booking_id, who))

    # Acts

    def book(self, dice: random.Random) -> None:
        who = dice.choice(self.customers)
        wish = Wish.of(
            who,
            class_session_id=self._class(dice),
            source="walk",
            paying=self._paying(dice, who),
            join_waitlist=dice.random() < 0.6,
            key=dice.choice([None, f"key {dice.randrange(10**9)}"]),
        )
        booked = self.wired.bookings.book(self._repo(dice, who), Settings(), wish)
        self.bookings.append((booked.booking.booking_id, who))

    def join(self, dice: random.Random) -> None:
        who = dice.choice(self.customers)
        wish = Wish.of(who, class_session_id=self._class(dice), source="walk")
        booked = self.wired.bookings.join(self._repo(dice, who), wish)
        self.bookings.append((booked.booking.booking_id, who))

    def cancel(self, dice: random.Random) -> None:
        booking_id, who = self._booking(dice)
        repo = self._repo(dice, who)
        waived = repo is self.staff and dice.random() < 0.3
        self.wired.vacating.cancel(repo, booking_id, waived=waived)

    def confirm(self, dice: random.Random) -> None:
        booking_id, who = self._one_of(dice, lambda one: one.booking_status == "offered")
        paying, repo = self._paying(dice, who), self._repo(dice, who)
        self.wired.confirming.confirm(repo, Settings(), booking_id, paying)

    def attend(self, dice: random.Random) -> None:
        booking_id, _ = self._booking(dice)
        came = cast("Attended", dice.choice(["attended", "attended", "no_show"]))
        self.wired.attendance.note(self.staff, booking_id, came)

    def pay(self, dice: random.Random) -> None:
        booking_id, _ = self._one_of(dice, lambda one: one.payment_status == "pending")
        self.wired.confirming.paid_at_studio(self.staff, booking_id)

    def capacity(self, dice: random.Random) -> None:
        self.wired.classes.change(self.staff, self._class(dice), {"capacity": dice.randint(1, 4)})

    def call_off(self, dice: random.Random) -> None:
        self.wired.classes.cancel(self.staff, self._class(dice))

    def hold(self, dice: random.Random) -> None:
        starts_at = on_five_minutes(self.world.clock() + timedelta(minutes=dice.randint(90, 360)))
        told = CreateClass(
            name="Flow",
            type="yoga",
            starts_at=to_text(starts_at),
            capacity=dice.randint(1, 3),
            duration_minutes=dice.choice([30, 30, 60, 300]),
            price_cents=dice.choice([0, 1500]),
            waitlist_max=5,
            notice_minutes=dice.choice([0, 30]),
            late_cancel_minutes=dice.choice([0, 90]),
            late_cancel_fee_cents=500,
        ).told(Settings())
        made = self.wired.classes.make(self.staff, told, key=None, request_hash="walk")
        self.classes.append(made.klass.class_session_id)

    def sweep(self, dice: random.Random) -> None:
        assert self.sweeper.sweep(self.world.clock()).failed == 0

    def clock(self, dice: random.Random) -> None:
        with self._time:
            self.world.clock.move(60 * dice.randint(1, 20))

    # Choices

    def _class(self, dice: random.Random) -> str:
        return dice.choice(self.classes[-CLASSES:])

    def _booking(self, dice: random.Random) -> tuple[str, Customer]:
        return dice.choice(self.bookings[-RECENT:])

    def _one_of(self, dice: random.Random, fits: Callable[[Booking], bool]) -> tuple[str, Customer]:
        """One of the bookings that something can be done with, if there is any."""
        recent = dict(self.bookings[-RECENT:])
        found = self.wired.booking_store.all_of(self.staff, list(recent))
        fitting = [one.booking_id for one in found if fits(one)]
        booking_id = dice.choice(fitting or list(recent))
        return booking_id, recent[booking_id]

    def _paying(self, dice: random.Random, who: Customer) -> Paying:
        money: list[Paying] = [None, "at_studio", "drop_in"]
        return dice.choice([*self.passes[who], *self.passes[who], *money])

    def _repo(self, dice: random.Random, who: Customer) -> OrgRepo:
        if dice.random() < 0.5:
            return self.staff
        principal = Principal(
            organization_id=self.studio.organization_id,
            role=who.ref.kind,
            user_id=who.ref.customer_id,
            customer=who.ref,
        )
        return OrgRepo(principal)

    def end(self) -> None:
        """Let all classes pass."""
        for _ in range(12):
            self.world.clock.move(6 * 3600)
            assert self.sweeper.sweep(self.world.clock()).failed == 0


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1])
def test_whatever_everybody_does_at_once_every_row_agrees_and_nobody_is_passed_by(
    world: World, seed: int
) -> None:
    journal = journal_of(world)
    walk, outcomes = Walk(world), Counter[tuple[str, str]]()
    walk.first_bookings()

    for turn in range(ROUNDS):
        seeds = [f"{seed}/{turn}/{thread}" for thread in range(THREADS)]
        outcomes += sum(together(*[lambda one=one: walk.walk(one) for one in seeds]), Counter())
        surprises = {one for one in outcomes if one[1] not in EXPECTED[one[0]] | {DONE}}
        assert not surprises
        audit(world, walk.studio)

    told = replay(journal, walk.studio, cutoff=CUTOFF)
    assert outcomes.total() >= THREADS * ROUNDS * ACTS
    assert SEEN - set(outcomes) == set(), "the walk proves nothing of this"
    assert told.contested >= CONTESTED_MIN, told
    walk.end()
    found = audit(world, walk.studio)
    assert {row["status"] for row in found.by_kind["class_session"]} == {"completed", "cancelled"}
    assert not [row for row in found.rows if "GSI2PK" in row]
