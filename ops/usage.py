"""Commands about the usage log: what may be missing in it, and rows that stand in a log alone."""

import argparse
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from greenroom.kernel.errors import InvalidRequest
from greenroom.wiring import Wiring
from ops.output import Output, table

LOST = "USAGE_LOG_LOST"


def verify(wired: Wiring, out: Output) -> int:
    """Which facts of a row may be missing, as origin 001 asks its database: 1 if one may not."""
    nullable = wired.log_verification.nullable()
    answers = {name: "YES" if may else "NO" for name, may in sorted(nullable.items())}
    width = max(map(len, answers))
    document = [{"field": name, "nullable": answer} for name, answer in answers.items()]
    out.result({"items": document}, [f"{name:<{width}} | {yes}" for name, yes in answers.items()])
    return 0 if all(nullable.values()) else 1


def restore(wired: Wiring, file: str, out: Output) -> int:
    """Store the rows of the lines ``USAGE_LOG_LOST`` in a file; a row that is there is left."""
    counts = {"stored": 0, "known": 0, "erased": 0, "unreadable": 0}
    for word in _words(_text_of(Path(file))):
        try:
            _, redriven = wired.redriving.take_line(word)
            counts[redriven] += 1
        except InvalidRequest:
            counts["unreadable"] += 1
    out.result(counts, table([(name, str(count)) for name, count in counts.items()]))
    return 1 if counts["unreadable"] else 0


def _text_of(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace")
    except OSError as cause:
        raise ValueError(f"{file} cannot be read: {cause.strerror}") from cause


def _words(text: str) -> Iterator[Any]:
    """The packed rows in lines of a log, each with or without something before its JSON."""
    for line in text.splitlines():
        for told in _documents(line):
            if told.get("alarm") == LOST:
                yield told.get("row")


def _documents(line: str) -> Iterator[dict[str, Any]]:
    """The JSON objects in a line; CloudWatch's own export has a line as its ``message``."""
    place = line.find("{")
    while place >= 0:
        try:
            told, end = _READER.raw_decode(line, place)
        except (ValueError, RecursionError):
            end = place + 1
        else:
            yield told
            inner = told.get("message") or told.get("@message")
            if isinstance(inner, str):
                yield from _documents(inner)
        place = line.find("{", end)


_READER = json.JSONDecoder()
COMMANDS: dict[str, Callable[[argparse.Namespace, Wiring, Output], int]] = {
    "verify": lambda _, wired, out: verify(wired, out),
    "restore": lambda words, wired, out: restore(wired, words.file, out),
}


def add_words(under: argparse.ArgumentParser) -> None:
    """The words of these commands."""
    acts = under.add_subparsers(dest="action", required=True, metavar="action")
    acts.add_parser("verify", help="which facts of a row may be missing")
    restored = acts.add_parser(
        "restore",
        help="store rows that stand in a function's log alone",
        description="Reads a file of log lines and stores the rows of those with the alarm "
        f"{LOST}, each once; other lines are passed over.",
    )
    restored.add_argument("file", help="lines of JSON, as CloudWatch exports or tails them")
