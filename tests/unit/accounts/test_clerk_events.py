"""Clerk's wire: every sample is read, and nothing that is sent raises."""

import json
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, get_args

import pytest

from greenroom.accounts.clerk_events import (
    ClerkEvent,
    ClerkIgnored,
    ClerkMalformed,
    MembershipChanged,
    MembershipDeleted,
    OrganizationChanged,
    OrganizationDeleted,
    PersonChanged,
    PersonDeleted,
    read_clerk_event,
)
from greenroom.kernel.limits import BODY_WEBHOOK_MAX

FOLDER = Path(__file__).parents[2] / "fixtures" / "clerk"
FILES = sorted(path for path in FOLDER.glob("*.json") if "vectors" not in path.name)
CLERK_ID = "user_29w83sxmDNGwOuEthce5gg56FcC"
RECEIVED = datetime(2026, 11, 21, 7, 0, tzinfo=UTC)

Json = dict[str, Any]


def sample(name: str, **data: Any) -> Json:
    event: Json = json.loads((FOLDER / f"{name}.json").read_text())
    event["data"].update(data)
    return event


def read(event: Any) -> ClerkEvent | ClerkMalformed:
    return read_clerk_event(json.dumps(event).encode(), received_at=RECEIVED)


def person(**data: Any) -> PersonChanged:
    found = read(sample("user.created", **data))
    assert isinstance(found, PersonChanged)
    return found


def moment(milliseconds: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=milliseconds)


@pytest.mark.parametrize(
    ("name", "kind", "at_ms"),
    [
        ("user.created", PersonChanged, 1654012591835),
        ("user.updated", PersonChanged, 1654012824306),
        ("user.deleted", PersonDeleted, 1661861640000),
        ("organization.created", OrganizationChanged, 1654013202977),
        ("organizationMembership.created", MembershipChanged, 1654013203217),
        ("organizationMembership.deleted", MembershipDeleted, 1654013847054),
        ("session.created", ClerkIgnored, 1654012591514),
    ],
)
def test_every_sample_is_read_as_what_it_is(name: str, kind: type, at_ms: int) -> None:
    found = read(sample(name))

    assert type(found) is kind
    assert not isinstance(found, ClerkMalformed)
    assert (found.type, found.at, found.instance_id) == (name, moment(at_ms), "ins_123")


def test_there_are_samples_to_test_with() -> None:
    assert len(FILES) == 7


def test_a_person_has_name_address_and_picture() -> None:
    found = person()

    assert found.clerk_id == CLERK_ID
    assert (found.email, found.email_verified) == ("example@example.org", True)
    assert found.name == "Example Example"
    assert found.image_url == "https://img.clerk.com/xxxxxx"


def test_the_primary_address_counts_and_not_the_first() -> None:
    addresses = [
        {"id": "idn_1", "email_address": "first@example.org"},
        {
            "id": "idn_2",
            "email_address": "own@example.org",
            "verification": {"status": "unverified"},
        },
    ]

    found = person(email_addresses=addresses, primary_email_address_id="idn_2")

    assert (found.email, found.email_verified) == ("own@example.org", False)


@pytest.mark.parametrize(
    "data",
    [
        {"email_addresses": [], "primary_email_address_id": None},
        {"primary_email_address_id": None},
        {"primary_email_address_id": "idn_of_nobody"},
        {"email_addresses": [{"id": None, "email_address": "a@b.example"}]},
        {"email_addresses": None},
    ],
)
def test_a_person_without_a_primary_address_has_none(data: Json) -> None:
    found = person(**data)

    assert (found.email, found.email_verified) == (None, False)


@pytest.mark.parametrize("email", ["nobody", "a b@c.example", "x" * 250 + "@a.example", 7, None])
def test_what_is_no_address_is_left_out(email: Any) -> None:
    address = {"id": "idn_1", "email_address": email, "verification": {"status": "verified"}}

    found = person(email_addresses=[address], primary_email_address_id="idn_1")

    assert (found.email, found.email_verified) == (None, False)


@pytest.mark.parametrize(
    ("first", "last", "name"),
    [("Ada", None, "Ada"), (None, "Byron", "Byron"), ("", " ", None), ("x" * 150, "y" * 150, None)],
)
def test_a_name_is_what_there_is_of_it(first: Any, last: Any, name: str | None) -> None:
    assert person(first_name=first, last_name=last).name == name


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "http:", "//img.example", "https://[", "a b", 7, None]
)
def test_a_picture_is_a_web_address_or_nothing(url: Any) -> None:
    assert person(image_url=url).image_url is None


def test_the_time_of_the_thing_goes_before_the_time_of_the_event() -> None:
    event = sample("user.updated")
    event["timestamp"] = 1_700_000_000_000
    by_thing = read(event)
    del event["data"]["updated_at"]
    by_event = read(event)
    del event["timestamp"]
    by_arrival = read(event)

    assert isinstance(by_thing, PersonChanged)
    assert by_thing.at == moment(1654012824306)
    assert by_thing.sent_at == moment(1_700_000_000_000)
    assert isinstance(by_event, PersonChanged)
    assert by_event.at == moment(1_700_000_000_000)
    assert isinstance(by_arrival, PersonChanged)
    assert by_arrival.at == by_arrival.sent_at == RECEIVED


def test_a_deleted_person_is_only_an_id() -> None:
    found = read(sample("user.deleted"))

    assert isinstance(found, PersonDeleted)
    assert found.clerk_id == CLERK_ID


def test_a_membership_brings_its_organisation_along() -> None:
    found = read(sample("organizationMembership.created", role="org:admin"))

    assert isinstance(found, MembershipChanged)
    assert (found.clerk_id, found.role) == (CLERK_ID, "admin")
    assert found.organization.organization_id == "org_29w9IfBrPmcpi0IeBVaKtA7R94W"
    assert (found.organization.name, found.organization.slug) == ("Acme Inc", "acme-inc")
    assert found.organization.at == moment(1654013202977)


def test_a_membership_of_an_organisation_that_only_has_an_id_makes_a_stub() -> None:
    found = read(sample("organizationMembership.created", organization={"id": "org_1"}))

    assert isinstance(found, MembershipChanged)
    assert (found.organization.name, found.organization.at) == (None, found.at)


@pytest.mark.parametrize("name", ["organization.updated", "organization.deleted"])
def test_an_organisation_changes_and_goes(name: str) -> None:
    found = read({**sample("organization.created"), "type": name})

    if name == "organization.deleted":
        assert isinstance(found, OrganizationDeleted)
        assert found.organization_id == "org_29w9IfBrPmcpi0IeBVaKtA7R94W"
    else:
        assert isinstance(found, OrganizationChanged)
        assert found.organization.name == "Acme Inc"


@pytest.mark.parametrize(
    "name", ["organizationInvitation.created", "organizationDomain.created", "email.created", "x"]
)
def test_what_no_rule_is_about_is_ignored(name: str) -> None:
    assert type(read({**sample("user.created"), "type": name})) is ClerkIgnored


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("user.created", {"id": None}, "without_user_id"),
        ("user.deleted", {"id": 7}, "without_user_id"),
        ("organization.created", {"id": "a b"}, "without_organization_id"),
        ("organizationMembership.created", {"id": None}, "without_membership_id"),
        ("organizationMembership.created", {"public_user_data": None}, "without_user_id"),
        ("organizationMembership.deleted", {"organization": []}, "without_organization_id"),
    ],
)
def test_what_names_nobody_is_malformed(name: str, data: Json, reason: str) -> None:
    assert read(sample(name, **data)) == ClerkMalformed(reason=reason)


@pytest.mark.parametrize(
    "body",
    [b"", b"null", b"[]", b"{}", b'{"type": 1}', b"\xff", b"[" * 100_000, b'"' * BODY_WEBHOOK_MAX],
    ids=range(8),
)
def test_what_is_no_event_is_malformed(body: bytes) -> None:
    assert isinstance(read_clerk_event(body, received_at=RECEIVED), ClerkMalformed)


VALUES: list[Any] = [
    *(None, True, 0, -1, 2**70, 1.5, float("nan"), "", "\ud800", "https://[", "é" * 300),
    *([], [None], {}, {"id": {}}, [{"id": None}]),
]


def test_nothing_that_is_sent_raises() -> None:
    chance = random.Random(17)
    kinds = (*get_args(ClerkEvent), ClerkMalformed)

    for _ in range(10_000):
        body = chance.choice(FILES).read_bytes()
        if chance.random() < 0.7:
            event = json.loads(body)
            place: Any = event if chance.random() < 0.2 else event["data"]
            while True:
                key = chance.choice(list(place))
                if isinstance(place[key], dict) and place[key] and chance.random() < 0.5:
                    place = place[key]
                    continue
                break
            place[key] = chance.choice(VALUES)
            body = json.dumps(event).encode()
        else:
            cut = chance.randrange(len(body))
            body = body[:cut] + chance.randbytes(chance.randrange(3)) + body[cut + 1 :]

        assert isinstance(read_clerk_event(body, received_at=RECEIVED), kinds)
