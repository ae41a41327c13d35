"""The laptop cloud and a browser in front of it, started once for all browser tests."""

import contextlib
import functools
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.kept import Keeper
from tests.browser.served import Served
from tests.browser.visit import Cloud, Visit

ROOT = Path(__file__).parents[2]
PORTS_IN_A_BLOCK = 5  # gateway, OpenAI, Clerk, Stripe, a studio's own site
CLOUD_START_MAX_S = 120
CLOUD_STOP_MAX_S = 15
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
    # Without it, gathering never ends on a machine that has only a loopback network.
    "--allow-loopback-in-peer-connection",
)


def pytest_configure(config: pytest.Config) -> None:
    """Marks are strict, and this one is of this folder only."""
    # A cold function behind a busy machine takes seconds; a wrong page stays wrong.
    expect.set_options(timeout=20_000)
    config.addinivalue_line("markers", "window(width, scheme): the browser window of a visit")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder is a browser test and may take its time."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.timeout(180))


@pytest.fixture(scope="session")
def chromium() -> str:
    """The browser's executable: ``$CHROMIUM`` or ``chromium`` on the path."""
    found = (
        os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    )
    if not found:
        pytest.skip("SKIPPED: no chromium; install it or set CHROMIUM to its path")
    return found


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    """One browser with a fake microphone."""
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """The whole product on a free block of ports, with data of its own."""
    running = os.environ.get("GREENROOM_BROWSER_TEST_PORT")
    if running:
        kept = os.environ.get("GREENROOM_DATA_DIR") or ROOT / ".local"
        yield Cloud(int(running), Path(kept))
        return
    port = _free_block()
    data = tmp_path_factory.mktemp("greenroom")
    environ = {
        **os.environ,
        "GREENROOM_PORT": str(port),
        "GREENROOM_DATA_DIR": str(data),
        "GREENROOM_VOICE_SPEED": "4",
    }
    log = data / "cloud.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "local"],
            cwd=ROOT, env=environ, stdout=output, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
        try:
            _wait_until_up(port, process, log)
            yield Cloud(port, data)
        finally:
            _stop(process)


@pytest.fixture
def visit(browser: Browser, cloud: Cloud, request: pytest.FixtureRequest) -> Iterator[Visit]:
    """A fresh person's browser window; ``@pytest.mark.window(...)`` sets width and scheme."""
    with _window(browser, request) as page:
        yield Visit(page, cloud, name=f"Robin {uuid.uuid4().hex[:8]}")


@pytest.fixture
def other_visit(browser: Browser, cloud: Cloud, request: pytest.FixtureRequest) -> Iterator[Visit]:
    """A second person in a window of their own."""
    with _window(browser, request) as page:
        yield Visit(page, cloud, name=f"Kim {uuid.uuid4().hex[:8]}")


@pytest.fixture
def third_visit(browser: Browser, cloud: Cloud, request: pytest.FixtureRequest) -> Iterator[Visit]:
    """A third person in a window of their own."""
    with _window(browser, request) as page:
        yield Visit(page, cloud, name=f"Alex {uuid.uuid4().hex[:8]}")


@pytest.fixture(scope="session")
def keeper(browser: Browser, files: str) -> Iterator[Keeper]:
    """The window that all tests share which need no back end."""
    keeper = Keeper(browser, f"{files}/icon.svg")
    yield keeper
    keeper.close()


@pytest.fixture
def served(keeper: Keeper, files: str, request: pytest.FixtureRequest) -> Iterator[Served]:
    """A signed-in person's window whose answers the test gives."""
    with keeper.lend(**size_of(request)) as window:
        yield Served(window, files)


def size_of(request: pytest.FixtureRequest) -> dict[str, Any]:
    """The width and the scheme that a test's window is to have."""
    mark = request.node.get_closest_marker("window")
    return {"width": 1280, "scheme": "light", **(mark.kwargs if mark else {})}


@contextlib.contextmanager
def _window(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    window = size_of(request)
    context = browser.new_context(
        viewport={"width": window["width"], "height": 900},
        color_scheme=window["scheme"],
        reduced_motion="reduce",  # whatever turns or fades is drawn by the processor here
    )
    context.set_default_timeout(20_000)
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    context.close()
    assert errors == [], "the page threw"


@pytest.fixture(scope="session")
def files() -> Iterator[str]:
    """The client's files on a server that knows nothing else."""
    handler = functools.partial(_QuietFiles, directory=str(ROOT / "web"))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def modules(keeper: Keeper) -> Iterator[Page]:
    """A page that can import the client's modules, without any back end."""
    with keeper.lend() as window:
        yield window.page


class _QuietFiles(SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # one connection for a page's hundred modules

    def end_headers(self) -> None:
        """No file changes while its tests run."""
        self.send_header("Cache-Control", "max-age=3600")
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the parent's name
        """Say nothing: a test run is no web server log."""


def _free_block() -> int:
    """A port that is free together with those after it."""
    for _ in range(50):
        with contextlib.ExitStack() as stack, contextlib.suppress(OSError):
            first = stack.enter_context(socket.socket())
            first.bind(("127.0.0.1", 0))
            port: int = first.getsockname()[1]
            if port + PORTS_IN_A_BLOCK > 65_000:
                continue
            for offset in range(1, PORTS_IN_A_BLOCK):
                stack.enter_context(socket.socket()).bind(("127.0.0.1", port + offset))
            return port
    raise AssertionError("no free block of ports")


def _wait_until_up(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + CLOUD_START_MAX_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        with contextlib.suppress(httpx.HTTPError):
            if httpx.get(f"http://127.0.0.1:{port}/api/config", timeout=5).is_success:
                return
        time.sleep(0.25)
    pytest.fail(f"the laptop cloud did not start:\n{log.read_text(errors='replace')[-4000:]}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGINT)
    try:
        process.wait(CLOUD_STOP_MAX_S)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
