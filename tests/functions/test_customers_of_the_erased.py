"""What becomes of customers whose person is deleted, and what an export tells of them."""

import contextlib
from typing import Any

import pytest

from greenroom.organizations.principal import CustomerKind
from tests.functions.test_export import export
from tests.functions.test_joining import agree, customers, links
from tests.reliability import faults
from tests.reliability.faults import Crash, Fault, Kind
from tests.reliability.test_erasure_crashes import finish, hasten_patience, writes
from tests.studios import Studio
from tests.world import Person, World

KINDS: list[CustomerKind] = ["client", "lead"]
each_kind = pytest.mark.parametrize("kind", KINDS)


def of_the_person(world: World, person: Person) -> list[dict[str, Any]]:
    """Rows of customers and links that still name a person, in any attribute."""
    found = customers(world) + links(world)
    return [row for row in found if person.user_id in str(row)]


@each_kind
def test_a_deleted_person_is_unlinked_and_the_studio_keeps_its_record(
    world: World, kind: CustomerKind
) -> None:
    one, two = Studio(world), Studio(world)
    ref, ada = one.client_who_signs_in(kind)
    assert ada.call(f"POST {two.home}/me", {"name": "Ada"}).status == 201
    given = one.package(ref)
    path = f"GET /{kind}s/{ref.customer_id}"
    before = one.staff(path).body

    ada.call("DELETE /api/user")
    finish(world)

    after = one.staff(path).body
    assert after == {**before, "userId": None, "updatedAt": after["updatedAt"]}
    assert one.remaining(ref, given) == 10
    assert of_the_person(world, ada) == []
    assert len(customers(world)) == 2
    assert links(world) == []
    for studio in (one, two):
        assert ada.call(f"GET {studio.home}").status == 404


def test_who_comes_again_with_the_same_email_is_the_same_customer(world: World) -> None:
    studio = Studio(world)
    ref, ada = studio.client_who_signs_in()
    ada.call("DELETE /api/user")
    finish(world)
    again = world.person(**ada.claims)

    joined = again.call(f"POST {studio.home}/me", {"name": "Ada"})

    assert joined.body["customer"]["clientId"] == ref.customer_id
    agree(world)


@pytest.mark.parametrize("fault", ["crash_before", "crash_after", "timeout_after"])
def test_a_deletion_that_dies_at_any_call_unlinks_in_the_end(world: World, fault: Kind) -> None:
    hasten_patience(world)
    studio, other = Studio(world), Studio(world)

    def lived() -> Person:
        _, ada = studio.client_who_signs_in()
        assert ada.call(f"POST {other.home}/me", {"name": "Ada"}).status == 201
        return ada

    first = lived()
    points = writes(lambda: first.call("DELETE /api/user"))
    finish(world)
    for point in points:
        ada = lived()
        with (
            faults.plan(Fault(kind=fault, at=point)) as plan,
            contextlib.suppress(Crash),
        ):
            ada.call("DELETE /api/user")
        assert plan.fired
        agree(world)

        ada.call("DELETE /api/user")
        finish(world)

        assert of_the_person(world, ada) == [], f"{fault} at call {point}"
        agree(world)


def test_a_customer_who_was_made_somebody_elses_meanwhile_stays_theirs(world: World) -> None:
    """Only rows that were written behind the product's back are like that."""
    studio = Studio(world)
    ref, ada = studio.client_who_signs_in()
    bob = world.person()
    wired = world.wiring("organizations")
    seen = wired.customers.load(studio.repo, ref)
    wired.customers.change(studio.repo, ref, {"user_id": bob.user_id})

    assert wired.joining.forget(ada.user_id) is False
    assert wired.joining.forget(ada.user_id) is True

    now = wired.customers.load(studio.repo, ref)
    assert (seen.user_id, now.user_id) == (ada.user_id, bob.user_id)


@each_kind
def test_an_export_tells_what_studios_keep_of_the_person(world: World, kind: CustomerKind) -> None:
    studio, other = Studio(world), Studio(world)
    ref, ada = studio.client_who_signs_in(kind)
    other_ref = other.customer(kind).ref
    other.package(other_ref)
    studio.package(ref)
    studio.membership(ref, limit=2)
    path = f"/{kind}s/{ref.customer_id}"
    studio.staff(f"PATCH {path}", {"notes": "secret", "phone": "+49 30 1"})

    items = export(ada)

    by_kind = {item["kind"]: item for item in items}
    assert {"customer_link", "studio_customer", "package", "membership"} <= set(by_kind)
    customer = by_kind["studio_customer"]
    assert (customer["customerId"], customer["phone"]) == (ref.customer_id, "+49 30 1")
    assert (customer["organizationId"], customer["userId"]) == (
        studio.organization_id,
        ada.user_id,
    )
    assert by_kind["package"]["remaining"] == 10
    text = str(items)
    assert "secret" not in text, "a studio's notes are its own to tell"
    assert other_ref.customer_id not in text
    assert export(ada, limit=1) == items


def test_a_link_that_went_while_it_was_exported_tells_of_no_customer(world: World) -> None:
    studio = Studio(world)
    _, ada = studio.client_who_signs_in()
    (link,) = links(world)
    place = link["PK"]["S"], link["SK"]["S"]
    wired = world.wiring("account")

    assert wired.organizations.customers_partition(*place)
    wired.joining.forget(ada.user_id)

    assert wired.organizations.customers_partition(*place) is None
