"""No log line, no metric and no body of a problem holds what nobody may read, in any test.

What the tests' helpers use as secrets, tokens, addresses, words, offers and prompts is looked for
in all that a test has written to standard output and error, where handlers log, and in the problems
that the world's handlers answered. A test that wrote any of it fails, whatever else it tests.
"""

import base64
import re
from collections.abc import Generator, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from greenroom.ai import guard
from greenroom.feedback.prompt import CANARY
from tests.fakes.provider import SECRET
from tests.practice import WORDS
from tests.proxies import EXAM
from tests.world import PROBLEMS, SECRETS

PAGE = Path(__file__).parents[1] / "docs" / "operations.md"
_LINE = '"service":"greenroom"'  # of each line of the product: logs and metrics
_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+\.[a-z]{2,}", re.IGNORECASE)
_METRIC = re.compile(r'"Name":"(\w+)","Unit"')
_SEALED = re.compile(r"\bg1\.k\d+\.[\w-]{40,}")  # a session's token, which opens our exchange
_SIGNED = re.compile(r"\bk\d+\.[\w.-]{60,}")  # the link of a widget's booking

# Nowhere at all: neither in the product's lines nor in what anything else prints.
KEYS = {
    **SECRETS,
    "the provider's secret": SECRET,
    "the rubric's canary": CANARY,
    "the canary of the AI's prompts": guard.CANARY,
}
# In no line of the product: what people say and send.
PRIVATE = {
    "a session token": "eyJhbGciOi",  # {"alg": of its header; three letters are in random ids, too
    "a transcript": WORDS[:40],
    "an interviewer's words": "What did you do there?",
    "an offer": "a=ice-ufrag:",
    "a fingerprint of SDP": "a=fingerprint",
    "the interviewer's prompt": "You are an AI interviewer",
    "the coach's prompt": "careful interview coach",
    "an exam's topic": str(EXAM["topic"]),
    "a bearer": "Bearer ",
}


def _spelled(secret: str) -> Iterator[str]:
    """A secret, its parts where it is a list or has a prefix, and what base64 hides."""
    yield secret
    for part in re.split(r"[:,_]", secret):
        if len(part) < 20:
            continue
        yield part
        try:
            plain = base64.b64decode(part, validate=True).decode("ascii")
        except ValueError:
            continue
        yield plain


@cache
def _keys() -> tuple[tuple[str, str], ...]:
    return tuple((name, text) for name, secret in KEYS.items() for text in _spelled(secret))


@cache
def _metrics() -> frozenset[str]:
    """The metrics that the page explains."""
    return frozenset(re.findall(r"^\| `([A-Z]\w+)` \|", PAGE.read_text("utf-8"), re.MULTILINE))


def leaks(text: str) -> set[str]:
    """What of all that the text holds, by name."""
    found = {name for name, key in _keys() if key in text}
    for line in text.splitlines():
        if _LINE in line:
            found |= _private(line)
            found |= {f"metric {one}" for one in _METRIC.findall(line) if one not in _metrics()}
    return found


def leaks_of_problem(text: str) -> set[str]:
    """What of all that the body of a problem holds, by name."""
    return {name for name, key in _keys() if key in text} | _private(text)


def _private(text: str) -> set[str]:
    found = {name for name, words in PRIVATE.items() if words in text}
    if "@" in text and _ADDRESS.search(text):
        found.add("an e-mail address")
    if _SEALED.search(text) or _SIGNED.search(text):
        found.add("a sealed token")
    return found


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[Any]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Look at everything that a test wrote, once it is over."""
    report = yield
    if report.when == "teardown":
        written = "\n".join(text for name, text in report.sections if "log" not in name)
        found = leaks(written)
        while PROBLEMS:
            found |= leaks_of_problem(PROBLEMS.pop())
        if found:
            report.outcome = "failed"
            report.longrepr = f"{item.nodeid} has written: " + ", ".join(sorted(found))
    return report
