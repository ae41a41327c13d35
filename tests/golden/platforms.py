"""The two platforms that answer the golden requests, with the stand-ins beside each."""

import base64
import hashlib
import hmac
import os
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from local.configuration import STAND_INS, read_dotenv
from local.engine import ROOT
from local.parties import wait_for
from local.processes import start_child
from local.standins.clerk_delivery import signatures

START_LIMIT_S = 120.0
SETTLED_LIMIT_S = 240.0
POLL_S = 0.1
_KEPT = ("HOME", "LANG", "NO_PROXY", "PATH", "no_proxy")


@dataclass(frozen=True)
class Platform:
    """Where a platform answers, and where its stand-ins and keys are."""

    name: str
    port: int
    data_dir: Path

    @property
    def app(self) -> str:
        """The address of the product's routes."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def parties(self) -> dict[str, str]:
        """The address of each stand-in, by its name."""
        return {each.name: f"http://127.0.0.1:{self.port + each.offset}" for each in STAND_INS}

    def signed(self, party: str, body: bytes) -> dict[str, str]:
        """The headers with which a party signs what it delivers."""
        secret = read_dotenv(self.data_dir / "keys.env")[f"{party.upper()}_WEBHOOK_SECRETS"]
        now_s = int(time.time())
        if party == "stripe":
            signed = f"{now_s}.".encode() + body
            mac = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
            return {"Stripe-Signature": f"t={now_s},v1={mac}"}
        message_id = f"msg_{base64.b32encode(os.urandom(10)).decode().lower()}"
        return {
            "svix-id": message_id,
            "svix-timestamp": str(now_s),
            "svix-signature": signatures(body, (secret,), message_id=message_id, at_s=now_s),
        }

    def wait_for_news(self, party: str) -> None:
        """Wait until all that a party had to tell has been taken by the product.

        Raises:
            AssertionError: it was not in time; the text says what is left.
        """
        deadline = time.monotonic() + SETTLED_LIMIT_S
        while left := self._untold(party):
            assert time.monotonic() < deadline, f"{party} could not deliver {left}"
            time.sleep(POLL_S)

    def _untold(self, party: str) -> list[Any]:
        path = {"clerk": "/_control/events", "stripe": "/_control/deliveries"}[party]
        told = httpx.get(f"{self.parties[party]}{path}", trust_env=False).json()["items"]
        if party == "clerk":
            return [one for one in told if not one["delivered"]]
        return [one for one in told if one["state"] == "waiting"]


@contextmanager
def laptop(data_dir: Path, *, template: str | None = None) -> Iterator[Platform]:
    """``make run`` on free ports and without anybody's own settings, until the block ends.

    The code of functions that only another ``template`` has lies in ``data_dir / "root"``.
    """
    port = _free_ports()
    environ = {name: os.environ[name] for name in _KEPT if name in os.environ}
    environ |= {
        "GREENROOM_PORT": str(port),
        "GREENROOM_DATA_DIR": str(data_dir),
        # An empty folder's .env: the settings of whoever runs the tests are not ours.
        "PYTHONPATH": str(ROOT),
    }
    program = (
        "import os, sys; from pathlib import Path; from local.app import main;"
        f"sys.exit(main(os.environ, root=Path({str(_root(data_dir, template))!r})))"
    )
    child = start_child(
        "the laptop cloud",
        [sys.executable, "-c", program],
        environ=environ,
        log_file=data_dir / "logs" / "laptop.log",
        cwd=ROOT,
    )
    platform = Platform("laptop", port, data_dir)
    try:
        wait_for(child, f"{platform.app}/api/health", limit_s=START_LIMIT_S)
        yield platform
    finally:
        child.stop(patience_s=20)


def deployed() -> Platform | None:
    """The deployment that `make deploy-local` made, where it did."""
    port = os.environ.get("GREENROOM_DEPLOYED_PORT")
    if not port:
        return None
    return Platform("deployed", int(port), Path(os.environ["GREENROOM_DEPLOYED_DATA"]))


def _root(data_dir: Path, template: str | None) -> Path:
    """The repository without its ``.env``: links to what the laptop cloud reads."""
    root = data_dir / "root"
    root.mkdir(parents=True, exist_ok=True)
    for name in ("functions", "layers", "web", "schemas"):
        (root / name).symlink_to(ROOT / name)
    (root / "template.yaml").write_text(template or (ROOT / "template.yaml").read_text())
    return root


def _free_ports() -> int:
    """A port whose neighbours, which the stand-ins and the studio's site take, are free, too."""
    for port in range(20_000, 32_000, 10):
        try:
            for offset in range(5):
                socket.create_server(("127.0.0.1", port + offset)).close()
        except OSError:
            continue
        return port
    raise AssertionError("no ports are free")
