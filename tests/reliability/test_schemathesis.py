"""What schemathesis makes of the OpenAPI document, our API answers as the document says.

All of its checks are on. The short version asks every eighth operation whatever lies at the limits
of its schema, the others their examples and a few drawn requests; THOROUGH=1 all of them both.
"""

import copy
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest

from tests.conformity import the_document
from tests.examiner import Findings, examine, operations
from tests.fakes.stripe import open_stripe
from tests.figures import Figure
from tests.front_door import open_door
from tests.furnished import Furnished
from tests.widgets import SITE
from tests.world import ORIGIN, World

THOROUGH = bool(os.environ.get("THOROUGH"))
STRIDE = 8  # in the short version one operation in so many is asked all limits
EXAMPLES = 30 if THOROUGH else 2
SEQUENCES = 200 if THOROUGH else 4
FORGETS = {"DELETE /api/user"}  # nothing else can be asked of whoever has done that
TIMEOUT_S = 1_800

pytestmark = [
    pytest.mark.timeout(TIMEOUT_S),
    pytest.mark.filterwarnings("default"),  # the library's own are not ours to mend
]


def _room(key: str) -> str:
    if key in FORGETS:
        return "leaving"
    if key.partition(" ")[2].startswith(("/api/admin/", "/api/diagnostic/")):
        return "admins"
    first = key.split("/")[2]
    return {"organizations": "studios", "widget": "widgets"}.get(first, "people")


ROOMS = sorted({_room(key) for key in operations()})


@pytest.fixture
def there(make_world: Callable[..., World], tmp_path: Path) -> Iterator[Furnished]:
    world = make_world(EXPERT_SIGNUP="open")
    world.origin = ORIGIN
    with open_stripe(tmp_path, world):
        yield Furnished(world)


@pytest.fixture
def address(there: Furnished) -> Iterator[str]:
    with open_door(there.world) as found:
        yield found


def _examine(there: Furnished, address: str, room: str, keys: list[str]) -> list[Findings]:
    limits = keys if THOROUGH else [key for key in keys if crc32(key.encode()) % STRIDE == 0]
    drawn = keys if THOROUGH else [key for key in keys if key not in limits]
    return [
        examine(
            address,
            some,
            token=there.caller(admin=room == "admins").token(),
            origin=SITE if room == "widgets" else ORIGIN,
            phases=phases,
            examples=EXAMPLES,
            known=there.known,
        )
        for some, phases in ((drawn, ("examples", "fuzzing")), (limits, ("coverage",)))
        if some
    ]


@pytest.mark.parametrize("room", ROOMS)
def test_every_operation_answers_as_the_document_says(
    there: Furnished, address: str, room: str, figure: Figure
) -> None:
    keys = [key for key in operations() if _room(key) == room]

    found = _examine(there, address, room, keys)

    failed = {key for one in found for key in one.failed}
    figure("schemathesis", "operations", good=len(keys) - len(failed), of=len(keys))
    assert not failed, "\n\n".join(one.told() for one in found)
    assert {key for one in found for key in one.asked} == set(keys)


def test_what_was_made_is_there_and_what_was_deleted_is_gone(
    there: Furnished, address: str, figure: Figure
) -> None:
    keys = [key for key in operations() if key not in FORGETS]

    found = examine(
        address,
        keys,
        token=there.caller(admin=False).token(),
        origin=ORIGIN,
        phases=("stateful",),
        examples=SEQUENCES,
        known=there.known,
    )

    asked = len(found.asked)
    figure("schemathesis", "in sequences", good=asked - len(found.failed), of=asked)
    assert not found.failed, found.told()
    assert found.requests > 50


LEDGER, PRODUCTS = "GET /api/user/ledger", "GET /api/products"


def _change(document: dict[str, Any], key: str, change: Callable[[dict[str, Any]], None]) -> None:
    method, _, path = key.partition(" ")
    change(document["paths"][path][method.lower()])


def _limit(operation: dict[str, Any]) -> dict[str, Any]:
    (found,) = [one for one in operation["parameters"] if one["name"] == "limit"]
    schema: dict[str, Any] = found["schema"]
    return schema


LIES: dict[str, tuple[str, Callable[[dict[str, Any]], Any]]] = {
    "status_code_conformance": (PRODUCTS, lambda one: one["responses"].pop("200")),
    "response_headers_conformance": (
        PRODUCTS,
        lambda one: one["responses"]["200"]["headers"].update(
            {"X-Lie": {"required": True, "schema": {"type": "string"}}}
        ),
    ),
    "content_type_conformance": (
        PRODUCTS,
        lambda one: one["responses"]["200"].update(content={"text/plain": {"schema": {}}}),
    ),
    "response_schema_conformance": (
        PRODUCTS,
        lambda one: one["responses"]["200"]["content"]["application/json"].update(
            schema={"type": "array"}
        ),
    ),
    "ignored_auth": (PRODUCTS, lambda one: one.pop("security")),
    "positive_data_acceptance": (LEDGER, lambda one: _limit(one).update(maximum=1_000)),
    "negative_data_rejection": (LEDGER, lambda one: _limit(one).update(maximum=10)),
    "missing_required_header": (
        PRODUCTS,
        lambda one: one["parameters"].append(
            {"name": "X-Lie", "in": "header", "required": True, "schema": {"type": "string"}}
        ),
    ),
}


def test_each_lie_of_the_document_is_found(there: Furnished, address: str) -> None:
    asked: dict[str, Any] = {
        "token": there.ada.token(),
        "origin": ORIGIN,
        "phases": ("coverage",),
        "examples": 1,
        "known": {},
    }
    assert not examine(address, {PRODUCTS, LEDGER}, **asked).failed
    for check, (key, lie) in LIES.items():
        document = copy.deepcopy(the_document())
        _change(document, key, lie)

        found = examine(address, [key], document=document, **asked)

        assert check in found.told()
