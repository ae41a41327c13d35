"""Random histories of the desk: customers wait, experts take and release, time jumps."""

from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule

from tests.expertise import Customer, audit, claim, expert, offers, session_of
from tests.figures import Figure
from tests.reliability.faults import Fault
from tests.reliability.machines import FAULTS, WHICH, Machine, one_of, run_machine
from tests.world import Reply, World

EXPERTS, CUSTOMERS = 2, 3
BY = st.integers(0, EXPERTS - 1)
ROUTINGS = ["broadcast", "hybrid", "priority_broadcast", "workshop_only", "broadcast"]
# Seconds: offers, the wait for an expert, a session at its longest.
MOMENTS = st.sampled_from([1, 31, 46, 185, 605, 3_700])
OPEN = {"pending", "waiting", "live"}


class Desk(Machine):
    """Two experts, and customers with sessions."""

    SETTINGS = {"EXPERT_SIGNUP": "open"}  # noqa: RUF012 (nobody changes it)

    @initialize()
    def begin(self) -> None:
        """Two experts are online."""
        self.experts = [
            expert(self.world, by=self.person(), maxActive=1, workshopId="north")
            for _ in range(EXPERTS)
        ]
        self.people = [self.person() for _ in range(CUSTOMERS)]
        for person in self.people:
            person.credits()
        self.sessions: list[Customer] = []
        self.statuses: dict[str, str] = {}

    @precondition(lambda self: self._idle())
    @rule(which=WHICH, routing=st.sampled_from(ROUTINGS))
    def come(self, which: int, routing: str) -> None:
        """Somebody who has no session asks for one."""
        self.sessions.append(
            session_of(
                one_of(self._idle(), which),
                routing_type=routing,
                workshop_id="north",
                preferred_expert_id=self.experts[0].user_id,
                urgent=routing == "hybrid",
            )
        )

    @precondition(lambda self: self.sessions)
    @rule(which=WHICH, by=BY, fault=FAULTS)
    def claim(self, which: int, by: int, fault: Fault | None) -> None:
        """An expert takes a session out of the queue, or tries to."""
        session_id = one_of(self._open() or self.sessions, which).session_id
        self._note(session_id, self.meet(lambda: claim(self.experts[by], session_id), fault))

    @precondition(lambda self: len(self._open()) > 1)
    @rule(by=BY)
    def be_greedy(self, by: int) -> None:
        """An expert claims whatever is open: they get what they may take."""
        for customer in self._open():
            claim(self.experts[by], customer.session_id)

    @rule(by=BY, answer=st.sampled_from(["accept", "decline"]), fault=FAULTS)
    def answer(self, by: int, answer: str, fault: Fault | None) -> None:
        """An expert answers the offer that they see first."""
        bob = self.experts[by]
        for offer in offers(bob)[:1]:
            self.meet(partial(bob.call, f"POST /api/offers/{offer['id']}/{answer}"), fault)

    @precondition(lambda self: self.sessions)
    @rule(
        which=WHICH,
        what=st.sampled_from(["release", "start", "end", "cancel"]),
        by=st.none() | BY,
        fault=FAULTS,
    )
    def move(self, which: int, what: str, by: int | None, fault: Fault | None) -> None:
        """The customer, or an expert, moves a session."""
        customer = one_of(self._open() or self.sessions, which)
        who = customer.person if by is None else self.experts[by]
        self._note(customer.session_id, self.meet(lambda: customer.move(what, by=who), fault))

    @precondition(lambda self: self.sessions)
    @rule(which=WHICH, fault=FAULTS)
    def say(self, which: int, fault: Fault | None) -> None:
        """The customer writes something."""
        customer = one_of(self.sessions, which)
        route = f"POST /api/sessions/{customer.session_id}/messages"
        self.meet(lambda: customer.person.call(route, {"text": "Hello."}), fault)

    @rule(by=BY, status=st.sampled_from(["online", "online", "offline"]), fault=FAULTS)
    def turn(self, by: int, status: str, fault: Fault | None) -> None:
        """An expert comes or goes."""
        bob = self.experts[by]
        self.meet(lambda: bob.call("PUT /api/experts/me", {"status": status}), fault)

    @rule(seconds=MOMENTS)
    def travel(self, seconds: int) -> None:
        """Time passes."""
        self.world.clock.move(seconds)

    @rule(fault=FAULTS)
    def sweep(self, fault: Fault | None) -> None:
        """The schedule ticks."""
        self.run(self.world.sweep, fault)

    @invariant()
    def every_rule_is_kept(self) -> None:
        """After each step: rounds, offers, experts and guards agree, and what ended stays so."""
        audit(self.world)
        stored = self._stored()
        assert {one.session_id for one in self.sessions} == set(stored)
        for session_id, before in self.statuses.items():
            assert before in OPEN or stored[session_id][1] == before, session_id
        self.statuses = {name: status for name, (_, status) in stored.items()}
        held = Counter(row["expert_id"]["S"] for row in self._rows("session") if is_held(row))
        assert max(held.values(), default=0) <= 1, "an expert has more than they take"
        busy = [owner for owner, status in stored.values() if status in OPEN]
        assert len(busy) == len(set(busy)), "somebody has two sessions"

    def _note(self, session_id: str, reply: Reply | None) -> None:
        """An answer that is good is true: a session that it calls over is over."""
        if reply is not None and reply.status == 200 and reply.body["status"] not in OPEN:
            self.statuses[session_id] = reply.body["status"]

    def _idle(self) -> list[Any]:
        busy = {owner for owner, status in self._stored().values() if status in OPEN}
        return [person for person in self.people if person.user_id not in busy]

    def _open(self) -> list[Customer]:
        stored = self._stored()
        return [one for one in self.sessions if stored[one.session_id][1] in OPEN]

    def _stored(self) -> dict[str, tuple[str, str]]:
        return {
            row["session_id"]["S"]: (row["user_uuid"]["S"], row["status"]["S"])
            for row in self._rows("session")
        }

    def _rows(self, kind: str) -> list[Any]:
        return [row for row in self.world.rows() if row["kind"]["S"] == kind]


def is_held(session: Any) -> bool:
    """Whether an expert has that session, as it is stored."""
    return session["status"]["S"] in {"waiting", "live"}


def test_no_history_of_the_desk_breaks_a_rule(
    make_world: Callable[..., World], figure: Figure
) -> None:
    run_machine(Desk, make_world, figure)
