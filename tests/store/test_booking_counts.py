"""What each act of a booking costs: ONE transaction; its steps, write units and index entries.

A step is two units for each begun kilobyte, a check like a write; an entry in an index is one, and
so is taking it out again. The counters of a class and the state of a booking are in no index.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from tests.halls import HOLD, OFFER, Guest, Hall
from tests.reliability import faults
from tests.store.test_seats import full
from tests.world import World

PUT, UPDATE, DELETE, CHECK = "Put", "Update", "Delete", "ConditionCheck"
# What every booking is made of; then come a place in the line, or the steps of a pass.
MADE = [
    (UPDATE, "class_session"),
    (CHECK, "studio_customer"),
    (PUT, "seat"),
    (PUT, "booking"),
    (PUT, "booking_event"),
    (UPDATE, "agenda"),
]
# What leaving takes off, and who notes it; then what comes back.
LEFT = [(UPDATE, "booking"), (DELETE, "seat"), (UPDATE, "agenda"), (UPDATE, "class_session")]
OFFERED = [
    (UPDATE, "booking"),
    (UPDATE, "seat"),
    (DELETE, "waiting"),
    (PUT, "booking_event"),
]
CONFIRMED = [
    (UPDATE, "class_session"),
    (CHECK, "studio_customer"),
    (UPDATE, "seat"),
    (UPDATE, "agenda"),
]
MOVED = [(UPDATE, "booking"), (PUT, "booking_event")]


@dataclass(frozen=True)
class Cost:
    """What an act sends to DynamoDB."""

    reads: int
    steps: list[tuple[str, str]]
    units: int  # the index entries included
    indexes: dict[str, int]


Scene = tuple[Hall, Guest, Callable[[], Any]]


def booked(world: World, *, of: Any = "package", uses: int | None = 3, **how: Any) -> Scene:
    hall = Hall(world, capacity=3, told={"price_cents": 1500})
    guest = hall.guest(of=of, uses=uses)
    return hall, guest, lambda: hall.book(guest, **how)


def joined(world: World) -> Scene:
    hall = full(world).hall
    guest = hall.guest()
    return hall, guest, lambda: hall.join(guest)


def cancelled(world: World, **options: Any) -> Scene:
    hall, guest, book = booked(world, **options)
    book()
    return hall, guest, lambda: hall.cancel(guest)


def cancelled_late(world: World) -> Scene:
    hall, guest, book = booked(world)
    book()
    hall.until_start()
    return hall, guest, lambda: hall.cancel(guest)


def handed_on(world: World) -> Scene:
    crowd = full(world, waiting=2)
    (guest,) = crowd.seated
    return crowd.hall, guest, lambda: crowd.hall.cancel(guest)


def left_the_line(world: World) -> Scene:
    crowd = full(world, waiting=2)
    guest = crowd.queue[0]
    return crowd.hall, guest, lambda: crowd.hall.cancel(guest)


def confirmed(world: World, *, of: Any = "package", **how: Any) -> Scene:
    hall = (crowd := full(world, price_cents=1500)).hall
    guest = hall.guest(of=of)
    hall.join(guest)
    hall.cancel(crowd.seated[0])
    return hall, guest, lambda: hall.confirm(guest, **how)


def passed_on(world: World) -> Scene:
    hall, guest, _ = confirmed(world)
    hall.join(hall.guest())
    hall.wait(OFFER)
    vacating, booking_id = hall.wired.vacating, hall.made[guest.ref]
    return hall, guest, lambda: vacating.expire(hall.repo, booking_id, world.clock())


def held_no_more(world: World) -> Scene:
    hall, guest, hold = booked(world, paying="drop_in")
    hold()
    hall.wait(HOLD)
    vacating, booking_id = hall.wired.vacating, hall.made[guest.ref]
    return hall, guest, lambda: vacating.expire(hall.repo, booking_id, world.clock())


def attended(world: World) -> Scene:
    hall, guest, book = booked(world)
    book()
    hall.until_start()
    return hall, guest, lambda: hall.note(guest)


PACKAGE = [(UPDATE, "package")]
COUNTED = [(CHECK, "membership"), (UPDATE, "membership_use")]
LISTED, DUE = {"GSI1": 1}, {"GSI2": 1}

COSTS: dict[str, tuple[Callable[[World], Scene], Cost]] = {
    "unpaid": (lambda w: booked(w, paying=None), Cost(1, MADE, 13, LISTED)),
    "package": (booked, Cost(1, MADE + PACKAGE, 15, LISTED)),
    "membership": (lambda w: booked(w, of="membership"), Cost(2, MADE + COUNTED, 17, LISTED)),
    "membership without a limit": (
        lambda w: booked(w, of="membership", uses=None),
        Cost(2, [*MADE, (CHECK, "membership")], 15, LISTED),
    ),
    "held for a card": (lambda w: booked(w, paying="drop_in"), Cost(1, MADE, 14, LISTED | DUE)),
    "join": (joined, Cost(1, [*MADE, (PUT, "waiting")], 15, LISTED)),
    "cancel": (
        lambda w: cancelled(w, paying=None),
        Cost(3, [*LEFT, (PUT, "booking_event")], 10, {}),
    ),
    "cancel with a package": (
        cancelled,
        Cost(3, [*LEFT, *PACKAGE, (PUT, "booking_event")], 12, {}),
    ),
    "cancel with a membership": (
        lambda w: cancelled(w, of="membership"),
        Cost(3, [*LEFT, (UPDATE, "membership_use"), (PUT, "booking_event")], 12, {}),
    ),
    "cancel late": (cancelled_late, Cost(2, [*LEFT, (PUT, "booking_event")], 10, {})),
    "cancel and hand on": (
        handed_on,
        Cost(4, [*LEFT, *OFFERED, *PACKAGE, (PUT, "booking_event")], 21, DUE),
    ),
    "leave the line": (
        left_the_line,
        Cost(2, [*LEFT, (DELETE, "waiting"), (PUT, "booking_event")], 12, {}),
    ),
    "confirm unpaid": (
        lambda w: confirmed(w, paying=None),
        Cost(2, CONFIRMED + MOVED, 13, DUE),
    ),
    "confirm with a package": (confirmed, Cost(2, CONFIRMED + PACKAGE + MOVED, 15, DUE)),
    "confirm with a membership": (
        lambda w: confirmed(w, of="membership"),
        Cost(3, CONFIRMED + COUNTED + MOVED, 17, DUE),
    ),
    "pass on": (passed_on, Cost(4, [*LEFT, *OFFERED, (PUT, "booking_event")], 20, {"GSI2": 2})),
    "hold over": (held_no_more, Cost(3, [*LEFT, (PUT, "booking_event")], 11, DUE)),
    "attend": (
        attended,
        Cost(1, [(UPDATE, "booking"), (UPDATE, "seat"), (PUT, "booking_event")], 6, {}),
    ),
}


def kind_of(step: dict[str, Any]) -> str:
    """Which kind of item a step is of, by its key alone."""
    key = step.get("Key") or step["Item"]
    partition = key["PK"]["S"].removeprefix("T#org#").split("#")[1]
    name = str(key["SK"]["S"]).partition("#")[0]
    known = {"CLASS": "class_session", "SEAT": "seat", "WAIT": "waiting", "DAY": "agenda"}
    known |= {"BOOKING": "booking", "EVENT": "booking_event", "USE": "membership_use"}
    known |= {"PACKAGE": "package", "MEMBERSHIP": "membership", "CUSTOMER": "studio_customer"}
    assert partition in {"K", "C", "B"}
    return known[name]


@pytest.mark.parametrize("name", COSTS)
def test_an_act_is_one_transaction_of_so_many_steps_and_units(world: World, name: str) -> None:
    scene, cost = COSTS[name]
    hall, _, act = scene(world)

    with faults.plan() as plan:
        act()

    (transaction,) = plan.of("TransactWriteItems")
    assert plan.calls[-1] is transaction
    assert len(plan.calls) - 1 == cost.reads
    steps = [next(iter(step.items())) for step in transaction.request["TransactItems"]]
    assert [(operation, kind_of(step)) for operation, step in steps] == cost.steps
    assert transaction.capacity is not None
    assert transaction.capacity.write == cost.units
    assert transaction.capacity.indexes == cost.indexes
    hall.audit()


def test_a_class_over_midnight_is_a_step_more(world: World) -> None:
    hall = Hall(world, told={"duration_minutes": 480}, capacity=2)
    hall.change(starts_at=hall.klass.starts_at.replace(hour=20))
    guest = hall.guest()

    with faults.plan() as plan:
        hall.book(guest)
        hall.cancel(guest)

    sizes = [len(call.request["TransactItems"]) for call in plan.of("TransactWriteItems")]
    assert sizes == [8, 7]
    hall.audit()


def test_a_dry_run_only_checks(world: World) -> None:
    hall, guest, _ = booked(world)

    with faults.plan() as plan:
        hall.try_out(guest)

    (transaction,) = plan.of("TransactWriteItems")
    operations = {next(iter(step)) for step in transaction.request["TransactItems"]}
    assert operations == {CHECK}
    assert len(plan.calls) == 2


def test_who_waits_because_a_class_is_full_costs_one_refused_transaction(world: World) -> None:
    hall = full(world).hall
    guest = hall.guest()

    assert faults.count(lambda: hall.book(guest, join_waitlist=True)) == {
        "GetItem": 1,
        "TransactWriteItems": 2,
    }
