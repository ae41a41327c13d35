"""docs/reliability.md says what was proved: every acceptance, by tests that are still there."""

import json
from pathlib import Path

import pytest

from scripts import reliability
from scripts.reliability import Found
from tests.figures import NAMES

ROOT = Path(__file__).parents[2]
FIGURES: list[Found] = json.loads(reliability.FIGURES.read_text(encoding="utf-8"))


def found(name: str, part: str, file: str, *, good: int = 1, of: int = 1) -> Found:
    return {"name": name, "part": part, "good": good, "of": of, "files": [file]}


def test_the_page_is_made_of_the_figures() -> None:
    """Whoever writes a figure by hand is found out."""
    assert reliability.PAGE.read_text(encoding="utf-8") == reliability.page(FIGURES, NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_every_acceptance_was_measured_and_holds(name: str) -> None:
    figures = [one for one in FIGURES if one["name"] == name]

    assert figures
    assert [one for one in figures if one["good"] != one["of"]] == []


def test_a_figure_names_files_whose_tests_note_one() -> None:
    for one in FIGURES:
        assert one["files"]
        for file in one["files"]:
            assert "figure: Figure" in (ROOT / file).read_text(encoding="utf-8"), one


def test_a_run_of_some_files_replaces_their_figures_alone() -> None:
    here, other = "tests/figures.py", "tests/world.py"
    before = [found("bank", "reads", here), found("webhooks", "stripe", other)]

    after = reliability.merged(before, [found("bank", "all reads", here)], order=list(NAMES))

    assert after == [found("bank", "all reads", here), found("webhooks", "stripe", other)]


def test_figures_of_tests_and_of_acceptances_that_are_gone_are_forgotten() -> None:
    gone = [found("bank", "reads", "tests/gone.py"), found("luck", "reads", "tests/world.py")]

    assert reliability.merged(gone, [], order=list(NAMES)) == []


def test_the_summary_adds_parts_up_and_says_what_is_missing() -> None:
    figures = [
        found("bank", "one", "tests/world.py", good=2, of=3),
        found("bank", "two", "tests/world.py", good=1_000, of=1_000),
    ]

    table = reliability.summary(figures, {"bank": "reads", "redrive": "messages"})

    assert "| bank | 1,002 of 1,003 | reads |" in table
    assert "| redrive | not measured | messages |" in table
