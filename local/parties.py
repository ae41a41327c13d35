"""Starting the stand-ins of outside parties, and the addresses of this machine that they need."""

import errno
import importlib.util
import socket
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from http import HTTPStatus

from local.configuration import Configuration, StandIn
from local.engine import ROOT
from local.knock import knock
from local.processes import Child, start_child

STAND_IN_LIMIT_S = 30.0
"""How long a stand-in may take to answer its health check; the voice peer loads much."""


class CannotStart(Exception):
    """Something cannot start on this machine; the text says why and what to do."""


def start_stand_ins(
    configuration: Configuration, stack: ExitStack, *, say: Callable[[str], None]
) -> list[Child]:
    """Start all stand-ins side by side, then wait for each; ``stack`` ends them.

    Raises:
        CannotStart: a port is taken, or a stand-in does not answer.
    """
    started: list[tuple[StandIn, Child]] = []
    for stand_in in configuration.stand_ins:
        if importlib.util.find_spec(stand_in.module) is None:
            say(f"{stand_in.module} is missing: nothing stands in for {stand_in.title}")
            continue
        port = configuration.port + stand_in.offset
        listen(port).close()
        say(f"starting the stand-in for {stand_in.title} ...")
        arguments = ["--port", str(port), "--data-dir", str(configuration.data_dir)]
        child = start_child(
            f"the stand-in for {stand_in.title}",
            [sys.executable, "-m", stand_in.module, *arguments],
            environ=configuration.environ,
            log_file=configuration.data_dir / "logs" / f"{stand_in.name}.log",
            cwd=ROOT,
        )
        stack.callback(child.stop)
        started.append((stand_in, child))
    for stand_in, child in started:
        wait_for(child, f"{configuration.address(stand_in)}/_control/health")
    return [child for _, child in started]


def listen(port: int) -> socket.socket:
    """A socket that listens on 127.0.0.1.

    Raises:
        CannotStart: somebody else listens there.
    """
    try:
        return socket.create_server(("127.0.0.1", port), backlog=256)
    except OSError as cause:
        if cause.errno != errno.EADDRINUSE:
            raise CannotStart(f"port {port}: {cause.strerror}") from cause
        raise CannotStart(
            f"port {port} is taken. Stop what listens there, or choose another one:"
            f" GREENROOM_PORT={port + 100} make run"
        ) from cause


def wait_for(child: Child, url: str, *, limit_s: float = STAND_IN_LIMIT_S) -> None:
    """Wait until a GET of ``url`` is answered with 200.

    Raises:
        CannotStart: the child ended, or did not answer within ``limit_s``.
    """
    deadline = time.monotonic() + limit_s
    while knock(url) != HTTPStatus.OK:
        if not child.alive:
            raise CannotStart(
                f"{child.name} ended with exit code {child.process.returncode};"
                " its log is in the data folder"
            )
        if time.monotonic() > deadline:
            raise CannotStart(f"{child.name} did not answer at {url}")
        time.sleep(0.05)
