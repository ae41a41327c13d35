"""No secret leaves: neither in an answer, nor in the log, nor in what is stored."""

import gzip
import json
import zlib
from collections.abc import Iterator
from io import StringIO
from typing import Any

import httpx
import pytest

from greenroom.kernel.log import logger
from tests.fakes.provider import OFFER, SECRET
from tests.functions.test_life_cycle import Practised
from tests.world import API_KEY, SECRETS, World

LLM_KEY = SECRETS["LLM_API_KEY"]
KEYS = SECRETS["TOKEN_SEALING_KEYS"].partition(":")[2]
CANARIES = [SECRET, API_KEY, LLM_KEY, KEYS, SECRETS["FINGERPRINT_KEY"], SECRETS["TURN_SECRET"]]
TURN = '[{"urls": ["turn:turn.example"]}]'
QUOTING = {"message": f"Incorrect API key: {API_KEY} {SECRET}", "code": "invalid_api_key"}


def a_full_run(world: World) -> list[str]:
    """All that was answered in good calls and in failures."""
    person, told = world.person(), []
    path = "/client_secrets"
    world.provider.script(
        path,
        httpx.Response(401, json={"error": QUOTING}),
        httpx.Response(200, json={"value": SECRET, "expires_at": 1}),
        httpx.Response(200, content=f'{{"value": "{SECRET}", '.encode()),
        httpx.ReadTimeout(f"{SECRET} {API_KEY}"),
        RuntimeError(f"{SECRET} {API_KEY}"),
    )
    told += [person.start(key="k").text for _ in range(5)]
    begun = Practised(person, key="k")
    world.provider.script(
        "/calls",
        httpx.Response(400, json={"error": QUOTING}),
        httpx.Response(200, json={"secret": SECRET, "key": API_KEY}),
        RuntimeError(f"{SECRET} {API_KEY}"),
    )
    told += [person.exchange(begun.begun, offer).text for offer in (OFFER, OFFER, b"v=0 " + OFFER)]
    token = person.call(f"POST /api/realtime-session/{begun.session_id}/token")
    told += [begun.begun.text, token.text, person.exchange(token, OFFER).text]
    world.clock.move(21)
    token = person.call(f"POST /api/realtime-session/{begun.session_id}/token")
    told += [token.text, person.exchange(token, OFFER).text]
    told += [person.start(key="k").text, begun.move("connected").text, begun.move("cancel").text]
    turns = [
        {"role": role, "content": f"Words of {role} {n}.", "timestamp": 1_795_000_000_000 + n}
        for n in range(8)
        for role in ("user", "assistant")
    ]
    body = {"sessionId": begun.session_id, "messages": turns}
    told.append(person.call("POST /api/interviews", body).text)
    world.provider.script("/chat/completions", httpx.Response(401, json={"error": QUOTING}))
    told.append(json.dumps([world.feedback(), world.sweep()]))
    world.clock.move(3600)
    told.append(json.dumps([world.feedback(), world.sweep()]))
    for route in (
        "GET /api/config",
        "GET /api/user",
        "GET /api/user/ledger",
        "GET /api/ice-servers",
        "GET /api/sessions",
        f"GET /api/sessions/{begun.session_id}",
        f"GET /api/interviews/{begun.session_id}",
        "GET /api/health",
        "GET /api/ready",
    ):
        told.append(person.call(route).text)
    admin = world.person("user_admin")
    told.append(admin.call("GET /api/diagnostic/config").text)
    assert begun.shown["status"] == "completed"
    return told


def stored(rows: list[dict[str, Any]]) -> Iterator[str]:
    """Every text of the table, and what compressed bytes hold."""
    for row in rows:
        yield json.dumps(row, default=lambda value: _unpacked(bytes(value)))


def _unpacked(data: bytes) -> str:
    for unpack in (gzip.decompress, zlib.decompress):
        try:
            return unpack(data).decode(errors="replace")
        except (OSError, zlib.error):
            continue
    return data.decode(errors="replace")


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> StringIO:
    """All that the log writes."""
    stream = StringIO()
    monkeypatch.setattr(logger.registered_handler, "stream", stream)
    return stream


@pytest.mark.parametrize("mode", ["ephemeral", "unified"])
def test_no_secret_is_in_an_answer_a_log_line_or_the_table(
    world: World, log: StringIO, capfd: pytest.CaptureFixture[str], mode: str
) -> None:
    world.rewire(REALTIME_EXCHANGE=mode, ICE_SERVERS=TURN)

    told = a_full_run(world)
    lines, printed = log.getvalue(), capfd.readouterr()
    rows = list(stored(world.rows()))

    sent = [request.headers.get("authorization", "") for request in world.provider.requests]
    assert f"Bearer {API_KEY}" in sent, "the run did use the keys"
    assert (f"Bearer {SECRET}" in sent) is (mode == "ephemeral")
    assert len(lines.splitlines()) > 20
    assert any("Words of user" in row for row in rows), "the scan does see what is compressed"
    everything = {
        "an answer": told,
        "the log": [lines],
        "the console": [printed.out, printed.err],
        "the table": rows,
    }
    leaks = [
        (canary[:12], place)
        for place, texts in everything.items()
        for canary in CANARIES
        if any(canary in text for text in texts)
    ]
    assert leaks == []


def test_the_log_holds_no_session_token_no_sdp_no_words_and_no_address(
    world: World, log: StringIO
) -> None:
    world.rewire(ICE_SERVERS=TURN)
    person = world.person(email="ada@example.com", email_verified=True)
    begun = person.start({"jobTitle": "Welder", "resumeText": "I welded the Eiffel Tower."})
    person.exchange(begun, OFFER)
    person.exchange(begun, b"v=0\r\nbroken candidate:1 192.0.2.77")

    lines = log.getvalue()

    assert begun.body["sessionId"] in lines
    for private in (
        begun.body["token"],
        person.token(),
        "candidate:",
        "ice-pwd",
        "Eiffel",
        "ada@example.com",
    ):
        assert private not in lines
