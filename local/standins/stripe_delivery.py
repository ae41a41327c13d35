"""Webhooks of the Stripe stand-in: signed, sent, and sent again until they are taken.

Signature: https://docs.stripe.com/webhooks/signature (``t`` is the real time, as with Stripe's
own test clocks). Retries grow from a second to half a minute, where Stripe's grow to hours.
"""

import asyncio
import contextlib
import hashlib
import hmac
import json
import random
import time
from collections.abc import AsyncIterator
from typing import Final

import aiohttp
from aiohttp import web

from local.standins.stripe_account import Account

TIMEOUT_S: Final = 35.0  # over the 29 s of a function, so that its own answer is seen
RETRY_FIRST_S: Final = 1.0
RETRY_S_MAX: Final = 30.0
ATTEMPTS_MAX: Final = 500  # four hours; Stripe gives up after three days
SENDERS_MAX: Final = 4
IDLE_S: Final = 60.0


def signature(body: bytes, secrets: tuple[str, ...], at: int) -> str:
    """The ``Stripe-Signature`` header: one ``v1`` for each secret, as during a rotation."""
    signed = f"{at}.".encode() + body
    macs = [hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest() for secret in secrets]
    return ",".join([f"t={at}", *(f"v1={mac}" for mac in macs)])


class Courier:
    """Sends what the account put up for delivery, as long as the stand-in runs."""

    def __init__(
        self,
        account: Account,
        url: str,
        secrets: tuple[str, ...],
        *,
        retry_first_s: float = RETRY_FIRST_S,
    ) -> None:
        self._account = account
        self._database = account.store.database
        self._url = url
        self._secrets = secrets
        self._retry_first_s = retry_first_s
        self._awake = asyncio.Event()
        self._sending: dict[int, asyncio.Task[None]] = {}

    def wake(self) -> None:
        """There may be something to send."""
        self._awake.set()

    async def running(self, _app: web.Application) -> AsyncIterator[None]:
        """Send until the application ends; what is unsent then, is sent after the restart."""
        self._database.execute(
            "update delivery set due_at = ? where state = 'waiting'", [time.time()]
        )
        # No proxy of the environment stands between two programs of one machine.
        async with aiohttp.ClientSession(trust_env=False) as session:
            task = asyncio.create_task(self._run(session))
            yield
            for each in [task, *self._sending.values()]:
                each.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await each

    async def _run(self, session: aiohttp.ClientSession) -> None:
        while True:
            self._awake.clear()
            wait_s = self._start_due(session)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait_s):
                    await self._awake.wait()

    def _start_due(self, session: aiohttp.ClientSession) -> float:
        """Start what is due and has a sender; answers how long to sleep, in seconds."""
        free = SENDERS_MAX - len(self._sending)
        if free <= 0 or self._account.store.note("paused", default=False):
            return IDLE_S
        rows = self._database.execute(
            "select number, event, attempts, due_at from delivery where state = 'waiting'"
            " order by due_at, number"
        ).fetchall()
        waiting = [row for row in rows if row[0] not in self._sending]
        now = time.time()
        due = [row for row in waiting if row[3] <= now]
        if self._account.store.note("shuffle", default=False):
            random.shuffle(due)
        for number, event, attempts, _ in due[:free]:
            sending = self._send(session, number, event, attempts)
            self._sending[number] = asyncio.create_task(sending)
        later: list[float] = [row[3] - now for row in waiting if row[3] > now]
        return min([IDLE_S, *later])

    async def _send(
        self, session: aiohttp.ClientSession, number: int, event_id: str, attempts: int
    ) -> None:
        try:
            started = time.monotonic()
            status, error = await self._post(session, event_id)
            elapsed_ms = round((time.monotonic() - started) * 1000)
            self._write_down(
                number=number,
                event_id=event_id,
                attempts=attempts + 1,
                status=status,
                error=error,
                elapsed_ms=elapsed_ms,
            )
        finally:
            del self._sending[number]
            self.wake()

    async def _post(
        self, session: aiohttp.ClientSession, event_id: str
    ) -> tuple[int | None, str | None]:
        body = json.dumps(self._account.store.get(event_id), indent=2).encode()
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Stripe-Signature": signature(body, self._secrets, int(time.time())),
            "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
        }
        limit = aiohttp.ClientTimeout(total=TIMEOUT_S)
        try:
            async with session.post(
                self._url, data=body, headers=headers, timeout=limit, allow_redirects=False
            ) as answer:
                await answer.read()
                return answer.status, None
        except (aiohttp.ClientError, TimeoutError, OSError) as failure:
            return None, type(failure).__name__

    def _write_down(
        self,
        *,
        number: int,
        event_id: str,
        attempts: int,
        status: int | None,
        error: str | None,
        elapsed_ms: int,
    ) -> None:
        taken = status is not None and 200 <= status < 300
        state = "delivered" if taken else "waiting" if attempts < ATTEMPTS_MAX else "given_up"
        wait_s = min(RETRY_S_MAX, self._retry_first_s * 2 ** min(attempts - 1, 10))
        now = time.time()
        with self._account.store.transaction():
            self._database.execute(
                "insert into attempt (delivery, at, status, error, elapsed_ms)"
                " values (?, ?, ?, ?, ?)",
                [number, now, status, error, elapsed_ms],
            )
            self._database.execute(
                "update delivery set state = ?, attempts = ?, due_at = ? where number = ?",
                [state, attempts, now + wait_s, number],
            )
            if taken:
                event = self._account.store.get(event_id)
                event["pending_webhooks"] = 0
                self._account.store.put(event)
