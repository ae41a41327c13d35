"""Webhooks of the Clerk stand-in: signed as Svix signs, and sent again until they are taken.

A message keeps its id over all its tries, as with Svix; the signature's time is that of the try.
Retries grow from a second to half a minute, where Svix's grow to ten hours.
Source: Standard Webhooks specification 1.0.
"""

import asyncio
import base64
import contextlib
import hashlib
import hmac
import json
import secrets
import sqlite3
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

import aiohttp
from aiohttp import web

TIMEOUT_S: Final = 35.0  # over the 29 s of a function, so that its own answer is seen
RETRY_FIRST_S: Final = 1.0
RETRY_S_MAX: Final = 30.0
ATTEMPTS_MAX: Final = 500  # four hours; Svix gives up after 28
IDLE_S: Final = 60.0
SHOWN_MAX: Final = 1_000


def signatures(body: bytes, keys: tuple[str, ...], *, message_id: str, at_s: int) -> str:
    """The header ``svix-signature``: one ``v1`` for each secret, as during a rotation."""
    signed = f"{message_id}.{at_s}.".encode() + body
    made = []
    for key in keys:
        raw_key = base64.b64decode(key.removeprefix("whsec_"))
        mac = hmac.new(raw_key, signed, hashlib.sha256).digest()
        made.append(f"v1,{base64.b64encode(mac).decode()}")
    return " ".join(made)


class Messages:
    """The messages of one instance, kept in a SQLite file, sent while the stand-in runs.

    Without an address or a secret nothing is kept and nothing is sent.
    """

    def __init__(
        self,
        file: Path,
        *,
        url: str | None,
        keys: tuple[str, ...],
        retry_first_s: float = RETRY_FIRST_S,
    ) -> None:
        self._url = url if keys else None
        self._keys = keys
        self._retry_first_s = retry_first_s
        self._awake = asyncio.Event()
        file.touch(mode=0o600)
        self._database = sqlite3.connect(file, check_same_thread=False, isolation_level=None)
        self._database.execute("pragma journal_mode = wal")
        self._database.execute(
            "create table if not exists message (number integer primary key, id text unique,"
            " type text, body text, attempts integer default 0, status integer, error text,"
            " due_at real)"
        )

    def add(self, kind: str, data: dict[str, Any]) -> None:
        """Put an event up for delivery."""
        if self._url is None:
            return
        now_ms = time.time_ns() // 1_000_000
        event = {
            "data": data,
            "event_attributes": {"http_request": {"client_ip": "127.0.0.1", "user_agent": ""}},
            "instance_id": "ins_local",
            "object": "event",
            "timestamp": now_ms,
            "type": kind,
        }
        self._database.execute(
            "insert into message (id, type, body, due_at) values (?, ?, ?, ?)",
            [f"msg_{secrets.token_hex(13)}", kind, json.dumps(event, indent=2), time.time()],
        )
        self._awake.set()

    def shown(self) -> list[dict[str, Any]]:
        """The newest messages and what became of them; oldest first."""
        rows = self._database.execute(
            "select id, type, body, attempts, status, error, due_at from message"
            " order by number desc limit ?",
            [SHOWN_MAX],
        ).fetchall()
        return [
            {
                "id": row[0],
                "type": row[1],
                "event": json.loads(row[2]),
                "attempts": row[3],
                "status": row[4],
                "error": row[5],
                "delivered": row[6] is None and row[4] is not None and 200 <= row[4] < 300,
            }
            for row in reversed(rows)
        ]

    def redeliver(self, message_id: str) -> bool:
        """Send a message again, whatever became of it: whether there is one."""
        found = self._database.execute(
            "update message set due_at = ? where id = ?", [time.time(), message_id]
        )
        self._awake.set()
        return found.rowcount == 1

    async def running(self, _app: web.Application) -> AsyncIterator[None]:
        """Send until the application ends; what is unsent then, is sent after the restart."""
        # No proxy of the environment stands between two programs of one machine.
        async with aiohttp.ClientSession(trust_env=False) as session:
            task = asyncio.create_task(self._run(session))
            yield
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        self._database.close()

    async def _run(self, session: aiohttp.ClientSession) -> None:
        while True:
            self._awake.clear()
            rows = self._database.execute(
                "select id, body, attempts, due_at from message where due_at is not null"
                " order by due_at limit 1"
            ).fetchall()
            wait_s = rows[0][3] - time.time() if rows else IDLE_S
            if wait_s <= 0:
                await self._send(session, *rows[0][:3])
                continue
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(min(wait_s, IDLE_S)):
                    await self._awake.wait()

    async def _send(
        self, session: aiohttp.ClientSession, message_id: str, body: str, attempts: int
    ) -> None:
        sent_at = time.time()
        status, error = await self._post(session, message_id, body.encode())
        taken = status is not None and 200 <= status < 300
        wait_s = min(RETRY_S_MAX, self._retry_first_s * 2 ** min(attempts, 10))
        due_at = None if taken or attempts + 1 >= ATTEMPTS_MAX else time.time() + wait_s
        # Who asked for it again meanwhile gets it again.
        self._database.execute(
            "update message set attempts = ?, status = ?, error = ?,"
            " due_at = case when due_at > ? then due_at else ? end where id = ?",
            [attempts + 1, status, error, sent_at, due_at, message_id],
        )

    async def _post(
        self, session: aiohttp.ClientSession, message_id: str, body: bytes
    ) -> tuple[int | None, str | None]:
        at_s = int(time.time())
        headers = {
            "Content-Type": "application/json",
            "svix-id": message_id,
            "svix-timestamp": str(at_s),
            "svix-signature": signatures(body, self._keys, message_id=message_id, at_s=at_s),
            "User-Agent": "Svix-Webhooks/1.0 (local stand-in)",
        }
        limit = aiohttp.ClientTimeout(total=TIMEOUT_S)
        try:
            async with session.post(
                str(self._url), data=body, headers=headers, timeout=limit, allow_redirects=False
            ) as answer:
                await answer.read()
                return answer.status, None
        except (aiohttp.ClientError, TimeoutError, OSError) as failure:
            return None, type(failure).__name__
