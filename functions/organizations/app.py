"""Organisations: their settings and members, their customers, and the passes of those."""

from greenroom.customers import routes as customer_routes
from greenroom.customers.domain import Customer
from greenroom.customers.schema import (
    STAFF_ONLY,
    ChangeCustomer,
    CreateCustomer,
    CustomerPage,
    CustomerView,
    Join,
)
from greenroom.kernel.errors import Forbidden
from greenroom.kernel.limits import EMAIL_CHARS_MAX
from greenroom.organizations import routes
from greenroom.organizations.access import Entry
from greenroom.organizations.principal import CustomerKind, CustomerRef
from greenroom.organizations.schema import (
    ChangeOrganization,
    MemberPage,
    MemberView,
    OrganizationEntry,
    OrganizationList,
    OrganizationView,
)
from greenroom.passes import routes as pass_routes
from greenroom.passes.domain import PassKind
from greenroom.passes.schema import (
    ChangePass,
    CreateMembership,
    CreatePackage,
    PassPage,
    PassView,
)
from greenroom.passes.service import NewPass
from greenroom.payments import routes as payment_routes
from greenroom.payments.schema import CardList
from greenroom.web.api import Answer, Api
from greenroom.web.call import Call
from greenroom.wiring import Wiring

wired = Wiring("organizations")
lambda_handler = api = Api("organizations", verify=wired.verify)


@api.route(routes.MINE)
def mine(call: Call) -> Answer:
    found = wired.access.mine(call.identity)
    return Answer(body=OrganizationList(items=[OrganizationEntry.of(one) for one in found]))


@api.route(routes.PROFILE)
def profile(call: Call) -> Answer:
    return Answer(body=OrganizationView.of(_enter(call)))


@api.route(routes.CHANGE)
def change(call: Call) -> Answer:
    entry = _enter(call)
    entry.repo.require_admin()
    wired.organizations.set_studio(entry.repo, call.body(ChangeOrganization).changes())
    return Answer(body=OrganizationView.of(_enter(call)))


@api.route(routes.ROTATE_KEY)
def rotate_key(call: Call) -> Answer:
    wired.widget_keys.rotate(_enter(call))
    return Answer(body=OrganizationView.of(_enter(call)))


@api.route(routes.MEMBERS)
def members(call: Call) -> Answer:
    limit, cursor = call.page()
    repo = _staff(call).repo
    found, next_cursor = wired.organizations.members(repo, limit=limit, cursor=cursor)
    people = wired.seeing.people([one.user_id for one in found])
    items = [MemberView.of(one, people.get(one.user_id)) for one in found]
    return Answer(body=MemberPage(items=items, next_cursor=next_cursor))


@api.route(customer_routes.JOIN)
def join(call: Call) -> Answer:
    entry = wired.access.look(call.identity, call.path_text("organizationId"))
    joined = wired.joining.join(entry, call.identity, name=call.body(Join).name)
    return Answer(status=201 if joined.new else 200, body=OrganizationView.of(_enter(call)))


@api.route(customer_routes.CLIENTS)
def clients(call: Call) -> Answer:
    return _customers(call, "client")


@api.route(customer_routes.CREATE_CLIENT)
def create_client(call: Call) -> Answer:
    return _create(call, "client")


@api.route(customer_routes.CLIENT)
def client(call: Call) -> Answer:
    return _customer(call, "client")


@api.route(customer_routes.CHANGE_CLIENT)
def change_client(call: Call) -> Answer:
    return _change(call, "client")


@api.route(customer_routes.LEADS)
def leads(call: Call) -> Answer:
    return _customers(call, "lead")


@api.route(customer_routes.CREATE_LEAD)
def create_lead(call: Call) -> Answer:
    return _create(call, "lead")


@api.route(customer_routes.LEAD)
def lead(call: Call) -> Answer:
    return _customer(call, "lead")


@api.route(customer_routes.CHANGE_LEAD)
def change_lead(call: Call) -> Answer:
    return _change(call, "lead")


@api.route(pass_routes.PACKAGES)
def packages(call: Call) -> Answer:
    return _passes(call, "package")


@api.route(pass_routes.CREATE_PACKAGE)
def create_package(call: Call) -> Answer:
    return _create_pass(call, "package", CreatePackage)


@api.route(pass_routes.CHANGE_PACKAGE)
def change_package(call: Call) -> Answer:
    return _change_pass(call, "package")


@api.route(pass_routes.MEMBERSHIPS)
def memberships(call: Call) -> Answer:
    return _passes(call, "membership")


@api.route(pass_routes.CREATE_MEMBERSHIP)
def create_membership(call: Call) -> Answer:
    return _create_pass(call, "membership", CreateMembership)


@api.route(pass_routes.CHANGE_MEMBERSHIP)
def change_membership(call: Call) -> Answer:
    return _change_pass(call, "membership")


@api.route(payment_routes.CARDS)
def cards(call: Call) -> Answer:
    _, customer = _asked(call)
    found = wired.payers.payment_methods(customer.user_id) if customer.user_id else []
    return Answer(body=CardList.of(found))


def _enter(call: Call) -> Entry:
    entry = wired.access.enter(call.identity, call.path_text("organizationId"))
    call.facts["org_id"] = entry.repo.organization_id
    return entry


def _staff(call: Call) -> Entry:
    entry = _enter(call)
    entry.repo.require_staff()
    return entry


def _customers(call: Call, kind: CustomerKind) -> Answer:
    limit, cursor = call.page()
    q = call.text("q", chars_max=EMAIL_CHARS_MAX)
    repo = _staff(call).repo
    found, next_cursor = wired.customers.list(repo, kind, q=q, limit=limit, cursor=cursor)
    items = [CustomerView.of(one, staff=True) for one in found]
    return Answer(body=CustomerPage(items=items, next_cursor=next_cursor))


def _create(call: Call, kind: CustomerKind) -> Answer:
    key, repo = call.idempotency_key(), _staff(call).repo
    made = wired.customers.create(repo, kind, call.body(CreateCustomer).told(), key=key)
    view = CustomerView.of(made.customer, staff=True)
    return Answer(status=201, body=view, replayed=made.replayed)


def _named(call: Call, kind: CustomerKind) -> tuple[Entry, CustomerRef]:
    """Whom the path names, if the caller may ask."""
    entry = _enter(call)
    ref = CustomerRef(kind, call.path_id("clientId" if kind == "client" else "customerId"))
    entry.repo.require(ref)
    return entry, ref


def _customer(call: Call, kind: CustomerKind) -> Answer:
    entry, ref = _named(call, kind)
    found = wired.customers.load(entry.repo, ref)
    return Answer(body=CustomerView.of(found, staff=entry.principal.is_staff))


def _change(call: Call, kind: CustomerKind) -> Answer:
    entry, ref = _named(call, kind)
    changes, staff = call.body(ChangeCustomer).changes(), entry.principal.is_staff
    if not staff and STAFF_ONLY & changes.keys():
        raise Forbidden("Only the studio's staff may change this.")
    return Answer(
        body=CustomerView.of(wired.customers.change(entry.repo, ref, changes), staff=staff)
    )


def _asked(call: Call) -> tuple[Entry, Customer]:
    """Whose things are asked for, if the caller may ask."""
    entry = _enter(call)
    named = {name: call.query(asked) for name, asked in _NAMES.items()}
    return entry, wired.customers.chosen(entry.repo, **named)


def _passes(call: Call, kind: PassKind) -> Answer:
    limit, cursor = call.page()
    entry, customer = _asked(call)
    found, next_cursor = wired.passes.of_customer(
        entry.repo, customer.ref, kind, limit=limit, cursor=cursor
    )
    return Answer(body=PassPage(items=[PassView.of(one) for one in found], next_cursor=next_cursor))


def _create_pass(
    call: Call, kind: PassKind, shape: type[CreatePackage] | type[CreateMembership]
) -> Answer:
    key, repo = call.idempotency_key(), _staff(call).repo
    body = call.body(shape)
    customer = wired.customers.resolve(repo, **body.customer())
    made = wired.passes.create(repo, customer.ref, NewPass(kind=kind, **body.told()), key=key)
    return Answer(status=201, body=PassView.of(made.state), replayed=made.replayed)


def _change_pass(call: Call, kind: PassKind) -> Answer:
    repo, pass_id = _staff(call).repo, call.path_id("passId")
    body = call.body(ChangePass)
    customer = wired.customers.resolve(repo, **body.customer())
    changed = wired.passes.change(repo, customer.ref, kind, pass_id, body.changes())
    return Answer(body=PassView.of(changed))


_NAMES = {"client_id": "clientId", "customer_id": "customerId", "customer_ref": "customerRef"}
