"""A section: how large what ships is, and how much work it is to make and to test it.

What is made here is what ``make build`` makes for Lambda, arm64 as the template deploys it. The
budget is ``sizes.json`` beside this; what ``make build`` made is held to it, too.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from benchmarks.artefacts import (
    Size,
    build_functions,
    build_layer,
    bytecode_in,
    lambdas_python,
    packages_in,
    size_of,
)
from benchmarks.page import ROOT
from scripts.pace import CORES, PROMISED_S, WHOLE_S, pace_s

TITLE: Final = "Artefact sizes and build times"
BUDGET: Final = ROOT / "benchmarks" / "sizes.json"
UNZIPPED_LIMIT: Final = 262_144_000
"""AWS: a function and its layers are 250 MB at most, and one that is larger is refused by this
number (docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html)."""
LARGEST: Final = 10

TEXT: Final = """\
As `make build` makes it for Lambda (arm64, Python 3.13, from the lock), zipped as SAM does: deflate
at its usual level. The layer is in every function. AWS allows {limit:,} bytes of a function with
its layers, unzipped (docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html).

| | bytes | of them allowed | zipped | of them allowed | files |
|---|---|---|---|---|---|
| layer | {layer.unzipped:,} | {allowed[layer_unzipped]:,} | {layer.zipped:,} \
| {allowed[layer_zipped]:,} | {layer.files:,} |
| largest function | {function.unzipped:,} | {allowed[function_unzipped]:,} \
| {function.zipped:,} | | {function.files:,} |

Together they are {share:.0%} of what AWS allows. {bytecode:.0%} of the layer is bytecode, which
each cold start would have to make. `benchmarks/sizes.json` is the budget, a few percent above what
is; this measurement fails over it, and so does `make build` (tests/contract/test_layer.py). The
largest packages of the layer:

{packages}

The functions' packages, a file of ours and its bytecode each:

{functions}

How much work it is, in seconds of a core that does a fixed task in one (`scripts/pace.py`), as
measured in the same run:

{work}

Wheels come from the installer's cache. `make build` also validates the template. The tests as a
whole are not run here: `.ci/run` tells the seconds and the work of each of its steps. Promised are
`make test` in {test_s} s, `make build` in {build_s} s and all of `.ci/run` in {whole_s:,} s, on
{cores} cores that nobody else uses. What took longer is told and fails nothing, since seconds are
also those of whoever shares the machine; a run of more work than {cores} cores can do in that time
fails, since no quiet hour would help it.

By `python -m benchmarks size` (Python 3.13, make)."""


def section(say: Callable[[str], None]) -> str:
    """Build what ships, hold it to the budget, and count the work."""
    python = lambdas_python()
    tools = python.parent
    steps: dict[str, float] = {}
    with TemporaryDirectory(prefix="greenroom-size-") as folder:
        layer, functions = Path(folder, "layer"), Path(folder, "functions")
        say("building the layer for arm64")
        steps["the layer, as it ships"] = work_s(
            lambda: build_layer(layer, architecture="arm64", tools=tools)
        )
        steps["the functions' packages"] = work_s(lambda: build_functions(functions, python))
        sizes = {one.name: size_of(one) for one in sorted(functions.iterdir()) if one.is_dir()}
        size, packages = size_of(layer), packages_in(layer).most_common(LARGEST)
        bytecode = bytecode_in(layer)
    hold_to_budget(size, sizes)
    say("running the unit tests")
    told: list[str] = []
    seconds = work_s(lambda: told.append(_unit_tests()))
    steps[f"{told[0]} unit tests"] = seconds
    largest = max(sizes.values(), key=lambda one: one.unzipped)
    return TEXT.format(
        limit=UNZIPPED_LIMIT,
        layer=size,
        allowed=budget(),
        function=largest,
        share=(size.unzipped + largest.unzipped) / UNZIPPED_LIMIT,
        bytecode=bytecode / size.unzipped,
        packages=_packages(packages, size),
        functions=_functions(sizes),
        work=_work(steps, pace_s()),
        test_s=PROMISED_S["make test"],
        build_s=PROMISED_S["make build"],
        whole_s=WHOLE_S,
        cores=CORES,
    )


def budget() -> dict[str, int]:
    """The most bytes that are allowed."""
    allowed: dict[str, int] = json.loads(BUDGET.read_text(encoding="utf-8"))
    return allowed


def over(
    layer: Size, functions: Mapping[str, Size], *, allowed: Mapping[str, int]
) -> Sequence[str]:
    """What is larger than it may be, with both figures."""
    held = [
        ("the layer, unzipped", layer.unzipped, allowed["layer_unzipped"]),
        ("the layer, zipped", layer.zipped, allowed["layer_zipped"]),
    ]
    held += [
        (f"{name}, unzipped", one.unzipped, allowed["function_unzipped"])
        for name, one in functions.items()
    ]
    return [
        f"{what}: {found:,} bytes, {most:,} allowed" for what, found, most in held if found > most
    ]


def hold_to_budget(layer: Size, functions: Mapping[str, Size]) -> None:
    """Raises SystemExit that names each artefact that is over its budget."""
    if found := over(layer, functions, allowed=budget()):
        raise SystemExit("over budget: " + "; ".join(found))


def work_s(run: Callable[[], object]) -> float:
    """The seconds of cores that the processes took which it started."""
    before = os.times()
    run()
    after = os.times()
    return (
        after.children_user + after.children_system - before.children_user - before.children_system
    )


def _unit_tests() -> str:
    """Run them one after another, with the log as they expect it; how many passed."""
    quiet = {"AWS_LAMBDA_LOG_LEVEL", "POWERTOOLS_LOG_LEVEL"}
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "tests/unit"],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if name not in quiet},
        capture_output=True,
        text=True,
        check=False,
    )
    passed = re.search(r"(\d+) passed", ran.stdout)
    if ran.returncode or passed is None:
        raise SystemExit(f"the unit tests failed:\n{ran.stdout[-2000:]}{ran.stderr[-2000:]}")
    return f"{int(passed[1]):,}"


def _packages(packages: Sequence[tuple[str, int]], layer: Size) -> str:
    lines = ["| package | bytes | of the layer |", "|---|---|---|"]
    lines += [f"| {name} | {size:,} | {size / layer.unzipped:.0%} |" for name, size in packages]
    return "\n".join(lines)


def _functions(sizes: Mapping[str, Size]) -> str:
    lines = ["| function | bytes | zipped |", "|---|---|---|"]
    lines += [f"| {name} | {one.unzipped:,} | {one.zipped:,} |" for name, one in sizes.items()]
    return "\n".join(lines)


def _work(steps: Mapping[str, float], pace: float) -> str:
    lines = ["| | work |", "|---|---|"]
    lines += [f"| {name} | {s / pace:.1f} |" for name, s in steps.items()]
    return "\n".join(lines)
