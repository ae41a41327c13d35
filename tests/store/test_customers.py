"""Customers in the table: one e-mail for one customer, and no change is lost."""

from typing import Any

import pytest

from greenroom.customers.domain import Customer, NewCustomer
from greenroom.customers.service import Customers
from greenroom.customers.store import (
    CustomerChanged,
    CustomerExists,
    CustomerStore,
    TooManyPasses,
)
from greenroom.kernel.errors import (
    AmbiguousCustomer,
    CustomerInactive,
    EmailTaken,
    ExactlyOneCustomer,
    Forbidden,
    GreenroomError,
    IdempotencyMismatch,
    NotFound,
)
from greenroom.kernel.ids import new_id
from greenroom.kernel.limits import PASSES_MAX
from greenroom.organizations.principal import CustomerKind, CustomerRef, Principal, Role
from greenroom.organizations.repo import OrgRepo
from tests.functions.test_edge_errors import raw_set
from tests.reliability import faults
from tests.store.things import at_once
from tests.world import SECRETS, World

ORGANIZATION, OTHER = new_id(), new_id()
KINDS: list[CustomerKind] = ["client", "lead"]
EMAIL = "ada@example.org"

each_kind = pytest.mark.parametrize("kind", KINDS)


def customers_of(world: World) -> Customers:
    return Customers(
        CustomerStore(world.table),
        fingerprint_key=lambda: SECRETS["FINGERPRINT_KEY"],
        clock=world.clock,
    )


def repo(
    role: Role = "staff", customer: CustomerRef | None = None, organization: str = ORGANIZATION
) -> OrgRepo:
    principal = Principal(organization_id=organization, role=role, user_id="u1", customer=customer)
    return OrgRepo(principal)


def make(world: World, kind: CustomerKind = "client", name: str = "Ada", **told: Any) -> Customer:
    return customers_of(world).create(repo(), kind, NewCustomer(name=name, **told)).customer


def rows(world: World, kind: str) -> list[dict[str, Any]]:
    return [row for row in world.rows() if row["kind"]["S"] == kind]


def outcomes(results: list[Any]) -> list[str]:
    return sorted(
        one.code if isinstance(one, GreenroomError) else type(one).__name__ for one in results
    )


@each_kind
def test_a_customer_is_read_as_they_were_made(world: World, kind: CustomerKind) -> None:
    told = {"email": EMAIL, "phone": "+49 30 1234", "notes": "Knee.", "request_hash": "h"}

    made = make(world, kind, **told)

    customers = customers_of(world)
    assert customers.find(repo(), made.ref) == made
    assert customers.by_email(repo(), " ADA@example.ORG ") == made
    assert (made.ref.kind, made.status, made.email) == (kind, "active", EMAIL)
    other = CustomerRef("lead" if kind == "client" else "client", made.ref.customer_id)
    assert customers.find(repo(), other) is None, "a reference of the wrong kind finds nothing"
    assert customers.find(repo(organization=OTHER), made.ref) is None
    assert customers.by_email(repo(organization=OTHER), EMAIL) is None


@each_kind
def test_an_email_is_one_customers_whatever_their_kind(world: World, kind: CustomerKind) -> None:
    make(world, kind, email=EMAIL)

    for second in KINDS:
        with pytest.raises(EmailTaken) as refused:
            make(world, second, name="Bob", email="Ada@Example.org")
        assert refused.value.facts == {"kind": kind}
    assert len(rows(world, "studio_customer")) == 1


def test_the_same_email_in_another_organisation_is_free_and_looks_different(world: World) -> None:
    make(world, email=EMAIL)

    wanted = NewCustomer(name="Ada", email=EMAIL)
    customers_of(world).create(repo(organization=OTHER), "client", wanted)

    claims = [row["PK"]["S"].rpartition("#")[2] for row in rows(world, "customer_email")]
    assert len(set(claims)) == 2
    assert not any(EMAIL in str(row) for row in rows(world, "customer_email"))


def test_of_sixteen_who_take_one_email_at_once_one_has_it(world: World) -> None:
    results = at_once(
        16, lambda number: make(world, KINDS[number % 2], name=f"Ada {number}", email=EMAIL)
    )

    assert outcomes(results) == ["Customer"] + ["EMAIL_TAKEN"] * 15
    (claim,) = rows(world, "customer_email")
    (customer,) = rows(world, "studio_customer")
    assert claim["customer_id"] == customer["customer_id"]


@each_kind
def test_a_key_makes_one_customer_in_any_race(world: World, kind: CustomerKind) -> None:
    customers = customers_of(world)
    wanted = NewCustomer(name="Ada", email=EMAIL, request_hash="h")

    made: list[Any] = at_once(8, lambda _: customers.create(repo(), kind, wanted, key="k"))

    assert sorted(one.replayed for one in made) == [False] + [True] * 7
    assert len({one.customer.ref for one in made}) == 1
    with pytest.raises(IdempotencyMismatch):
        customers.create(repo(), kind, NewCustomer(name="B", request_hash="other"), key="k")
    other: CustomerKind = "lead" if kind == "client" else "client"
    fresh = NewCustomer(name="B", request_hash="h")
    assert not customers.create(repo(), other, fresh, key="k").replayed


def test_an_id_of_the_callers_choice_is_taken_once(world: World) -> None:
    customers, chosen = customers_of(world), new_id()
    wanted = NewCustomer(name="Ada", email=EMAIL, customer_id=chosen, request_hash="h")

    assert not customers.create(repo(), "client", wanted).replayed
    assert customers.create(repo(), "client", wanted).replayed
    different = NewCustomer(name="Bob", customer_id=chosen, request_hash="other")
    with pytest.raises(CustomerExists):
        customers.create(repo(), "client", different)
    other = NewCustomer(name="Ada", customer_id=chosen, request_hash="h")
    assert customers.create(repo(), "lead", other).customer.ref == CustomerRef("lead", chosen)


def test_making_a_customer_is_one_transaction(world: World) -> None:
    counted = faults.count(lambda: make(world, email=EMAIL))

    assert counted == {"TransactWriteItems": 1}


@each_kind
def test_an_email_moves_with_its_claim(world: World, kind: CustomerKind) -> None:
    customers = customers_of(world)
    ada = make(world, kind, email=EMAIL)

    changed = customers.change(repo(), ada.ref, {"email": "lovelace@example.org", "notes": "!"})

    assert customers.find(repo(), ada.ref) == changed
    assert (changed.email, changed.notes, changed.name) == ("lovelace@example.org", "!", "Ada")
    assert customers.by_email(repo(), EMAIL) is None
    assert customers.by_email(repo(), "lovelace@example.org") == changed
    make(world, "lead", name="Bob", email=EMAIL)
    with pytest.raises(EmailTaken):
        customers.change(repo(), ada.ref, {"email": EMAIL})
    assert customers.find(repo(), ada.ref) == changed


def test_an_email_that_is_spelled_differently_stays_claimed(world: World) -> None:
    customers = customers_of(world)
    ada = make(world, email=EMAIL)

    changed = customers.change(repo(), ada.ref, {"email": "Ada@Example.org"})

    assert customers.by_email(repo(), EMAIL) == changed
    assert changed.email == "Ada@Example.org"


def test_an_email_is_given_up_and_had_again(world: World) -> None:
    customers = customers_of(world)
    ada = make(world, email=EMAIL)

    customers.change(repo(), ada.ref, {"email": None})

    assert rows(world, "customer_email") == []
    assert customers.change(repo(), ada.ref, {"email": EMAIL}).rev == 2
    assert len(rows(world, "customer_email")) == 1


def test_what_two_change_at_once_is_both_kept(world: World) -> None:
    customers = customers_of(world)
    ada = make(world)
    changes: list[dict[str, Any]] = [
        {"name": "A"},
        {"phone": "1"},
        {"notes": "n"},
        {"email": EMAIL},
    ]

    at_once(4, lambda number: customers.change(repo(), ada.ref, changes[number]))

    now = customers.find(repo(), ada.ref)
    assert now is not None
    assert (now.name, now.phone, now.notes, now.email, now.rev) == ("A", "1", "n", EMAIL, 4)


def test_who_moves_to_one_address_at_once_leaves_one_claim_each(world: World) -> None:
    customers = customers_of(world)
    many = [make(world, KINDS[n % 2], email=f"a{n}@example.org") for n in range(8)]

    results = at_once(8, lambda n: customers.change(repo(), many[n].ref, {"email": EMAIL}))

    assert outcomes(results) == ["Customer"] + ["EMAIL_TAKEN"] * 7
    shown = [customers.find(repo(), one.ref) for one in many]
    by_email = [customers.by_email(repo(), one.email or "") for one in shown if one]
    assert by_email == shown
    assert len(rows(world, "customer_email")) == 8


def test_nothing_is_written_where_nothing_changes(world: World) -> None:
    ada = make(world, email=EMAIL)

    counted = faults.count(
        lambda: customers_of(world).change(repo(), ada.ref, {"email": EMAIL, "name": "Ada"})
    )

    assert counted == {"GetItem": 1}


def test_whom_nobody_knows_is_not_changed(world: World) -> None:
    with pytest.raises(NotFound):
        customers_of(world).change(repo(), CustomerRef("client", new_id()), {"name": "B"})
    assert world.rows() == []


def test_a_change_of_what_was_changed_meanwhile_is_refused(world: World) -> None:
    customers = customers_of(world)
    ada = make(world)
    customers.change(repo(), ada.ref, {"name": "B"})
    tx = world.table.transaction()

    customers.add_change(tx, repo(), ada, seen=ada)

    with pytest.raises(CustomerChanged):
        tx.commit()


def test_a_claim_that_is_somebody_elses_is_not_given_up(world: World) -> None:
    """Only a row that was written behind the product's back is like that."""
    customers = customers_of(world)
    ada, bob = make(world, email=EMAIL), make(world, name="Bob")
    (claim,) = rows(world, "customer_email")
    theirs = {"S": bob.ref.customer_id}
    raw_set(world, claim["PK"]["S"], claim["SK"]["S"], "customer_id", theirs)
    tx = world.table.transaction()

    customers.add_change(tx, repo(), customers.find(repo(), bob.ref) or bob, seen=ada)

    with pytest.raises(CustomerChanged):
        tx.commit()


def test_unknown_attributes_of_a_row_outlive_a_change(world: World) -> None:
    ada = make(world)
    (row,) = rows(world, "studio_customer")
    raw_set(world, row["PK"]["S"], row["SK"]["S"], "loyalty", {"S": "gold"})

    customers_of(world).change(repo(), ada.ref, {"name": "Bea"})

    assert rows(world, "studio_customer")[0]["loyalty"] == {"S": "gold"}


# Lists


def test_customers_are_listed_by_name_and_by_kind(world: World) -> None:
    customers = customers_of(world)
    for name in ("bob", "Ada", "Zoë", "ADELE", "Carl"):
        make(world, "client", name)
    make(world, "lead", "Abel")

    def listed(q: str | None = None, kind: CustomerKind = "client") -> list[str]:
        found, cursor = customers.list(repo(), kind, q=q, limit=100, cursor=None)
        assert cursor is None
        return [one.name for one in found]

    assert listed() == ["Ada", "ADELE", "bob", "Carl", "Zoë"]
    assert listed("aD") == ["Ada", "ADELE"]
    assert listed("x") == []
    assert listed(kind="lead") == ["Abel"]
    assert customers.list(repo(organization=OTHER), "client", q=None, limit=9, cursor=None) == (
        [],
        None,
    )


def test_a_new_name_is_a_new_place_in_the_list(world: World) -> None:
    customers = customers_of(world)
    make(world, name="Bob")
    ada = make(world, name="Ada")

    customers.change(repo(), ada.ref, {"name": "Zoe"})

    found, _ = customers.list(repo(), "client", q=None, limit=9, cursor=None)
    assert [one.name for one in found] == ["Bob", "Zoe"]


def test_pages_of_a_list_make_the_whole(world: World) -> None:
    customers = customers_of(world)
    names = [f"Ada {number:02}" for number in range(5)] + ["\U0001f600" * 120, "\ufdfa" * 120]
    for name in names:
        make(world, name=name)
    found: list[str] = []
    cursor: str | None = None
    while True:
        page, cursor = customers.list(repo(), "client", q=None, limit=1, cursor=cursor)
        found += [one.name for one in page]
        if cursor is None:
            break

    assert sorted(found) == sorted(names)


def test_a_whole_email_finds_its_customer_among_those_of_the_kind(world: World) -> None:
    customers = customers_of(world)
    ada = make(world, email=EMAIL)

    found, _ = customers.list(repo(), "client", q="ADA@example.org", limit=9, cursor=None)
    none, _ = customers.list(repo(), "lead", q=EMAIL, limit=9, cursor=None)

    assert (found, none) == ([ada], [])


# Who is named


def test_exactly_one_customer_is_named(world: World) -> None:
    customers = customers_of(world)
    ada, bob = make(world), make(world, "lead")
    names = {"client_id": ada.ref.customer_id, "customer_id": bob.ref.customer_id}

    for wrong in ({}, names, {**names, "customer_ref": new_id()}):
        with pytest.raises(ExactlyOneCustomer):
            customers.resolve(repo(), **wrong)
    assert customers.resolve(repo(), client_id=ada.ref.customer_id) == ada
    assert customers.resolve(repo(), customer_id=bob.ref.customer_id) == bob


@pytest.mark.parametrize("wrong", ["x", "a#b", "", "C", "0" * 36])
def test_whom_nobody_knows_is_not_found(world: World, wrong: str) -> None:
    customers = customers_of(world)
    ada, bob = make(world), make(world, "lead")
    unknown: list[dict[str, str]] = [
        {"client_id": bob.ref.customer_id},
        {"customer_id": ada.ref.customer_id},
        *(
            {name: one}
            for name in ("client_id", "customer_id", "customer_ref")
            for one in (wrong, new_id())
        ),
    ]

    for one in unknown:
        with pytest.raises(NotFound):
            customers.resolve(repo(), **one)
    with pytest.raises(NotFound):
        customers.resolve(repo(organization=OTHER), client_id=ada.ref.customer_id)


def test_an_id_alone_is_looked_up_in_both_kinds_at_once(world: World) -> None:
    customers, both = customers_of(world), new_id()
    ada, bob = make(world), make(world, "lead")
    for kind in KINDS:
        make(world, kind, customer_id=both)

    for one in (ada, bob):
        assert customers.resolve(repo(), customer_ref=one.ref.customer_id) == one
    with pytest.raises(AmbiguousCustomer):
        customers.resolve(repo(), customer_ref=both)
    counted = faults.count(lambda: customers.resolve(repo(), customer_ref=ada.ref.customer_id))
    assert counted == {"BatchGetItem": 1}


@each_kind
def test_a_customer_may_name_themselves_or_nobody_and_nobody_else(
    world: World, kind: CustomerKind
) -> None:
    customers = customers_of(world)
    ada, bob = make(world, kind), make(world, kind)
    theirs, other = ada.ref.customer_id, bob.ref.customer_id
    as_ada = repo(kind, ada.ref)
    by_kind = "client_id" if kind == "client" else "customer_id"
    wrong_kind = "customer_id" if kind == "client" else "client_id"

    for named in ({}, {by_kind: theirs}, {"customer_ref": theirs}):
        assert customers.chosen(as_ada, **named) == ada
    for named in (
        {by_kind: other},
        {by_kind: new_id()},
        {wrong_kind: theirs},
        {"customer_ref": other},
    ):
        with pytest.raises(Forbidden):
            customers.chosen(as_ada, **named)
    with pytest.raises(ExactlyOneCustomer):
        customers.chosen(as_ada, client_id=theirs, customer_id=theirs)


def test_the_staff_name_somebody_even_if_they_are_a_customer_too(world: World) -> None:
    customers = customers_of(world)
    ada, bob = make(world), make(world)
    staff = repo("staff", ada.ref)

    assert customers.chosen(staff, client_id=bob.ref.customer_id) == bob
    with pytest.raises(ExactlyOneCustomer):
        customers.chosen(staff)
    with pytest.raises(Forbidden):
        customers.chosen(repo("public"), client_id=bob.ref.customer_id)


def test_a_customer_is_shown_to_the_staff_and_to_themselves(world: World) -> None:
    customers = customers_of(world)
    ada, bob = make(world), make(world)

    assert customers.load(repo(), ada.ref) == ada
    assert customers.load(repo("client", ada.ref), ada.ref) == ada
    with pytest.raises(Forbidden):
        customers.load(repo("client", bob.ref), ada.ref)
    with pytest.raises(Forbidden):
        customers.load(repo("client", bob.ref), CustomerRef("client", new_id()))
    with pytest.raises(NotFound):
        customers.load(repo(), CustomerRef("client", new_id()))


# Steps for others' transactions


@each_kind
def test_only_who_is_there_and_active_passes(world: World, kind: CustomerKind) -> None:
    customers = customers_of(world)
    ada = make(world, kind)

    def check(ref: CustomerRef, organization: str = ORGANIZATION) -> list[str]:
        tx = world.table.transaction()
        customers.add_active(tx, repo(organization=organization), ref)
        (step,) = tx.steps
        assert step.name == "customer"
        return [violation.error.code for violation in tx.attempt()]

    assert check(ada.ref) == []
    assert check(CustomerRef(kind, new_id())) == [NotFound.code]
    assert check(ada.ref, organization=OTHER) == [NotFound.code]
    customers.change(repo(), ada.ref, {"status": "closed"})
    assert check(ada.ref) == [CustomerInactive.code]
    customers.change(repo(), ada.ref, {"status": "active"})
    assert check(ada.ref) == []


def test_a_lead_is_made_in_somebody_elses_transaction(world: World) -> None:
    customers = customers_of(world)
    tx = world.table.transaction()

    lead = customers.add_lead(tx, repo("public"), name="Ada", email=EMAIL, phone="1")

    assert [step.name for step in tx.steps] == ["customer", "customer_email"]
    assert tx.attempt() == ()
    assert customers.find(repo(), lead.ref) == lead
    assert lead.ref.kind == "lead"
    again = world.table.transaction()
    customers.add_lead(again, repo("public"), name="Ada", email=EMAIL, customer_id=new_id())
    (violation,) = again.attempt()
    assert (violation.step, violation.error.facts) == ("customer_email", {"kind": "lead"})


def test_a_customer_has_so_many_passes_and_no_more(world: World) -> None:
    customers = customers_of(world)
    ada = make(world)
    key = repo().customer_pk(ada.ref)
    raw_set(world, key, "CUSTOMER", "passes", {"N": str(PASSES_MAX - 2)})

    def count(_: int) -> None:
        tx = world.table.transaction()
        customers.add_pass(tx, repo(), ada.ref)
        tx.commit()

    results = at_once(8, count)

    assert outcomes(results) == ["CONFLICT"] * 6 + ["NoneType"] * 2
    assert sum(isinstance(one, TooManyPasses) for one in results) == 6
    (row,) = rows(world, "studio_customer")
    assert row["passes"] == {"N": str(PASSES_MAX)}


def test_who_is_closed_or_unknown_gets_no_pass(world: World) -> None:
    customers = customers_of(world)
    ada = make(world)
    customers.change(repo(), ada.ref, {"status": "closed"})

    for ref, expected in ((ada.ref, CustomerInactive), (CustomerRef("lead", "x"), NotFound)):
        tx = world.table.transaction()
        customers.add_pass(tx, repo(), ref)
        with pytest.raises(expected):
            tx.commit()
