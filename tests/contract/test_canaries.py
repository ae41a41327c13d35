"""The canaries of the whole suite sing: what must not be written is found where it is."""

import base64
import subprocess
import sys
from pathlib import Path

import pytest

from tests.canaries import leaks, leaks_of_problem
from tests.contract.template import ROOT
from tests.practice import turn
from tests.world import API_KEY, SECRETS

LINE = '{{"level":"INFO","service":"greenroom","words":"{}"}}'


@pytest.mark.parametrize("name", sorted(SECRETS))
def test_each_secret_is_found_anywhere(name: str) -> None:
    assert name in leaks(f"printed by somebody: {SECRETS[name]}!")
    assert name in leaks_of_problem(SECRETS[name])


def test_the_bytes_behind_a_key_in_base64_are_found_too() -> None:
    plain = base64.b64decode(SECRETS["WIDGET_SIGNING_KEYS"].partition(":")[2]).decode()

    assert leaks(plain) == {"WIDGET_SIGNING_KEYS"}


@pytest.mark.parametrize(
    ("written", "what"),
    [
        ("eyJhbGciOiJSUzI1NiJ9.e30.x", "a session token"),
        ("g1.k1." + "A" * 80, "a sealed token"),
        ("k1.wAzm-" + "a" * 90, "a sealed token"),
        ("somebody.else+x@example.org", "an e-mail address"),
        (turn(1)["content"], "a transcript"),
        ("a=ice-ufrag:abcd", "an offer"),
        ("You are an AI interviewer. You", "the interviewer's prompt"),
    ],
)
def test_what_people_say_and_send_is_found_in_lines_of_the_product(written: str, what: str) -> None:
    assert what in leaks(LINE.format(written))
    assert what in leaks_of_problem(written)
    assert leaks(f"a test may print {written}") == set()


def test_a_metric_that_the_page_does_not_explain_is_found() -> None:
    blob = '{{"service":"greenroom","Metrics":[{{"Name":"{}","Unit":"Count"}}]}}'

    assert leaks(blob.format("Surprises")) == {"metric Surprises"}
    assert leaks(blob.format("ColdStart")) == set()


def test_an_ordinary_line_holds_nothing() -> None:
    assert (
        leaks(LINE.format("a session was made for 0190-… at https://app.greenroom.test")) == set()
    )


def test_a_test_that_writes_a_secret_fails_though_it_passes(tmp_path: Path) -> None:
    """In a run of its own, with the hook as the suite has it."""
    (tmp_path / "test_it.py").write_text(
        f"def test_silent(): pass\n\n\ndef test_loud(): print({API_KEY!r})\n"
    )

    plugins = ["-p", "no:cacheprovider", "-p", "tests.canaries"]
    places = ["-c", str(ROOT / "pyproject.toml"), "--rootdir", str(tmp_path), str(tmp_path)]
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *plugins, *places],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert "2 passed, 1 error" in run.stdout
    assert "test_loud has written: OPENAI_API_KEY" in run.stdout
