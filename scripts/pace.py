"""Times the steps of .ci/run, and says whether they kept what is promised.

    pace.py run steps.tsv make check     runs the command and notes its times in the file
    pace.py tell steps.tsv               tells them; 1 where two cores cannot keep the promise

Seconds depend on who else uses the machine, so that one over its limit is told and fails nothing.
Work does not: the seconds of cores that the steps took, by those that a fixed task takes on the
same machine in the same run. Where all the work is more than two cores can do in the time of a
whole run, no quiet hour helps, and that fails. Standard library only: it runs before anything is
installed.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

CORES = 2
WHOLE_S = 25 * 60
PROMISED_S = {"make test": 5 * 60, "make build": 3 * 60}
ROUNDS = 160_000  # a second of a core of the machine that the promises were made on


@dataclass(frozen=True)
class Step:
    """What one command took: seconds on the clock, and seconds of cores, its children included."""

    name: str
    elapsed_s: float
    work_s: float


def main(argv: Sequence[str]) -> int:
    match argv:
        case ["run", file, *command] if command:
            return run(Path(file), command)
        case ["tell", file]:
            lines = Path(file).read_text(encoding="utf-8").splitlines()
            return tell([Step(**json.loads(line)) for line in lines], pace_s=pace_s())
    raise SystemExit(__doc__)


def run(file: Path, command: Sequence[str]) -> int:
    """Run one step and note it; its result is the command's."""
    step, result = timed(" ".join(command), command)
    with file.open("a", encoding="utf-8") as steps:
        print(json.dumps(vars(step)), file=steps)
    return result


def timed(name: str, command: Sequence[str], **options: object) -> tuple[Step, int]:
    """What a command takes, and its result."""
    began_s, before = time.monotonic(), os.times()
    result = subprocess.run(command, check=False, **options).returncode  # type: ignore[call-overload]
    after = os.times()
    work_s = after.children_user + after.children_system
    work_s -= before.children_user + before.children_system
    return Step(name, time.monotonic() - began_s, work_s), result


def tell(steps: Sequence[Step], *, pace_s: float) -> int:
    """Print each step, and what is over its limit; 1 where the whole cannot keep the promise."""
    print(f"{'':32} seconds   work  (work: seconds of a core that does the fixed task in one)")
    for step in steps:
        print(f"{step.name[:32]:32} {step.elapsed_s:7.0f} {step.work_s / pace_s:6.0f}")
    elapsed_s = sum(step.elapsed_s for step in steps)
    work = sum(step.work_s for step in steps) / pace_s
    print(f"{'all of it':32} {elapsed_s:7.0f} {work:6.0f}")
    for told in slow([*steps, Step("all of it", elapsed_s, 0)]):
        print(f"*** SLOWER THAN PROMISED: {told}; no failure, the machine may be busy ***")
    if work > CORES * WHOLE_S:
        print(f"*** TOO MUCH WORK: {work:.0f}, and {CORES} cores do {CORES * WHOLE_S} ***")
        return 1
    return 0


def slow(steps: Sequence[Step]) -> Iterator[str]:
    """What took longer than promised on a machine that does nothing else."""
    limits_s = {**PROMISED_S, "all of it": WHOLE_S}
    for step in steps:
        limit_s = limits_s.get(step.name)
        if limit_s is not None and step.elapsed_s > limit_s:
            yield f"{step.name} took {step.elapsed_s:.0f} s, promised are {limit_s} s"


def pace_s() -> float:
    """The seconds of a core that the fixed task takes here: texts, numbers, JSON."""
    return median(_task_s() for _ in range(3))


def _task_s() -> float:
    began_s = time.process_time()
    words: dict[str, int] = {}
    for number in range(ROUNDS):
        text = json.dumps({"number": number, "words": [str(number % 997)] * 8})
        for word in json.loads(text)["words"]:
            words[word] = words.get(word, 0) + 1
    return time.process_time() - began_s


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
