"""``ops reconcile`` finds every seeded corruption of rows, repairs what follows, and is content."""

from pathlib import Path
from typing import Any

import pytest
from pynamodb.connection import Connection

from local.engine import Engine
from local.resources import Template
from ops.audit.rules import RULES
from tests.books import Operator
from tests.figures import Figure
from tests.unit.ops.row_corruptions import ROW_CORRUPTIONS, Rows
from tests.world import World

# stripe 16.1 hands its body to httpx by the old name `data`.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")

QUIET = "--no-stripe"
ROOT = Path(__file__).parents[3]
Run = tuple[int, Any]


class Aftermath:
    """One world in which each corruption hit something, and what runs said of it."""

    def __init__(self, world: World) -> None:
        world.rewire(EXPERT_SIGNUP="open")
        operator = Operator(world)
        self.places: dict[str, str] = {}
        scenes: dict[str, Rows] = {}
        for name, corruption in ROW_CORRUPTIONS.items():
            scenes[name] = Rows(world)
            self.places[name] = corruption.do(scenes[name])
        self.before = world.rows()
        self.looked = operator.run("reconcile", QUIET)
        self.after = world.rows()
        self.said = operator.say("reconcile", QUIET)[1]
        self.fixed = operator.run("reconcile", QUIET, "--fix")
        self.again = operator.run("reconcile", QUIET, "--fix")
        for name, corruption in ROW_CORRUPTIONS.items():
            if not corruption.repaired:
                scenes[name].vandal.undo()
        operator.run("reconcile", QUIET, "--fix")  # a session that is back was given back meanwhile
        self.decided = operator.run("reconcile", QUIET)

    def of(self, run: Run, name: str) -> list[dict[str, Any]]:
        """What a run found by the rule and at the place of a corruption."""
        rule, place = ROW_CORRUPTIONS[name].rule, self.places[name]
        return [one for one in run[1]["rowFindings"] if one["rule"] == rule and one["pk"] == place]


@pytest.fixture(scope="module")
def after(template: Template, engine: Engine, connection: Connection) -> Aftermath:
    return Aftermath(World(template, engine.endpoint, connection))


def test_every_rule_is_broken_by_a_corruption() -> None:
    assert {one.rule for one in ROW_CORRUPTIONS.values()} == set(RULES)


def test_the_operators_page_says_what_to_do_about_each_rule() -> None:
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")

    assert [rule for rule in RULES if f"`{rule}`" not in page] == []


def test_all_corruptions_are_found(after: Aftermath, figure: Figure) -> None:
    found = [name for name in ROW_CORRUPTIONS if after.of(after.looked, name)]

    figure("corruptions", "of rows, found", good=len(found), of=len(ROW_CORRUPTIONS))
    assert sorted(found) == sorted(ROW_CORRUPTIONS)
    assert after.looked[0] == 1


def test_what_follows_from_other_rows_is_repaired(after: Aftermath, figure: Figure) -> None:
    wanted = [name for name, one in ROW_CORRUPTIONS.items() if one.repaired]
    repaired = [
        name
        for name in wanted
        if all(one["repaired"] for one in after.of(after.fixed, name))
        and after.of(after.fixed, name)
    ]
    left = [name for name in wanted if after.of(after.again, name)]

    figure("corruptions", "of rows, repaired", good=len(repaired), of=len(wanted))
    assert repaired == wanted
    assert left == []


@pytest.mark.parametrize(
    "name", [name for name, one in ROW_CORRUPTIONS.items() if not one.repaired]
)
def test_what_a_person_has_to_decide_is_told_until_it_is_decided(
    after: Aftermath, name: str
) -> None:
    left = after.of(after.again, name)

    assert left
    assert not any(one["repaired"] for one in left)


def test_once_the_rest_is_decided_nothing_is_found(after: Aftermath, figure: Figure) -> None:
    left = after.decided[1]["rowFindings"]

    clean = len(ROW_CORRUPTIONS) - min(len(left), len(ROW_CORRUPTIONS))
    figure("corruptions", "of rows, not found again", good=clean, of=len(ROW_CORRUPTIONS))
    assert left == []
    assert after.decided[1]["findings"] == []
    assert after.decided[0] == 0


def test_looking_changes_nothing(after: Aftermath) -> None:
    assert after.after == after.before


def test_people_are_told_counts_first(after: Aftermath) -> None:
    rows = len(after.before)

    assert f"{rows} rows, " in after.said
    assert " x row_is_in_its_list\n" in after.said
    assert "TO DECIDE" in after.said
    assert "repairable" in after.said
