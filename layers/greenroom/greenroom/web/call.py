"""One request as a use case wants it: caller, path, query, headers, body."""

import base64
import binascii
import json
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from greenroom.accounts.identity import Identity
from greenroom.kernel.clock import Deadline
from greenroom.kernel.errors import (
    BodyTooLarge,
    InvalidRequest,
    NotFound,
    Unauthenticated,
    Unavailable,
    UnsupportedMediaType,
    ValidationFailed,
)
from greenroom.kernel.ids import is_id, user_id_of
from greenroom.kernel.limits import (
    BODY_JSON_MAX,
    BODY_LEVELS_MAX,
    CURSOR_CHARS_MAX,
    ERRORS_TOLD_MAX,
    FUNCTION_TIMEOUT_S,
    IDEMPOTENCY_KEY_CHARS_MAX,
    PAGE_DEFAULT,
    PAGE_MAX,
    TOLD_CHARS_MAX,
)
from greenroom.kernel.telemetry import Record, plain_word
from greenroom.web.cors import origin_of
from greenroom.web.wire import depth_exceeds

Body = TypeVar("Body", bound=BaseModel)
Event = dict[str, Any]

_KEY = re.compile(rf"[ -~]{{1,{IDEMPOTENCY_KEY_CHARS_MAX}}}")
_MONTH = re.compile(r"[12][0-9]{3}-(0[1-9]|1[0-2])")
_DAY = re.compile(r"[12][0-9]{3}-[0-9]{2}-[0-9]{2}")
_MAX_AGE = re.compile(r"max-age=([0-9]{1,6})", re.IGNORECASE)
_WHOLE = re.compile(r"[0-9]{1,4}")


@dataclass(slots=True)
class Call:
    """A request of the HTTP API (payload 2.0). Nothing is parsed before it is asked for."""

    event: Event
    deadline: Deadline
    verify: Callable[[str], Identity]
    body_max: int = BODY_JSON_MAX
    started_s: float = field(default_factory=time.monotonic)
    facts: dict[str, Any] = field(default_factory=dict)
    record: Record = field(default_factory=Record)
    readable_by: str | None = None  # the origin that its handler lets in, where CORS is its own
    _identity: Identity | None = None

    @classmethod
    def of(
        cls,
        event: Event,
        context: Any,
        *,
        verify: Callable[[str], Identity],
        record: Record | None = None,
    ) -> "Call":
        """The call of a Lambda invocation."""
        left_ms = getattr(context, "get_remaining_time_in_millis", None)
        left_s = left_ms() / 1000 if left_ms else FUNCTION_TIMEOUT_S
        event = event if isinstance(event, dict) else {}
        deadline = Deadline.after(min(left_s, FUNCTION_TIMEOUT_S))
        return cls(event, deadline, verify, record=record or Record())

    @property
    def request_id(self) -> str:
        """API Gateway's id of the request."""
        return str(self._part("requestContext").get("requestId") or "unknown")

    @property
    def correlation_id(self) -> str:
        """The client's own ``X-Request-Id`` if it is a plain word, for the log; else ours."""
        return plain_word(self.header("x-request-id")) or self.request_id

    @property
    def route_key(self) -> str:
        """The route that API Gateway found, such as ``GET /api/user``."""
        return str(self.event.get("routeKey"))

    @property
    def identity(self) -> Identity:
        """Who calls.

        Raises:
            Unauthenticated: no bearer token, or one that does not verify.
        """
        if self._identity is None:
            scheme, _, token = self.header("authorization", "").partition(" ")
            if scheme.lower() != "bearer" or not token.strip():
                raise Unauthenticated
            self._identity = self.verify(token.strip())
            self.facts["user_id"] = self.user_id
            if self._identity.actor_id is not None:
                self.facts["actor_id"] = self._identity.actor_id
        return self._identity

    @property
    def known_user_id(self) -> str | None:
        """Our id of who calls, where a token came along that verifies: for public routes."""
        try:
            return self.user_id
        except (Unauthenticated, Unavailable):
            return None

    @property
    def user_id(self) -> str:
        """Our id of who calls."""
        return user_id_of(self.identity.clerk_id)

    @property
    def source_ip(self) -> str | None:
        """The address that API Gateway saw."""
        http = self._part("requestContext").get("http")
        return str(http["sourceIp"]) if isinstance(http, dict) and "sourceIp" in http else None

    @property
    def is_preflight(self) -> bool:
        """Whether a browser asks for permission of a later request."""
        return self.route_key.startswith("OPTIONS ")

    @property
    def origin(self) -> str | None:
        """The origin whose page sent the request, as its browser says; None if it names none."""
        return origin_of(self.header("origin"))

    def header(self, name: str, default: str = "") -> str:
        """A header's value; names are in lower case."""
        return str(self._part("headers").get(name, default))

    def max_age_s(self) -> int | None:
        """How old an answer the client takes, in seconds, if it says so (RFC 9111 §5.2.1.1).

        Whatever else stands in its ``Cache-Control``, and what cannot be read, asks for news.
        """
        found = _MAX_AGE.fullmatch(self.header("cache-control").strip())
        return int(found[1]) if found and int(found[1]) else None

    def query(self, name: str) -> str | None:
        """A query parameter's value."""
        value = self._part("queryStringParameters").get(name)
        return None if value is None else str(value)

    def path_id(self, name: str) -> str:
        """An id in the path; what is no id of ours is unknown.

        Raises:
            NotFound: it is not spelled as our ids are.
        """
        return known_id(self.path_text(name))

    def path_text(self, name: str) -> str:
        """A part of the path as it was sent; what it means is its room's business."""
        return str(self._part("pathParameters").get(name, ""))

    def query_id(self, name: str) -> str:
        """An id in the query, which has to be there; what is no id of ours is unknown.

        Raises:
            ValidationFailed: it is not there.
            NotFound: it is not spelled as our ids are.
        """
        value = self.query(name)
        if value is None:
            raise invalid_field(name, "an id")
        return known_id(value)

    def choice(self, name: str, known: Sequence[str]) -> str | None:
        """A query parameter that is one of a few words, if the client gave it.

        Raises:
            ValidationFailed: it is another word.
        """
        value = self.query(name)
        if value is not None and value not in known:
            raise invalid_field(name, "one of " + ", ".join(known))
        return value

    def text(self, name: str, *, chars_max: int) -> str | None:
        """A query parameter of printable characters, if the client gave it.

        Raises:
            ValidationFailed: it is empty, too long, or holds what cannot be printed.
        """
        value = self.query(name)
        if value is not None and not (1 <= len(value) <= chars_max and value.isprintable()):
            raise invalid_field(name, f"1 to {chars_max} printable characters")
        return value

    def day(self, name: str) -> date | None:
        """A query parameter that is a day such as ``2026-12-31``, if the client gave it.

        Raises:
            ValidationFailed: it is no day.
        """
        value = self.query(name)
        if value is None:
            return None
        try:
            return date.fromisoformat(value if _DAY.fullmatch(value) else "")
        except ValueError:
            raise invalid_field(name, "a day such as 2026-12-31") from None

    def month(self, name: str) -> str | None:
        """A query parameter that is a UTC month such as ``2026-12``, if the client gave it.

        Raises:
            ValidationFailed: it is no month.
        """
        value = self.query(name)
        if value is not None and not _MONTH.fullmatch(value):
            raise invalid_field(name, "a month such as 2026-12")
        return value

    def page(self) -> tuple[int, str | None]:
        """``limit`` (1..100, default 20) and ``cursor`` of a list.

        Raises:
            ValidationFailed: the limit is no whole number in its range, or see ``cursor``.
        """
        return self.whole("limit", default=PAGE_DEFAULT, at_most=PAGE_MAX), self.cursor()

    def whole(self, name: str, *, default: int, at_most: int) -> int:
        """A query parameter that is a whole number from 1 on.

        Raises:
            ValidationFailed: it is none, or not in that range.
        """
        text = self.query(name)
        number = default if text is None else int(text) if _WHOLE.fullmatch(text) else 0
        if not 1 <= number <= at_most:
            raise invalid_field(name, f"a whole number from 1 to {at_most}")
        return number

    def cursor(self) -> str | None:
        """Where a page begins, if not at the beginning; what it means is its list's business.

        Raises:
            ValidationFailed: it is empty or longer than any of ours.
        """
        cursor = self.query("cursor")
        if cursor is not None and not 1 <= len(cursor) <= CURSOR_CHARS_MAX:
            raise invalid_field("cursor", "not one that we gave")
        return cursor

    def idempotency_key(self) -> str | None:
        """The Idempotency-Key, if the client gave one.

        Raises:
            ValidationFailed: it is not 1..255 printable ASCII characters.
        """
        if "idempotency-key" not in self._part("headers"):
            return None
        key = self.header("idempotency-key")
        if not _KEY.fullmatch(key):
            raise invalid_field("Idempotency-Key", "1 to 255 printable ASCII characters")
        return key

    def media_type(self) -> str:
        """The essence of the body's content type, in lower case."""
        return self.header("content-type").partition(";")[0].strip().lower()

    def body_bytes(self, *, at_most: int) -> bytes:
        """The body's bytes as they were sent.

        Raises:
            BodyTooLarge: more than ``at_most``; nothing was parsed.
            InvalidRequest: the event calls it base64, and it is not.
        """
        body = str(self.event.get("body") or "")
        encoded = bool(self.event.get("isBase64Encoded"))
        if len(body) > at_most * 4 // 3 + 4:
            raise BodyTooLarge(limitBytes=at_most)
        try:
            data = base64.b64decode(body, validate=True) if encoded else body.encode()
        except (binascii.Error, ValueError) as cause:
            raise InvalidRequest("The body cannot be read.", field="body") from cause
        if len(data) > at_most:
            raise BodyTooLarge(limitBytes=at_most)
        return data

    def body(self, of: type[Body]) -> Body:
        """The JSON body as that shape; no body at all is an empty object.

        Raises:
            BodyTooLarge: more than the route's ``body_max`` bytes.
            UnsupportedMediaType: it is not said to be JSON.
            InvalidRequest: it is no JSON, or nests too deep.
            ValidationFailed: a member is missing, unknown or out of range; each is named.
        """
        data = self.body_bytes(at_most=self.body_max)
        if data and self.media_type() != "application/json":
            raise UnsupportedMediaType(expected="application/json")
        try:
            return of.model_validate_json(data or b"{}")
        except ValidationError as refusal:
            raise refusal_of(refusal) from None

    def loose_body(self, of: type[Body]) -> Body:
        """As ``body``, from whatever Python reads as JSON: also NaN and lone surrogates.

        For shapes that take what they do not know, and only hand it on.

        Raises:
            InvalidRequest: it is no JSON, or nests deeper than 100 levels.
        """
        data = self.body_bytes(at_most=self.body_max)
        if data and self.media_type() != "application/json":
            raise UnsupportedMediaType(expected="application/json")
        try:
            value = json.loads(data.decode() or "{}")
        except (ValueError, RecursionError):
            raise InvalidRequest("The body is not valid JSON.", field="body") from None
        if depth_exceeds(value, BODY_LEVELS_MAX):
            raise InvalidRequest("The body nests too deep.", field="body")
        try:
            return of.model_validate(value)
        except ValidationError as refusal:
            raise refusal_of(refusal) from None

    def _part(self, name: str) -> dict[str, Any]:
        """A mapping in the event; API Gateway leaves out the empty ones."""
        part = self.event.get(name)
        return part if isinstance(part, dict) else {}


def known_id(text: str) -> str:
    """The text, if it is an id as we spell them; any other is the id of nothing.

    Raises:
        NotFound: it is not.
    """
    if not is_id(text):
        raise NotFound
    return text


def invalid_field(name: str, wants: str) -> ValidationFailed:
    """The refusal of one field that stands outside the body."""
    return ValidationFailed(
        f"{name}: {wants}", errors=[{"field": name, "message": wants, "type": "value_error"}]
    )


def refusal_of(
    refusal: ValidationError, *, under: str | None = None
) -> InvalidRequest | ValidationFailed:
    """Which fields are wrong and why; never their values, which may be private or huge.

    ``under`` names the member of the body that was refused, where it was not all of it.
    """
    place = () if under is None else (under,)
    errors = refusal.errors(include_url=False, include_context=False, include_input=False)
    if errors[0]["type"] == "json_invalid":
        return InvalidRequest("The body is not valid JSON.", field="body")
    told = [
        {
            "field": _cut(".".join(str(part) for part in (*place, *error["loc"]))) or "body",
            "message": _cut(error["msg"]),
            "type": error["type"],
        }
        for error in errors[:ERRORS_TOLD_MAX]
    ]
    return ValidationFailed(f"{told[0]['field']}: {told[0]['message']}", errors=told)


def _cut(text: str) -> str:
    """An unknown member's name, or what a check says of it, is the client's to choose."""
    return text if len(text) <= TOLD_CHARS_MAX else text[: TOLD_CHARS_MAX - 1] + "…"
