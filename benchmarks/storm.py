"""A section: Stripe's news in a storm, each of 50 events twenty times, from 16 threads."""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from benchmarks.worlds import a_world
from tests.parallel import together
from tests.reliability.ledgers import ledgers_that_do_not_add_up
from tests.till import Till
from tests.world import Person, World

TITLE: Final = "A storm of webhooks"
PEOPLE: Final = 5
EVENTS: Final = 50
COPIES: Final = 20
THREADS: Final = 16
WAIT_S: Final = 300.0

TEXT: Final = """\
{deliveries:,} deliveries of {events} events, each {copies} times, shuffled, from {threads} threads
to the handler, on the laptop cloud's DynamoDB engine. The events pay for {events} purchases of
{people} people, so that ten of them meet at every balance.

| | |
|---|---|
| effects, by the ledger | {effects} |
| people whose balance is not the sum of their ledger | {unbalanced} |
| answers of 200 | {taken:,} |
| answers of 503, for Stripe to come again | {refused:,} |
| other answers | {errors:,} |

A test holds the effects to {events} and the other answers to none
(tests/reliability/test_storm.py).

By `python -m benchmarks storm`."""


@dataclass(frozen=True, slots=True)
class Storm:
    """What came of it."""

    answers: Counter[int]
    effects: int
    unbalanced: int

    @property
    def errors(self) -> int:
        """Deliveries that were answered neither as taken nor as to be sent again."""
        return self.answers.total() - self.answers[200] - self.answers[503]


def section(say: Callable[[str], None]) -> str:
    """Let one storm pass."""
    say(f"{EVENTS * COPIES:,} deliveries from {THREADS} threads")
    with a_world() as world:
        storm = pass_over(world)
    return TEXT.format(
        deliveries=EVENTS * COPIES,
        events=EVENTS,
        copies=COPIES,
        threads=THREADS,
        people=PEOPLE,
        effects=storm.effects,
        unbalanced=storm.unbalanced,
        taken=storm.answers[200],
        refused=storm.answers[503],
        errors=storm.errors,
    )


def pass_over(world: World, *, seed: int = 1) -> Storm:
    """Deliver everything; what is answered with 503 is sent again once the storm is over.

    The order is the same for the same ``seed``; which thread is first is not.
    """
    till = Till(world)
    people = [world.person() for _ in range(PEOPLE)]
    for person in people:
        person.credits()
    events = [till.paid(till.seed(people[number % PEOPLE])) for number in range(EVENTS)]
    for number, event in enumerate(events):
        event["id"] = f"evt_storm{number}"
    deliveries = events * COPIES
    random.Random(seed).shuffle(deliveries)  # noqa: S311 (an order, no secret)
    shares = [deliveries[place::THREADS] for place in range(THREADS)]

    def deliver(share: list[dict[str, object]]) -> Counter[int]:
        return Counter(till.deliver(event).status for event in share)

    acts = [lambda share=share: deliver(share) for share in shares]
    answers = sum(together(*acts, wait_s=WAIT_S), Counter[int]())
    for event in events if answers[503] else []:
        till.deliver(event)
    return Storm(answers, _bought(people), len(ledgers_that_do_not_add_up(world)))


def _bought(people: list[Person]) -> int:
    """How many ledger entries came of purchases."""
    entries = [entry for person in people for entry in person.ledger()]
    return sum(entry["kind"] == "purchase" for entry in entries)
