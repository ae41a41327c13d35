"""Locks the dependencies, and writes uv.lock without the address of any package index.

    lock.py                            lock again, keeping every version that still fits
    lock.py --upgrade-package boto3    as above, but take the newest boto3
    lock.py --check                    does uv.lock fit pyproject.toml? (offline)

uv records which index a package came from. That is a fact about the machine that locked, not
about the product: the hashes alone say what may be installed, from whichever index the
installing machine uses. So addresses are replaced by one that leads nowhere.
"""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "uv.lock"
LAYER = ROOT / "layers" / "greenroom" / "requirements.txt"
NOWHERE = "https://registry.invalid"


def main(arguments: list[str]) -> int:
    if arguments == ["--check"]:
        if drifted():
            print("uv.lock or the layer's requirements.txt is not up to date: run make lock")
            return 1
        return 0
    done = uv("lock", *arguments)
    if done.returncode == 0:
        LOCK.write_text(without_addresses(LOCK.read_text()))
        LAYER.write_text(requirements_of_the_layer())
    return done.returncode


def drifted() -> bool:
    """Whether a file that is made from pyproject.toml is not what it would be made to be."""
    nowhere = ("--default-index", f"{NOWHERE}/simple")
    if uv("lock", "--check", "--offline", *nowhere).returncode:
        return True
    lock = LOCK.read_text()
    return lock != without_addresses(lock) or LAYER.read_text() != requirements_of_the_layer()


def requirements_of_the_layer() -> str:
    """What the Lambda layer ships: the product's own dependencies, with their hashes."""
    exported = uv("export", "--frozen", "--no-default-groups", "--no-header", "--no-annotate")
    exported.check_returncode()
    return f"# Made from uv.lock by make lock.\n{exported.stdout}"


def uv(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the uv of this environment on the project."""
    program = str(Path(sys.executable).with_name("uv"))
    command = [program, *arguments, "--quiet", "--project", str(ROOT), "--no-python-downloads"]
    return subprocess.run(command, check=False, stdout=subprocess.PIPE, text=True)


def without_addresses(lock: str) -> str:
    """The lock file with each index and each file at an address that leads nowhere."""
    lock = re.sub(r'registry = "https?://[^"]+"', f'registry = "{NOWHERE}/simple"', lock)
    return re.sub(r'url = "https?://[^"]*/([^"/]+)"', rf'url = "{NOWHERE}/\1"', lock)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
