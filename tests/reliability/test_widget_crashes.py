"""Bookings through the widget while the store or the process fails at any call."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from tests.reliability import faults
from tests.reliability.every_call import sampled
from tests.reliability.faults import Crash, Fault
from tests.widgets import WidgetSite
from tests.world import World

CALLS_MAX = 30
KINDS = ["crash_before", "crash_after", "timeout_after", "conflict"]


class Story:
    """One class of one seat, and Robin, who is about to do something."""

    def __init__(self, world: World) -> None:
        self.site = WidgetSite(world)
        self.class_id = self.site.make_class(capacity=1)
        self.token = ""

    def is_known(self) -> None:
        self.site.booked(self.site.make_class(in_hours=72))

    def is_too_late(self) -> None:
        self.other = self.site.booked(self.class_id, "kim@example.com", address="198.51.100.1")

    def has_booked(self) -> None:
        self.token = self.site.booked(self.class_id)
        self.site.booked(
            self.class_id, "kim@example.com", joinWaitlist=True, address="198.51.100.1"
        )

    def is_offered(self) -> None:
        self.is_too_late()
        self.token = self.site.booked(self.class_id, joinWaitlist=True)
        assert self.site.call(f"POST /bookings/{self.other}/cancel").status == 200

    def book(self) -> Any:
        return self.site.book(self.class_id, wish="w1", joinWaitlist=True)

    def cancel(self) -> Any:
        return self.site.call(f"POST /bookings/{self.token}/cancel")

    def confirm(self) -> Any:
        return self.site.call(f"POST /bookings/{self.token}/confirm")

    def stands(self, *statuses: str, leads: int) -> None:
        """The class's bookings are these, every counter agrees, and nobody is there twice."""
        rows = [
            row
            for row in self.site.rows("booking")
            if row["class_session_id"]["S"] == self.class_id
        ]
        found = sorted(row["booking_status"]["S"] for row in rows)
        assert found == sorted(statuses)
        counters = self.site.studio.staff(f"GET /classes/{self.class_id}").body
        seated, held, waiting = (
            sum(one in wanted for one in found)
            for wanted in ({"confirmed"}, {"offered"}, {"waitlisted"})
        )
        assert (counters["booked"], counters["held"], counters["waitlistCount"]) == (
            seated, held, waiting,
        )  # fmt: skip
        assert counters["free"] == 1 - seated - held
        assert (
            len(self.site.rows("studio_customer")) == len(self.site.rows("customer_email")) == leads
        )


Step = Callable[[Story], Any]

STORIES: dict[str, tuple[Step, Step, Step]] = {
    "a new lead books": (
        lambda _: None,
        Story.book,
        lambda story: story.stands("confirmed", leads=1),
    ),
    "a known lead books": (
        Story.is_known,
        Story.book,
        lambda story: story.stands("confirmed", leads=1),
    ),
    "a new lead waits": (
        Story.is_too_late,
        Story.book,
        lambda story: story.stands("confirmed", "waitlisted", leads=2),
    ),
    "a link cancels, and the next is offered the seat": (
        Story.has_booked,
        Story.cancel,
        lambda story: story.stands("cancelled", "offered", leads=2),
    ),
    "a link takes the offered seat": (
        Story.is_offered,
        Story.confirm,
        lambda story: story.stands("cancelled", "confirmed", leads=2),
    ),
}


@pytest.mark.parametrize("name", STORIES)
@pytest.mark.parametrize("kind", KINDS)
def test_what_fails_at_any_call_and_is_tried_again_is_done_once(
    world: World, name: str, kind: Any
) -> None:
    prepare, act, check = STORIES[name]
    for at in sampled(CALLS_MAX):
        story = Story(world)
        prepare(story)
        operation = "TransactWriteItems" if kind == "conflict" else None
        fault = Fault(kind=kind, at=at, operation=operation)
        with faults.plan(fault) as plan, suppress(Crash):
            act(story)
        if not plan.fired:
            assert at > 1
            break

        again = act(story)

        assert again.status in {200, 201}, again.text
        check(story)
    else:
        pytest.fail("the act makes more calls than that")
