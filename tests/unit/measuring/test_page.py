"""What cannot be measured here stands as it was; the rest is measured, and says with what."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from benchmarks import __main__ as bench
from benchmarks import page
from benchmarks.page import Unmeasured


def lacking(_say: object) -> str:
    raise Unmeasured("needs a machine of its own")


SECTIONS = {
    "first": SimpleNamespace(TITLE="First", section=lacking),
    "second": SimpleNamespace(TITLE="Second", section=lambda _say: "One of two. By hand."),
}


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A page of two sections, as it was."""
    file = tmp_path / "performance.md"
    monkeypatch.setattr(page, "PAGE", file)
    monkeypatch.setattr(bench, "PAGE", file)
    monkeypatch.setattr(bench, "ROOT", tmp_path)
    monkeypatch.setattr(bench, "SECTIONS", tuple(SECTIONS))
    monkeypatch.setattr(bench, "load", SECTIONS.__getitem__)
    monkeypatch.setenv("AWS_LAMBDA_LOG_LEVEL", "CRITICAL")
    monkeypatch.setenv("POWERTOOLS_LOG_LEVEL", "CRITICAL")
    page.write({"First": "As it was.", "Second": "As it was."}, ["First", "Second"])
    return file


def test_a_section_that_cannot_be_measured_is_left_as_it_was(
    written: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bench.main([]) == 0

    assert page.read()["First"] == "As it was."
    assert page.read()["Second"].startswith("One of two. By hand. Measured with Python 3.")
    assert "NOT MEASURED, left as it was: needs a machine of its own" in capsys.readouterr().out
    assert written.read_text().startswith("# Performance\n")


def test_the_others_are_left_as_they_were(written: Path) -> None:
    assert bench.main(["first"]) == 0

    assert page.read() == {"First": "As it was.", "Second": "As it was."}
    assert written.exists()
