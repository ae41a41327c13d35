"""``ops deploy-check``: each thing that has to be true of a deployment is seen, and missed."""

import io
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import boto3
import httpx
import pytest
from moto import mock_aws

from ops.cli import main
from ops.deploy_check import ADDRESS, TOKEN
from ops.deployment import FOREIGN
from tests.books import Operator, Vandal
from tests.world import ORIGIN, World

LISTED = {"object": "list", "data": [{"id": "gpt-realtime-2.1-mini"}, {"id": "gpt-5-mini"}]}


class Served:
    """A world's handlers behind HTTP, with the preflights that API Gateway answers."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.origins = {ORIGIN}
        self.forced: dict[str, int] = {}
        self.open: set[str] = set()  # routes that forgot to ask who is calling
        served = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                served.answer(self, "GET")

            def do_POST(self) -> None:
                served.answer(self, "POST")

            def do_OPTIONS(self) -> None:
                origin = self.headers["Origin"]
                self.send_response(204)
                if origin in served.origins:
                    self.send_header("Access-Control-Allow-Origin", origin)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.lock = threading.Lock()
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/api"

    def answer(self, request: BaseHTTPRequestHandler, method: str) -> None:
        length = int(request.headers.get("Content-Length") or 0)
        body = json.loads(request.rfile.read(length)) if length else None
        bearer = request.headers.get("Authorization", "").removeprefix("Bearer ") or None
        if not bearer and request.path in self.open:
            bearer = self.world.person("user_admin").token()
        with self.lock:
            reply = self.world.call(f"{method} {request.path}", body, token=bearer)
        request.send_response(self.forced.get(request.path, reply.status))
        request.send_header("Content-Type", "application/json")
        request.end_headers()
        request.wfile.write(reply.text.encode())

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join(10)


@pytest.fixture
def served(world: World) -> Iterator[Served]:
    world.person("user_admin").credits()
    made = Served(world)
    yield made
    made.stop()


def check(served: Served, *words: str) -> tuple[int, dict[str, Any], Any]:
    """The exit code, ``ok`` by name, and the whole answer."""
    served.world.provider.script("/models", httpx.Response(200, json=LISTED))
    token = served.world.person("user_admin").token()
    operator = Operator(served.world, **{TOKEN: token, ADDRESS: served.base})
    code, found = operator.run("deploy-check", "--origin", ORIGIN, *words)
    return code, {one["name"]: one["ok"] for one in found["checks"]} if found else {}, found


def test_a_deployment_that_is_well_is_told_so(served: Served) -> None:
    code, _, found = check(served, "--public")

    failed = [one for one in found["checks"] if one["ok"] is False]
    assert failed == []
    assert (code, found["ok"]) == (0, True)
    assert len(found["checks"]) == 13


def test_the_list_of_origin_003_is_looked_at(served: Served) -> None:
    _, seen, _ = check(served)

    assert seen["user"] is True
    assert seen["books"] is True
    assert seen["error monitor"] is True
    assert {"connection: table", "connection: stripe"} <= {
        name.partition("_")[0] for name in seen
    } | set(seen)
    assert seen["webhooks"] is not None


def test_an_open_route_is_a_failure(served: Served) -> None:
    served.open = {"/api/admin/users"}

    code, seen, found = check(served, "--public")

    assert (code, seen["nobody sees /admin/users"]) == (1, False)
    (todo,) = [one["do"] for one in found["checks"] if one["ok"] is False]
    assert "stop the traffic" in todo


def test_a_missing_secret_is_not_ready(served: Served) -> None:
    served.world.rewire(TOKEN_SEALING_KEYS="")

    code, seen, _ = check(served, "--public")

    assert (code, seen["ready"]) == (1, False)


def test_unsigned_news_that_are_taken_are_a_failure(served: Served) -> None:
    served.forced = {"/api/webhooks/stripe": 200}

    code, seen, _ = check(served, "--public")

    assert (code, seen["unsigned news of stripe are refused"]) == (1, False)


@pytest.mark.parametrize(
    ("origins", "name"), [(set[str](), "page may call"), ({ORIGIN, FOREIGN}, "others may not")]
)
def test_origins_are_exact(served: Served, origins: set[str], name: str) -> None:
    served.origins = origins

    code, seen, _ = check(served, "--public")

    assert (code, seen[name]) == (1, False)


def test_books_that_do_not_agree_are_a_failure(served: Served) -> None:
    ada = served.world.person()
    ada.credits()
    Vandal(served.world).change(f"USER#{ada.user_id}", "ACCOUNT", credits=7)

    code, seen, _ = check(served)

    assert (code, seen["books"]) == (1, False)


def test_a_token_of_somebody_else_sees_nothing(served: Served) -> None:
    person = served.world.person()
    person.credits()

    code, found = Operator(served.world, **{ADDRESS: served.base}).run(
        "deploy-check", "--token", person.token()
    )

    seen = {one["name"]: one["ok"] for one in found["checks"]}
    assert (code, seen["connections"], seen["user"]) == (1, False, False)


def test_nobody_there_is_a_failure_and_no_crash(world: World) -> None:
    operator = Operator(world, **{ADDRESS: "http://127.0.0.1:9/api"})

    code, said = operator.say("deploy-check", "--public")

    assert code == 1
    assert "FAILED" in said
    assert "nobody answers" in said


def test_an_address_without_encryption_is_a_failure(world: World) -> None:
    operator = Operator(world, **{ADDRESS: "http://api.invalid/api"})

    _, found = operator.run("deploy-check", "--public", "--no-table")

    assert found["checks"][0]["ok"] is False


@pytest.mark.parametrize(
    ("settings", "why"), [({}, "where the deployment is"), ({ADDRESS: "http://x"}, "session token")]
)
def test_what_is_missing_is_said(
    world: World, settings: dict[str, str], why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert Operator(world, **settings).run("deploy-check") == (1, None)

    assert why in capsys.readouterr().err


KEYS: dict[str, Any] = {
    "KeySchema": [{"AttributeName": "PK", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "PK", "AttributeType": "S"}],
    "BillingMode": "PAY_PER_REQUEST",
}


@pytest.mark.parametrize("is_safe", [True, False])
def test_the_tables_settings_are_looked_at_in_aws(served: Served, is_safe: bool) -> None:
    indexes = [
        {"IndexName": name, "KeySchema": KEYS["KeySchema"], "Projection": {"ProjectionType": "ALL"}}
        for name in ("GSI1", "GSI2")
    ]
    environ = dict(Operator(served.world, **{ADDRESS: served.base}).environ) | {
        "TABLE_NAME": "live",
        "TABLE_CLIENT": "botocore",  # moto answers that one
    }
    del environ["GREENROOM_DYNAMODB_ENDPOINT"]
    said = io.StringIO()
    with mock_aws():
        client = boto3.client("dynamodb", region_name="eu-central-1")
        stream = {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
        safe: dict[str, Any] = {"DeletionProtectionEnabled": True, "StreamSpecification": stream}
        client.create_table(
            TableName="live", **KEYS, GlobalSecondaryIndexes=indexes, **(safe if is_safe else {})
        )
        if is_safe:
            client.update_continuous_backups(
                TableName="live",
                PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True},
            )
            ttl = {"Enabled": True, "AttributeName": "ttl"}
            client.update_time_to_live(TableName="live", TimeToLiveSpecification=ttl)
        main(["--json", "deploy-check", "--public"], environ=environ, stdout=said)

    seen = {one["name"]: one["ok"] for one in json.loads(said.getvalue())["checks"]}
    names = ("deletion protection", "point-in-time recovery", "stream", "time to live")
    assert [seen[name] for name in names] == [is_safe] * 4
    assert seen["both indexes"] is True
