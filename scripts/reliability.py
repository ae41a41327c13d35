"""Runs the long versions of the tests that prove something, and writes docs/reliability.md.

    reliability.py                    all of them, an hour or more on two cores
    reliability.py tests/security     those of some files, whose figures replace the ones before
    reliability.py tests/golden       the golden requests, for which it deploys the template (3.13)

A figure is what a test noted (tests/figures.py): x of N. The page keeps the figures of files that
a run left out. The result is 1 when a figure falls short, or a test failed.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TypedDict

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "reliability.md"
FIGURES = ROOT / "docs" / "reliability.json"
GOLDEN = "tests/golden"
TEST_TIMEOUT_S = 3600

TEXT = """\
# Reliability

What was proved about the product, as figures: x of N. `make reliability` runs the long versions of
the tests that note them, and writes this page; `make test` runs shorter ones of all but the golden
requests, and prints its figures at the end. Each figure can be had alone by the command beside it.
Counts, not times: they are the same on every machine, but for runs that threads take part in.

{summary}

{parts}"""

PYTEST = [sys.executable, "-m", "pytest", "-n", "2", "--dist", "loadgroup", "--only-figures"]
PYTEST += [f"--timeout={TEST_TIMEOUT_S}", "-v", "--no-header"]


class Found(TypedDict):
    """One figure of a run."""

    name: str
    part: str
    good: int
    of: int
    files: list[str]


def main(paths: list[str]) -> int:
    """Run, merge with what the page says of other files, write, and print the table."""
    sys.path.insert(0, str(ROOT))
    from tests.figures import NAMES  # noqa: PLC0415 (the repository is no installed package)

    golden = [path for path in paths if path.startswith(GOLDEN)]
    others = [path for path in paths if path not in golden]
    failed, found = False, list[Found]()
    for wanted, command in (
        (others or not paths, [*PYTEST, f"--ignore={GOLDEN}", *others]),
        (golden or not paths, ["make", "deploy-local"]),
    ):
        if wanted:
            ended, figures = run(command)
            failed |= ended != 0
            found += figures
    before: list[Found] = json.loads(FIGURES.read_text()) if FIGURES.exists() else []
    figures = merged(before, found, order=list(NAMES))
    FIGURES.write_text(json.dumps(figures, indent=1) + "\n")
    PAGE.write_text(page(figures, NAMES))
    print(summary(figures, NAMES))
    short = [one for one in figures if one["good"] < one["of"]]
    for one in short:
        print(f"falls short: {one['name']}: {one['part']}: {one['good']} of {one['of']}")
    return 1 if failed or short else 0


def run(command: list[str]) -> tuple[int, list[Found]]:
    """Run the long versions, with their progress on the screen: the exit code, and the figures."""
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch) / "figures.json"
        option = f"--figures={file}"
        command = [*command, option if command[0] != "make" else f"ARGS={option}"]
        environ = os.environ | {"THOROUGH": "1"}
        ended = subprocess.run(command, cwd=ROOT, env=environ, check=False)
        return ended.returncode, json.loads(file.read_text()) if file.exists() else []


def merged(before: list[Found], found: list[Found], *, order: list[str]) -> list[Found]:
    """The new figures, and the old ones of files that were not run and are still there."""
    run_again = {file for one in found for file in one["files"]}
    kept = [
        one
        for one in before
        if one["name"] in order
        and not run_again & set(one["files"])
        and all((ROOT / file).exists() for file in one["files"])
    ]
    return sorted([*kept, *found], key=lambda one: (order.index(one["name"]), one["part"]))


def page(figures: list[Found], names: dict[str, str]) -> str:
    """The page, as markdown."""
    parts = []
    for name, what in names.items():
        rows = [one for one in figures if one["name"] == name]
        if not rows:
            continue
        files = sorted({file for one in rows for file in one["files"]})
        parts += [f"## {name.capitalize()}", "", f"{what.capitalize()}:", ""]
        parts += ["| part | figure |", "|---|---|"]
        parts += [f"| {one['part']} | {one['good']:,} of {one['of']:,} |" for one in rows]
        parts += ["", "```sh", f'make reliability ARGS="{" ".join(files)}"', "```", ""]
    return TEXT.format(summary=summary(figures, names), parts="\n".join(parts))


def summary(figures: list[Found], names: dict[str, str]) -> str:
    """One row for each acceptance; one without a figure says so."""
    rows = ["| acceptance | figure | what is counted |", "|---|---|---|"]
    for name, what in names.items():
        good = sum(one["good"] for one in figures if one["name"] == name)
        of = sum(one["of"] for one in figures if one["name"] == name)
        rows.append(f"| {name} | {f'{good:,} of {of:,}' if of else 'not measured'} | {what} |")
    return "\n".join(rows)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
