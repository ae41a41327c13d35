"""What is made at import is the same in every container of one snapshot (SnapStart)."""

import ast
from pathlib import Path

import pytest

from tests.contract.template import ROOT

SOURCES = [*ROOT.glob("layers/greenroom/greenroom/**/*.py"), *ROOT.glob("functions/*/app.py")]
UNIQUE = {"SystemRandom"}  # asks the system at each call


def drawn(source: str) -> set[str]:
    """What of the module ``random`` a source uses."""
    tree = ast.parse(source)
    return {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "random"
    } | {
        name.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "random"
        for name in node.names
    }


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_nobody_draws_from_a_generator_that_a_snapshot_copies(path: Path) -> None:
    assert drawn(path.read_text(encoding="utf-8")) <= UNIQUE


def test_such_a_draw_is_seen() -> None:
    assert drawn("import random\nrandom.uniform(0, 1)") == {"uniform"}
    assert drawn("from random import choice") == {"choice"}
