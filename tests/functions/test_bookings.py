"""Bookings through HTTP: whose they are, how they are paid, dry runs and lists."""

from datetime import timedelta
from typing import Any

import pytest

from greenroom.customers.domain import Customer
from greenroom.kernel.clock import to_text
from greenroom.kernel.ids import new_id
from greenroom.organizations.principal import CustomerKind, CustomerRef
from tests.studios import FUTURE, Class, Studio, codes, named
from tests.world import Person, Reply, World

KINDS: tuple[CustomerKind, ...] = ("client", "lead")
of_each_kind = pytest.mark.parametrize("kind", KINDS)


@pytest.fixture
def studio(edge: World) -> Studio:
    return Studio(edge)


def book(person: Person, class_: Class, *, key: str | None = None, **told: Any) -> Reply:
    """Book as a customer; without a name it is for themselves."""
    headers = {"idempotency-key": key} if key else {}
    body = {"classSessionId": class_.class_session_id, **told}
    return person.call(f"POST {class_.studio.home}/bookings", body, headers=headers)


def plain(row: dict[str, Any]) -> dict[str, Any]:
    """A raw row without DynamoDB's letters; it holds texts and whole numbers alone."""
    return {name: int(one["N"]) if "N" in one else one["S"] for name, one in row.items()}


def row_of(world: World, booking_id: str) -> dict[str, Any]:
    """The booking as it is stored."""
    (found,) = [
        row
        for row in world.rows()
        if row["SK"]["S"] == "BOOKING" and row["PK"]["S"].endswith(booking_id)
    ]
    return plain(found)


# Whose it is


@of_each_kind
def test_the_booking_of_a_client_names_a_client_and_that_of_a_lead_a_lead(
    studio: Studio, kind: CustomerKind
) -> None:
    customer = studio.customer(kind, name="Ada")

    body = studio.hold_class().book(customer).body

    own, other = ("clientId", "customerId") if kind == "client" else ("customerId", "clientId")
    assert (body[own], body[other]) == (customer.ref.customer_id, None)
    assert (body["customerName"], body["bookingStatus"]) == ("Ada", "confirmed")
    row = row_of(studio.world, body["bookingId"])
    column = "client_id" if kind == "client" else "customer_id"
    assert row[column] == customer.ref.customer_id
    assert {"client_id", "customer_id"} & set(row) == {column}


def test_a_booking_is_of_exactly_one_customer(studio: Studio) -> None:
    class_, client, lead = studio.hold_class(), studio.customer(), studio.customer("lead")
    both = {**named(client.ref), **named(lead.ref)}
    ref = {"customerRef": client.ref.customer_id}
    before = studio.world.rows()

    for who in ({}, both, {**named(client.ref), **ref}, {**both, **ref}):
        for route in ("POST /bookings", f"POST /classes/{class_.class_session_id}/waitlist"):
            body = {"classSessionId": class_.class_session_id} if "bookings" in route else {}
            reply = studio.staff(route, {**body, **who})

            assert (reply.status, reply.code) == (400, "EXACTLY_ONE_CUSTOMER"), who
    assert studio.world.rows() == before


@of_each_kind
def test_a_reference_of_the_wrong_kind_finds_nobody(studio: Studio, kind: CustomerKind) -> None:
    class_, ref = studio.hold_class(), studio.customer(kind).ref
    wrong = CustomerRef("lead" if kind == "client" else "client", ref.customer_id)

    for use in (None, {"packageId": studio.package(ref)}):
        reply = class_.book_for(wrong, use=use)
        assert (reply.status, reply.code) == (404, "NOT_FOUND")
    assert class_.counters == (10, 0, 0, 0)


@of_each_kind
def test_an_id_alone_is_looked_up_as_both(studio: Studio, kind: CustomerKind) -> None:
    class_, customer = studio.hold_class(), studio.customer(kind)
    told = {"classSessionId": class_.class_session_id}

    unknown = studio.staff("POST /bookings", {**told, "customerRef": new_id()})
    found = studio.staff("POST /bookings", {**told, "customerRef": customer.ref.customer_id})

    assert (unknown.status, unknown.code) == (404, "NOT_FOUND")
    assert found.status == 201
    assert found.body["clientId" if kind == "client" else "customerId"] == customer.ref.customer_id


def test_an_id_alone_that_is_a_clients_and_a_leads_is_refused(studio: Studio) -> None:
    """Two people, by chance or by an import: nobody guesses."""
    class_, same = studio.hold_class(), new_id()
    both = [studio.customer(kind, customer_id=same) for kind in KINDS]

    reply = studio.staff(
        "POST /bookings", {"classSessionId": class_.class_session_id, "customerRef": same}
    )

    assert (reply.status, reply.code) == (409, "AMBIGUOUS_CUSTOMER")
    assert class_.counters == (10, 0, 0, 0)
    assert [class_.book(one).status for one in both] == [201, 201]  # two people, two seats


@of_each_kind
def test_a_booking_never_makes_a_customer(studio: Studio, kind: CustomerKind) -> None:
    """Origin 004: a workaround made leads of clients, so that they could book."""
    class_, customer = studio.hold_class(capacity=1), studio.customer(kind)
    _, person = studio.client_who_signs_in(kind)

    def customers() -> int:
        kinds = [row["kind"]["S"] for row in studio.world.rows()]
        return kinds.count("studio_customer")

    before = customers()
    class_.book(customer)
    book(person, class_, joinWaitlist=True)
    class_.book(customer, use="at_studio")

    assert customers() == before


@of_each_kind
def test_a_customer_who_is_signed_in_books_for_themselves(
    studio: Studio, kind: CustomerKind
) -> None:
    ref, person = studio.client_who_signs_in(kind)
    ways: list[dict[str, str]] = [{}, named(ref), {"customerRef": ref.customer_id}]

    for day, who in enumerate(ways, start=1):
        class_ = studio.hold_class(starts_in=timedelta(days=day))
        booked = book(person, class_, **who)
        assert booked.status == 201, booked.text
        assert named(ref).items() <= booked.body.items()
        assert booked.body["source"] == "client"
        waiting = studio.hold_class(capacity=1, starts_in=timedelta(days=day, hours=2))
        waiting.book(studio.customer())
        route = f"POST {studio.home}/classes/{waiting.class_session_id}/waitlist"
        joined = person.call(route, who)
        assert (joined.status, joined.body["bookingStatus"]) == (201, "waitlisted")
        assert named(ref).items() <= joined.body.items()


def test_a_member_of_the_staff_says_for_whom_also_where_they_are_a_customer(
    studio: Studio,
) -> None:
    class_ = studio.hold_class()

    reply = studio.staff("POST /bookings", {"classSessionId": class_.class_session_id})

    assert reply.code == "EXACTLY_ONE_CUSTOMER"
    assert class_.book(studio.customer()).body["source"] == "staff"


# How it is paid


def test_without_a_pass_it_is_paid_at_the_studio(studio: Studio) -> None:
    """Also noted as paid, once, by the staff."""
    class_, customer = studio.hold_class(priceCents=1800, currency="eur"), studio.customer()

    booked = class_.book(customer)
    owed = (booked.body["paymentStatus"], booked.body["amountCents"], booked.body["currency"])
    assert owed == ("pending", 1800, "eur")
    assert "paid" in booked.body["allowed"]
    paid = class_.act(booked, "paid")
    again = class_.act(booked, "paid")

    assert paid.body["paymentStatus"] == "paid"
    assert again.body == paid.body
    assert "paid" not in paid.body["allowed"]
    events = studio.staff(f"GET /bookings/{booked.body['bookingId']}").body["events"]
    assert [one["eventType"] for one in events] == ["created", "paid_at_studio"]


def test_a_class_without_a_price_is_free(studio: Studio) -> None:
    studio.set(requires_prepayment=True)
    class_ = studio.hold_class()
    _, person = studio.client_who_signs_in()

    booked = book(person, class_)

    assert (booked.status, booked.body["paymentStatus"]) == (201, "free")
    assert class_.act(booked, "paid").code == "INVALID_TRANSITION"


def test_a_studio_may_want_to_be_paid_in_advance(studio: Studio) -> None:
    """By whoever books without a pass; only the staff can say that somebody has paid there."""
    studio.set(requires_prepayment=True)
    class_ = studio.hold_class(priceCents=1800)
    ref, person = studio.client_who_signs_in()
    package = studio.package(ref)

    for refused in (book(person, class_), book(person, class_, use="at_studio")):
        assert (refused.status, codes(refused)) == (409, ["PREPAYMENT_REQUIRED"])
    assert codes(class_.book(studio.customer())) == ["PREPAYMENT_REQUIRED"]
    assert book(person, class_, use={"packageId": package}).body["paymentStatus"] == "covered"
    assert class_.book(studio.customer(), use="at_studio").body["paymentStatus"] == "pending"


@of_each_kind
def test_a_package_pays_with_one_use(studio: Studio, kind: CustomerKind) -> None:
    class_, customer = studio.hold_class(priceCents=1800), studio.customer(kind)
    package = studio.package(customer.ref, uses=2)

    booked = class_.book(customer, use={"packageId": package})

    assert booked.body["paymentStatus"] == "covered"
    assert booked.body["consumed"] == {"kind": "package", "id": package, "period": None}
    assert studio.remaining(customer.ref, package) == 1


@of_each_kind
def test_a_membership_pays_in_the_period_of_the_class(studio: Studio, kind: CustomerKind) -> None:
    customer = studio.customer(kind)
    membership = studio.membership(customer.ref, limit=1, period="week")
    sunday, monday = (studio.hold_class(starts_in=timedelta(days=day)) for day in (1, 2))
    other = studio.hold_class(starts_in=timedelta(days=1, hours=3))
    use = {"membershipId": membership}

    first, second = sunday.book(customer, use=use), monday.book(customer, use=use)
    third = other.book(customer, use=use)

    periods = [one.body["consumed"]["period"] for one in (first, second)]
    assert periods == ["2026-W47", "2026-W48"]
    assert codes(third) == ["NO_REMAINING_USE"]


def test_another_customers_pass_pays_for_nobody(studio: Studio) -> None:
    class_, customer = studio.hold_class(), studio.customer()
    others = studio.customer()

    for use in (
        {"packageId": studio.package(others.ref)},
        {"membershipId": studio.membership(others.ref)},
        {"packageId": studio.membership(customer.ref)},  # their own, of the other sort
        {"membershipId": studio.package(customer.ref)},
        {"packageId": new_id()},
        {"packageId": "x"},
    ):
        assert class_.book(customer, use=use).code == "NOT_FOUND", use
    assert class_.counters == (10, 0, 0, 0)


NO_WAYS: list[Any] = [
    *("cash", "", 1, [], {}),
    *({"packageId": ""}, {"packageId": "x" * 65}, {"packageId": None}),
    *({"passId": new_id()}, {"packageId": new_id(), "membershipId": new_id()}),
]


@pytest.mark.parametrize("use", NO_WAYS)
def test_a_way_to_pay_that_is_none_is_named(studio: Studio, use: Any) -> None:
    reply = studio.hold_class().book(studio.customer(), use=use)

    assert (reply.status, reply.code) == (422, "VALIDATION_FAILED")
    assert all(one["field"].startswith("use") for one in reply.body["errors"])


def test_only_customers_themselves_pay_by_card(studio: Studio) -> None:
    reply = studio.hold_class(priceCents=1800).book(studio.customer(), use="drop_in")

    assert (reply.status, reply.code) == (422, "VALIDATION_FAILED")
    assert [one["field"] for one in reply.body["errors"]] == ["use"]


# Ways to pay


def options(studio: Studio, class_: Class, ref: CustomerRef) -> list[Any]:
    """What the staff are shown."""
    query = "&".join(f"{name}={value}" for name, value in named(ref).items())
    path = f"GET /bookings/payment-options?classSessionId={class_.class_session_id}&{query}"
    reply = studio.staff(path)
    assert reply.status == 200, reply.text
    found: list[Any] = reply.body["items"]
    return found


@of_each_kind
def test_every_pass_is_a_way_to_pay_or_says_why_not(studio: Studio, kind: CustomerKind) -> None:
    """And a booking with it is refused for the very same reasons."""
    now = studio.world.clock()
    class_, customer = studio.hold_class(type="yoga"), studio.customer(kind)
    ref, starts_at = customer.ref, now + FUTURE
    frozen, cancelled, used = (studio.package(ref, uses=1) for _ in range(3))
    weekly = studio.membership(ref, limit=1, period="week")
    earlier = studio.hold_class(starts_in=FUTURE - timedelta(hours=5))
    earlier.book(customer, use={"packageId": used})
    studio.hold_class(starts_in=FUTURE + timedelta(hours=5)).book(
        customer, use={"membershipId": weekly}
    )
    change_pass(studio, ref, frozen, status="frozen")
    change_pass(studio, ref, cancelled, status="cancelled")
    over, types = now + timedelta(days=1), ("pilates", "barre")
    wanted = {
        weekly: ["NO_REMAINING_USE"],
        studio.membership(ref): [],
        studio.membership(ref, limit=9): [],
        studio.membership(ref, class_types=types): ["PASS_NOT_FOR_CLASS"],
        studio.package(ref): [],
        studio.package(ref, class_types=("yoga", "barre")): [],
        studio.package(ref, valid_until=starts_at + timedelta(minutes=1)): [],
        studio.package(ref, valid_until=starts_at): ["PASS_EXPIRED"],
        studio.package(ref, valid_from=starts_at): [],
        studio.package(ref, valid_from=starts_at + timedelta(minutes=1)): ["PASS_NOT_YET_VALID"],
        frozen: ["PASS_INACTIVE"],
        cancelled: ["PASS_INACTIVE"],
        used: ["NO_REMAINING_USE"],
        studio.package(ref, valid_until=over, class_types=types): [
            "PASS_EXPIRED",
            "PASS_NOT_FOR_CLASS",
        ],
    }

    found = options(studio, class_, ref)

    passes = [one for one in found if one["id"]]
    assert {one["id"]: one["reasons"] for one in passes} == wanted
    for one in passes:
        assert one["usable"] == (not one["reasons"])
        assert one["reason"] == (one["reasons"][0] if one["reasons"] else None)
        use = {f"{one['kind']}Id": one["id"]}
        tried = class_.book(customer, dry_run=True, use=use)
        assert (codes(tried) if tried.status == 409 else []) == wanted[one["id"]]
    usable = [one["usable"] for one in passes]
    assert usable == sorted(usable, reverse=True)
    kinds = [one["kind"] for one in passes if one["usable"]]
    assert kinds == sorted(kinds)  # memberships before packages
    by_id = {one["id"]: one["remaining"] for one in passes}
    assert (by_id[weekly], by_id[used]) == (0, 0)
    assert sorted(by_id.values(), key=str).count(None) == 2  # no limit


def change_pass(studio: Studio, ref: CustomerRef, pass_id: str, **changes: Any) -> None:
    passes = studio.world.wiring("bookings").passes
    passes.change(studio.repo, ref, "package", pass_id, changes)


def test_money_is_a_way_to_pay_where_the_studio_takes_it(studio: Studio) -> None:
    free, priced = studio.hold_class(), studio.hold_class(priceCents=1800, currency="eur")
    ref, person = studio.client_who_signs_in()

    def money(class_: Class, person: Person) -> list[tuple[Any, ...]]:
        query = f"classSessionId={class_.class_session_id}"
        query += "" if person is not studio.admin else f"&clientId={ref.customer_id}"
        found = person.call(f"GET {studio.home}/bookings/payment-options?{query}").body["items"]
        assert {one["currency"] for one in found} == {class_.shown["currency"]}
        return [(one["kind"], one["reason"], one["amountCents"]) for one in found]

    assert money(free, person) == money(free, studio.admin) == [("at_studio", None, 0)]
    by_card, at_studio = ("drop_in", None, 1800), ("at_studio", None, 1800)
    assert money(priced, person) == [by_card, at_studio]
    in_person = ("drop_in", "PAID_IN_PERSON_ONLY", 1800)
    assert money(priced, studio.admin) == [in_person, at_studio]
    studio.set(requires_prepayment=True)
    assert money(priced, person) == [by_card, ("at_studio", "PREPAYMENT_REQUIRED", 1800)]
    assert money(priced, studio.admin) == [in_person, at_studio]
    assert money(free, person) == [("at_studio", None, 0)]


def test_ways_to_pay_are_of_a_class(studio: Studio) -> None:
    who = f"clientId={studio.customer().ref.customer_id}"

    missing = studio.staff(f"GET /bookings/payment-options?{who}")
    unknown = studio.staff(f"GET /bookings/payment-options?{who}&classSessionId={new_id()}")

    assert [one["field"] for one in missing.body["errors"]] == ["classSessionId"]
    assert (missing.status, unknown.status) == (422, 404)


# All rules at once


def test_every_violated_rule_is_told_in_one_answer(studio: Studio) -> None:
    customer = studio.customer()
    other = studio.hold_class()
    overlapping = other.book(customer).body["bookingId"]
    class_ = studio.hold_class(capacity=1)
    class_.book(studio.customer())
    expired = studio.package(customer.ref, valid_until=studio.world.clock() + timedelta(hours=1))

    reply = class_.book(customer, use={"packageId": expired})

    assert reply.status == 409
    assert codes(reply) == ["CLASS_FULL", "OVERLAP", "PASS_EXPIRED"]
    first, overlap, pass_ = reply.body["violations"]
    assert (reply.code, reply.body["detail"]) == (first["code"], first["detail"])
    assert reply.body["waitlistCount"] == first["waitlistCount"] == 0
    assert overlap["bookingId"] == overlapping
    until = to_text(studio.world.clock() + timedelta(hours=1))
    assert pass_["validUntil"] == until


def test_a_class_that_is_full_and_double_booked_with_a_pass_that_is_over(studio: Studio) -> None:
    """The example of the acceptance: one answer, three violations."""
    customer, class_ = studio.customer(), studio.hold_class(capacity=1)
    booked = class_.book(customer).body
    expired = studio.package(customer.ref, valid_until=studio.world.clock() + timedelta(hours=1))

    reply = class_.book(customer, use={"packageId": expired})

    assert codes(reply) == ["CLASS_FULL", "ALREADY_BOOKED", "PASS_EXPIRED"]
    assert reply.body["violations"][1]["bookingId"] == booked["bookingId"]


def test_who_would_wait_for_a_seat_is_told_what_else_is_in_the_way(studio: Studio) -> None:
    """``joinWaitlist`` is for a class that is full, and for no other reason."""
    customer, class_ = studio.customer(), studio.hold_class(capacity=1)
    class_.book(studio.customer())
    expired = studio.package(customer.ref, valid_until=studio.world.clock() + timedelta(hours=1))

    reply = class_.book(customer, use={"packageId": expired}, joinWaitlist=True)

    assert set(codes(reply)) == {"CLASS_FULL", "PASS_EXPIRED"}
    assert class_.counters == (0, 1, 0, 0)
    other = studio.hold_class(starts_in=FUTURE + timedelta(hours=2))
    assert other.book(customer, joinWaitlist=True).body["bookingStatus"] == "confirmed"


def test_what_does_not_exist_is_told_alone(studio: Studio) -> None:
    class_ = studio.hold_class(capacity=1)
    class_.book(studio.customer())

    reply = class_.book(studio.customer(), use={"packageId": new_id()})

    assert (reply.status, reply.code) == (404, "NOT_FOUND")
    assert "violations" not in reply.body


# Once, not twice


@of_each_kind
def test_the_same_key_is_the_same_booking(studio: Studio, kind: CustomerKind) -> None:
    ref, person = studio.client_who_signs_in(kind)
    class_, package = studio.hold_class(), studio.package(ref)
    use = {"packageId": package}

    first, again = (book(person, class_, key="k", use=use) for _ in range(2))
    other = book(person, class_, key="k")
    fresh = book(person, class_, use=use)

    assert (first.status, again.status) == (201, 201)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.body == first.body
    assert (other.status, other.code) == (422, "IDEMPOTENCY_MISMATCH")
    assert codes(fresh) == ["ALREADY_BOOKED"]
    assert fresh.body["bookingId"] == first.body["bookingId"]
    assert studio.remaining(ref, package) == 9


def test_a_repeat_is_told_how_the_booking_stands_whatever_became_of_the_class(
    studio: Studio,
) -> None:
    class_, (_, person) = studio.hold_class(capacity=1), studio.client_who_signs_in()
    first = book(person, class_, key="k")
    class_.cancel()

    again = book(person, class_, key="k")

    assert (again.status, again.body["bookingStatus"]) == (201, "cancelled")
    assert again.body["bookingId"] == first.body["bookingId"]


def test_a_key_is_one_persons_and_one_classs(studio: Studio) -> None:
    """Also where the body is the same: a waitlist's names no class."""
    first, second = (studio.hold_class(capacity=1, starts_in=FUTURE * day) for day in (1, 2))
    people = [studio.client_who_signs_in()[1] for _ in range(2)]
    for class_ in (first, second):
        class_.book(studio.customer())

    def join(person: Person, class_: Class) -> Reply:
        route = f"POST {studio.home}/classes/{class_.class_session_id}/waitlist"
        return person.call(route, {}, headers={"idempotency-key": "k"})

    joined = [join(person, first) for person in people]
    elsewhere, again = join(people[0], second), join(people[0], first)

    assert [one.status for one in joined] == [201, 201]
    assert joined[0].body["bookingId"] != joined[1].body["bookingId"]
    assert elsewhere.code == "IDEMPOTENCY_MISMATCH"
    assert again.body == joined[0].body
    assert second.counters == (0, 1, 0, 0)


# Dry runs


@pytest.mark.parametrize("how", ["at the studio", "a package", "a membership", "the waitlist"])
@of_each_kind
def test_a_dry_run_writes_nothing_and_tells_the_very_row(
    studio: Studio, kind: CustomerKind, how: str
) -> None:
    class_, customer = studio.hold_class(capacity=1, priceCents=1800), studio.customer(kind)
    told: dict[str, Any] = {"headers": {"idempotency-key": "k"}}
    if how == "a package":
        told["use"] = {"packageId": studio.package(customer.ref)}
    elif how == "a membership":
        told["use"] = {"membershipId": studio.membership(customer.ref, limit=3)}
    elif how == "the waitlist":
        class_.book(studio.customer())
        told["joinWaitlist"] = True
    before = studio.world.rows()

    dry = class_.book(customer, dry_run=True, **dict(told))
    assert studio.world.rows() == before
    real = class_.book(customer, **dict(told))

    assert (dry.status, dry.body["dryRun"], real.status) == (200, True, 201)
    assert dry.body["booking"] == real.body
    assert dry.body["row"] == row_of(studio.world, real.body["bookingId"])
    assert dry.body["row"]["booking_status"] == real.body["bookingStatus"]


def test_a_dry_run_of_a_card_payment_tells_the_hold(studio: Studio) -> None:
    class_, (_, person) = studio.hold_class(priceCents=1800), studio.client_who_signs_in()
    body = {"classSessionId": class_.class_session_id, "use": "drop_in"}
    before = studio.world.rows()

    dry = person.call(f"POST {studio.home}/bookings?dryRun=1", body)

    assert dry.status == 200, dry.text
    assert studio.world.rows() == before
    assert dry.body["booking"]["bookingStatus"] == "pending"
    held = studio.world.clock() + timedelta(minutes=15)
    assert dry.body["row"]["expires_at"] == to_text(held)
    assert dry.body["row"]["GSI2PK"].startswith("DUE#booking#")


def test_a_dry_run_is_refused_as_the_booking_would_be(studio: Studio) -> None:
    customer, class_ = studio.customer(), studio.hold_class(capacity=1)
    class_.book(customer)
    expired = studio.package(customer.ref, valid_until=studio.world.clock() + timedelta(hours=1))
    wishes: list[tuple[Customer, dict[str, Any]]] = [
        (customer, {"use": {"packageId": expired}}),
        (studio.customer(), {}),
        (studio.customer(), {"use": {"packageId": new_id()}}),
        (studio.customer(), {"use": "drop_in"}),
    ]
    before = studio.world.rows()

    for who, told in wishes:
        dry, real = (class_.book(who, dry_run=dry_run, **told) for dry_run in (True, False))
        assert dry.status == real.status >= 400
        assert dry.body | {"requestId": 0} == real.body | {"requestId": 0}
    assert studio.world.rows() == before


def test_a_dry_run_after_the_fact_says_that_it_is_booked(studio: Studio) -> None:
    """Its key is nobody's wish: a repeat of the booking is answered, a question is not."""
    class_, customer = studio.hold_class(), studio.customer()
    key: dict[str, Any] = {"headers": {"idempotency-key": "k"}}
    class_.book(customer, **dict(key))

    assert codes(class_.book(customer, dry_run=True, **dict(key))) == ["ALREADY_BOOKED"]


@pytest.mark.parametrize("query", ["dryRun=2", "dryRun=true", "dryRun="])
def test_a_dry_run_is_asked_for_clearly(studio: Studio, query: str) -> None:
    """What was meant as a question must not become a booking."""
    body = {"classSessionId": studio.hold_class().class_session_id}
    reply = studio.staff(f"POST /bookings?{query}", {**body, **named(studio.customer().ref)})

    assert [one["field"] for one in reply.body["errors"]] == ["dryRun"]


# POST /test-booking


def try_booking(studio: Studio, class_: Class, ref: CustomerRef, **told: Any) -> Reply:
    body = {
        "customerId": ref.customer_id,
        "customerType": ref.kind,
        "classSessionId": class_.class_session_id,
        "organizationId": studio.organization_id,
        **told,
    }
    return studio.admin.call("POST /api/test-booking", body)


@of_each_kind
def test_a_test_booking_checks_and_a_commit_books(studio: Studio, kind: CustomerKind) -> None:
    class_, ref = studio.hold_class(), studio.customer(kind).ref
    use = {"packageId": studio.package(ref)}
    before = studio.world.rows()

    for told in ({}, {"commit": False}, {"use": use}):
        dry = try_booking(studio, class_, ref, **told)
        assert (dry.status, dry.body["dryRun"]) == (200, True)
    assert studio.world.rows() == before
    made = try_booking(studio, class_, ref, use=use, commit=True)
    again = try_booking(studio, class_, ref, use=use, commit=True)

    assert made.status == 201
    assert named(ref).items() <= made.body.items()
    assert row_of(studio.world, made.body["bookingId"])["booking_status"] == "confirmed"
    assert codes(again) == ["ALREADY_BOOKED"]
    assert class_.counters == (9, 1, 0, 0)


def test_a_test_booking_takes_clerks_id_of_the_studio_too(studio: Studio) -> None:
    class_, ref = studio.hold_class(), studio.customer().ref

    assert try_booking(studio, class_, ref, organizationId=studio.clerk_id).status == 200


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"customerType": "clients"}, "customerType"),
        ({"commit": "true"}, "commit"),
        ({"commit": 1}, "commit"),
        ({"customerId": None}, "customerId"),
        ({"organizationId": ""}, "organizationId"),
        ({"clientId": new_id()}, "clientId"),
    ],
)
def test_a_test_booking_that_is_wrong_is_named(
    studio: Studio, told: dict[str, Any], field: str
) -> None:
    reply = try_booking(studio, studio.hold_class(), studio.customer().ref, **told)

    assert [one["field"] for one in reply.body["errors"]] == [field]


# Lists


@of_each_kind
def test_bookings_are_listed_the_last_class_first(studio: Studio, kind: CustomerKind) -> None:
    """Page by page, whatever became of them; their own are the customer's to see."""
    ref, person = studio.client_who_signs_in(kind)
    days = [3, 1, 5, 2, 4]
    classes = {day: studio.hold_class(starts_in=timedelta(days=day)) for day in days}
    booked = {day: class_.book_for(ref) for day, class_ in classes.items()}
    classes[1].book(studio.customer(kind))
    classes[4].act(booked[4], "cancel")
    who = "&".join(f"{name}={value}" for name, value in named(ref).items())

    def listed(person: Person, query: str) -> list[str]:
        found: list[str] = []
        more = ""
        for left in (3, 1, 0):
            body = person.call(f"GET {studio.home}/bookings?limit=2&{query}{more}").body
            found += [one["bookingId"] for one in body["items"]]
            assert (body["nextCursor"] is None) == (left == 0)
            more = f"&cursor={body['nextCursor']}"
        return found

    wanted = [booked[day].body["bookingId"] for day in sorted(days, reverse=True)]
    assert listed(studio.admin, who) == listed(person, who) == listed(person, "") == wanted
    shown = person.call(f"GET {studio.home}/bookings").body["items"]
    assert [one["bookingStatus"] for one in shown][1] == "cancelled"


def test_the_staff_say_whose_bookings_they_want(studio: Studio) -> None:
    lead = studio.customer("lead").ref

    assert studio.staff("GET /bookings").code == "EXACTLY_ONE_CUSTOMER"
    assert studio.staff(f"GET /bookings?clientId={lead.customer_id}").code == "NOT_FOUND"
    assert studio.staff(f"GET /bookings?customerRef={lead.customer_id}").body["items"] == []


def test_who_did_what_is_told_by_role_and_never_by_name(studio: Studio) -> None:
    class_, (_, person) = studio.hold_class(), studio.client_who_signs_in("lead")
    booked = book(person, class_)
    class_.act(booked, "cancel")

    for reader in (person, studio.admin):
        body = reader.call(f"GET {studio.home}/bookings/{booked.body['bookingId']}").body
        told = [(one["eventType"], one["actor"]) for one in body["events"]]
        assert told == [("created", "lead"), ("cancelled", "admin")]
