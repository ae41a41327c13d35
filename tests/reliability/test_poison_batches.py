"""Batches with poison in them: what the queue gets back is the poison, and the rest is done.

Every function that a queue feeds, with batches of up to ten messages of which any may be poison
of any kind. THOROUGH=1 samples ten times as many.
"""

import json
import os
from collections.abc import Callable
from typing import Any, Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from greenroom.kernel.ids import new_id
from local.resources import Template
from tests.figures import Figure
from tests.practice import Practice, rows, saved
from tests.usage_log import FACTS, assert_sums_are_those_of_the_rows, logged
from tests.world import World, client_of

BATCH_MAX = 10
BATCHES = 400 if os.environ.get("THOROUGH") else 40
NESTED = "[" * 100_000
# No body at all, none that can be read, and none of the shape that is agreed.
MISSHAPEN: tuple[Any, ...] = (None, "", "nonsense", NESTED, "null", "[]", "{}", "7", '"x"', 7, {})
OF_FEEDBACK = (*MISSHAPEN, '{"sessionId": 7}', '{"sessionId": null}', '{"sessionId": "x#y"}')
OF_USAGE = (
    *MISSHAPEN,
    '{"usage": []}',
    '{"usage": {}}',
    json.dumps({"usage": {**FACTS, "request_id": 7}}),
    json.dumps({"usage": {**FACTS, "at": None}}),
    json.dumps({"usage": {name: FACTS[name] for name in FACTS if name != "user_id"}}),
)
Fate = Literal["good", "again", "unknown", "unreadable", "misshapen"]


def batches(poison: tuple[Any, ...], *fates: Fate) -> st.SearchStrategy[list[tuple[Fate, Any]]]:
    """Batches in which each message has one of these fates; the misshapen ones have a body."""
    plain: st.SearchStrategy[tuple[Fate, Any]] = st.sampled_from(fates).map(lambda one: (one, None))
    bad: st.SearchStrategy[tuple[Fate, Any]] = st.sampled_from(poison).map(
        lambda body: ("misshapen", body)
    )
    return st.lists(plain | bad, min_size=1, max_size=BATCH_MAX)


def failures(world: World, function: str, bodies: list[Any]) -> list[str]:
    """The messages of a batch, by their place, that have to come again."""
    records = [
        {"messageId": str(place), **({} if body is None else {"body": body})}
        for place, body in enumerate(bodies)
    ]
    answer = world.invoke(function, {"Records": records}, remaining_ms=119_000)
    assert set(answer) == {"batchItemFailures"}
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


def sampled(
    strategy: st.SearchStrategy[list[tuple[Fate, Any]]],
    judge: Callable[[list[tuple[Fate, Any]]], bool],
) -> tuple[int, int]:
    """How many of the sampled batches were as they should be, and of how many."""
    found: list[bool] = []

    @settings(
        max_examples=BATCHES,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def run(batch: list[tuple[Fate, Any]]) -> None:
        found.append(judge(batch))

    run()
    return sum(found), len(found)


class Jobs:
    """Ten interviews whose feedback is due, and the table as it was before anybody worked."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.practices = [saved(world) for _ in range(BATCH_MAX)]
        self._before = {_key(row): row for row in world.rows()}

    def begin_anew(self) -> None:
        """Put every row back as it was."""
        client, table = client_of(self.world.endpoint), self.world.table_name
        now = {_key(row): row for row in self.world.rows()}
        for (pk, sk), row in self._before.items():
            if now.get((pk, sk)) != row:
                client.put_item(TableName=table, Item=row)
        for pk, sk in now.keys() - self._before.keys():
            client.delete_item(TableName=table, Key={"PK": {"S": pk}, "SK": {"S": sk}})

    def spoil(self, practice: Practice, kind: str) -> None:
        """Make a row unreadable, as a bug of a later version might."""
        (row,) = rows(self.world, kind, practice)
        name = "attempt" if kind == "feedback" else "created_at"
        client_of(self.world.endpoint).put_item(
            TableName=self.world.table_name, Item=row | {name: {"S": "many"}}
        )

    def status(self, practice: Practice) -> str:
        """How the feedback stands."""
        (row,) = rows(self.world, "feedback", practice)
        return str(row["status"]["S"])


def _key(row: Any) -> tuple[str, str]:
    return row["PK"]["S"], row["SK"]["S"]


def test_every_queue_feeds_a_function_that_is_tried_here(template: Template) -> None:
    fed = {template.functions[one.function].code.name for one in template.queue_sources}

    assert fed == {"feedback", "usage_log"}


@pytest.mark.parametrize("kind", ["feedback", "session"])
def test_of_a_batch_of_jobs_the_poison_comes_again_and_the_rest_is_done(
    world: World, figure: Figure, kind: str
) -> None:
    jobs = Jobs(world)

    def judge(batch: list[tuple[Fate, Any]]) -> bool:
        jobs.begin_anew()
        bodies: list[Any] = []
        poison: list[str] = []
        done: list[Practice] = []
        for place, ((fate, body), practice) in enumerate(zip(batch, jobs.practices, strict=False)):
            one = done[-1] if fate == "again" and done else practice
            named = json.dumps({"sessionId": one.session_id})
            bodies.append(
                {"misshapen": body, "unknown": json.dumps({"sessionId": new_id()})}.get(fate, named)
            )
            if fate in {"misshapen", "unreadable"}:
                poison.append(str(place))
            if fate == "unreadable":
                jobs.spoil(one, kind)
            elif fate in {"good", "again"}:
                done.append(one)
        found = failures(world, "feedback", bodies)
        return found == poison and all(jobs.status(one) == "completed" for one in done)

    fates: tuple[Fate, ...] = ("good", "again", "unknown", "unreadable")
    good, of = sampled(batches(OF_FEEDBACK, *fates), judge)

    figure("poison batches", "feedback", good=good, of=of)
    assert (good, of >= BATCHES) == (of, True)


def test_of_a_batch_of_rows_the_poison_comes_again_and_the_rest_is_stored(
    world: World, figure: Figure
) -> None:
    stored: list[str] = []

    def judge(batch: list[tuple[Fate, Any]]) -> bool:
        bodies, poison = [], []
        for place, (fate, body) in enumerate(batch):
            if fate == "misshapen":
                bodies.append(body)
                poison.append(str(place))
                continue
            if fate == "good" or not stored:
                stored.append(new_id())
            bodies.append(json.dumps({"usage": {**FACTS, "request_id": stored[-1], "more": place}}))
        return failures(world, "usage_log", bodies) == poison

    good, of = sampled(batches(OF_USAGE, "good", "again"), judge)

    figure("poison batches", "usage log", good=good, of=of)
    assert (good, of >= BATCHES) == (of, True)
    assert sorted(row["request_id"] for row in logged(world)) == sorted(stored)
    assert_sums_are_those_of_the_rows(world)
