"""Reconciliation finds nothing in the rows that the product itself writes, whatever was done."""

import os

import pytest

from tests.books import Operator
from tests.contract.test_table_doc import USE_CASES, Story
from tests.world import World

# stripe 16.1 hands its body to httpx by the old name `data`.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")


# All of them where THOROUGH is set, else some, which are the same in every run.
SOME = list(USE_CASES)[:: 1 if os.environ.get("THOROUGH") else 4]


@pytest.mark.parametrize("name", SOME)
def test_no_row_of_a_use_case_is_found_wrong(world: World, name: str) -> None:
    prepare, act = USE_CASES[name]
    story = Story(world)
    act(story, prepare(story))

    _, found = Operator(world).run("reconcile", "--no-stripe")

    assert found["rowFindings"] == []
