"""Run a command that never outlives the process that started it, not even its ``kill -9``.

Run by path: ``python leash.py <parent pid> <signal number> <command> [argument ...]``. On Linux the
kernel sends the signal (``prctl(PR_SET_PDEATHSIG)``, which survives ``exec``); elsewhere this
process stays and watches. Linux ties the leash to the *thread* that starts the child, so
children are started from threads that live as long as the process.
"""

import ctypes
import os
import signal
import subprocess
import sys
import time

PR_SET_PDEATHSIG = 1
"""``linux/prctl.h``."""

POLL_S = 0.2
"""How soon an orphan is noticed where the kernel does not tell."""

PATIENCE_S = 10.0
"""How long a watched child may take to obey a signal before it is killed."""


def run_on_leash(parent: int, death_signal: int, command: list[str]) -> int:
    """Become the command (Linux), or run it and watch; the exit code in the second case."""
    if not sys.platform.startswith("linux"):
        return _watch(parent, death_signal, command)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_PDEATHSIG, death_signal, 0, 0, 0) != 0:
        return _watch(parent, death_signal, command)
    if os.getppid() != parent:
        # The parent died before the leash was on.
        return 1
    return os.execvp(command[0], command)  # noqa: S606 - no shell, on purpose


def _watch(parent: int, death_signal: int, command: list[str]) -> int:
    child = subprocess.Popen(command, close_fds=False)
    for forwarded in (signal.SIGTERM, signal.SIGINT):
        signal.signal(forwarded, lambda number, _: child.send_signal(number))
    while child.poll() is None:
        if os.getppid() != parent:
            return _end(child, death_signal)
        time.sleep(POLL_S)
    return child.returncode


def _end(child: subprocess.Popen[bytes], death_signal: int) -> int:
    child.send_signal(death_signal)
    try:
        return child.wait(PATIENCE_S)
    except subprocess.TimeoutExpired:
        child.kill()
        return child.wait()


if __name__ == "__main__":
    sys.exit(run_on_leash(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]))
