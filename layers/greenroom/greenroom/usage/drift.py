"""Facts of one use of an AI service, however they look, as a row of the usage log. Pure.

What the callers, the providers and the clients tell changes over the years; a log that refuses
what it does not know loses exactly the rows that somebody will look for (origin 001: four changes
of a table before one row went in). So every fact but three may be missing, and none is refused:

- what is unknown goes into ``metadata``, under its own name;
- what is known but of the wrong form goes there, too, as text, and the fact itself is missing;
- what JSON cannot hold becomes text, what is too long is cut (``usage.plain``);
- a tenant is what its kind says: a preschool's id is never one of an organisation, and nobody asks
  whether there is such a tenant.

A row's own facts (``facts_of``) make the same row again, so that a row that waited in a queue is
read by the same rules, also by a later version of them.
"""

import re
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, TypeGuard, cast

from greenroom.kernel.clock import from_text, to_text
from greenroom.kernel.ids import new_id
from greenroom.kernel.tenants import Tenant, TenantKind
from greenroom.usage.log_row import NOBODY, STATUSES, LogRow, Status
from greenroom.usage.plain import FLAG_CHARS_MAX, FLAGS_MAX, Plain, printable, text_of

METADATA_BYTES_MAX = 64 * 1024  # an item of DynamoDB holds 400 KB, and each KB is a write unit
COUNT_MAX = 10**15  # of tokens, units, micros and milliseconds; sums of a year stay exact in JSON

_TEXTS = ("ai_service_id", "model", "error_code", "correlation_id")
_TEXT_BYTES_MAX = 200
_COUNTS = ("input_tokens", "output_tokens", "cost_micros", "units", "processing_time_ms")
_MOMENTS = ("started_at", "finished_at")
_TENANTS: tuple[tuple[str, TenantKind], ...] = (
    ("preschool_id", "preschool"),
    ("organization_id", "organization"),
)
_KINDS = [kind for _, kind in _TENANTS]
_SERVICE = re.compile(r"[a-z0-9_.-]{1,64}")
_ID = re.compile(r"[A-Za-z0-9_.:-]{1,128}")
_NAMESPACE = uuid.UUID("3f1d5f0e-8a44-5c0b-9d62-71c2b9e6a4d7")


def row_of(facts: Mapping[str, Any], *, now: datetime) -> LogRow:
    """The row that these facts make; ``now`` is its moment where they name none."""
    reading = _Reading(facts)
    at = reading.moment("at")
    service_type = reading.matching("service_type", _SERVICE)
    status = reading.matching("status", re.compile("|".join(STATUSES)))
    tenant = reading.tenant()
    request_id = reading.identifier("request_id")
    user_id = reading.matching("user_id", _ID)
    row: dict[str, Any] = {
        **{name: reading.text(name) for name in _TEXTS},
        **{name: reading.count(name) for name in _COUNTS},
        **{name: reading.moment(name) for name in _MOMENTS},
    }
    attempt = reading.count("attempt")
    metadata = reading.metadata()
    return LogRow(
        request_id=request_id or new_id(),
        user_id=user_id or NOBODY,
        at=(now if at is None else at).astimezone(UTC),
        attempt=1 if attempt is None else attempt,
        tenant=tenant,
        status=cast("Status | None", status),
        service_type=service_type,
        metadata=metadata,
        flags=tuple(reading.plain.flags),
        **row,
    )


def facts_of(row: LogRow) -> dict[str, Any]:
    """The row as facts of JSON: ``row_of`` makes the same row of them."""
    told: dict[str, Any] = {
        "request_id": row.request_id,
        "user_id": row.user_id,
        "at": to_text(row.at),
        "attempt": row.attempt,
        "status": row.status,
        "service_type": row.service_type,
        "tenant_kind": row.tenant.kind if row.tenant else None,
        "tenant_id": row.tenant.tenant_id if row.tenant else None,
        **{name: getattr(row, name) for name in (*_TEXTS, *_COUNTS)},
        "metadata": row.metadata,
        "flags": list(row.flags),
    }
    for name in _MOMENTS:
        moment = getattr(row, name)
        told[name] = None if moment is None else to_text(moment)
    return {name: value for name, value in told.items() if value is not None}


class _Reading:
    """One reading of facts: each fact is taken once, what is left becomes metadata."""

    def __init__(self, facts: Mapping[str, Any]) -> None:
        self.plain = Plain(bytes_max=METADATA_BYTES_MAX)
        self._left = dict(facts)
        self._moved: dict[str, Any] = {}
        flags = self._left.pop("flags", None)
        if _are_flags(flags):
            self.plain.flags += flags
        elif flags is not None:
            self._moved["flags"] = flags

    def text(self, name: str) -> str | None:
        """A text of at most ``_TEXT_BYTES_MAX``."""
        value = self._left.pop(name, None)
        if value is None or isinstance(value, str):
            short = Plain(bytes_max=_TEXT_BYTES_MAX, flags=self.plain.flags)
            return None if value is None else str(short.read(value, name))
        self._move(name, value)
        return None

    def count(self, name: str) -> int | None:
        """A whole number from 0; one with a fraction is rounded."""
        value = self._left.pop(name, None)
        if value is None:
            return None
        if isinstance(value, float) and 0 <= value <= COUNT_MAX:
            if not value.is_integer():
                self.plain.flag("rounded", name)
            value = round(value)
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= COUNT_MAX:
            return int(value)
        self._move(name, value)
        return None

    def moment(self, name: str) -> datetime | None:
        """A moment, or the text of one."""
        value = self._left.pop(name, None)
        if value is None:
            return None
        try:
            moment = from_text(value) if isinstance(value, str) else value
            if isinstance(moment, datetime) and moment.tzinfo is not None:
                # At the very ends of the calendar nothing can be added to a moment.
                _ = moment - timedelta(days=2), moment + timedelta(days=2000)
                return moment.astimezone(UTC)
        except (ValueError, OverflowError):
            pass
        self._move(name, value)
        return None

    def matching(self, name: str, pattern: re.Pattern[str]) -> str | None:
        """A word of that pattern."""
        value = self._left.pop(name, None)
        if value is None or (isinstance(value, str) and pattern.fullmatch(value)):
            return value
        self._move(name, value)
        return None

    def identifier(self, name: str) -> str | None:
        """A word that can be part of a key; of another one a word that stands for it."""
        value = self._left.pop(name, None)
        if value is None or (isinstance(value, str) and _ID.fullmatch(value)):
            return value
        self._move(name, value)
        return str(uuid.uuid5(_NAMESPACE, text_of(value).encode(errors="replace").decode()))

    def tenant(self) -> Tenant | None:
        """Whose it is: by kind and id, or by one id that has a kind."""
        kind, tenant_id = self._left.pop("tenant_kind", None), self._left.pop("tenant_id", None)
        named = {
            "tenant_kind": kind,
            "tenant_id": tenant_id,
            **{name: self._left.pop(name, None) for name, _ in _TENANTS},
        }
        told = {name: value for name, value in named.items() if value is not None}
        tenant = _tenant_in(told)
        for name, value in told.items():
            if tenant is None or value not in (tenant.kind, tenant.tenant_id):
                self._move(name, value)
        return tenant

    def metadata(self) -> dict[str, Any]:
        """All that has no place of its own."""
        own = self._left.pop("metadata", None)
        if own is not None and not isinstance(own, dict):
            self._moved["metadata"] = own
            own = None
        beside = {**self._moved, **self._left}
        taken = set(own or ())
        renamed: dict[Any, Any] = {}
        for name, value in beside.items():
            while name in taken:
                name = f"{name}_"  # noqa: PLW2901 (until it is free)
            taken.add(name)
            renamed[name] = value
        kept = self.plain.read({**renamed, **(own or {})}, "metadata")
        return cast("dict[str, Any]", kept)

    def _move(self, name: str, value: Any) -> None:
        """Keep a fact that is not what it should be as text in the metadata."""
        self.plain.flag("text", name)
        self._moved[name] = value if isinstance(value, str) else text_of(value)


def _tenant_in(told: Mapping[str, Any]) -> Tenant | None:
    """The one tenant that facts name.

    Kind and id go before an id that has a kind of its own. One id in both is a preschool's, sent
    where organisations' ids go: origin 001. Two different ones name nobody for sure.
    """
    kind, tenant_id = told.get("tenant_kind"), told.get("tenant_id")
    if kind in _KINDS and _is_id(tenant_id):
        return Tenant(kind, tenant_id)
    found = [Tenant(one, told[name]) for name, one in _TENANTS if _is_id(told.get(name))]
    return found[0] if len({tenant.tenant_id for tenant in found}) == 1 else None


def _is_id(value: Any) -> TypeGuard[str]:
    return isinstance(value, str) and _ID.fullmatch(value) is not None


def _are_flags(value: Any) -> bool:
    return (
        isinstance(value, list)
        and len(value) <= FLAGS_MAX + 1
        and all(
            isinstance(one, str) and len(one) <= FLAG_CHARS_MAX and printable(one) == one
            for one in value
        )
    )
