"""The whole laptop cloud as a process: it starts, refuses clearly, and leaves nothing behind."""

import json
import os
import random
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import pytest

from local.configuration import ADDRESSES_FILE
from local.engine import ROOT, _npm_binary
from tests.unit.local.clouds import FIXTURE, until
from tests.unit.local.test_engine import _alive

installed = pytest.mark.skipif(not _npm_binary().is_file(), reason="dynoxide is not installed")

SCRIPT = (
    "import os, sys; from pathlib import Path; from local.app import main\n"
    "sys.exit(main(os.environ, root=Path(sys.argv[1])))"
)


def free_port() -> int:
    """A port that is free, and below those that any connection is given by chance."""
    while True:
        with socket.socket() as probe, suppress(OSError):
            port = random.randint(20_000, 30_000)
            probe.bind(("127.0.0.1", port))
            return port


@contextmanager
def started(data_dir: Path, port: int) -> Iterator[subprocess.Popen[str]]:
    """The fixture's template, with both outside parties elsewhere."""
    environ = {
        **os.environ,
        "GREENROOM_PORT": str(port),
        "GREENROOM_DATA_DIR": str(data_dir),
        "GREENROOM_ENGINE": "dynoxide",
        "OPENAI_BASE_URL": "http://127.0.0.1:9/v1",
        "CLERK_ISSUER": "http://127.0.0.1:9",
        "SEEN_FILE": str(data_dir / "seen.jsonl"),
    }
    with subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(FIXTURE)],
        cwd=ROOT,
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def read_until(process: subprocess.Popen[str], text: str) -> str:
    """The output up to the line that contains ``text``, or all of it."""
    assert process.stdout is not None
    lines: list[str] = []
    for line in process.stdout:
        lines.append(line)
        if text in line:
            break
    return "".join(lines)


def children_of(pid: int) -> list[int]:
    """The processes that a process started (Linux)."""
    listed = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for file in listed for child in file.read_text().split()]


@installed
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_nothing_is_left_behind_and_the_next_run_starts(
    tmp_path: Path, number: signal.Signals
) -> None:
    port = free_port()
    with started(tmp_path, port) as process:
        output = read_until(process, "└")
        assert f"http://127.0.0.1:{port}" in output, output
        address = f"http://127.0.0.1:{port}"
        assert httpx.get(f"{address}/api/things", trust_env=False).status_code == 200
        children = children_of(process.pid)
        assert len(children) >= 2
        addresses = json.loads((tmp_path / ADDRESSES_FILE).read_text())
        assert addresses["GREENROOM_DYNAMODB_ENDPOINT"].startswith("http://127.0.0.1:")

        process.send_signal(number)
        code = process.wait(20)

    assert code == (0 if number != signal.SIGKILL else -signal.SIGKILL)
    assert (tmp_path / ADDRESSES_FILE).exists() is (number == signal.SIGKILL)
    until(lambda: not any(_alive(child) for child in children))
    with started(tmp_path, port) as again:
        assert "└" in read_until(again, "└")


@installed
def test_a_taken_port_and_a_taken_data_folder_are_refused_clearly(tmp_path: Path) -> None:
    port = free_port()
    with started(tmp_path, port) as first:
        assert "└" in read_until(first, "└")

        with started(tmp_path / "other", port) as second:
            output = read_until(second, "never")
            assert second.wait(10) == 1
            assert f"port {port} is taken" in output
        with started(tmp_path, free_port()) as third:
            output = read_until(third, "never")
            assert third.wait(10) == 1
            assert "another run uses the data folder" in output
