"""``make bench``: measures, and writes docs/performance.md section by section.

``python -m benchmarks`` measures everything, ``python -m benchmarks interview`` one section, and
leaves the others as they are. A section is a module of this package, named in ``SECTIONS`` in the
order of the page, with the two names of ``Section``: so a new one is a new module and one line.
"""

import argparse
import importlib
import logging
import os
import sys
from collections.abc import Callable
from typing import Final, Protocol, cast

from benchmarks.page import PAGE, ROOT, Unmeasured, measured_with, read, write

SECTIONS: Final = (
    "interview", "routes", "naive", "growth", "hot", "warm", "cold", "size", "load", "storm",
    "scaling",
)  # fmt: skip


class Section(Protocol):
    """What a module of a section has."""

    TITLE: str
    """The heading, which no other section has."""

    def section(self, say: Callable[[str], None]) -> str:
        """Measure, and tell what stands under the heading, as Markdown without headings of level 2.

        It tells what it does with ``say``, says with which command its figures come, and may
        write files of its own into ``docs/`` (a plot, counts as JSON). What it needs of the
        product or of tests is imported at the top of its module, which is imported when the
        level of the logs is set. ``benchmarks.worlds.a_world()`` is a world on an engine of its
        own.
        """


def load(name: str) -> Section:
    """The section of that name."""
    return cast(Section, importlib.import_module(f"benchmarks.{name}"))


def main(argv: list[str]) -> int:
    """Measure what was asked for; 0 when it could be measured."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="|".join(SECTIONS))
    names = parser.parse_args(argv).names or SECTIONS
    if unknown := set(names) - set(SECTIONS):
        parser.error(f"no section: {', '.join(sorted(unknown))}")
    # The logger is made with the level that it finds.
    os.environ["AWS_LAMBDA_LOG_LEVEL"] = os.environ["POWERTOOLS_LOG_LEVEL"] = "CRITICAL"
    logging.getLogger("greenroom.metrics").disabled = True
    order = [load(name).TITLE for name in SECTIONS]
    for name in names:
        print(f"{name} ...", flush=True)
        try:
            text = load(name).section(lambda told: print(f"  {told}", flush=True))
        except Unmeasured as lack:
            print(f"  *** NOT MEASURED, left as it was: {lack} ***", flush=True)
            continue
        text = f"{text} {measured_with()}"
        write({**read(), load(name).TITLE: text}, order)
        print(text)
    print(f"written to {PAGE.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
