"""Child processes that write to a log file and never outlive us."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

LEASH = Path(__file__).with_name("leash.py")


def leashed(command: Sequence[str], *, death_signal: int = signal.SIGKILL) -> list[str]:
    """The command line that runs ``command`` and ends it when this process ends."""
    # -I -S: the leash needs no site packages, and starts twice as fast without them.
    leash = [sys.executable, "-I", "-S", str(LEASH), str(os.getpid()), str(int(death_signal))]
    return [*leash, *command]


@dataclass(frozen=True)
class Child:
    """A running child process."""

    name: str
    process: subprocess.Popen[bytes]

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return self.process.poll() is None

    def stop(self, *, patience_s: float = 5.0) -> None:
        """End it: first politely, after ``patience_s`` seconds by force."""
        if self.alive:
            self.process.terminate()
            try:
                self.process.wait(patience_s)
            except subprocess.TimeoutExpired:
                self.kill()

    def kill(self) -> None:
        """End it by force."""
        if self.alive:
            self.process.kill()
        self.process.wait()


def start_child(
    name: str,
    command: Sequence[str],
    *,
    environ: Mapping[str, str],
    log_file: Path | None = None,
    cwd: Path | None = None,
    death_signal: int = signal.SIGKILL,
) -> Child:
    """Start a command on the leash, in a session of its own.

    A terminal's Ctrl-C reaches the foreground group only, so we decide when children end.
    """
    log = _open_log(log_file)
    try:
        process = subprocess.Popen(
            leashed(command, death_signal=death_signal),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env=dict(environ),
            cwd=cwd,
            start_new_session=True,
        )
    finally:
        if log != subprocess.DEVNULL:
            os.close(log)
    return Child(name, process)


def _open_log(log_file: Path | None) -> int:
    if log_file is None:
        return subprocess.DEVNULL
    log_file.parent.mkdir(parents=True, exist_ok=True)
    return os.open(log_file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
