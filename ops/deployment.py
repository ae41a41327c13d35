"""What has to be true of a deployment after each change of it: the checks, one by one.

They are the list of origin 003 (connection test, user, error monitor, health of webhooks and
identity), and what a front end and an operator rely on besides. Nothing is changed, but for a
few rows of a test that remove themselves.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

import httpx

TIMEOUT_S: Final = 30.0  # API Gateway's own limit
FOREIGN: Final = "https://foreign.invalid"
LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One thing that was looked at, and what was seen; ``ok`` None: it is not used here."""

    name: str
    told: str = ""
    do: str = ""
    ok: bool | None = True


class Amiss(Exception):
    """It is not as it should be; the text says how."""


class Deployment:
    """A deployment as it is seen over HTTP."""

    def __init__(self, base: str, *, token: str | None, client: httpx.Client) -> None:
        self.base = base.rstrip("/")
        self.token = token
        self._client = client

    def ask(
        self,
        method: str,
        path: str,
        *,
        signed: bool = False,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """Ask one route.

        Raises:
            Amiss: nobody answered.
        """
        sent = dict(headers or {})
        if signed:
            sent["Authorization"] = f"Bearer {self.token}"
        content = b"{}" if method == "POST" else None
        try:
            return self._client.request(method, f"{self.base}{path}", headers=sent, content=content)
        except httpx.HTTPError as silence:
            raise Amiss(f"nobody answers ({type(silence).__name__})") from silence

    def get(self, path: str) -> Any:
        """The JSON that an admin is answered.

        Raises:
            Amiss: it is refused, or no JSON.
        """
        return _body(self.ask("GET", path, signed=True))


def public_checks(of: Deployment, *, origin: str | None) -> Iterator[Seen]:
    """What anybody can see."""
    yield _seen("encrypted", lambda: _encrypted(of), "give the address with https")
    yield _seen("health", lambda: _health(of), "is it the ApiUrl of the stack's outputs?")
    yield _seen("ready", lambda: _ready(of), "fill the secret; look at the table")
    for path in ("/user", "/diagnostic/connection-test", "/admin/users"):
        yield _seen(
            f"nobody sees {path}",
            lambda path=path: _refuses(of, "GET", path, {401}),  # type: ignore[misc]
            "stop the traffic: this route has to ask who is calling",
        )
    for source in ("stripe", "clerk"):
        yield _seen(
            f"unsigned news of {source} are refused",
            lambda source=source: _refuses(of, "POST", f"/webhooks/{source}", {400, 401}),  # type: ignore[misc]
            f"set the webhook secret of {source}; 503: the secret is missing",
        )
    if origin is None:
        yield Seen(name="page may call", ok=None, told="--origin was not said")
    else:
        yield _seen("page may call", lambda: _allowed(of, origin), "put it into AllowedOrigins")
    yield _seen("others may not", lambda: _foreign(of), "AllowedOrigins names origins exactly")


def admin_checks(of: Deployment) -> Iterator[Seen]:
    """What an admin can see."""
    yield from _connections(of)
    yield _seen("user", lambda: _user(of), "is the token fresh (a minute), and its issuer ours?")
    yield _seen("books", lambda: _books(of), "python -m ops reconcile")
    yield _seen("configuration", lambda: _configuration(of), "docs/operations.md, Diagnostics")
    yield _seen("error monitor", lambda: _monitor(of), "SentryDsn; the log of diagnostics")
    yield _seen("webhooks", lambda: _webhooks(of), "enable the named events at Stripe")


def _seen(name: str, look: Callable[[], str], do: str) -> Seen:
    try:
        return Seen(name=name, told=look())
    except Amiss as amiss:
        return Seen(name=name, ok=False, told=str(amiss), do=do)
    except (KeyError, TypeError, ValueError):
        told = "the answer is not this version's"
        return Seen(name=name, ok=False, told=told, do=f"is this version deployed? {do}")


def _body(answer: httpx.Response) -> Any:
    try:
        body = answer.json()
    except ValueError as cause:
        raise Amiss(f"status {answer.status_code}, and no JSON") from cause
    if answer.status_code != 200:
        code = body.get("code", "no code") if isinstance(body, dict) else "no code"
        raise Amiss(f"status {answer.status_code} ({code})")
    return body


def _encrypted(of: Deployment) -> str:
    parts = urlsplit(of.base)
    if parts.scheme != "https" and parts.hostname not in LOOPBACK:
        raise Amiss(f"{parts.scheme}, and not on this machine")
    return parts.scheme


def _health(of: Deployment) -> str:
    if _body(of.ask("GET", "/health")).get("status") != "ok":
        raise Amiss("it answers, and is not this product")
    return "the process answers"


def _ready(of: Deployment) -> str:
    answer = of.ask("GET", "/ready")
    try:
        checks = answer.json()["checks"]
    except (ValueError, KeyError, TypeError) as cause:
        raise Amiss(f"status {answer.status_code}") from cause
    bad = [name for name, ok in checks.items() if not ok]
    if bad or answer.status_code != 200:
        raise Amiss(f"not ready: {', '.join(bad)}")
    return ", ".join(checks)


def _refuses(of: Deployment, method: str, path: str, statuses: set[int]) -> str:
    answer = of.ask(method, path)
    if answer.status_code not in statuses:
        raise Amiss(f"status {answer.status_code}")
    return f"status {answer.status_code}"


def _preflight(of: Deployment, origin: str) -> str | None:
    headers = {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type",
    }
    answer = of.ask("OPTIONS", "/realtime-session", headers=headers)
    allowed: str | None = answer.headers.get("Access-Control-Allow-Origin")
    return allowed


def _allowed(of: Deployment, origin: str) -> str:
    if (allowed := _preflight(of, origin)) != origin:
        raise Amiss(f"{origin} may not: {allowed}")
    return origin


def _foreign(of: Deployment) -> str:
    if (allowed := _preflight(of, FOREIGN)) is not None:
        raise Amiss(f"a foreign page may: {allowed}")
    return "a foreign page is refused"


def _connections(of: Deployment) -> Iterator[Seen]:
    try:
        report = of.get("/diagnostic/connection-test")
        for one in report["checks"]:
            told = one["reason"] or ("" if one["ok"] is None else f"{one['ms']:.0f} ms")
            yield Seen(
                name=f"connection: {one['name']}",
                ok=one["ok"],
                told=told,
                do=f"docs/errors.md: {told}",
            )
    except Amiss as amiss:
        do = "is the token fresh (a minute), and an admin's (GREENROOM_ADMINS)?"
        yield Seen(name="connections", ok=False, told=str(amiss), do=do)


def _user(of: Deployment) -> str:
    body = of.get("/user")
    missing = [name for name in ("userId", "clerkId", "credits", "role") if name not in body]
    if missing:
        raise Amiss(f"without {', '.join(missing)}")
    if body["role"] != "admin":
        raise Amiss("whose token it is is no admin")
    return f"{body['userId']}, {body['credits']} credits"


def _books(of: Deployment) -> str:
    found = of.get("/admin/invariants")
    if found["violations"]:
        rules = sorted({one["rule"] for one in found["violations"]})
        raise Amiss(f"{len(found['mismatches'])} do not agree: {', '.join(rules)}")
    return f"{found['checked']} compared"


def _configuration(of: Deployment) -> str:
    report = of.get("/diagnostic/config")
    if report["warnings"]:
        raise Amiss("; ".join(f"{one['code']}: {one['message']}" for one in report["warnings"]))
    return f"{report['dialect']}, {report['model']}"


def _monitor(of: Deployment) -> str:
    report = of.get("/diagnostic/error-test?kind=warning")
    if report["eventId"] is None:
        return f"none is configured; in the log: {report['requestId']}"
    return f"event {report['eventId']}"


def _webhooks(of: Deployment) -> str:
    report = of.get("/diagnostic/webhooks")
    stripe = report["stripeEndpoints"]
    if stripe["ok"] is False:
        raise Amiss(str(stripe["reason"]))
    last = {one["source"]: one["lastAcceptedAt"] or "never" for one in report["sources"]}
    return ", ".join(f"{source}: {at}" for source, at in last.items())
