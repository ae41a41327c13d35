"""The edge, for every route that takes a body: what is refused before it is read."""

import base64
import json

import pytest

from greenroom.kernel.ids import new_id
from greenroom.kernel.limits import BODY_SDP_MAX
from greenroom.web.route import Route
from tests.fakes.provider import OFFER
from tests.figures import Figure
from tests.functions.edge import each, example, path_of
from tests.world import Person, World


@each(lambda route: route.body)
@pytest.mark.parametrize("base64_body", [False, True], ids=["text", "base64"])
def test_a_body_of_the_limit_is_read_and_one_byte_more_is_not(
    edge: World, ada: Person, figure: Figure, route: Route, base64_body: bool
) -> None:
    text = json.dumps(example(route) or {}, ensure_ascii=False)
    padded = text + " " * (route.body_max - len(text.encode()))
    for body, refused in [(padded, False), (padded + " ", True)]:
        sent = base64.b64encode(body.encode()).decode() if base64_body else body

        reply = ada.call(path_of(route), sent, base64_body=base64_body)

        sound = (reply.status == 413) is refused
        figure("hostile input", "limits of bodies, to the byte", good=int(sound), of=1)
        assert (reply.status == 413) is refused, reply.text[:200]
        if refused:
            assert reply.body["limitBytes"] == route.body_max


def test_an_offer_of_the_limit_is_read_and_one_byte_more_is_not(edge: World, ada: Person) -> None:
    started = ada.start()
    tight = OFFER + b"a=x:" + b"y" * (BODY_SDP_MAX - len(OFFER) - 6) + b"\r\n"

    assert len(tight) == BODY_SDP_MAX
    assert ada.exchange(started, tight + b" ").code == "BODY_TOO_LARGE"
    assert ada.exchange(started, tight).code != "BODY_TOO_LARGE"


@each(lambda route: route.body)
@pytest.mark.parametrize(
    "body",
    [
        "[" * 60_000,
        '{"a":' * 16_000,
        "{",
        "nonsense",
        '{"jobTitle": "x",}',
        '{"jobTitle": "\\ud800"}',
        '{"jobTitle": "\ud800"}',
        b"\xff\xfe{}",
        b'{"jobTitle": "\xc3\x28"}',
        "\ufeff{}",
        "\0",
    ],
    ids=lambda body: ascii(body[:24]),
)
def test_what_is_no_json_is_a_400(
    edge: World, ada: Person, route: Route, body: str | bytes
) -> None:
    headers = {"content-type": "application/json"}

    reply = ada.call(path_of(route), body, headers=headers)

    if len(body) > route.body_max:
        assert reply.status == 413
        return
    if route.loose and "\\ud800" in str(body):
        pytest.skip("half a character is kept as text")
    assert reply.status == 400, reply.text
    assert reply.code == "INVALID_REQUEST"
    assert reply.body["field"] == "body"


@each(lambda route: route.body)
def test_garbage_that_is_called_base64_is_a_400(edge: World, ada: Person, route: Route) -> None:
    assert ada.call(path_of(route), "{}*", base64_body=True).code == "INVALID_REQUEST"


@each(lambda route: route.body)
def test_only_json_is_read(edge: World, ada: Person, route: Route) -> None:
    for media_type in ("text/plain", "", "application/x-www-form-urlencoded", "application/json5"):
        headers = {"content-type": media_type}
        reply = ada.call(path_of(route), example(route) or {}, headers=headers)
        assert reply.status == 415, media_type
        assert reply.body["expected"] == "application/json"
    for media_type in ("application/json; charset=utf-8", "Application/JSON ;x=y"):
        headers = {"content-type": media_type}
        assert ada.call(path_of(route), example(route) or {}, headers=headers).status != 415


@each(lambda route: route.body)
@pytest.mark.parametrize("body", ["null", "[]", '"text"', "12", "true", "1e400", "-0.0"])
def test_what_is_no_object_is_a_422(edge: World, ada: Person, route: Route, body: str) -> None:
    reply = ada.call(path_of(route), body)

    assert reply.status == 422
    assert reply.body["errors"][0]["field"] == "body"


def test_an_unknown_members_name_is_cut_and_values_are_never_told(ada: Person) -> None:
    sent = {"x" * 50_000: 1, "profile": {"headline": ["secret"], "resumeData": "secret" * 20_000}}

    reply = ada.call("PATCH /api/user", sent)

    assert reply.status == 422
    assert len(reply.text) < 2_000
    assert "secret" not in reply.text


def test_many_wrong_members_are_not_all_told(ada: Person) -> None:
    reply = ada.call("PATCH /api/user", {f"member{number}": 1 for number in range(1_000)})

    assert len(reply.body["errors"]) == 20


@pytest.mark.parametrize("number", ["1e400", "-1e400", "NaN", "1" * 5_000, "1e308", "{}", "true"])
def test_numbers_that_cannot_be_are_refused_by_name(ada: Person, number: str) -> None:
    message = f'{{"role": "user", "content": "x", "timestamp": {number}}}'
    body = f'{{"sessionId": "{new_id()}", "messages": [{message}]}}'

    reply = ada.call("POST /api/interviews", body)

    assert reply.status in {400, 422}
    if reply.status == 422:
        assert reply.body["errors"][0]["field"] == "messages.0.timestamp"
