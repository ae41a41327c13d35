"""Random histories of credits and interviews: spent, bought, refunded, granted, given back.

The news of payments come in any order and any number of times, processes die, and time jumps.
"""

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule

from greenroom.kernel.ids import new_id, operation_id_of
from tests.fakes.provider import OFFER
from tests.figures import Figure
from tests.reliability.faults import Fault
from tests.reliability.machines import FAULTS, MOMENTS, WHICH, Machine, one_of, run_machine
from tests.till import Till, event_of
from tests.unit.payments.stripe_events import fixture
from tests.world import Person, Reply, World

Rows = dict[str, list[Any]]

WHO = st.integers(0, 1)
OPEN = {"reserved", "pending", "live"}
# What is over stays over; but a start that failed may be tried again.
NEXT = {
    "completed": {"completed"},
    "cancelled": {"cancelled"},
    "expired": {"expired"},
    "failed": {"failed", "reserved", "pending", "live"},
}
PRICE, THIRD = 300, 100  # centicredits of a purchase, and of the fixture's refund
TURNS = [{"role": "user", "content": "I did.", "timestamp": 1}]


class Money(Machine):
    """Two people, their interviews and their payments."""

    @initialize()
    def begin(self) -> None:
        """Two people, who are known."""
        self.till = Till(self.world)
        self.people = [self.person() for _ in range(2)]
        self.admin = self.world.person("user_admin")
        for person in self.people:
            person.credits()
        self.keys: list[tuple[Person, str]] = []
        self.started: dict[str, tuple[Person, Reply]] = {}
        self.by_key: dict[str, str] = {}
        self.news: list[tuple[str, Person, Any]] = []  # ledger entry, whose, the event
        self.applied: set[str] = set()
        self.reversed: set[str] = set()  # people who may owe something
        self.grants: dict[str, tuple[Person, int]] = {}
        self.granted: set[str] = set()
        self.statuses: dict[str, str] = {}
        self.saved: set[str] = set()
        self.entries: dict[tuple[str, str], int] = {}

    # Interviews

    @rule(who=WHO, fault=FAULTS)
    def start(self, who: int, fault: Fault | None) -> None:
        """Somebody starts an interview."""
        self.keys.append((self.people[who], new_id()))
        self._start(*self.keys[-1], fault)

    @precondition(lambda self: self.keys)
    @rule(which=WHICH, fault=FAULTS)
    def start_again(self, which: int, fault: Fault | None) -> None:
        """The same request arrives once more."""
        self._start(*one_of(self.keys, which), fault)

    def _start(self, person: Person, key: str, fault: Fault | None) -> None:
        reply = self.meet(lambda: person.start(key=key), fault)
        if reply is not None and reply.status == 201:
            session_id = reply.body["sessionId"]
            assert self.by_key.setdefault(key, session_id) == session_id
            self.started[session_id] = (person, reply)

    @precondition(lambda self: self.started)
    @rule(which=WHICH, fault=FAULTS)
    def exchange(self, which: int, fault: Fault | None) -> None:
        """The browser sends its offer."""
        person, started = one_of(list(self.started.values()), which)
        self.meet(lambda: person.exchange(started, OFFER), fault)

    @precondition(lambda self: self.started)
    @rule(
        which=WHICH,
        what=st.sampled_from(["cancel", "connect-failed", "connected", "end"]),
        fault=FAULTS,
    )
    def move(self, which: int, what: str, fault: Fault | None) -> None:
        """The interview ends, one way or the other."""
        person, started = one_of(list(self.started.values()), which)
        session_id = started.body["sessionId"]
        reply = self.meet(lambda: person.call(f"POST /api/sessions/{session_id}/{what}"), fault)
        if reply is not None and reply.status == 200:
            self.statuses[session_id] = reply.body["status"]

    @precondition(lambda self: self.started)
    @rule(which=WHICH, fault=FAULTS)
    def save(self, which: int, fault: Fault | None) -> None:
        """The transcript is saved, maybe again."""
        person, started = one_of(list(self.started.values()), which)
        body = {"sessionId": started.body["sessionId"], "messages": TURNS}
        reply = self.meet(lambda: person.call("POST /api/interviews", body), fault)
        if reply is not None and reply.status < 300:
            self.saved.add(started.body["sessionId"])

    # Money

    @rule(who=WHO)
    def order(self, who: int) -> None:
        """Somebody pays, and a third goes back: two pieces of news are on their way."""
        person = self.people[who]
        purchase = self.till.seed(person)
        refund = self.till.about(purchase, event_of(fixture(26)), id=f"re_{new_id()}")
        self.news.append((f"+{purchase.purchase_id}", person, self.till.paid(purchase)))
        self.news.append((f"-{purchase.purchase_id}", person, refund))

    @precondition(lambda self: self.news)
    @rule(which=WHICH, fault=FAULTS)
    def deliver(self, which: int, fault: Fault | None) -> None:
        """Some news arrive: the first time, or again; before or after others."""
        name, person, event = one_of(self.news, which)
        if name.startswith("-"):
            self.reversed.add(person.user_id)
        reply = self.meet(lambda: self.till.deliver(event), fault)
        if reply is not None and reply.status == 200:
            self.applied.add(name)

    @rule(who=WHO, amount=st.sampled_from([-150, -25, 50, 200]), fault=FAULTS)
    def grant(self, who: int, amount: int, fault: Fault | None) -> None:
        """An admin gives or takes."""
        key = new_id()
        self.grants[key] = (self.people[who], amount)
        self._grant(key, fault)

    @precondition(lambda self: self.grants)
    @rule(which=WHICH, fault=FAULTS)
    def grant_again(self, which: int, fault: Fault | None) -> None:
        """The same request of the admin's arrives once more."""
        self._grant(one_of(list(self.grants), which), fault)

    def _grant(self, key: str, fault: Fault | None) -> None:
        person, amount = self.grants[key]
        body = {"userId": person.user_id, "credits": amount / 100, "reason": "A model"}
        headers = {"idempotency-key": key}
        reply = self.meet(
            lambda: self.admin.call("POST /api/admin/credits", body, headers=headers), fault
        )
        if reply is not None and reply.status == 200:
            self.granted.add(key)

    # Time

    @rule(seconds=MOMENTS)
    def travel(self, seconds: int) -> None:
        """Time passes."""
        self.world.clock.move(seconds)

    @rule(fault=FAULTS)
    def sweep(self, fault: Fault | None) -> None:
        """The schedule ticks."""
        self.run(self.world.sweep, fault)

    @rule()
    def settle(self) -> None:
        """Whatever was lost on its way arrives, and everybody has what they were promised."""
        for name, person, event in self.news:
            assert self.till.deliver(event).status == 200
            self.applied.add(name)
            self.reversed.add(person.user_id)
        self.world.clock.move(10_000)
        swept = self.world.sweep()
        assert not any(number for name, number in swept.items() if "failed" in name), swept
        rows = self._rows()
        due: Counter[str] = Counter()
        for name, person, _ in self.news:
            due[person.user_id] += PRICE if name.startswith("+") else -THIRD
        for row in rows["session"]:
            assert row["status"] not in OPEN, row
            due[row["user_uuid"]] -= 0 if row["given_back"] else 100
        for key, (person, amount) in self.grants.items():
            posted = any(
                one.get("key", "").endswith(_named(self.admin, key)) for one in rows["ledger_entry"]
            )
            assert posted or key not in self.granted
            due[person.user_id] += amount if posted else 0
        for row in rows["user"]:
            assert row["credits"] == 300 + due[_owner(row)], (row, due)

    # Rules

    @invariant()
    def every_rule_is_kept(self) -> None:
        """After each step, whatever became of it."""
        rows = self._rows()
        self._every_balance_is_the_sum_of_its_ledger(rows)
        self._an_entry_stays_as_it_was_written(rows)
        self._an_interview_is_paid_once_or_was_given_back(rows)
        self._what_was_acknowledged_is_there(rows)
        self._nobody_has_two_sessions_at_a_time(rows)

    def _every_balance_is_the_sum_of_its_ledger(self, rows: Rows) -> None:
        """Nothing below nothing, but for a debt that a refund has left."""
        sums: Counter[str] = Counter()
        for entry in rows["ledger_entry"]:
            sums[_owner(entry)] += entry["amount"]
        for user in rows["user"]:
            assert user["credits"] == sums[_owner(user)], user
            assert user["credits"] >= 0 or _owner(user) in self.reversed, user

    def _an_entry_stays_as_it_was_written(self, rows: Rows) -> None:
        """The ledger only grows."""
        now = {(_owner(one), one["key"]): one["amount"] for one in rows["ledger_entry"]}
        assert now.items() >= self.entries.items()
        self.entries = now

    def _an_interview_is_paid_once_or_was_given_back(self, rows: Rows) -> None:
        """And what was given back is never taken again but by another try of the same start."""
        taken: Counter[str] = Counter()
        tries: Counter[tuple[str, str]] = Counter()
        for entry in rows["ledger_entry"]:
            kind, _, rest = entry["key"].partition(":")
            if kind in {"debit", "void"}:
                session_id = rest.partition(":")[0]
                taken[session_id] += entry["amount"]
                tries[kind, rest] += 1
        assert set(tries.values()) <= {1}
        for session in rows["session"]:
            net = taken.pop(session["session_id"], 0)
            assert net == (0 if session["given_back"] else -100), session
        assert not taken

    def _what_was_acknowledged_is_there(self, rows: Rows) -> None:
        """Starts, transcripts, grants and payments whose answer was good."""
        sessions = {row["session_id"]: row["status"] for row in rows["session"]}
        keys = " ".join(row["key"] for row in rows["ledger_entry"])
        assert self.started.keys() <= sessions.keys()
        kept = {row["session_id"] for row in rows["session"] if row["message_count"]}
        assert self.saved <= kept
        assert [one for one in self.granted if _named(self.admin, one) not in keys] == []
        assert [one for one in self.applied if one[0] == "+" and one[1:] not in keys] == []
        for session_id, before in self.statuses.items():
            status = sessions[session_id]
            assert status in NEXT.get(before, {status}), (before, status)
        self.statuses |= sessions

    def _nobody_has_two_sessions_at_a_time(self, rows: Rows) -> None:
        """And the guard is of the one that is open."""
        sessions = {row["session_id"]: row for row in rows["session"]}
        guards = {_owner(row): row for row in rows["active_guard"]}
        for guard in guards.values():
            session = sessions[guard["session_id"]]
            assert session["status"] in OPEN, (guard, session)
            # A guard is born as what its session is about to be.
            told = session["status"].replace("reserved", "pending")
            assert told == guard["status"], (guard, session)
        for session in sessions.values():
            if session["status"] in OPEN and not self._is_over(session):
                assert guards[f"{session['user_uuid']}"]["session_id"] == session["session_id"]

    def _is_over(self, session: Any) -> bool:
        due = session.get("due_at")
        return due is None or datetime.fromisoformat(due) <= self.world.clock()

    def _rows(self) -> Rows:
        found: Rows = {
            "user": [], "ledger_entry": [], "session": [], "active_guard": []
        }  # fmt: skip
        for row in self.world.rows():
            found.setdefault(row["kind"]["S"], []).append(
                {name: _plain(value) for name, value in row.items()}
            )
        return found


def _owner(row: Any) -> str:
    return str(row["PK"].removeprefix("USER#"))


def _plain(value: Any) -> Any:
    ((sign, inner),) = value.items()
    return int(inner) if sign == "N" else inner


def _named(admin: Person, key: str) -> str:
    return operation_id_of(admin.user_id, "admin-credits", key)


def test_no_history_of_money_breaks_a_rule(
    make_world: Callable[..., World], figure: Figure
) -> None:
    run_machine(Money, make_world, figure)
