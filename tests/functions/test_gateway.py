"""The gateway over HTTP: events, answers, limits, CORS, files and the control surface."""

import base64
import json
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from local.cloud import Cloud
from tests.unit.local.clouds import client_of, running_cloud, until

PAGE = "http://page.example"


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    with running_cloud(tmp_path_factory.mktemp("cloud"), most_environments=3) as running:
        yield running


@pytest.fixture
def http(cloud: Cloud) -> Iterator[httpx.Client]:
    with client_of(cloud) as client:
        yield client


def answer_of(http: httpx.Client, result: Any, **request: Any) -> httpx.Response:
    """What the gateway makes of a function's result."""
    return http.post("/api/things", content="answer:" + json.dumps(result), **request)


def test_an_event_is_what_api_gateway_sends(http: httpx.Client, cloud: Cloud) -> None:
    answer = http.request(
        "POST",
        "/api/things?a=1&a=2&b=%20x&empty=",
        headers=[
            ("X-Twice", "one"),
            ("x-twice", "two"),
            ("Cookie", "first=1; second=2"),
            ("Content-Type", "application/json"),
            ("User-Agent", "a test"),
            ("Accept", "*/*"),
        ],
        content='{"name": "é"}',
    )

    event = answer.json()["event"]
    host = cloud.address.removeprefix("http://")
    context = event["requestContext"]
    assert context.pop("requestId") == answer.headers["apigw-requestid"]
    assert context.pop("timeEpoch") > 1_700_000_000_000
    assert context.pop("time").endswith(" +0000")
    assert event["headers"].pop("x-amzn-trace-id").startswith("Root=1-")
    del event["headers"]["accept-encoding"], event["headers"]["connection"]
    assert event == {
        "version": "2.0",
        "routeKey": "ANY /api/things",
        "rawPath": "/api/things",
        "rawQueryString": "a=1&a=2&b=%20x&empty=",
        "cookies": ["first=1", "second=2"],
        "headers": {
            "accept": "*/*",
            "content-length": "14",
            "content-type": "application/json",
            "host": host,
            "user-agent": "a test",
            "x-forwarded-for": "127.0.0.1",
            "x-forwarded-port": host.partition(":")[2],
            "x-forwarded-proto": "http",
            "x-twice": "one,two",
        },
        "queryStringParameters": {"a": "1,2", "b": " x", "empty": ""},
        "requestContext": {
            "accountId": "000000000000",
            "apiId": "local",
            "domainName": host,
            "domainPrefix": "127",
            "http": {
                "method": "POST",
                "path": "/api/things",
                "protocol": "HTTP/1.1",
                "sourceIp": "127.0.0.1",
                "userAgent": "a test",
            },
            "routeKey": "ANY /api/things",
            "stage": "$default",
        },
        "body": '{"name": "é"}',
        "isBase64Encoded": False,
    }


def test_parts_that_a_request_lacks_are_absent_from_its_event(http: httpx.Client) -> None:
    event = http.get("/api/things").json()["event"]

    absent = {"body", "cookies", "queryStringParameters", "pathParameters"}
    assert not absent & event.keys()
    assert event["isBase64Encoded"] is False


@pytest.mark.parametrize(
    ("content_type", "body", "as_text"),
    [
        ("application/json", b"{}", True),
        ("text/plain; charset=utf-8", b"text", True),
        ("application/xml", b"<a/>", True),
        ("application/x-www-form-urlencoded", b"a=1", False),
        ("", b"{}", False),
        ("application/sdp", b"v=0\r\n", False),
        ("application/octet-stream", b"x", False),
        ("application/json", b"\xff\xfe", False),
    ],
)
def test_only_text_types_travel_as_text(
    http: httpx.Client, content_type: str, body: bytes, as_text: bool
) -> None:
    answer = http.post("/api/things", content=body, headers={"Content-Type": content_type})

    event = answer.json()["event"]
    assert event["isBase64Encoded"] is not as_text
    encoded = event["body"]
    assert (encoded.encode() if as_text else base64.b64decode(encoded)) == body


@pytest.mark.parametrize(
    ("path", "route", "parameters"),
    [
        ("/api/things/7", "GET /api/things/{id}", {"id": "7"}),
        ("/api/things/a%2Fb%20c", "GET /api/things/{id}", {"id": "a/b c"}),
        ("/api/things/mine", "GET /api/things/mine", None),
        ("/api/deep/a/b", "GET /api/deep/{rest+}", {"rest": "a/b"}),
    ],
)
def test_the_most_specific_route_wins(
    http: httpx.Client, path: str, route: str, parameters: dict[str, str] | None
) -> None:
    event = http.get(path).json()["event"]

    assert event["routeKey"] == route
    assert event.get("pathParameters") == parameters


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/nothing"),
        ("GET", "/api/no%0Athing"),
        ("POST", "/api/things/7"),
        ("GET", "/api/things/"),
        ("PUT", "/"),
    ],
)
def test_an_unknown_route_or_method_is_not_found(
    http: httpx.Client, method: str, path: str
) -> None:
    answer = http.request(method, path)

    assert (answer.status_code, answer.json()) == (404, {"message": "Not Found"})


def test_the_environment_is_lambdas(http: httpx.Client) -> None:
    seen = http.get("/api/things").json()

    environ, context = seen["environ"], seen["context"]
    assert environ["AWS_LAMBDA_FUNCTION_NAME"] == "Echo"
    assert environ["_HANDLER"] == "app.lambda_handler"
    assert environ["COLOUR"] == "very-green"
    assert environ["SHADE"] == "dark-green"
    assert environ["TABLE"] == "local-things"
    assert environ["SECRET_ARN"] == ""
    assert environ["JOBS_URL"].endswith("/_sqs/000000000000/Jobs")
    assert seen["layer"] == "borrowed"
    assert seen["path"][0].endswith("functions/echo")
    assert seen["path"][1].endswith("/layer")
    assert not any(path.endswith("/local") for path in seen["path"])
    assert context["function_name"] == "Echo"
    assert context["memory"] == "512"
    assert context["arn"] == "arn:aws:lambda:us-east-1:000000000000:function:Echo"
    assert 9_000 < context["remaining_ms"] <= 10_000


def test_an_answer_carries_status_headers_cookies_and_body(http: httpx.Client) -> None:
    result = {
        "statusCode": 201,
        "headers": {"X-Number": 7, "X-Yes": True, "Content-Type": "application/sdp"},
        "cookies": ["a=1; Path=/", "b=2"],
        "body": base64.b64encode(b"v=0\r\n").decode(),
        "isBase64Encoded": True,
    }

    answer = answer_of(http, result)

    assert answer.status_code == 201
    assert answer.headers["x-number"] == "7"
    assert answer.headers["x-yes"] == "true"
    assert answer.headers["content-type"] == "application/sdp"
    assert answer.headers.get_list("set-cookie") == ["a=1; Path=/", "b=2"]
    assert answer.content == b"v=0\r\n"


@pytest.mark.parametrize(
    ("result", "body"), [({"a": 1}, b'{"a": 1}'), ("text", b"text"), (None, b"null"), ([1], b"[1]")]
)
def test_a_result_without_a_status_is_the_json_body_of_a_200(
    http: httpx.Client, result: Any, body: bytes
) -> None:
    answer = answer_of(http, result)

    assert (answer.status_code, answer.content) == (200, body)
    assert answer.headers["content-type"] == "application/json"


def test_a_204_has_no_body_and_no_type(http: httpx.Client) -> None:
    answer = answer_of(http, {"statusCode": 204})

    assert (answer.status_code, answer.content) == (204, b"")
    assert "content-type" not in answer.headers


@pytest.mark.parametrize(
    "result",
    [
        {"statusCode": "many"},
        {"statusCode": 99},
        {"statusCode": 200, "body": {"not": "text"}},
        {"statusCode": 200, "body": "%%%", "isBase64Encoded": True},
        {"statusCode": 200, "headers": {"x-split": "a\r\nset-cookie: b=1"}},
    ],
    ids=["status", "range", "body", "base64", "header"],
)
def test_what_is_no_answer_becomes_a_500(http: httpx.Client, result: Any) -> None:
    answer = answer_of(http, result)

    assert (answer.status_code, answer.json()) == (500, {"message": "Internal Server Error"})


def test_an_answer_over_lambdas_quota_is_a_500(http: httpx.Client) -> None:
    # Every quote is escaped on its way back, so the echo is longer than the body.
    headers = {"Content-Type": "text/plain"}
    answer = http.post("/api/things", content='"' * 3_000_000, headers=headers)

    assert (answer.status_code, answer.json()) == (500, {"message": "Internal Server Error"})


def test_a_function_that_outlives_its_time_is_a_500_and_leaves_a_fresh_one(
    http: httpx.Client,
) -> None:
    before = http.post("/api/brief", json={}).json()["pid"]

    late = http.post("/api/brief", json={"sleep": 30})

    assert (late.status_code, late.json()) == (500, {"message": "Internal Server Error"})
    after = http.post("/api/brief", json={}).json()
    assert after["pid"] != before


@pytest.mark.parametrize("order", [{"die": True}, {"fail": True}])
def test_a_function_that_dies_or_fails_is_a_500_and_the_next_call_works(
    http: httpx.Client, order: dict[str, bool]
) -> None:
    failed = http.post("/api/brief", json=order)

    assert (failed.status_code, failed.json()) == (500, {"message": "Internal Server Error"})
    assert http.post("/api/brief", json={}).status_code == 200


def test_a_function_that_does_not_load_is_a_500(http: httpx.Client) -> None:
    assert http.get("/api/broken").status_code == 500
    answer = http.post("/_control/invoke", json={"function": "Broken", "event": {}}).json()
    assert answer["functionError"] == "Unhandled"
    assert answer["payload"]["errorType"] == "Runtime.ImportModuleError"


def test_an_environment_runs_one_invocation_at_a_time_and_there_are_several(
    cloud: Cloud,
) -> None:
    with client_of(cloud) as http, ThreadPoolExecutor(12) as threads:
        answers = list(
            threads.map(lambda _: http.post("/api/brief", json={"sleep": 0.1}), range(12))
        )

    seen = [answer.json() for answer in answers]
    assert {each["inside"] for each in seen} == {1}
    assert 2 <= len({each["pid"] for each in seen}) <= 3


def test_bodies_over_the_quotas_are_413(http: httpx.Client) -> None:
    over_lambda = http.post("/api/things", content=b"x" * 6_300_000)
    over_gateway = http.post("/api/things", content=b"x" * (10 * 1024 * 1024 + 1))

    assert over_lambda.status_code == over_gateway.status_code == 413
    assert over_gateway.json() == {"message": "Request Entity Too Large"}


def test_headers_over_the_quota_are_431(http: httpx.Client) -> None:
    assert http.get("/api/things", headers={"x-long": "x" * 9_500}).status_code == 200
    assert http.get("/api/things", headers={"x-long": "x" * 10_241}).status_code == 431


def test_a_route_over_its_rate_is_429(http: httpx.Client) -> None:
    statuses = [http.get("/api/rare").status_code for _ in range(4)]

    assert statuses[:2] == [200, 200]
    assert 429 in statuses[2:]


def test_the_gateway_stops_waiting_after_its_limit(tmp_path: Any) -> None:
    with (
        running_cloud(
            tmp_path, integration_limit_s=0.5, environ={"BRIEF_TIMEOUT": "5"}
        ) as impatient,
        client_of(impatient) as http,
    ):
        answer = http.post("/api/brief", json={"sleep": 3})

    assert (answer.status_code, answer.json()) == (503, {"message": "Service Unavailable"})


def test_a_preflight_is_answered_by_the_gateway(http: httpx.Client) -> None:
    asked = {"Origin": PAGE, "Access-Control-Request-Method": "POST"}

    answer = http.options("/api/things", headers=asked)

    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == PAGE
    assert answer.headers["access-control-allow-methods"] == "GET,POST"
    assert answer.headers["access-control-allow-headers"] == "authorization,content-type"
    assert answer.headers["access-control-max-age"] == "600"


def test_a_foreign_origin_gets_no_cors_headers(http: httpx.Client) -> None:
    asked = {"Origin": "http://evil.example", "Access-Control-Request-Method": "POST"}

    preflight = http.options("/api/things", headers=asked)
    answer = http.get("/api/things", headers={"Origin": "http://evil.example"})

    assert preflight.status_code == 204
    for headers in (preflight.headers, answer.headers):
        assert not [name for name in headers if name.startswith("access-control-")]


def test_the_gateways_cors_headers_replace_the_functions(http: httpx.Client) -> None:
    result = {"statusCode": 200, "headers": {"Access-Control-Allow-Origin": "*"}}

    answer = answer_of(http, result, headers={"Origin": PAGE})

    assert answer.headers.get_list("access-control-allow-origin") == [PAGE]
    assert answer.headers["access-control-expose-headers"] == "x-request-id"


def test_a_preflight_of_an_api_without_cors_reaches_its_function(http: httpx.Client) -> None:
    asked = {"Origin": "http://any.example", "Access-Control-Request-Method": "POST"}

    answer = http.options("/api/open/7", headers=asked)

    assert answer.status_code == 200
    assert answer.json()["event"]["routeKey"] == "OPTIONS /api/open/{id}"
    assert answer.json()["event"]["headers"]["access-control-request-method"] == "POST"
    # GET has no route there, and nobody answers for the gateway.
    asked["Access-Control-Request-Method"] = "GET"
    assert http.options("/api/open/7", headers=asked).json()["event"]["pathParameters"] == {
        "id": "7"
    }


def test_the_method_that_is_asked_for_tells_two_apis_with_one_path_apart(
    http: httpx.Client,
) -> None:
    def asked(method: str) -> int:
        headers = {"Origin": PAGE, "Access-Control-Request-Method": method}
        return http.options("/api/things/7", headers=headers).status_code

    assert asked("GET") == 204  # the gateway answers
    assert asked("DELETE") == 404  # nobody does


def test_a_function_of_an_api_without_cors_says_who_may_read_it(http: httpx.Client) -> None:
    headers = {"Access-Control-Allow-Origin": "http://any.example", "Vary": "Origin"}
    text = "answer:" + json.dumps({"statusCode": 403, "headers": headers})

    answer = http.post("/api/open/7", content=text, headers={"Origin": PAGE})

    assert answer.headers.get_list("access-control-allow-origin") == ["http://any.example"]
    assert answer.headers["vary"] == "Origin"
    assert "access-control-expose-headers" not in answer.headers


def test_the_limits_of_an_api_are_its_own(http: httpx.Client) -> None:
    assert http.get("/api/open/rare").status_code == 200
    assert http.get("/api/open/rare").status_code == 429
    assert http.get("/api/things").status_code == 200


def test_the_page_and_its_files_are_served_fresh(http: httpx.Client) -> None:
    page, script = http.get("/"), http.get("/page.js")

    assert "<title>Page</title>" in page.text
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.headers["cache-control"] == "no-cache"
    assert script.headers["content-type"] == "text/javascript; charset=utf-8"


@pytest.mark.parametrize(
    "target",
    [
        "/../template.yaml",
        "/%2e%2e/template.yaml",
        "/..%2ftemplate.yaml",
        "/.hidden",
        "//etc/passwd",
        "/%00",
    ],
)
def test_nothing_outside_the_page_is_served(cloud: Cloud, target: str) -> None:
    port = int(cloud.address.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), 5) as raw:
        raw.sendall(
            f"GET {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode()
        )
        status = raw.makefile("rb").readline()

    assert status.split()[1] in {b"404", b"400"}


def test_the_explorer_and_its_description_are_served(http: httpx.Client) -> None:
    assert "API explorer" in http.get("/docs").text
    assert http.get("/docs/openapi.json").json()["openapi"] == "3.1.0"


@pytest.mark.parametrize("path", ["/", "/docs", "/_control/functions", "/_sqs/"])
def test_a_foreign_host_is_refused(http: httpx.Client, path: str) -> None:
    assert http.get(path, headers={"Host": "evil.example:3000"}).status_code == 403
    assert http.get(path, headers={"Host": "127.0.0.1.evil.example"}).status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": PAGE},
        {"Origin": "http://localhost:1"},
        {"Sec-Fetch-Site": "cross-site"},
    ],
)
def test_the_control_surface_refuses_foreign_pages(
    http: httpx.Client, headers: dict[str, str]
) -> None:
    order = {"function": "Echo", "event": {}}

    assert http.post("/_control/invoke", json=order, headers=headers).status_code == 403
    assert http.get("/_control/queues", headers=headers).status_code == 403


def test_the_control_surface_serves_our_own_page(http: httpx.Client, cloud: Cloud) -> None:
    port = cloud.address.rpartition(":")[2]

    for origin in (cloud.address, f"http://localhost:{port}"):
        headers = {"Origin": origin, "Host": f"localhost:{port}"}
        assert http.get("/_control/functions", headers=headers).status_code == 200


def test_functions_are_listed_with_what_calls_them(http: httpx.Client) -> None:
    items = http.get("/_control/functions").json()["items"]

    worker = next(item for item in items if item["function"] == "Worker")
    assert [item["function"] for item in items] == ["Echo", "Brief", "Broken", "Worker"]
    assert worker["queues"] == ["Jobs"]
    assert worker["schedules"] == [
        {"name": "WorkerTick", "everySeconds": 60},
        {"name": "WorkerHourly", "everySeconds": 7200},
    ]


@pytest.mark.parametrize("name", ["Brief", "brief"])
def test_a_function_is_invoked_as_the_aws_command_would(http: httpx.Client, name: str) -> None:
    good = http.post("/_control/invoke", json={"function": name, "event": {}}).json()
    bad = http.post(
        "/_control/invoke", json={"function": name, "event": {"body": '{"fail": true}'}}
    ).json()

    assert good["statusCode"] == 200
    assert good["payload"]["inside"] == 1
    assert "functionError" not in good
    assert bad["functionError"] == "Unhandled"
    assert bad["payload"]["errorType"] == "RuntimeError"
    assert bad["payload"]["errorMessage"] == "as ordered"


def test_an_order_that_names_nothing_is_refused(http: httpx.Client) -> None:
    assert http.post("/_control/invoke", json={"function": "Nobody"}).status_code == 404
    assert http.post("/_control/invoke", content="[").status_code == 400
    assert http.post("/_control/invoke", json=[1]).status_code == 400


def test_output_of_functions_is_logged_as_json_lines(http: httpx.Client, cloud: Cloud) -> None:
    http.post("/api/things", content="print", headers={"Content-Type": "text/plain"})

    log = cloud._logs._folder / "Echo.log"
    until(lambda: log.is_file() and '"called"' in log.read_text())
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert any(line["message"] == "called" and "call" in line for line in lines)
    until(lambda: "a plain line" in log.read_text())
    plain = next(line for line in log.read_text().splitlines() if "a plain line" in line)
    assert json.loads(plain).keys() == {"timestamp", "message"}
