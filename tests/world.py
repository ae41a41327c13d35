"""A world for tests: a sound engine, a table of its own, people, a clock, real handlers.

Nothing of ours is replaced: requests go as HTTP API events through ``lambda_handler``. Only
the parties outside are fakes, behind the transport that the product's own adapters use.
"""

import base64
import importlib
import json
import time
import uuid
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from typing import Any

import boto3
import jwt
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm
from pynamodb.connection import Connection

from greenroom.kernel.clock import to_text
from greenroom.kernel.ids import user_id_of
from greenroom.table.haste import HASTE
from greenroom.table.table import Table
from greenroom.table.wire import WireConnection
from greenroom.wiring import FUNCTION_SETTINGS, Wiring
from local.cloudformation import variable_name
from local.resources import Template
from tests import actions
from tests.conformity import hold_to_contract
from tests.fakes.provider import FakeProvider
from tests.reliability import faults

ISSUER = "https://clerk.greenroom.test"
ORIGIN = "https://app.greenroom.test"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
JWKS = {"keys": [RSAAlgorithm.to_jwk(KEY.public_key(), as_dict=True) | {"kid": "k1", "use": "sig"}]}
API_KEY = "sk-canary-standard-key-0123456789"
START = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)

SECRETS = {
    "OPENAI_API_KEY": API_KEY,
    "LLM_API_KEY": "sk-canary-llm-key-0123456789",
    "TOKEN_SEALING_KEYS": "k1:" + base64.b64encode(b"0123456789abcdef0123456789abcdef").decode(),
    "FINGERPRINT_KEY": "00" * 32,
    "WIDGET_SIGNING_KEYS": "k1:" + base64.b64encode(b"canary-widget-signing-key-012345").decode(),
    "TURN_SECRET": "canary-turn-secret",
    "STRIPE_SECRET_KEY": "sk_test_canary_0123456789",
    "STRIPE_WEBHOOK_SECRETS": "whsec_canary_stripe_0123456789",
    "CLERK_WEBHOOK_SECRETS": "whsec_" + base64.b64encode(b"canary-clerk-webhook-key").decode(),
}
CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "local",
    "AWS_SECRET_ACCESS_KEY": "local",
    "AWS_DEFAULT_REGION": "eu-central-1",
    "AWS_REGION": "eu-central-1",
}

# The bodies of the problems that handlers answered in this test (tests/canaries.py).
PROBLEMS: list[str] = []


class MovableClock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: datetime = START) -> None:
        self.now = now

    def __call__(self) -> datetime:
        """The present."""
        return self.now

    def move(self, seconds: float) -> datetime:
        """Let time pass; the new present."""
        self.now += timedelta(seconds=seconds)
        return self.now


@dataclass(frozen=True)
class Reply:
    """What a handler answered."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def body(self) -> Any:
        """The JSON body."""
        return json.loads(self.text)

    @property
    def code(self) -> Any:
        """The stable code of a problem."""
        return self.body["code"]


@dataclass(frozen=True)
class Context:
    """The part of a Lambda context that handlers read."""

    remaining_ms: int = 29_000
    aws_request_id: str = "test"
    function_name: str = "test"
    memory_limit_in_mb: int = 1024
    invoked_function_arn: str = "arn:aws:lambda:eu-central-1:123456789012:function:test"

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds that are left."""
        return self.remaining_ms


class Person:
    """Somebody who can sign in; every token is fresh by the world's clock."""

    def __init__(self, world: "World", clerk_id: str, **claims: Any) -> None:
        self.world = world
        self.clerk_id = clerk_id
        self.claims = claims

    @property
    def user_id(self) -> str:
        """Our id of the person."""
        return user_id_of(self.clerk_id)

    def token(self, **changes: Any) -> str:
        """A session token, valid for a minute."""
        now = int(self.world.clock().timestamp())
        claims = {
            "iss": ISSUER,
            "sub": self.clerk_id,
            "sid": f"sess_{self.clerk_id}",
            "azp": ORIGIN,
            "iat": now,
            "nbf": now,
            "exp": now + 60,
            "v": 2,
            "sts": "active",
        }
        return _signed(json.dumps(claims | self.claims | changes))

    def call(self, route: str, body: Any = None, **options: Any) -> Reply:
        """Call the API as this person."""
        return self.world.call(route, body, token=self.token(), **options)

    def start(self, body: Any = None, *, key: str | None = None) -> Reply:
        """Start an interview."""
        headers = {"idempotency-key": key} if key is not None else {}
        return self.call("POST /api/realtime-session", body or {}, headers=headers)

    def exchange(self, started: Reply, offer: bytes, **options: Any) -> Reply:
        """Exchange an offer for a started session."""
        headers = {
            "content-type": "application/sdp",
            "x-session-id": started.body["sessionId"],
            "x-session-token": started.body["token"],
        }
        return self.call("POST /api/webrtc-exchange", offer, headers=headers, **options)

    def credits(self) -> float:
        """The balance that the API shows."""
        return float(self.call("GET /api/user").body["credits"])

    def ledger(self) -> list[dict[str, Any]]:
        """All ledger entries that the API shows, newest first."""
        items: list[dict[str, Any]] = self.call("GET /api/user/ledger?limit=100").body["items"]
        return items


@dataclass
class World:
    """One table, one clock, one provider, all functions wired to them."""

    template: Template
    endpoint: str
    connection: Connection
    settings: dict[str, str] = field(default_factory=dict)
    clock: MovableClock = field(default_factory=MovableClock)
    origin: str | None = None  # of the page that sends the requests, where that matters

    def __post_init__(self) -> None:
        self.provider = FakeProvider(clock=self.clock)
        self.table_name = f"greenroom-{uuid.uuid4()}"
        schema = {**self.template.tables[0].schema, "TableName": self.table_name}
        client_of(self.endpoint).create_table(**schema)
        self.table = Table(self.table_name, self.connection, clock=self.clock)
        # Its tries end as early as in a deployment; one try may take as long as this machine needs.
        self.hasty_table = Table(self.table_name, self.connection, clock=self.clock, patience=HASTE)
        self.routes = {route.key: route.function for route in self.template.routes}
        self.apps = {
            name: importlib.import_module(f"functions.{name}.app") for name in FUNCTION_SETTINGS
        }
        self.rewire()

    def end(self) -> None:
        """Drop the table: where there are a thousand, one more takes ten times as long."""
        client = client_of(self.endpoint)
        with suppress(client.exceptions.ResourceNotFoundException):  # a test may have dropped it
            client.delete_table(TableName=self.table_name)

    def rewire(self, **settings: str) -> None:
        """Give all functions these settings, as new containers."""
        self.settings |= settings
        given = {
            **CREDENTIALS,
            **SECRETS,
            "TABLE_NAME": self.table_name,
            "GREENROOM_DYNAMODB_ENDPOINT": self.endpoint,
            "CLERK_ISSUER": ISSUER,
            "CLERK_JWKS": json.dumps(JWKS),
            "CLERK_AUTHORIZED_PARTIES": ORIGIN,
            "ALLOWED_ORIGINS": ORIGIN,
            "GREENROOM_ADMINS": "user_admin",
            "WEBHOOK_MARK_PAUSE_S": "0",  # most tests look at what a webhook itself does
            "STRIPE_API_BASE": "http://127.0.0.1:1",  # nobody listens there
            **self.settings,
        }
        for name in ("FeedbackQueue", "UsageLogQueue"):
            actions.QUEUES[given.get(f"{variable_name(name)}_URL", "")] = name
        environ = actions.Environ(given)
        for name in self.apps:
            self.wiring(name).rewire(
                environ=environ,
                clock=self.clock,
                table=self.table,
                hasty_table=self.hasty_table,
                transport=faults.Transport(self.provider),
            )

    def wiring(self, name: str) -> Wiring:
        """How one function is wired."""
        wired: Wiring = self.apps[name].wired
        return wired

    def person(self, clerk_id: str | None = None, **claims: Any) -> Person:
        """Somebody; without an id, somebody new."""
        return Person(self, clerk_id or f"user_{uuid.uuid4().hex}", **claims)

    def call(
        self,
        route: str,
        body: Any = None,
        *,
        token: str | None = None,
        headers: Mapping[str, str] | None = None,
        base64_body: bool = False,
        remaining_ms: int = 29_000,
        address: str = "127.0.0.1",
    ) -> Reply:
        """Send one HTTP API event to the function that the template names for the route.

        ``route`` is ``GET /api/sessions/<id>?limit=2``; the template's pattern is found.
        """
        event, function = self.event(
            route, body, token=token, headers=headers, base64_body=base64_body, address=address
        )
        answer = self.invoke(function, event, remaining_ms=remaining_ms)
        return Reply(answer["statusCode"], answer.get("headers", {}), answer.get("body", ""))

    def event(
        self,
        route: str,
        body: Any = None,
        *,
        token: str | None = None,
        headers: Mapping[str, str] | None = None,
        base64_body: bool = False,
        address: str = "127.0.0.1",
    ) -> tuple[dict[str, Any], str]:
        """The HTTP API event of a request, and the function that takes it."""
        method, _, target = route.partition(" ")
        path, _, query = target.partition("?")
        key, parameters = self._match(method, path)
        sent = dict(headers or {})
        if self.origin is not None:
            sent.setdefault("origin", self.origin)
        if token is not None:
            sent["authorization"] = f"Bearer {token}"
        text: str | None
        if isinstance(body, bytes):
            # API Gateway hands on binary media types in base64.
            text, base64_body = base64.b64encode(body).decode(), True
        elif body is None or isinstance(body, str):
            text = body
        else:
            text = json.dumps(body)
        if text is not None:
            sent.setdefault("content-type", "application/json")
        pairs = [pair.partition("=") for pair in query.split("&") if pair]
        event = {
            "version": "2.0",
            "routeKey": key,
            "rawPath": path,
            "rawQueryString": query,
            "headers": sent,
            "queryStringParameters": {name: value for name, _, value in pairs} or None,
            "pathParameters": parameters or None,
            "requestContext": {
                "requestId": f"req-{uuid.uuid4()}",
                "http": {"method": method, "path": path, "sourceIp": address},
                "timeEpoch": int(time.time() * 1000),
            },
            "body": text,
            "isBase64Encoded": base64_body,
        }
        return event, self.function_of(key)

    def function_of(self, key: str) -> str:
        """The package in ``functions/`` that answers a route."""
        return self.template.functions[self.routes[key]].code.name

    def invoke(self, function: str, event: Any, *, remaining_ms: int = 29_000) -> Any:
        """Invoke a function as Lambda does; what it answers to a route is held to the contract."""
        with actions.acting(function):
            answer = self.apps[function].lambda_handler(event, Context(remaining_ms))
        key = event.get("routeKey") if isinstance(event, dict) else None
        if key in self.routes and self.function_of(str(key)) == function:
            hold_to_contract(key, answer["statusCode"], answer["headers"], answer.get("body", ""))
        if isinstance(answer, dict) and answer.get("statusCode", 0) >= 400:
            PROBLEMS.append(answer["body"])
        return answer

    def sweep(self) -> Any:
        """One run of the sweeper, now."""
        return self.invoke("sweeper", {"time": to_text(self.clock())})

    def feedback(self) -> Any:
        """One run of the feedback schedule, now."""
        return self.invoke("feedback", {"time": to_text(self.clock())}, remaining_ms=110_000)

    def redrive(self, *bodies: str) -> list[str]:
        """One batch of the usage log's queue: the ids of the messages that have to come again."""
        messages = [{"messageId": str(place), "body": body} for place, body in enumerate(bodies)]
        answer = self.invoke("usage_log", {"Records": messages})
        return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]

    def rows(self) -> list[dict[str, Any]]:
        """Every row of the table, raw."""
        pages = client_of(self.endpoint).get_paginator("scan").paginate(TableName=self.table_name)
        return [row for page in pages for row in page["Items"]]

    def _match(self, method: str, path: str) -> tuple[str, dict[str, str]]:
        parts = path.split("/")
        for key, names in _patterns(tuple(self.routes)).get((method, len(parts)), []):
            pairs = list(zip(names, parts, strict=True))
            if all(name.startswith("{") or name == part for name, part in pairs):
                found = {name[1:-1]: part for name, part in pairs if name.startswith("{")}
                return key, found
        raise LookupError(f"the template has no route {method} {path}")


@cache
def _patterns(keys: tuple[str, ...]) -> dict[tuple[str, int], list[tuple[str, list[str]]]]:
    """The routes by method and number of parts, those without parameters first."""
    found: dict[tuple[str, int], list[tuple[str, list[str]]]] = {}
    for key in sorted(keys, key=lambda one: one.count("{")):
        method, _, pattern = key.partition(" ")
        names = pattern.split("/")
        found.setdefault((method, len(names)), []).append((key, names))
    return found


@lru_cache(maxsize=1024)
def _signed(claims: str) -> str:
    """The token of these claims: RS256 signs the same claims the same way every time."""
    return jwt.encode(json.loads(claims), KEY, algorithm="RS256", headers={"kid": "k1"})


@cache
def client_of(endpoint: str) -> Any:
    """A DynamoDB client of the engine."""
    client = boto3.client("dynamodb", endpoint_url=endpoint, region_name=CREDENTIALS["AWS_REGION"])
    wire = WireConnection(host=endpoint, region=CREDENTIALS["AWS_REGION"]).client

    def call(operation: str, parameters: dict[str, Any]) -> Any:
        try:
            return wire._make_api_call(operation, parameters)
        except ClientError as told:
            refusal = client.exceptions.from_code(told.response["Error"]["Code"])
            raise refusal(told.response, operation) from told

    client._make_api_call = call  # a walk through botocore's models takes five times as long
    client.close = wire.close
    return client
