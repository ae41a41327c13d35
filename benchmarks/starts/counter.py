"""Counts the instructions of starts: what ships, from the layer, and programs beside it."""

import json
import os
import platform
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, Final

from benchmarks.artefacts import COMPILE, build_functions, build_layer
from benchmarks.page import Unmeasured

HERE: Final = Path(__file__).parent
MACHINES: Final = {"aarch64": "arm64"}  # as AWS calls them


@dataclass(frozen=True, slots=True)
class Start:
    """Instructions of one cold start."""

    imported: int
    answered: int

    @property
    def whole(self) -> int:
        """Both."""
        return self.imported + self.answered


class Counter:
    """Counts in a folder of its own; ``python`` is Lambda's, with the libraries to compare with.

    Raises:
        Unmeasured: valgrind or that Python is missing.
    """

    def __init__(self, folder: Path, python: Path) -> None:
        if not python.exists() or shutil.which("valgrind") is None:
            raise Unmeasured("needs valgrind and Python 3.13")
        self._folder = folder
        self._python = python
        self._bare = _said([str(python), "-c", "import sys; print(sys._base_executable)"])

    def build(self) -> None:
        """Make layer and functions as ``make build`` does, and compile what is beside them."""
        machine = MACHINES.get(platform.machine(), platform.machine())
        build_layer(self._folder / "layer", architecture=machine, tools=self._python.parent)
        build_functions(self._folder / "functions", self._python)
        library = self._python.parents[1] / "lib"
        _said([str(self._python), *COMPILE, str(library)])

    def count(self, name: str, event: Any, environ: Mapping[str, str]) -> Start:
        """The start of an event's function, or of the program of that name beside this one.

        Raises:
            RuntimeError: it did not start, or its answer is no good one.
        """
        function, _, asked = name.partition("/")
        if asked:
            path = [self._folder / "functions" / function, self._folder / "layer" / "python"]
            return self._count(self._bare, "app", path, event, environ)
        return self._count(str(self._python), name, [HERE], event, environ)

    def _count(
        self, python: str, module: str, path: list[Path], event: Any, environ: Mapping[str, str]
    ) -> Start:
        folder = Path(mkdtemp(dir=self._folder))
        (folder / "event.json").write_text(json.dumps(event))
        command = [
            "valgrind",
            "--tool=callgrind",
            "--dump-before=getpriority",  # the part before the first answer (once.py)
            f"--callgrind-out-file={folder}/counted",
            python,
            str(HERE / "once.py"),
            module,
            str(folder / "event.json"),
        ]
        given = {
            **environ,
            "PATH": os.environ["PATH"],
            "PYTHONPATH": os.pathsep.join(map(str, path)),
            "PYTHONHASHSEED": "0",
            "PYTHONDONTWRITEBYTECODE": "1",  # as in Lambda, where nothing is written
        }
        ran = subprocess.run(command, env=given, capture_output=True, text=True, check=False)
        answer = folder / "event.answer.json"
        if not answer.exists() or json.loads(answer.read_text()).get("statusCode", 200) >= 300:
            told = answer.read_text() if answer.exists() else ran.stderr
            raise RuntimeError(f"{module} of {path[0]}: {told}")
        return Start(_counted(folder / "counted.1"), _counted(folder / "counted"))


def _counted(part: Path) -> int:
    found = re.search(r"^summary: (\d+)$", part.read_text(), re.MULTILINE)
    if found is None:
        raise RuntimeError(f"callgrind counted nothing: {part}")
    return int(found[1])


def _said(command: list[str]) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
