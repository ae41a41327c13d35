"""docs/performance.md: an introduction, and sections that are measured one by one."""

import json
import os
import platform
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
PAGE: Final = ROOT / "docs" / "performance.md"

INTRODUCTION: Final = """\
# Performance

Counts, not times, wherever it can be: they are the same on every machine. `make bench` measures
them and writes this page, `make bench ARGS=<section>` one section of it; each section is a module
of `benchmarks/`, which its last line names.
"""


class Unmeasured(Exception):
    """A section cannot be measured on this machine; the words say what it lacks."""


def read() -> dict[str, str]:
    """What stands under each heading now."""
    parts = PAGE.read_text(encoding="utf-8").split("\n## ")[1:]
    return {title: text.strip("\n") for title, _, text in (one.partition("\n") for one in parts)}


def write(texts: Mapping[str, str], order: Sequence[str]) -> None:
    """Write the sections that are known, in their order; headings that are not are dropped."""
    PAGE.write_text(page(texts, order), encoding="utf-8")


def measured_with() -> str:
    """The versions and the machine, as the last sentence of a section."""
    engine = json.loads((ROOT / "tools" / "package.json").read_text())["optionalDependencies"]
    (dynoxide,) = engine.values()
    libraries = f"botocore {version('botocore')}, PynamoDB {version('pynamodb')}"
    machine = f"{os.cpu_count()} cores ({platform.system()}, {platform.machine()})"
    python = f"Python {platform.python_version()}"
    return f"Measured with {python}, {libraries} and dynoxide {dynoxide} on {machine}."


def page(texts: Mapping[str, str], order: Sequence[str]) -> str:
    """The whole page."""
    parts = [f"## {title}\n\n{texts[title].strip()}\n" for title in order if title in texts]
    return "\n".join([INTRODUCTION, *parts])
