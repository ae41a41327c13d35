"""Experts: offers in waves, taking, declining, giving back, and how many at a time."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from greenroom.kernel.limits import INDEX_SHARDS
from tests.expertise import (
    Customer,
    accept,
    audit,
    claim,
    customer,
    expert,
    offer_of,
    offers,
    queue,
    session_of,
)
from tests.parallel import together
from tests.reliability import faults
from tests.world import Person, World, client_of

UNKNOWN_ID = "01999999-9999-7999-8999-999999999999"


@pytest.fixture
def world(make_world: Callable[..., World]) -> World:
    return make_world(EXPERT_SIGNUP="open")


def taken(world: World, **asked: Any) -> tuple[Customer, Person]:
    """A session that an expert has accepted."""
    ada, bob = customer(world, **asked), expert(world)
    assert claim(bob, ada.session_id).status == 200
    return ada, bob


# Profiles


def test_a_profile_is_made_by_going_online_and_keeps_what_is_left_out(world: World) -> None:
    bob = world.person()
    made = bob.call(
        "PUT /api/experts/me",
        {
            "status": "online",
            "name": "Bob",
            "maxActive": 2,
            "skills": ["brakes", "brakes", "clutch"],
            "isSpecialist": True,
            "workshopId": "north",
        },
    )
    changed = bob.call("PUT /api/experts/me", {"status": "offline", "workshopId": None})

    assert made.body == {
        "expertId": bob.user_id,
        "name": "Bob",
        "status": "online",
        "approved": True,
        "maxActive": 2,
        "activeCount": 0,
        "isSpecialist": True,
        "skills": ["brakes", "clutch"],
        "workshopId": "north",
    }
    assert changed.body == {**made.body, "status": "offline", "workshopId": None}
    assert bob.call("GET /api/experts/me").body == changed.body


def test_who_has_no_profile_is_no_expert(world: World) -> None:
    nobody = world.person()

    for route in ("GET /api/experts/me", "GET /api/queue", "GET /api/offers"):
        assert nobody.call(route).code == "NOT_AN_EXPERT"
    assert claim(nobody, customer(world).session_id).code == "NOT_AN_EXPERT"


def test_where_approval_is_wanted_a_new_expert_takes_nothing_until_then(
    make_world: Callable[..., World],
) -> None:
    world = make_world()
    bob, ada = expert(world), customer(world)

    assert bob.call("GET /api/experts/me").body["approved"] is False
    assert bob.call("GET /api/queue").code == "NOT_AN_EXPERT"
    assert claim(bob, ada.session_id).code == "NOT_AN_EXPERT"
    world.sweep()
    assert ada.shown["offers"] == []

    world.wiring("experts").experts.approve(bob.user_id, approved=True)

    assert queue(bob) == [ada.session_id]
    assert claim(bob, ada.session_id).status == 200


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("status", "busy"),
        ("maxActive", 0),
        ("maxActive", 21),
        ("maxActive", True),
        ("maxActive", "3"),
        ("workshopId", "North#1"),
        ("skills", ["x"] * 31),
        ("skills", [""]),
        ("name", ""),
        ("approved", True),
        ("activeCount", 0),
        ("expertId", UNKNOWN_ID),
    ],
)
def test_a_profile_that_is_not_valid_is_refused_by_its_field(
    world: World, member: str, value: Any
) -> None:
    refused = world.person().call("PUT /api/experts/me", {"status": "online", member: value})

    assert (refused.status, refused.code) == (422, "VALIDATION_FAILED")
    assert refused.body["errors"][0]["field"].partition(".")[0] == member
    assert not [row for row in world.rows() if row["kind"]["S"] == "expert"]


def test_who_is_online_is_listed_by_workshop(world: World) -> None:
    north, south = expert(world, workshopId="north"), expert(world, workshopId="south")
    expert(world, online=False, workshopId="north")
    ada = world.person()

    every = ada.call("GET /api/experts").body["items"]
    some = ada.call("GET /api/experts?workshopId=north").body["items"]

    assert {one["expertId"] for one in every} == {north.user_id, south.user_id}
    assert [one["expertId"] for one in some] == [north.user_id]
    assert ada.call("GET /api/experts?workshopId=a%23b").code == "VALIDATION_FAILED"


# Taking


def test_sixteen_experts_accept_one_offer_and_one_gets_it(world: World) -> None:
    sixteen = [expert(world) for _ in range(16)]
    ada = customer(world)
    world.sweep()
    ids = {one.user_id: offer_of(one, ada.session_id) for one in sixteen}

    replies = together(*[lambda one=one: accept(one, ids[one.user_id]) for one in sixteen])

    won = [one for one, reply in zip(sixteen, replies, strict=True) if reply.status == 200]
    assert len(won) == 1
    assert {reply.code for reply in replies if reply.status != 200} == {"ALREADY_TAKEN"}
    shown = ada.shown
    experts = [one["userId"] for one in shown["participants"] if one["role"] == "expert"]
    assert experts == [won[0].user_id] == [shown["expertId"]]
    assert shown["status"] == "waiting"
    assert shown["assignment"]["status"] == "accepted"
    statuses = ada.offer_statuses()
    assert statuses.pop(won[0].user_id) == "accepted"
    assert list(statuses.values()) == ["rescinded"] * 15
    assert [offers(one) for one in sixteen] == [[]] * 16
    counts = [one.call("GET /api/experts/me").body["activeCount"] for one in sixteen]
    assert sum(counts) == 1


def test_an_expert_who_takes_three_takes_three_of_sixteen(world: World) -> None:
    bob = expert(world, maxActive=3)
    sixteen = [customer(world) for _ in range(16)]
    world.sweep()
    ids = [offer_of(bob, one.session_id) for one in sixteen]

    replies = together(*[lambda one=one: accept(bob, one) for one in ids])

    assert sorted(reply.status for reply in replies) == [200] * 3 + [409] * 13
    assert {reply.code for reply in replies if reply.status == 409} == {"AT_CAPACITY"}
    assert bob.call("GET /api/experts/me").body["activeCount"] == 3
    assert [one.status for one in sixteen].count("waiting") == 3


def test_accepting_twice_is_accepting_once(world: World) -> None:
    ada, bob = customer(world), expert(world)
    offer_id = offer_of_after_sweep(world, bob, ada)

    first, second = accept(bob, offer_id), accept(bob, offer_id)

    assert (first.status, second.status) == (200, 200)
    assert second.body == first.body
    assert bob.call("GET /api/experts/me").body["activeCount"] == 1


def test_an_offer_of_somebody_else_is_unknown(world: World) -> None:
    ada, bob, eve = customer(world), expert(world), expert(world)
    offer_id = offer_of_after_sweep(world, bob, ada)
    before = world.rows()

    for act in ("accept", "decline"):
        for who in (eve, ada.person, world.person()):
            assert who.call(f"POST /api/offers/{offer_id}/{act}").status == 404
    forged = f"{ada.session_id}.{'0' * 16}"
    for wrong in (forged, UNKNOWN_ID, "x%23y", f"{UNKNOWN_ID}.{'0' * 16}"):
        assert accept(bob, wrong).status == 404
    assert world.rows() == before


def test_an_expert_who_went_offline_takes_nothing(world: World) -> None:
    ada, bob = customer(world), expert(world)
    offer_id = offer_of_after_sweep(world, bob, ada)
    bob.call("PUT /api/experts/me", {"status": "offline"})

    assert accept(bob, offer_id).code == "EXPERT_OFFLINE"
    assert claim(bob, ada.session_id).code == "EXPERT_OFFLINE"
    assert ada.status == "pending"


def test_nobody_serves_themselves(world: World) -> None:
    bob = expert(world)
    own = session_of(bob)
    world.sweep()

    assert offers(bob) == []
    assert queue(bob) == []
    assert claim(bob, own.session_id).status == 404


def test_a_session_that_was_cancelled_is_not_taken(world: World) -> None:
    ada, bob = customer(world), expert(world)
    offer_id = offer_of_after_sweep(world, bob, ada)
    assert ada.move("cancel").status == 200

    assert accept(bob, offer_id).code == "ALREADY_TAKEN"
    assert claim(bob, ada.session_id).code == "INVALID_TRANSITION"
    assert (offers(bob), queue(bob)) == ([], [])
    assert ada.offer_statuses() == {bob.user_id: "rescinded"}
    assert ada.shown["assignment"]["status"] == "cancelled"


def test_a_cancel_and_sixteen_accepts_leave_one_truth(world: World) -> None:
    sixteen = [expert(world) for _ in range(16)]
    ada = customer(world)
    world.sweep()
    ids = [offer_of(one, ada.session_id) for one in sixteen]

    together(
        lambda: ada.move("cancel"),
        *[lambda one=one, at=at: accept(one, at) for one, at in zip(sixteen, ids, strict=True)],
    )

    shown = ada.shown
    assert shown["status"] == "cancelled"
    assert shown["assignment"]["status"] == "cancelled"
    counts = [one.call("GET /api/experts/me").body["activeCount"] for one in sixteen]
    assert sum(counts) == 0
    assert set(ada.offer_statuses().values()) <= {"rescinded", "accepted"}
    assert ada.person.call("GET /api/sessions/active").status == 204


# Waves


def offer_of_after_sweep(world: World, person: Person, ada: Customer) -> str:
    world.sweep()
    return offer_of(person, ada.session_id)


def test_a_silent_expert_is_skipped_and_the_next_step_is_asked(world: World) -> None:
    quiet, special, other = expert(world), expert(world, isSpecialist=True), expert(world)
    ada = customer(world, routing_type="priority_broadcast", preferred_expert_id=quiet.user_id)
    first = offer_of_after_sweep(world, quiet, ada)
    assert offers(special) == offers(other) == []
    assert claim(other, ada.session_id).status == 404

    world.clock.move(45)
    world.sweep()

    assert accept(quiet, first).code == "OFFER_EXPIRED"
    assert ada.offer_statuses() == {quiet.user_id: "expired", special.user_id: "pending"}
    assert offers(other) == []

    world.clock.move(60)
    world.sweep()

    assert ada.offer_statuses()[other.user_id] == "pending"
    assert accept(other, offer_of(other, ada.session_id)).status == 200


def test_a_late_accept_is_refused_also_where_nobody_has_swept(world: World) -> None:
    ada, bob = customer(world), expert(world)
    offer_id = offer_of_after_sweep(world, bob, ada)

    world.clock.move(44)
    assert len(offers(bob)) == 1
    world.clock.move(1)

    assert offers(bob) == []
    assert accept(bob, offer_id).code == "OFFER_EXPIRED"
    assert ada.offer_statuses() == {bob.user_id: "expired"}


def test_a_hybrid_session_is_the_workshops_for_two_minutes_then_everybodys(world: World) -> None:
    inside, outside = expert(world, workshopId="north"), expert(world)
    ada = customer(world, routing_type="hybrid", workshop_id="north")
    world.sweep()
    assert (len(offers(inside)), offers(outside)) == (1, [])

    world.clock.move(119)
    assert queue(outside) == []
    assert claim(outside, ada.session_id).status == 404
    assert queue(inside) == [ada.session_id]

    world.clock.move(1)
    assert queue(outside) == [ada.session_id]
    assert claim(outside, ada.session_id).status == 200


def test_a_step_that_finds_nobody_is_skipped_at_once(world: World) -> None:
    outside = expert(world)
    ada = customer(world, routing_type="hybrid", workshop_id="nobody-works-here")
    world.sweep()

    assert [one["sessionId"] for one in offers(outside)] == [ada.session_id]


def test_a_workshops_session_waits_for_the_workshop_alone_and_expires_with_nobody(
    world: World,
) -> None:
    outside = expert(world)
    ada = customer(world, routing_type="workshop_only", workshop_id="north")
    world.sweep()
    assert (offers(outside), queue(outside)) == ([], [])
    assert claim(outside, ada.session_id).status == 404

    world.clock.move(1799)
    world.sweep()
    assert ada.status == "pending"
    world.clock.move(1)
    world.sweep()

    assert ada.status == "expired"
    assert ada.events == ["created", "not_connected"]
    assert ada.shown["assignment"]["status"] == "expired"
    assert ada.person.call("GET /api/sessions/active").status == 204


def test_an_expert_who_comes_online_late_is_asked(world: World) -> None:
    ada = customer(world)
    world.sweep()
    bob = expert(world)

    world.clock.move(45)
    world.sweep()

    assert [one["sessionId"] for one in offers(bob)] == [ada.session_id]


def test_offers_go_out_five_times_and_then_the_queue_alone_is_left(world: World) -> None:
    ada, bob = customer(world), expert(world)
    for _ in range(5):
        world.sweep()
        assert len(offers(bob)) == 1
        world.clock.move(45)
    world.sweep()

    assert offers(bob) == []
    assert ada.events == ["created"] + ["offered"] * 5
    assert queue(bob) == [ada.session_id]
    assert claim(bob, ada.session_id).status == 200


def test_who_declines_is_not_asked_again_and_the_next_step_comes_at_once(world: World) -> None:
    picked, other = expert(world), expert(world)
    ada = customer(world, routing_type="priority_broadcast", preferred_expert_id=picked.user_id)
    offer_id = offer_of_after_sweep(world, picked, ada)

    declined = picked.call(f"POST /api/offers/{offer_id}/decline")

    assert declined.body["status"] == "declined"
    repeated = picked.call(f"POST /api/offers/{offer_id}/decline")
    assert (repeated.status, repeated.body) == (200, declined.body)
    assert ada.events.count("declined") == 1
    assert ada.offer_statuses() == {picked.user_id: "declined", other.user_id: "pending"}
    assert accept(picked, offer_id).code == "OFFER_EXPIRED"
    world.clock.move(45)
    world.sweep()
    assert ada.offer_statuses()[picked.user_id] == "declined"
    assert "declined" in ada.events


def test_a_specialists_session_is_for_specialists(world: World) -> None:
    special, plain = expert(world, isSpecialist=True), expert(world)
    ada = customer(world, is_specialist=True)
    world.sweep()

    assert (len(offers(special)), offers(plain)) == (1, [])
    assert claim(plain, ada.session_id).status == 404


def test_looking_at_the_queue_sends_out_what_is_due(world: World) -> None:
    ada, bob = customer(world), expert(world)

    assert queue(bob) == [ada.session_id]
    assert [one["sessionId"] for one in offers(bob)] == [ada.session_id]


def test_two_sweeps_at_once_make_one_wave(world: World) -> None:
    bob, ada = expert(world), customer(world)

    together(*[world.sweep for _ in range(4)])

    assert ada.events == ["created", "offered"]
    assert ada.shown["assignment"]["wave"] == 1
    assert len(offers(bob)) == 1


def test_the_least_busy_are_asked_first_and_only_twenty_at_a_time(world: World) -> None:
    crowd = [expert(world) for _ in range(22)]
    busy = crowd[:2]
    for one in busy:
        assert claim(one, customer(world).session_id).status == 200
    ada = customer(world)
    world.sweep()

    asked = set(ada.offer_statuses())
    assert len(asked) == 20
    assert not asked & {one.user_id for one in busy}


# The queue


def test_urgent_sessions_come_first_then_who_has_waited_longest(world: World) -> None:
    bob = expert(world)
    made: dict[str, Customer] = {}
    for name, urgent in [("n1", False), ("u1", True), ("n2", False), ("u2", True)]:
        made[name] = customer(world, urgent=urgent)
        world.clock.move(1)

    page = bob.call("GET /api/queue").body

    assert [one["sessionId"] for one in page["items"]] == [
        made[name].session_id for name in ("u1", "u2", "n1", "n2")
    ]
    assert [one["position"] for one in page["items"]] == [1, 2, 3, 4]
    assert page["waiting"] == 4


def test_the_waiting_room_knows_its_place(world: World) -> None:
    first, second = customer(world), customer(world)
    bob = expert(world)
    route = f"GET /api/sessions/{second.session_id}/position"

    assert second.person.call(route).body == {"position": 2, "waiting": 2, "expertsOnline": 1}
    claim(bob, first.session_id)
    assert second.person.call(route).body["position"] == 1
    claim(bob, second.session_id)
    assert second.person.call(route).body == {"position": None, "waiting": 0, "expertsOnline": 1}
    assert first.person.call(route).status == 404


def test_polling_says_whether_anything_changed(world: World) -> None:
    bob = expert(world)
    customer(world)
    routes = ("GET /api/queue", "GET /api/offers")
    tags = {route: bob.call(route).headers["ETag"] for route in routes}

    for route, tag in tags.items():
        assert re.fullmatch(r'"[0-9a-f]{32}"', tag)
        again = bob.call(route, headers={"if-none-match": f'W/"x", {tag}'})
        assert (again.status, again.text, again.headers["ETag"]) == (304, "", tag)
    claim(bob, queue(bob)[0])
    for route, tag in tags.items():
        assert bob.call(route, headers={"if-none-match": tag}).status == 200


# From accepted to over


def test_a_session_begins_with_its_expert_and_ends_once(world: World) -> None:
    ada, bob = taken(world)

    began = ada.move("start", by=bob)
    again = ada.move("start")
    ended = ada.move("end", by=bob)

    assert (began.body["status"], again.body["status"]) == ("live", "live")
    assert ended.body["status"] == "completed"
    assert ada.events == ["created", "offered", "accepted", "live", "completed"]
    assert [event["userId"] for event in ada.shown["events"]] == [
        ada.person.user_id,
        ada.person.user_id,
        bob.user_id,
        bob.user_id,
        bob.user_id,
    ]
    assert ada.shown["assignment"]["status"] == "completed"
    assert bob.call("GET /api/experts/me").body["activeCount"] == 0
    assert ada.person.call("GET /api/sessions/active").status == 204
    mine = bob.call("GET /api/experts/me/sessions").body["items"]
    assert [(one["sessionId"], one["status"]) for one in mine] == [(ada.session_id, "completed")]


def test_without_the_signed_waiver_a_session_is_taken_but_does_not_begin(world: World) -> None:
    ada, bob = taken(world, waived=False)

    for who in (ada.person, bob):
        assert ada.move("start", by=who).code == "WAIVER_REQUIRED"
    assert ada.status == "waiting"

    world.clock.move(1800)
    world.sweep()

    assert ada.status == "expired"
    assert bob.call("GET /api/experts/me").body["activeCount"] == 0


def test_a_session_without_an_expert_does_not_begin(world: World) -> None:
    ada = customer(world)

    refused = ada.move("start")

    assert (refused.status, refused.code) == (409, "INVALID_TRANSITION")
    assert refused.body["allowed"] == ["cancelled", "expired", "waiting"]


def test_a_released_session_keeps_its_place_and_looks_for_another(world: World) -> None:
    ada, bob = taken(world)
    world.clock.move(5)
    later = customer(world)
    eve = expert(world)

    released = ada.move("release", by=bob)

    assert released.body == {"sessionId": ada.session_id, "status": "pending"}
    shown = ada.shown
    assert (shown["status"], shown["expertId"]) == ("pending", None)
    assert shown["assignment"]["round"] == 2
    assert [one["role"] for one in shown["participants"]] == ["customer"]
    assert bob.call("GET /api/experts/me").body["activeCount"] == 0
    assert (ada.offer_statuses()[bob.user_id], offers(bob)) == ("declined", [])
    assert queue(eve) == [ada.session_id, later.session_id]
    assert bob.call(f"GET /api/sessions/{ada.session_id}").status == 404
    assert claim(eve, ada.session_id).status == 200
    assert ada.move("release").status == 404
    assert ada.move("release", by=bob).status == 404


def test_a_live_session_is_not_released(world: World) -> None:
    ada, bob = taken(world)
    ada.move("start")

    assert ada.move("release", by=bob).code == "INVALID_TRANSITION"


def test_who_is_not_in_a_session_finds_none(world: World) -> None:
    ada, _ = taken(world)
    before = world.rows()

    for stranger in (world.person(), expert(world)):
        for act in ("start", "end", "cancel", "release"):
            assert ada.move(act, by=stranger).status == 404
        assert stranger.call(f"GET /api/sessions/{ada.session_id}").status == 404
        assert stranger.call(f"GET /api/sessions/{ada.session_id}/position").status == 404
    kept = {row["PK"]["S"]: row for row in world.rows() if row["PK"]["S"].startswith("SESSION#")}
    assert kept == {row["PK"]["S"]: row for row in before if row["PK"]["S"].startswith("SESSION#")}


def test_an_admin_cancels_what_is_live_and_everybody_is_free(world: World) -> None:
    ada, bob = taken(world)
    ada.move("start")
    assert ada.move("cancel").code == "INVALID_TRANSITION"

    cancelled = ada.move("cancel", by=world.person("user_admin"))

    assert cancelled.body["status"] == "cancelled"
    assert ada.events[-1] == "cancelled_by_admin"
    assert bob.call("GET /api/experts/me").body["activeCount"] == 0


def test_credits_of_a_session_that_no_expert_served_are_given_back(world: World) -> None:
    ada = customer(world, payment_method="credits", cost=200)
    assert ada.person.credits() == 1.0

    world.clock.move(1800)
    world.sweep()
    world.sweep()

    assert ada.person.credits() == 3.0
    assert sorted(one["kind"] for one in ada.person.ledger()) == ["debit", "grant", "void"]


def test_a_live_session_is_closed_at_its_maximum_and_stays_charged(world: World) -> None:
    ada, bob = taken(world, payment_method="credits", cost=200)
    ada.move("start")

    world.clock.move(3600)
    world.sweep()

    assert ada.status == "expired"
    assert ada.person.credits() == 1.0
    assert bob.call("GET /api/experts/me").body["activeCount"] == 0


def test_a_subscription_covers_no_session_with_an_expert(world: World) -> None:
    person = world.person()
    person.call("GET /api/user")
    accounts = world.wiring("sessions").accounts
    tx = world.table.transaction()
    until = world.clock().replace(year=2027)
    accounts.add_premium(tx, person.user_id, until, seen=0)
    tx.commit()

    session_of(person, payment_method="credits", cost=200)

    assert person.credits() == 1.0


def test_a_session_is_not_given_back_for_ever(world: World, monkeypatch: Any) -> None:
    monkeypatch.setattr("greenroom.experts.desk.ROUNDS_MAX", 2)
    ada, bob = taken(world)
    assert ada.move("release", by=bob).status == 200
    assert claim(bob, ada.session_id).status == 200

    released = ada.move("release", by=bob)

    assert (released.status, released.code) == (409, "CONFLICT")
    assert ada.move("cancel", by=bob).body["status"] == "cancelled"
    assert bob.call("GET /api/experts/me").body["activeCount"] == 0


def test_an_expert_who_deletes_their_account_leaves_nobody_waiting(world: World) -> None:
    bob, eve = expert(world, name="Bob Canary"), expert(world)
    waiting, live = customer(world), customer(world)
    for one in (waiting, live):
        assert claim(bob, one.session_id).status == 200
    live.move("start")

    assert bob.call("DELETE /api/user").status == 202
    world.sweep()

    assert (waiting.status, live.status) == ("pending", "completed")
    assert queue(eve) == [waiting.session_id]
    assert not [row for row in world.rows() if row["kind"]["S"] == "expert" and "Bob" in str(row)]
    assert bob.call("PUT /api/experts/me", {"status": "online"}).code == "ACCOUNT_DELETED"
    audit(world)


def test_a_customers_deletion_takes_what_was_said_with_it(world: World) -> None:
    ada, bob = taken(world)
    route = f"POST /api/sessions/{ada.session_id}/messages"
    assert ada.person.call(route, {"text": "canary"}).status == 201
    exported = ada.person.call("GET /api/user/export?limit=100").body["items"]
    assert "chat_message" in {one["kind"] for one in exported}

    ada.person.call("DELETE /api/user")
    world.sweep()

    assert "canary" not in str(world.rows())
    assert bob.call("GET /api/experts/me").body["activeCount"] == 0
    audit(world)


def test_an_experts_export_holds_their_profile(world: World) -> None:
    bob = expert(world, name="Bob", skills=["brakes"])

    items = bob.call("GET /api/user/export?limit=100").body["items"]

    (profile,) = [one for one in items if one["kind"] == "expert"]
    assert (profile["name"], profile["skills"]) == ("Bob", ["brakes"])


def test_a_detail_is_one_query_and_a_poll_of_offers_three_reads(world: World) -> None:
    ada, bob = customer(world), expert(world)
    world.sweep()
    route = f"GET /api/sessions/{ada.session_id}"

    assert faults.count(lambda: ada.person.call(route)) == {"Query": 1}
    assert faults.count(lambda: offers(bob)) == {"GetItem": 1, "Query": 1, "BatchGetItem": 1}
    looked = faults.count(lambda: queue(bob))
    assert looked == {"GetItem": 1, "Query": INDEX_SHARDS, "BatchGetItem": 1}


def test_one_row_that_cannot_be_read_hides_no_other(world: World) -> None:
    first, second, bob = customer(world), customer(world), expert(world)
    key = {"PK": {"S": f"SESSION#{first.session_id}"}, "SK": {"S": "ASSIGNMENT#0001"}}
    client_of(world.endpoint).update_item(
        TableName=world.table_name,
        Key=key,
        UpdateExpression="SET rev = :text",
        ExpressionAttributeValues={":text": {"S": "not a number"}},
    )

    world.sweep()

    assert queue(bob) == [second.session_id]
    assert [one["sessionId"] for one in offers(bob)] == [second.session_id]
