"""The one adapter to a voice provider: HTTP, deadlines, and what a broken line means.

A POST is never retried: minting and calling have effects, and nobody can ask whether they
happened. A deadline covers the whole exchange, from the name look-up to the last byte.
"""

import re
import threading
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as OutOfTime
from datetime import date, timedelta
from typing import Literal

import httpx

from greenroom.kernel.breaker import Breaker, Passing
from greenroom.kernel.clock import Clock, Deadline, utc_now
from greenroom.kernel.errors import ProviderFailed, ProviderTimedOut
from greenroom.kernel.limits import PROVIDER_CONNECT_TIMEOUT_S, PROVIDER_REPLY_MAX
from greenroom.kernel.telemetry import outside
from greenroom.kernel.trust import trusted
from greenroom.realtime.dialects import Dialect
from greenroom.realtime.replies import broken, refusal
from greenroom.realtime.wire import (
    Answer,
    HangUp,
    Minted,
    ProviderReply,
    ProviderRequest,
    SessionSpec,
    is_bearer,
)

NAME = "openai"  # of the provider, in metrics, whichever speaks its protocol
ExchangeMode = Literal["ephemeral", "unified"]

_UNSENT = (httpx.ConnectError, httpx.UnsupportedProtocol, httpx.LocalProtocolError)
_UNSENT_TIMEOUT = (httpx.ConnectTimeout, httpx.PoolTimeout)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class RealtimeGateway:
    """Mints, exchanges offers, hangs up and lists models at one provider in one dialect.

    ``base_url`` ends in ``/v1``. ``api_key`` is asked before each call, so that a rotated key is
    used at once. ``exchange_mode`` unified mints nothing: the standard key places the call.
    """

    def __init__(
        self,
        *,
        base_url: str,
        api_key: Callable[[], str],
        dialect: Dialect,
        exchange_mode: ExchangeMode,
        http: httpx.Client | None = None,
        clock: Clock = utc_now,
        breaker: Breaker | None = None,
    ) -> None:
        self._breaker = breaker or Breaker(NAME)
        self._base_url = base_url.rstrip("/")
        self._api_key = api_key
        self.dialect = dialect
        self._exchange_mode = exchange_mode
        self._http = http or _client()
        self._clock = clock

    @property
    def passing(self) -> Passing:
        """What work that is going to ask begins with, before it has done anything."""
        return self._breaker.passing

    def mint(self, spec: SessionSpec, *, timeout_s: float) -> Minted:
        """A provider session; in unified mode no call is made and there is no secret.

        Raises:
            ProviderFailed: unreachable, our key, our account, or a broken answer.
            ProviderThrottled: the provider asks us to wait.
            ProviderTimedOut: no whole answer in ``timeout_s``.
            ProviderDown: it has not answered for a while; it was not asked.
        """
        now = self._clock()
        if self._exchange_mode == "unified":
            expires_at = now + timedelta(seconds=spec.ttl_s)
            return Minted(
                secret=None, expires_at=expires_at, provider_session_id=None, model=spec.model
            )
        with outside(NAME, "mint", latency="MintLatencyMs"):
            reply = self._asked(self.dialect.mint_request(spec), timeout_s=timeout_s)
            return self.dialect.parse_mint(reply, spec=spec, now=self._clock())

    def exchange(
        self, offer: bytes, *, secret: str | None, spec: SessionSpec, timeout_s: float
    ) -> Answer:
        """The answer to a checked offer, placed with the secret, or unified where it is None.

        Raises:
            InvalidSdp: the provider refused this offer; another may do.
            TokenExpired: the provider no longer takes the secret.
            ProviderFailed: as in ``mint``; ``may_have_acted`` when a call may exist.
            ProviderThrottled: the provider asks us to wait.
            ProviderTimedOut: as in ``mint``; ``may_have_acted`` unless nothing was sent.
        """
        if secret is None:
            request = self.dialect.unified_exchange_request(offer, spec)
        else:
            request = self.dialect.exchange_request(offer, secret=secret, model=spec.model)
        with outside(NAME, "exchange", latency="SdpExchangeLatencyMs"):
            reply = self._asked(request, timeout_s=timeout_s)
            return self.dialect.parse_answer(reply, ephemeral=secret is not None, now=self._clock())

    def hang_up(self, call_id: str | None, *, timeout_s: float) -> HangUp:
        """Ends the call at the provider, as far as its dialect can; never raises for it."""
        request = self.dialect.hangup_request(call_id) if call_id else None
        if request is None:
            return HangUp.UNSUPPORTED
        try:
            with outside(NAME, "hang_up"):
                status = self._send(request, timeout_s=timeout_s).status
        except (ProviderFailed, ProviderTimedOut):
            return HangUp.FAILED
        if status == 404:
            return HangUp.ALREADY_GONE
        return HangUp.ENDED if 200 <= status < 300 else HangUp.FAILED

    @outside(NAME, "models")
    def models(self, *, timeout_s: float) -> dict[str, date | None]:
        """The provider's models, each with the day on which it ends where one is published.

        Raises:
            ProviderFailed, ProviderThrottled, ProviderTimedOut: as in ``mint``.
        """
        request = ProviderRequest(method="GET", path="/models")
        reply = self._send(request, timeout_s=timeout_s)
        if not reply.succeeded:
            raise refusal(reply, now=self._clock())
        rows = reply.json_object().get("data")
        if not isinstance(rows, list):
            raise broken(reply, "the list of models is no list")
        named = [row for row in rows if isinstance(row, dict) and isinstance(row.get("id"), str)]
        return {row["id"]: _day(row.get("shutdown_date")) for row in named}

    def _asked(self, request: ProviderRequest, *, timeout_s: float) -> ProviderReply:
        """As ``_send``, if the breaker lets it through; hanging up is tried in any case."""
        return self._send(request, timeout_s=timeout_s, breaker=self._breaker)

    def _send(
        self, request: ProviderRequest, *, timeout_s: float, breaker: Breaker | None = None
    ) -> ProviderReply:
        if timeout_s <= 0:
            raise ProviderTimedOut(log={"provider_fault": "no time left to ask"})
        bearer = request.bearer or self._api_key().strip()
        if not is_bearer(bearer):
            # Checked here, because the HTTP library would quote the key in its own refusal.
            raise ProviderFailed(log={"alarm": "PROVIDER_CREDENTIALS"})
        with (breaker or Breaker("nobody's")).calling() as call:
            reply = _within(timeout_s, lambda: self._transfer(request, bearer, timeout_s))
            call.answered = reply.status < httpx.codes.INTERNAL_SERVER_ERROR
        if reply.succeeded:
            return reply
        # An error body may quote what we sent; no log or error downstream shall hold the key.
        body = reply.body.replace(bearer.encode(), b"[redacted]")
        return ProviderReply(status=reply.status, headers=reply.headers, body=body)

    def _transfer(self, request: ProviderRequest, bearer: str, timeout_s: float) -> ProviderReply:
        deadline = Deadline.after(timeout_s)
        headers = {"Authorization": f"Bearer {bearer}", **request.headers}
        if request.content_type:
            headers["Content-Type"] = request.content_type
        connect_s = min(timeout_s, PROVIDER_CONNECT_TIMEOUT_S)
        try:
            with self._http.stream(
                request.method,
                self._base_url + request.path,
                params=dict(request.query) or None,
                headers=headers,
                content=request.body,
                timeout=httpx.Timeout(timeout_s, connect=connect_s),
                follow_redirects=False,
            ) as response:
                body = _read(response, deadline)
                return ProviderReply(
                    status=response.status_code, headers=_lower(response.headers), body=body
                )
        except _UNSENT_TIMEOUT as late:
            raise ProviderTimedOut(log=_fault(late)) from late
        except httpx.TimeoutException as late:
            raise ProviderTimedOut(may_have_acted=True, log=_fault(late)) from late
        except _UNSENT as unsent:
            raise ProviderFailed(log=_fault(unsent)) from unsent
        except httpx.TransportError as torn:
            raise ProviderFailed(may_have_acted=True, log=_fault(torn)) from torn


def _client() -> httpx.Client:
    return httpx.Client(
        follow_redirects=False,
        trust_env=False,  # no proxy and no netrc decide where our key goes
        verify=trusted(),
        # A container that slept may hold a dead connection, and a POST is never retried.
        limits=httpx.Limits(max_keepalive_connections=0),
        # A cap on bytes says nothing of what they unpack to.
        headers={"Accept-Encoding": "identity", "User-Agent": "greenroom"},
    )


def _within(timeout_s: float, transfer: Callable[[], ProviderReply]) -> ProviderReply:
    """The reply of the transfer, or ``ProviderTimedOut`` once the time is over.

    The library's timeouts are for each read: a name server that hangs, or a peer that sends a
    byte a second, outlives them. Only a thread of its own can be left behind.
    """
    future: Future[ProviderReply] = Future()

    def run() -> None:
        try:
            future.set_result(transfer())
        except BaseException as fault:  # noqa: BLE001 -- carried over to the caller's thread
            future.set_exception(fault)

    threading.Thread(target=run, name="provider-call", daemon=True).start()
    try:
        return future.result(timeout=timeout_s)
    except OutOfTime as late:
        log = {"provider_fault": "the whole exchange took too long"}
        raise ProviderTimedOut(may_have_acted=True, log=log) from late


def _read(response: httpx.Response, deadline: Deadline) -> bytes:
    if response.headers.get("content-encoding", "identity") != "identity":
        raise _unreadable(response, "compressed, which was not asked for")
    body = bytearray()
    for chunk in response.iter_bytes():
        body += chunk
        if len(body) > PROVIDER_REPLY_MAX:
            raise _unreadable(response, "too long a reply")
        if deadline.remaining_s() == 0:
            raise httpx.ReadTimeout("the whole exchange took too long")
    return bytes(body)


def _unreadable(response: httpx.Response, fault: str) -> ProviderFailed:
    log = {"provider_status": response.status_code, "provider_fault": fault}
    return ProviderFailed(may_have_acted=True, log=log)


def _lower(headers: httpx.Headers) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def _fault(error: Exception) -> dict[str, str]:
    # The name of the class alone: a library's text may quote what was sent.
    return {"provider_fault": type(error).__name__}


def _day(text: object) -> date | None:
    if not isinstance(text, str) or not _DAY.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
