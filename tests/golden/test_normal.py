"""What of an answer is compared, and what no two runs have in common."""

import json
from typing import Any

import pytest

from tests.golden.normal import Normal
from tests.golden.test_golden import differences

ONE, OTHER = "0190b5a0-5b1e-7e9b-8f36-111111111111", "0190b5a0-5b1e-7e9b-8f36-222222222222"


def seen(body: Any, **headers: str) -> Any:
    normal = Normal({"app": "http://127.0.0.1:3000"})
    told = {"content-type": "application/json", **headers}
    return normal.answer(200, told, json.dumps(body).encode())


def test_ids_times_and_addresses_of_a_run_are_not_compared() -> None:
    this = {
        "id": ONE,
        "at": "2026-11-26T10:00:00.123456Z",
        "url": "http://127.0.0.1:3000/a",
        "s": 9,
    }
    same = {"id": OTHER, "at": "2026-12-01T00:00:00Z", "url": "http://localhost:3000/a", "s": 9}

    assert seen(this) == seen(same)
    assert seen(this)["body"] == {"id": "<id 1>", "at": "<time>", "url": "<app>/a", "s": 9}


def test_the_same_id_in_two_places_stays_the_same() -> None:
    twice, apart = seen({"a": ONE, "b": ONE}), seen({"a": ONE, "b": OTHER})

    assert list(differences(twice, apart)) == ["/body/b: <id 1> became <id 2>"]


def test_what_an_earlier_answer_held_keeps_its_name() -> None:
    normal = Normal({})
    normal.know("session", ONE)

    body = normal.answer(200, {"content-type": "application/json"}, f'{{"id": "{ONE}"}}'.encode())

    assert body["body"] == {"id": "<session>"}


@pytest.mark.parametrize(
    ("wanted", "found", "told"),
    [
        ({"credits": 2.0}, {"credits": 3.0}, "/body/credits: 2.0 became 3.0"),
        ({"a": 1}, {}, "/body/a is only in the golden file"),
        ({}, {"a": None}, "/body/a is only in this"),
        ({"items": [1]}, {"items": []}, "/body/items: [1] became []"),
        ({"token": None}, {"token": "t"}, "/body/token: None became <opaque>"),
        ({"at": "2026-11-26T10:00:00Z"}, {"at": None}, "/body/at: <time> became None"),
    ],
)
def test_what_differs_is_told(wanted: Any, found: Any, told: str) -> None:
    assert list(differences(seen(wanted), seen(found))) == [told]


def test_headers_are_compared_but_for_those_of_the_way() -> None:
    answer = seen({}, **{"Cache-Control": "no-store", "Date": "now", "X-Request-Id": "abc"})

    assert answer["headers"] == {
        "cache-control": "no-store",
        "content-type": "application/json",
        "x-request-id": "<request>",
    }
