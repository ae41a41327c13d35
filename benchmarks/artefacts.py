"""What ships, made as ``make build`` makes it, and how large it is."""

import os
import shutil
import subprocess
import sys
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Final

from benchmarks.page import ROOT, Unmeasured

LAYER: Final = ROOT / "layers" / "greenroom"
FUNCTIONS: Final = ROOT / "functions"
COMPILE: Final = ("-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash")


@dataclass(frozen=True, slots=True)
class Size:
    """One artefact: bytes as they lie unpacked, bytes of its zip, and how many files they are."""

    unzipped: int
    zipped: int
    files: int


def build_layer(folder: Path, *, architecture: str, tools: Path) -> None:
    """Make the layer in the folder; uv and Lambda's Python are found in ``tools``, too."""
    folder.mkdir()
    path = os.pathsep.join([str(tools), str(Path(sys.prefix, "bin")), os.environ["PATH"]])
    command = ["make", "--silent", "-C", str(LAYER), "build-GreenroomLayer"]
    environ = {**os.environ, "PATH": path, "ARCHITECTURE": architecture}
    subprocess.run([*command, f"ARTIFACTS_DIR={folder}"], env=environ, check=True)


def build_functions(folder: Path, python: Path) -> None:
    """Make the package of each function in a folder of its name."""
    shutil.copytree(FUNCTIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    subprocess.run([str(python), *COMPILE, "-s", str(folder), str(folder)], check=True)


def lambdas_python() -> Path:
    """Python 3.13 of this machine.

    Raises:
        Unmeasured: it has none.
    """
    ran = subprocess.run(
        ["sh", str(ROOT / "scripts" / "python.sh")],
        env={**os.environ, "WANTED": "3.13"},
        capture_output=True,
        text=True,
        check=False,
    )
    if ran.returncode:
        raise Unmeasured("needs Python 3.13, for which the functions are compiled")
    return Path(ran.stdout.strip())


def size_of(artefact: Path) -> Size:
    """How large the folder is, and its zip as SAM packs it: deflate at its usual level."""
    packed, unzipped, count = BytesIO(), 0, 0
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, strict_timestamps=False) as archive:
        for file in files_in(artefact):
            archive.write(file, file.relative_to(artefact))
            unzipped += file.stat().st_size
            count += 1
    return Size(unzipped, len(packed.getvalue()), count)


def packages_in(layer: Path) -> Counter[str]:
    """Bytes of each package in the layer, what it brings along in folders beside it included."""
    found: Counter[str] = Counter()
    for file in files_in(layer / "python"):
        top = file.relative_to(layer / "python").parts[0]
        found[top.partition(".")[0].partition("-")[0]] += file.stat().st_size
    return found


def bytecode_in(artefact: Path) -> int:
    """Bytes of compiled modules."""
    return sum(file.stat().st_size for file in files_in(artefact) if file.suffix == ".pyc")


def files_in(artefact: Path) -> Iterator[Path]:
    """Every file, in the same order everywhere."""
    return iter(sorted(path for path in artefact.rglob("*") if path.is_file()))
