"""The bank: eight threads spend, buy, refund and grant, and every look at the books balances.

After Jepsen's bank test. What each thread does follows from its seed; who is first does not, and
must not matter. THOROUGH=1 lets each of them do 200 things instead of 25.
"""

import os
import random
import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from greenroom.kernel.ids import new_id
from tests.books import Operator
from tests.figures import Figure
from tests.parallel import together
from tests.reliability.ledgers import Books, books_while_others_write, ledgers_that_do_not_add_up
from tests.till import Till, event_of
from tests.unit.payments.stripe_events import fixture
from tests.world import Person, Reply, World, client_of

THREADS = 8
ACTS = 200 if os.environ.get("THOROUGH") else 25
BLOCK = 25  # acts of a thread among the same people, so that their ledgers can be read at once
PEOPLE = 4  # that all threads meet at: everybody is written by several at any time
LOOKS_MIN = ACTS  # at books that nobody wrote during the look
MINUTES_MAX = 10  # on a busy machine
WINDOW_S = 20
REFUND_CENTICREDITS = 100  # the fixture's 5.00 of the 15.00 that 3.00 credits cost

DONE = "done"
WEIGHTS = {"start": 32, "cancel": 22, "sweep": 8, "buy": 12, "refund": 10, "grant": 16}
EXPECTED: dict[str, set[str]] = {
    "start": {DONE, "ACTIVE_SESSION_EXISTS", "INSUFFICIENT_CREDITS", "RATE_LIMITED"},
    "cancel": {DONE, "INVALID_TRANSITION", "nothing to do"},
    "sweep": {DONE},
    "buy": {DONE},
    "refund": {DONE, "nothing to do"},
    "grant": {DONE, "BALANCE_TOO_LOW"},
}


class Bank:
    """Some people with what was acknowledged to each of them, in centicredits."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.till = Till(world)
        self.admin = world.person("user_admin")
        self.groups = [[world.person() for _ in range(PEOPLE)] for _ in range(-(-ACTS // BLOCK))]
        for person in self.everybody:
            person.credits()
        self.acknowledged = {person.user_id: 300 for person in self.everybody}
        self.sessions: dict[str, list[str]] = {person.user_id: [] for person in self.everybody}
        self.bought: dict[str, list[Any]] = {person.user_id: [] for person in self.everybody}
        self.block = 0
        self._lock = threading.Lock()

    @property
    def everybody(self) -> list[Person]:
        """All people."""
        return [person for group in self.groups for person in group]

    def work(self, seed: str) -> Counter[tuple[str, str]]:
        """Do so many acts one after the other: how often each ended how."""
        dice, outcomes = random.Random(seed), Counter[tuple[str, str]]()
        for number in range(ACTS):
            self.block = max(self.block, number // BLOCK)
            person = dice.choice(self.groups[number // BLOCK])
            (act,) = dice.choices(list(WEIGHTS), list(WEIGHTS.values()))
            outcomes[act, getattr(self, act)(person, dice)] += 1
        return outcomes

    def start(self, person: Person, dice: random.Random) -> str:
        """Start an interview, maybe twice with one key."""
        key = new_id()
        reply = person.start(key=key)
        if reply.status == 201:
            with self._lock:
                self.sessions[person.user_id].append(reply.body["sessionId"])
        if dice.random() < 0.2:
            person.start(key=key)
        return outcome_of(reply)

    def cancel(self, person: Person, dice: random.Random) -> str:
        """Cancel the person's last session, whoever started it."""
        known = self.sessions[person.user_id][-1:]
        if not known:
            return "nothing to do"
        return outcome_of(person.call(f"POST /api/sessions/{known[0]}/cancel"))

    def sweep(self, _: Person, dice: random.Random) -> str:
        """Let a little time pass, and the sweeper work."""
        self.world.clock.move(dice.uniform(1, WINDOW_S / 4))
        swept = self.world.sweep()
        assert {name: n for name, n in swept.items() if "failed" in name and n} == {}
        return DONE

    def buy(self, person: Person, dice: random.Random) -> str:
        """Credits are paid; the news comes once, or again at the same time."""
        purchase = self.till.seed(person)
        event = self.till.paid(purchase)
        times = dice.choice([1, 1, 2])
        together(*[lambda: self.till.outcome(event)] * times)
        self._acknowledge(person, 300)
        with self._lock:
            self.bought[person.user_id].append(purchase)
        return DONE

    def refund(self, person: Person, _: random.Random) -> str:
        """A third of what was paid goes back."""
        with self._lock:
            known = self.bought[person.user_id]
            purchase = known.pop() if known else None
        if purchase is None:
            return "nothing to do"
        told = self.till.about(purchase, event_of(fixture(26)), id=f"re_{new_id()}")
        assert self.till.outcome(told) == "applied"
        self._acknowledge(person, -REFUND_CENTICREDITS)
        return DONE

    def grant(self, person: Person, dice: random.Random) -> str:
        """An admin gives or takes."""
        amount = dice.choice([-100, -50, 25, 75])
        body = {"userId": person.user_id, "credits": amount / 100, "reason": "The bank test"}
        headers = {"idempotency-key": new_id()}
        reply = self.admin.call("POST /api/admin/credits", body, headers=headers)
        if reply.status == 200:
            self._acknowledge(person, amount)
        return outcome_of(reply)

    def look(self, dice: random.Random) -> Books | None:
        """Read the books of somebody whom everybody is writing."""
        return books_while_others_write(dice.choice(self.groups[self.block]))

    def _acknowledge(self, person: Person, amount: int) -> None:
        with self._lock:
            self.acknowledged[person.user_id] += amount

    def expected(self, person: Person) -> int:
        """What the person must have: all that was acknowledged, less what was not given back."""
        shown = [
            person.call(f"GET /api/sessions/{one}").body for one in self.sessions[person.user_id]
        ]
        kept = sum(not session["givenBack"] for session in shown)
        return self.acknowledged[person.user_id] - 100 * kept


def outcome_of(reply: Reply) -> str:
    """How an act ended."""
    return DONE if reply.status < 300 else str(reply.code)


def looking_while(work: Callable[[], Any], look: Callable[[], Books | None]) -> list[Books]:
    """All books that were seen as they stood at one instant, until the work was done."""
    over = threading.Event()

    def working() -> list[Books]:
        try:
            work()
        finally:
            over.set()
        return []

    def looking() -> list[Books]:
        seen: list[Books] = []
        while not over.is_set():
            books = look()
            if books is not None:
                seen.append(books)
        return seen

    return together(working, looking, wait_s=MINUTES_MAX * 60)[1]


def test_every_look_at_the_books_balances_while_eight_threads_write(
    make_world: Callable[..., World], figure: Figure
) -> None:
    world = make_world(CONNECT_WINDOW_S=str(WINDOW_S))
    bank, outcomes = Bank(world), Counter[tuple[str, str]]()
    dice = random.Random("reader")

    def work() -> None:
        seeds = [f"bank {thread}" for thread in range(THREADS)]
        works = [lambda seed=seed: bank.work(seed) for seed in seeds]
        for counted in together(*works, wait_s=MINUTES_MAX * 60):
            outcomes.update(counted)

    seen = looking_while(work, lambda: bank.look(dice))

    figure("bank", "reads", good=sum(one.agree for one in seen), of=len(seen))
    assert [one for one in seen if not one.agree] == []
    assert len(seen) >= LOOKS_MIN
    assert outcomes.total() == THREADS * ACTS
    surprises = {one: n for one, n in outcomes.items() if one[1] not in EXPECTED[one[0]]}
    assert surprises == {}
    assert {act for act, how in outcomes if how == DONE} == set(WEIGHTS)
    world.clock.move(10_000)
    world.sweep()
    lost = {
        person.user_id: (person.credits() * 100, bank.expected(person))
        for person in bank.everybody
        if person.credits() * 100 != bank.expected(person)
    }
    good = len(bank.everybody) - len(lost)
    figure("bank", "balances that tell all that was acknowledged", good=good, of=good + len(lost))
    assert lost == {}
    assert ledgers_that_do_not_add_up(world) == []
    assert Operator(world).run("reconcile", "--no-stripe")[0] == 0


def test_the_reader_would_see_a_ledger_that_is_written_apart_from_its_balance(
    world: World,
) -> None:
    """The proof that the looks prove something: the same, but not in one transaction."""
    ada = world.person()
    ada.credits()
    client, pk = client_of(world.endpoint), {"S": f"USER#{ada.user_id}"}

    seen: list[Books] = []

    def work() -> None:
        for number in range(3):
            client.update_item(
                TableName=world.table_name,
                Key={"PK": pk, "SK": {"S": "ACCOUNT"}},
                UpdateExpression="ADD credits :one",
                ExpressionAttributeValues={":one": {"N": "1"}},
            )
            books = books_while_others_write(ada)
            assert books is not None  # nobody else writes
            seen.append(books)
            entry = {"PK": pk, "SK": {"S": f"LEDGER#{number}"}, "kind": {"S": "ledger_entry"}}
            client.put_item(
                TableName=world.table_name,
                Item={**entry, "key": {"S": str(number)}, "amount": {"N": "1"}},
            )

    work()

    assert {one.agree for one in seen} == {False}


@pytest.mark.parametrize("entries", [1, 3])
def test_a_look_between_two_writes_is_whole(world: World, entries: int) -> None:
    ada = world.person()
    ada.credits()
    for _ in range(entries - 1):
        Till(world).outcome(Till(world).paid(Till(world).seed(ada)))

    books = books_while_others_write(ada)

    assert books is not None
    assert (len(books.entries), books.balance, books.agree) == (entries, 300 * entries, True)
