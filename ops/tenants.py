"""Commands about tenants of the AI proxy: making them, who is in them, and their quotas."""

import argparse
from collections.abc import Callable
from typing import Any

from greenroom.kernel.errors import NotFound
from greenroom.kernel.ids import new_id
from greenroom.kernel.limits import PAGE_MAX
from greenroom.kernel.tenants import Tenant, TenantKind
from greenroom.table.scan import scan_page
from greenroom.tenants.service import tenant_of
from greenroom.usage.domain import Allowance, Owner, Person, Quota
from greenroom.wiring import Wiring
from ops.output import Output, table
from ops.people import person_id

ACTOR = "operator"
KINDS: tuple[TenantKind, ...] = ("preschool", "organization")
ALONE = "user"  # the word for a person alone, where a quota may be theirs

Command = Callable[[argparse.Namespace, Wiring, Output], int]


def create(words: argparse.Namespace, wired: Wiring, out: Output) -> int:
    """Make a tenant with its first members."""
    members = dict(_member(told) for told in words.member)
    tenant = wired.tenants.create(
        words.kind, words.name, tenant_id=words.id, members=members, actor=ACTOR
    )
    document = {**_named(tenant), "name": words.name, "members": _members(members.items())}
    out.result(document, [f"{tenant.kind} {tenant.tenant_id} ({words.name}) is made"])
    return 0


def listed(_: argparse.Namespace, wired: Wiring, out: Output) -> int:
    """All tenants, by a scan of the whole table."""
    found: list[Tenant] = []
    cursor: str | None = None
    while True:
        page = scan_page(wired.table, kinds=KINDS, limit=10 * PAGE_MAX, cursor=cursor)
        found += [
            Tenant.of_pk(row["PK"]["S"]) for row in page.rows if row["kind"].get("S") in KINDS
        ]
        if page.next_cursor is None:
            break
        cursor = page.next_cursor
    rows = []
    for tenant in sorted(found, key=lambda one: one.token):
        try:
            rows.append((tenant, wired.tenants.require(tenant)))
        except NotFound:  # Clerk said that it was deleted
            continue
    items = [{**_named(tenant), "name": name} for tenant, name in rows]
    out.result(
        {"items": items},
        table([(tenant.kind, tenant.tenant_id, name or "") for tenant, name in rows]),
    )
    return 0


def show(words: argparse.Namespace, wired: Wiring, out: Output) -> int:
    """A tenant, who works there, and the allowances that are its own."""
    tenant = tenant_of(words.kind, words.tenant)
    name = wired.tenants.require(tenant)
    members = wired.tenants.members(tenant)
    plan = wired.allowances.plan(tenant)
    quotas = wired.allowances.quotas(tenant, sorted(plan.allowances))
    document = {
        **_named(tenant),
        "name": name,
        "members": _members(members),
        "quotas": [_quota(one) for one in quotas],
    }
    lines = [f"{tenant.kind} {tenant.tenant_id} {name or ''}".rstrip(), *table(members)]
    out.result(document, [*lines, *map(_line, quotas)])
    return 0


def member(words: argparse.Namespace, wired: Wiring, out: Output) -> int:
    """Let somebody work in a tenant, or take them out."""
    tenant, user_id = tenant_of(words.kind, words.tenant), person_id(words.user)
    if words.act == "add":
        wired.tenants.add_member(tenant, user_id, words.role)
    else:
        wired.tenants.remove_member(tenant, user_id)
    word = "works in" if words.act == "add" else "works no longer in"
    document = {**_named(tenant), "members": _members(wired.tenants.members(tenant))}
    out.result(document, [f"{user_id} {word} {tenant.kind} {tenant.tenant_id}"])
    return 0


def quota(words: argparse.Namespace, wired: Wiring, out: Output) -> int:
    """Set what a tenant has of a service each month, or only say how that stands."""
    tenant = tenant_of(words.kind, words.tenant)
    if words.limit is None:
        wired.tenants.require(tenant)
        (found,) = wired.allowances.quotas(tenant, [words.service])
    else:
        wanted = Allowance(words.limit, "soft" if words.soft else "hard")
        found = wired.allowances.set_allowance(tenant, words.service, wanted, actor=ACTOR)
    posted = wired.allowances.adjustments(tenant, words.service)
    document = {
        **_named(tenant),
        **_quota(found),
        "adjustments": [
            {
                "key": one.key,
                "units": one.units,
                "reason": one.reason,
                "actor": one.actor,
                "at": one.at,
            }
            for one in posted
        ],
    }
    rows = [(f"{one.at:%Y-%m-%d %H:%M}", f"{one.units:+}", one.actor, one.reason) for one in posted]
    out.result(document, [_line(found), *(table(rows) if rows else [])])
    return 0


def adjust(words: argparse.Namespace, wired: Wiring, out: Output) -> int:
    """Give units of this month, or take some; once for ever by the operation's id."""
    if words.action == "grant" and words.units < 0:
        raise ValueError("a grant gives; adjust takes")
    owner: Owner = (
        Person(person_id(words.tenant))
        if words.kind == ALONE
        else tenant_of(words.kind, words.tenant)
    )
    done = words.id or new_id()
    made = wired.allowances.adjust(
        owner,
        words.service,
        units=words.units,
        reason=words.reason,
        actor=ACTOR,
        key=f"operator:{done}",
    )
    named = _named(owner) if isinstance(owner, Tenant) else {"kind": ALONE, "id": owner.user_id}
    document = {
        **named,
        **_quota(made.quota),
        "operationId": done,
        "units": words.units,
        "alreadyDone": made.already_done,
    }
    word = "was done before" if made.already_done else "done"
    out.result(document, [f"{words.units:+} {word} as operation {done}", _line(made.quota)])
    return 0


COMMANDS: dict[str, Command] = {
    "create": create,
    "list": listed,
    "show": show,
    "member": member,
    "quota": quota,
    "grant": adjust,
    "adjust": adjust,
}


def add_words(under: argparse.ArgumentParser) -> None:
    """The arguments of all of them."""
    acts = under.add_subparsers(dest="action", required=True, metavar="action")
    made = acts.add_parser("create", help="make a preschool, or an organisation")
    made.add_argument("--kind", required=True, choices=KINDS)
    made.add_argument("--name", required=True)
    made.add_argument("--id", help="a UUID, or Clerk's id of an organisation; without it a new one")
    made.add_argument(
        "--member",
        action="append",
        default=[],
        metavar="USER:ROLE",
        help="a first member: our id or Clerk's, then admin or member; may be repeated",
    )
    acts.add_parser("list", help="all tenants; scans the table")
    _tenant(acts.add_parser("show", help="who works there, and its own allowances"))
    people = acts.add_parser("member", help="who works there")
    people.add_argument("act", choices=["add", "remove"])
    _tenant(people)
    people.add_argument("user", help="our id of the person, or Clerk's")
    people.add_argument("--role", choices=["admin", "member", "teacher"], default="member")
    allowed = acts.add_parser("quota", help="units a month of a service; without --limit, shown")
    _tenant(allowed)
    allowed.add_argument("service", help="such as exam_generation")
    allowed.add_argument("--limit", type=int, help="from this month on")
    allowed.add_argument("--soft", action="store_true", help="told about, never refused")
    for name, text in (
        ("grant", "give units of this month"),
        ("adjust", "give or take units of this month: a new entry, never a change of an old one"),
    ):
        posted = acts.add_parser(name, help=text)
        _tenant(posted, alone=True)
        posted.add_argument("service", help="such as exam_generation")
        posted.add_argument("--units", type=int, required=True, help="such as 50 (adjust: also -5)")
        posted.add_argument("--reason", required=True)
        posted.add_argument("--id", help="names the operation, so that a repeat changes nothing")


def _tenant(under: argparse.ArgumentParser, *, alone: bool = False) -> None:
    under.add_argument("kind", choices=[*KINDS, *([ALONE] if alone else [])])
    under.add_argument("tenant", help="its id; of an organisation also Clerk's")


def _member(told: str) -> tuple[str, str]:
    user, _, role = told.rpartition(":")
    if not user:
        raise ValueError(f"{told} is no member: USER:ROLE")
    return person_id(user), role


def _named(tenant: Tenant) -> dict[str, Any]:
    return {"kind": tenant.kind, "id": tenant.tenant_id}


def _members(members: Any) -> list[dict[str, str]]:
    return [{"userId": user_id, "role": role} for user_id, role in members]


def _quota(one: Quota) -> dict[str, Any]:
    return {
        "service": one.service,
        "period": one.period,
        "limit": one.limit,
        "used": one.used,
        "remaining": one.remaining,
        "enforcement": one.enforcement,
        "resetAt": one.reset_at,
    }


def _line(one: Quota) -> str:
    return (
        f"{one.service} {one.period}: {one.used} of {one.limit} used, "
        f"{one.remaining} left, {one.enforcement}"
    )
