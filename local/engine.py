"""The DynamoDB engine: dynoxide on a file or in memory, ministack where that is missing.

Both isolate transactions, which moto as a server does not (measured); so neither the laptop
cloud nor a concurrency test ever uses moto.
"""

import hashlib
import os
import platform
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast, get_args

from local.knock import knock
from local.processes import Child, start_child

Kind = Literal["dynoxide", "ministack"]

ROOT = Path(__file__).parent.parent

DYNOXIDE_VERSION = "1.2.1"
DYNOXIDE_SHA256 = {
    "linux-x64": "be909b7910d3fb552e85db10ef3c8ebae4bd35fee0f26dffdb6dfa5cc656426e",
}
"""Checksum of the binary by platform; a platform that is not here uses the fallback."""

MINISTACK_HOME = ROOT / ".venv-ministack"
"""An environment of its own, because ministack pins botocore."""

START_LIMIT_S = {"dynoxide": 10.0, "ministack": 40.0}
STOP_LIMIT_S = {"dynoxide": 5.0, "ministack": 30.0}
"""ministack writes all its data when it stops: 2.7 s for 9 MB, measured."""


class EngineUnavailable(Exception):
    """No engine could be started; the text says why and what to do."""


@dataclass(frozen=True)
class Engine:
    """A DynamoDB engine that runs, or one that runs elsewhere."""

    name: str
    endpoint: str
    child: Child | None = None
    pid_file: Path | None = None
    warning: str = ""

    def stop(self) -> None:
        """Stop it, and let it write what it holds; does nothing to one that runs elsewhere."""
        if self.child is not None:
            self.child.stop(patience_s=STOP_LIMIT_S.get(self.name, 5.0))
        if self.pid_file is not None:
            self.pid_file.unlink(missing_ok=True)


def start_engine(
    kind: Kind | None = None,
    *,
    data_file: Path | None = None,
    port: int = 0,
    environ: Mapping[str, str] | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> Engine:
    """Start an engine on 127.0.0.1 and wait until it answers.

    Without ``data_file`` everything is in memory; port 0 takes a free one. Call it from a thread
    that lives as long as the engine is needed (see ``local.leash``).

    Raises:
        EngineUnavailable: it is not installed, not the file that we know, or does not answer.
    """
    environ = os.environ if environ is None else environ
    kind = kind or choose_engine(environ)
    binary = dynoxide_binary(environ) if kind == "dynoxide" else ministack_binary(progress)
    pid_file = None
    if data_file is not None:
        data_file.parent.mkdir(parents=True, exist_ok=True)
        pid_file = data_file.with_name("engine.pid")
        _end_leftover(pid_file, binary)
    port = port or _free_port()
    child = _spawn(kind, binary, port=port, data_file=data_file, environ=environ)
    warning = ""
    if kind == "ministack" and data_file is not None:
        warning = "this engine keeps data only on a clean stop (Ctrl-C); a kill loses the latest"
    engine = Engine(kind, f"http://127.0.0.1:{port}", child, pid_file, warning)
    if pid_file is not None:
        pid_file.write_text(str(child.process.pid))
    _wait_until_it_answers(engine, limit_s=START_LIMIT_S[kind])
    return engine


def choose_engine(environ: Mapping[str, str]) -> Kind:
    """The engine that ``GREENROOM_ENGINE`` names, else the best one that is installed."""
    wanted = environ.get("GREENROOM_ENGINE")
    if wanted:
        if wanted not in get_args(Kind):
            raise EngineUnavailable("GREENROOM_ENGINE must be dynoxide or ministack")
        return cast(Kind, wanted)
    installed = environ.get("GREENROOM_DYNOXIDE") or _npm_binary().is_file()
    return "dynoxide" if installed else "ministack"


def dynoxide_binary(environ: Mapping[str, str]) -> Path:
    """The dynoxide binary: ``GREENROOM_DYNOXIDE``, else the npm package, checked by checksum."""
    named = environ.get("GREENROOM_DYNOXIDE")
    if named:
        return Path(named)
    binary = _npm_binary()
    if not binary.is_file():
        raise EngineUnavailable(
            f"dynoxide is not installed for {_platform()}: run `npm ci --ignore-scripts --prefix"
            " tools`, or set GREENROOM_ENGINE=ministack"
        )
    found = hashlib.sha256(binary.read_bytes()).hexdigest()
    if found != DYNOXIDE_SHA256.get(_platform()):
        raise EngineUnavailable(
            f"{binary} is not the dynoxide {DYNOXIDE_VERSION} that this project trusts"
            f" (sha256 {found}): delete tools/node_modules and install again"
        )
    return binary


def ministack_binary(progress: Callable[[str], None]) -> Path:
    """The ministack command, installed at the first use into an environment of its own.

    Raises:
        EngineUnavailable: it could not be installed.
    """
    binary = MINISTACK_HOME / "bin" / "ministack"
    if not binary.exists():
        progress("installing the fallback engine (ministack), once ...")
    make = [sys.executable, str(ROOT / "scripts" / "environment.py")]
    made = subprocess.run(
        [*make, str(MINISTACK_HOME), "engine", "--only"],
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode or not binary.exists():
        reason = (made.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise EngineUnavailable(f"ministack could not be installed: {reason}")
    return binary


def _npm_binary() -> Path:
    return ROOT / "tools" / "node_modules" / "@dynoxide" / _platform() / "dynoxide"


def _platform() -> str:
    machine = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64", "arm64": "arm64"}
    return f"{sys.platform}-{machine.get(platform.machine().lower(), platform.machine())}"


def _spawn(
    kind: Kind, binary: Path, *, port: int, data_file: Path | None, environ: Mapping[str, str]
) -> Child:
    log_file = data_file.parent / "logs" / "engine.log" if data_file else None
    if kind == "dynoxide":
        command = [str(binary), "--host", "127.0.0.1", "--port", str(port)]
        if data_file is not None:
            command += ["--db-path", str(data_file)]
        return start_child(kind, command, environ=environ, log_file=log_file)
    variables = {**environ, "GATEWAY_PORT": str(port), "BIND_HOST": "127.0.0.1"}
    # What our own functions need would point ministack's clients at the wrong places.
    variables = {name: value for name, value in variables.items() if name != "AWS_ENDPOINT_URL"}
    if data_file is not None:
        state = data_file.parent / "ministack"
        state.mkdir(exist_ok=True)
        variables |= {"PERSIST_STATE": "1", "STATE_DIR": str(state)}
    # SIGTERM, because it keeps its data only if it may stop cleanly.
    return start_child(
        kind,
        [str(binary)],
        environ=variables,
        log_file=log_file,
        cwd=MINISTACK_HOME,
        death_signal=signal.SIGTERM,
    )


def _wait_until_it_answers(engine: Engine, *, limit_s: float) -> None:
    deadline = time.monotonic() + limit_s
    while not _answers(engine.endpoint):
        if engine.child is not None and not engine.child.alive:
            code = engine.child.process.returncode
            raise EngineUnavailable(f"{engine.name} ended at once with exit code {code}")
        if time.monotonic() > deadline:
            engine.stop()
            raise EngineUnavailable(f"{engine.name} did not answer within {limit_s:.0f} s")
        time.sleep(0.02)


def _answers(endpoint: str) -> bool:
    credential = "Credential=local/20260101/us-east-1/dynamodb/aws4_request"
    signature = f"AWS4-HMAC-SHA256 {credential}, SignedHeaders=host, Signature=0"
    headers = {
        "Authorization": signature,
        "Content-Type": "application/x-amz-json-1.0",
        "X-Amz-Target": "DynamoDB_20120810.ListTables",
    }
    return knock(endpoint, body=b"{}", headers=headers) is not None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _end_leftover(pid_file: Path, binary: Path) -> None:
    """End the engine of a killed run, where the leash of this platform has not done it yet."""
    try:
        pid = int(pid_file.read_text())
    except (OSError, ValueError):
        return
    if binary.name in _command_of(pid):
        os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + STOP_LIMIT_S["ministack"]
        while binary.name in _command_of(pid):
            if time.monotonic() > deadline:
                raise EngineUnavailable(f"process {pid} of an earlier run still holds the data")
            time.sleep(0.05)
    pid_file.unlink(missing_ok=True)


def _command_of(pid: int) -> str:
    """The command line of a process, empty if there is none."""
    proc = Path(f"/proc/{pid}/cmdline")
    if proc.parent.parent.joinpath("self").exists():
        try:
            return proc.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            return ""
    listing = subprocess.run(
        ["/bin/ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return listing.stdout.strip()
