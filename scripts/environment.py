"""Makes a virtual environment hold exactly what uv.lock says, and does nothing if it does.

    environment.py .venv local test        the product's dependencies and these groups
    environment.py .venv-sam --only sam    these groups alone

uv comes from the package index that pip is configured for, checked against the lock like
everything else. Groups add up: asking for fewer than are installed removes nothing.
Standard library only, since it runs before anything is installed.
"""

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import tomllib
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "uv.lock"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", type=Path)
    parser.add_argument("groups", nargs="+")
    parser.add_argument("--only", action="store_true", help="without the product's dependencies")
    asked = parser.parse_args()

    folder: Path = asked.folder.absolute()
    lock = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    state = folder / "greenroom.json"
    before = json.loads(state.read_text()) if state.exists() else {}
    groups = set(asked.groups) | (set(before.get("groups", ())) if folder.exists() else set())
    if before == {"lock": lock, "groups": sorted(groups)} and runs(folder):
        return

    if not before or not runs(folder):
        print(f"Making {folder.name} with Python {sys.version.split()[0]}", flush=True)
        venv.create(folder, clear=True, with_pip=True)
    print(f"Installing {', '.join(sorted(groups))} into {folder.name}", flush=True)
    state.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        install(folder, sorted(groups), only=asked.only, scratch=Path(scratch))
    state.write_text(json.dumps({"lock": lock, "groups": sorted(groups)}))


def runs(folder: Path) -> bool:
    """Whether the environment is there and its interpreter still is."""
    python = folder / "bin" / "python"
    return python.exists() and subprocess.run([python, "-c", ""], check=False).returncode == 0


def install(folder: Path, groups: list[str], *, only: bool, scratch: Path) -> None:
    """Install the locked packages of these groups, each checked against its hash."""
    python = folder / "bin" / "python"
    environ = environment_of_uv(python)
    uv = install_uv(python, scratch)
    flag = "--only-group" if only else "--group"
    requirements = scratch / "requirements.txt"
    chosen = [part for group in groups for part in (flag, group)]
    export = [
        str(uv),
        "export",
        "--quiet",
        "--frozen",
        "--no-default-groups",
        "--no-header",
        *chosen,
    ]
    subprocess.run([*export, "-o", str(requirements)], check=True, cwd=ROOT, env=environ)
    sync = [str(uv), "pip", "sync", "--quiet", "--require-hashes", "--python", str(python)]
    subprocess.run([*sync, str(requirements)], check=True, cwd=ROOT, env=environ)


def install_uv(python: Path, scratch: Path) -> Path:
    """Let pip install the locked uv, and return its path."""
    locked = next(p for p in tomllib.loads(LOCK.read_text())["package"] if p["name"] == "uv")
    hashes = [f"--hash={wheel['hash']}" for wheel in locked["wheels"]]
    wanted = scratch / "uv.txt"
    wanted.write_text(" ".join([f"uv=={locked['version']}", *hashes]) + "\n")
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    checked = ["--require-hashes", "--only-binary", ":all:"]
    subprocess.run([*pip, *checked, "-r", str(wanted)], check=True)
    return python.with_name("uv")


def environment_of_uv(python: Path) -> dict[str, str]:
    """The environment for uv: the index and the certificates that pip is told to use.

    uv has its own variables and files and does not read pip's. What is said to uv wins.
    """
    environ = dict(os.environ)
    listed = subprocess.run(
        [python, "-m", "pip", "config", "list"], check=False, capture_output=True, text=True
    )
    told = {}
    for line in listed.stdout.splitlines():
        name, _, value = line.partition("=")
        told[name.rpartition(".")[2]] = value.strip("'\"")
    if "index-url" in told and "UV_INDEX_URL" not in environ:
        environ.setdefault("UV_DEFAULT_INDEX", told["index-url"])
    if "cert" in told:
        environ.setdefault("SSL_CERT_FILE", told["cert"])
    environ.pop("VIRTUAL_ENV", None)
    return environ


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as failure:
        sys.exit(f"{Path(failure.cmd[0]).name} failed ({failure.returncode}); see above.")
