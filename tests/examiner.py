"""schemathesis asks our API whatever its OpenAPI document allows and forbids, over HTTP.

``examine`` runs its engine against the gateway (``tests.front_door``) and brings back what failed.
Three kinds of failures are none, and nothing else is left out:

- an undeclared method that is another operation's, whose path has an id where this one has a word;
- what the gateway refuses by itself. It never reaches a function, and has API Gateway's own form:
  no route (404, also for an undeclared method, since an HTTP API knows no 405), too large (413),
  headers too long (431);
- a refusal of what no schema can forbid, by its code or by its operation and field (``BEYOND``).
"""

import copy
import json
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import schemathesis
from schemathesis.engine import events, from_schema

from greenroom.realtime.sdp import REASONS
from local.http_events import message
from tests.conformity import the_document

PHASES = ("examples", "coverage", "fuzzing", "stateful")
KNOWN_IDS = 0.6  # how often a parameter is an id that is there
GATEWAYS_OWN = {
    message(404, "Not Found").body,
    message(413, "Request Entity Too Large").body,
    message(431, "Request Header Fields Too Large").body,
}
# Codes, and fields of an operation: rules between members, and what only we can know.
BEYOND = {
    "EXACTLY_ONE_CUSTOMER",  # several parameters of which one is given
    "IDEMPOTENCY_MISMATCH",  # the key was used before
    "INVALID_SIGNATURE",  # nobody draws a signature
    "SDP_REFUSED_BY_PROVIDER",
    *REASONS,  # whether a text is an offer
    "int_type",  # 12.0 is an integer to JSON Schema, and none to us
    "cursor",  # only those that we gave
    "use",  # who may pay how depends on who asks
    "GET /api/admin/ai/quota tenantId",  # goes with tenantKind, or else userId
    "GET /api/admin/usage from",  # not after `to`
    # Printable, as no pattern of JSON Schema can say.
    "GET /api/admin/ai/quota serviceType",
    "GET /api/admin/audit ref",
    "GET /api/admin/trail actor",
    "GET /api/admin/usage serviceType",
    "GET /api/admin/users q",
    "GET /api/ai/logs requestId",
    "GET /api/ai/logs serviceType",
    "GET /api/ai/logs tenantId",
    "GET /api/ai/quota tenantId",  # goes with tenantKind
    "GET /api/organizations/{organizationId}/clients q",  # printable
    "GET /api/organizations/{organizationId}/leads q",
    "POST /api/admin/ai/adjustments reason",  # three characters without the blanks around them
    "POST /api/admin/credits reason",
    "PUT /api/admin/ai/quota reason",
    "POST /api/ai/generate input",  # what is asked depends on the service
    "POST /api/ai/generate input.prompt",
    "PATCH /api/organizations/{organizationId} allowedOrigins[]",  # as browsers write them
    "PATCH /api/organizations/{organizationId} timezone",  # which there are
    "POST /api/checkout cancelPath",  # goes with a sku, not with an intake
    "POST /api/checkout quantity",
    "POST /api/checkout successPath",
    "POST /api/checkout sku",  # what is for sale
    "POST /api/intake/start plan",
    "POST /api/intake/start preferredMechanicId",  # our id, or Clerk's
    "POST /api/intake/start workshopId",  # goes with its routing
    "POST /api/interviews messages[].timestamp",  # of the years 1970 to 9999
    "POST /api/organizations/{organizationId}/me name",  # needed where we know none
    "POST /api/widget/{key}/bookings name",  # without control and formatting characters
    "tenant.id",  # which ids there are depends on its kind
    "startsAt",  # of this century, on five minutes
    "validFrom",
    "validUntil",
}


@dataclass
class Findings:
    """What came out: operations with a function's answers, by status, and what failed."""

    answered: Counter[tuple[str, int]] = field(default_factory=Counter)
    failed: dict[str, list[str]] = field(default_factory=dict)
    requests: int = 0

    @property
    def reached(self) -> set[str]:
        """The operations that answered well at least once."""
        return {key for key, status in self.answered if 200 <= status < 300}

    @property
    def asked(self) -> set[str]:
        """The operations whose function answered."""
        return {key for key, _ in self.answered}

    def told(self) -> str:
        """Everything that failed, for a person."""
        return "\n\n".join(text for texts in self.failed.values() for text in texts)


def examine(
    address: str,
    operations: Collection[str],
    *,
    token: str,
    origin: str,
    phases: Collection[str],
    examples: int,
    known: Mapping[str, Collection[str]],
    document: dict[str, Any] | None = None,
) -> Findings:
    """Ask these operations (``GET /api/user``), signed in, from a page of that origin.

    ``known`` are ids of what is there, by the parameters that name it. The document is ours, unless
    another is given.
    """
    asked = _config(phases, examples, known) | {
        "base-url": address,
        "auth": {"openapi": {"session": {"bearer": token}}},
        "headers": {"Origin": origin},
    }
    config = schemathesis.Config.from_dict(asked)
    # It writes what it finds out into the document, which others are held to.
    schema = schemathesis.openapi.from_dict(
        copy.deepcopy(document or the_document()), config=config
    )
    wanted = schema.include(name=list(operations))
    findings = Findings()
    for event in from_schema(wanted).execute():
        if isinstance(event, events.ScenarioFinished):
            _note(findings, event.recorder)
        elif isinstance(event, events.NonFatalError | events.FatalError):
            cause = event.value if isinstance(event, events.NonFatalError) else event.exception
            raise cause
    return findings


def _config(
    phases: Collection[str], examples: int, known: Mapping[str, Collection[str]]
) -> dict[str, Any]:
    bound = {
        f"{place}.{name}": {"dictionary": name, "probability": KNOWN_IDS}
        for name in known
        for place in ("path", "query")
    }
    return {
        "seed": 7,
        "cache": {"enabled": False},
        "continue-on-failure": True,
        "workers": 1,
        "checks": {"enabled": True},
        "dictionaries": {name: {"values": list(ids)} for name, ids in known.items()},
        "parameters": bound,
        "generation": {"deterministic": True, "no-shrink": True, "max-examples": examples},
        "phases": {name: {"enabled": name in phases} for name in PHASES},
    }


def _note(findings: Findings, recorder: Any) -> None:
    for case_id, interaction in recorder.interactions.items():
        findings.requests += 1
        if interaction.response is not None and not _is_gateways_own(interaction.response):
            key = recorder.cases[case_id].value.operation.label
            findings.answered[key, interaction.response.status_code] += 1
    for case_id, checks in recorder.checks.items():
        for check in checks:
            if check.failure_info is not None:
                _judge(findings, recorder, case_id, check)


def _judge(findings: Findings, recorder: Any, case_id: str, check: Any) -> None:
    key = recorder.cases[case_id].value.operation.label
    response = recorder.find_response(case_id=case_id)
    if response is not None:
        if _is_gateways_own(response):
            return
        if check.name == "positive_data_acceptance" and _is_beyond(key, response):
            return
        if check.name == "unsupported_method" and _is_anothers(response):
            return
    said = "" if response is None else f"{response.status_code} {response.content[:600]!r}"
    failure = check.failure_info
    text = (
        f"{check.name}: {key}\n{failure.failure.message[:600]}\n{said}\n{failure.code_sample[:600]}"
    )
    findings.failed.setdefault(key, []).append(text)


def _is_gateways_own(response: Any) -> bool:
    return response.content in GATEWAYS_OWN and "x-request-id" not in response.headers


def _is_anothers(response: Any) -> bool:
    """Whether another operation has taken the method: an id in its path may be any word."""
    method, path = response.request.method, urlsplit(response.request.url).path
    return any(re.fullmatch(pattern, f"{method} {path}") for pattern in _patterns())


def _is_beyond(key: str, response: Any) -> bool:
    return any(one in BEYOND for one in _refused_for(key, response))


def _refused_for(key: str, response: Any) -> Iterator[str]:
    try:
        problem = json.loads(response.content)
    except ValueError:
        return
    yield problem.get("code", "")
    for error in (problem, *problem.get("errors", ())):
        field = re.sub(r"\.\d+", "[]", error.get("field", ""))
        yield f"{key} {field}"
        yield field
        yield error.get("type", "")


@cache
def _patterns() -> list[str]:
    return [re.sub(r"\{\w+\}", "[^/]+", key) for key in operations()]


@cache
def operations() -> dict[str, dict[str, Any]]:
    """Every operation of the document by its key."""
    return {
        f"{method.upper()} {path}": operation
        for path, methods in the_document()["paths"].items()
        for method, operation in methods.items()
    }
