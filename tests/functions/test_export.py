"""A person's own data: all of it, page by page, and nobody else's."""

import json
from typing import Any

from tests.clerk import fixture, tell
from tests.fakes.provider import OFFER
from tests.reliability import test_erasure_crashes as erasures
from tests.studios import Studio
from tests.world import Person, World


def export(person: Person, *, limit: int = 100) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    cursor = ""
    while True:
        page = person.call(f"GET /api/user/export?limit={limit}{cursor}").body
        assert len(page["items"]) <= limit
        items += page["items"]
        if page["nextCursor"] is None:
            return items
        cursor = f"&cursor={page['nextCursor']}"


def words(value: Any) -> set[str]:
    """The texts in a JSON value."""
    if isinstance(value, dict):
        return set().union(*map(words, value.values()))
    if isinstance(value, list):
        return set().union(*map(words, value))
    return {value} if isinstance(value, str) else set()


def unpacked(member: dict[str, Any]) -> Any:
    """What a raw attribute holds, as JSON where it is JSON."""
    text = erasures.texts(next(iter(member.values())))
    try:
        return json.loads(text)
    except ValueError:
        return text


def test_an_export_holds_every_kind_of_row_that_the_person_has(world: World) -> None:
    world.rewire(INITIAL_CENTICREDITS="1000")
    ada = erasures.lived(world)
    erasures.used(world, ada)
    member = fixture("organizationMembership.created")
    member["data"]["public_user_data"]["user_id"] = ada.clerk_id
    tell(world, member)

    items = export(ada)

    assert {item["kind"] for item in items} == {
        "active_guard",
        "ai_log",
        "assignment",
        "feedback",
        "intake",
        "interview",
        "ledger_entry",
        "member",
        "participant",
        "quota",
        "reservation",
        "session",
        "session_event",
        "transcript_chunk",
        "usage_user",
        "user",
        "user_profile",
        "waiver",
    }
    (user,) = [item for item in items if item["kind"] == "user"]
    assert (user["email"], user["credits"]) == (erasures.address_of(ada), 8.0)
    (chunk,) = [item for item in items if item["kind"] == "transcript_chunk"]
    assert chunk["data"]["messages"][0]["content"] == "My canary sings 0."
    (profile,) = [item for item in items if item["kind"] == "user_profile"]
    assert profile["resumeData"] == {"canary": "canary"}


def test_a_customer_of_a_studio_exports_their_days_and_passes(world: World) -> None:
    """Where some of the stored values are sets, which JSON does not know."""
    studio = Studio(world)
    ref, ada = studio.client_who_signs_in()
    studio.package(ref, class_types=("yoga", "pilates"))
    class_ = studio.hold_class()
    assert class_.book_for(ref).status == 201

    found = {item["kind"]: item for item in export(ada)}

    assert found["package"]["classTypes"] == ["pilates", "yoga"]
    days = [item for item in found.values() if isinstance(item.get("bookings"), list)]
    assert len(days) == 1, found.keys()


def test_every_word_that_is_stored_of_a_person_is_in_their_export(world: World) -> None:
    world.rewire(INITIAL_CENTICREDITS="1000")
    ada = erasures.lived(world)
    erasures.used(world, ada)
    stored: set[str] = set()
    for row in world.rows():
        for name, member in row.items():
            if name not in {"PK", "SK", "told_name", "told_image_url"}:
                stored |= words(unpacked(member))

    told = {text for text in stored if erasures.CANARY in text.lower()}

    assert len(told) > 10
    assert told <= words(export(ada))


def test_pages_of_one_item_make_the_same_export_as_one_large_page(world: World) -> None:
    ada = world.person()
    for _ in range(2):
        started = ada.start({"jobTitle": "Welder"})
        ada.exchange(started, OFFER)
        turns = [{"role": "user", "content": "Hello.", "timestamp": 1}]
        saved = {"sessionId": started.body["sessionId"], "messages": turns}
        assert ada.call("POST /api/interviews", saved).status == 201
        world.clock.move(1)
        erasures.used(world, ada)
    world.clock.move(40 * 86_400)
    erasures.used(world, ada)

    assert export(ada, limit=1) == export(ada)
    assert sum(item["kind"] == "ai_log" for item in export(ada)) == 6


def test_nothing_of_anybody_else_and_no_secret_is_exported(world: World) -> None:
    ada, bob = world.person(), world.person()
    ada.start({"jobTitle": "Welder"})
    bob.start({"jobTitle": "Baker"})

    text = json.dumps(export(ada))

    assert "Welder" in text
    assert "Baker" not in text
    assert bob.user_id not in text
    assert '"token"' not in text
    assert "GSI" not in text.upper()


def test_a_cursor_of_another_persons_export_opens_nothing(world: World) -> None:
    ada, bob = world.person(), world.person()
    ada.start({"jobTitle": "Welder"})
    bob.start({"jobTitle": "Baker"})
    cursors = []
    cursor = ""
    while True:
        page = bob.call(f"GET /api/user/export?limit=1{cursor}").body
        if page["nextCursor"] is None:
            break
        cursors.append(page["nextCursor"])
        cursor = f"&cursor={page['nextCursor']}"

    assert cursors
    for one in (*cursors, "e30", "W10", "WzEsMiwzXQ", "WzksbnVsbCxudWxsXQ", "é"):
        reply = ada.call(f"GET /api/user/export?cursor={one}")
        assert "Baker" not in reply.text
        assert reply.status in {200, 400}


def test_somebody_who_was_never_seen_has_nothing_to_export(world: World) -> None:
    assert world.person().call("GET /api/user/export").body == {"items": [], "nextCursor": None}
