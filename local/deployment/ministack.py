"""ministack as the whole of AWS, under the Python that Lambda runs, with roles enforced."""

import contextlib
import os
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from local.engine import ROOT
from local.knock import knock
from local.parties import CannotStart
from local.processes import start_child

HOME = ROOT / ".venv-ministack-3.13"
"""ministack runs functions by its own interpreter, whatever ``Runtime`` says."""

START_LIMIT_S = 60.0
STOP_LIMIT_S = 20.0

_KEPT = ("HOME", "LANG", "NO_PROXY", "PATH", "no_proxy")
"""Functions inherit ministack's variables, so that it gets none that would set the product."""


@contextmanager
def running(scratch: Path, *, log_file: Path) -> Iterator[str]:
    """Run ministack until the block ends: its address. Everything that it writes is in ``scratch``.

    Raises:
        CannotStart: it is not installed, or does not answer.
    """
    binary = HOME / "bin" / "ministack"
    if not binary.exists():
        raise CannotStart(f"{binary} is missing: make deploy-local installs it")
    port = _free_port()
    scratch.mkdir(parents=True, exist_ok=True)
    environ = {name: os.environ[name] for name in _KEPT if name in os.environ}
    environ |= {
        "GATEWAY_PORT": str(port),
        "BIND_HOST": "127.0.0.1",
        "LAMBDA_EXECUTOR": "local",
        # Each function is its role and nothing more: what its policies do not grant is denied.
        "AUTH": "true",
        "TMPDIR": str(scratch),
    }
    child = start_child(
        "ministack",
        [str(binary)],
        environ=environ,
        log_file=log_file,
        cwd=HOME,
        death_signal=signal.SIGTERM,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + START_LIMIT_S
        while knock(f"{address}/_ministack/health") is None:
            if not child.alive or time.monotonic() > deadline:
                raise CannotStart(f"ministack did not answer; its log: {log_file}")
            time.sleep(0.1)
        yield address
    finally:
        child.stop(patience_s=STOP_LIMIT_S)
        # Workers of functions are in its group; one that hangs must not outlive it.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.process.pid, signal.SIGKILL)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
