"""Reads and writes of passes; ``items`` has the key chart."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pynamodb.expressions.update import Action

from greenroom.kernel.clock import epoch_s, to_text
from greenroom.kernel.errors import Conflict, GreenroomError, ValidationFailed
from greenroom.kernel.limits import PASS_KEY_KEPT_S, PASSES_MAX
from greenroom.organizations.principal import CustomerRef
from greenroom.organizations.repo import OrgRepo
from greenroom.passes.domain import Membership, Pass, PassKind
from greenroom.passes.items import (
    ITEMS,
    MembershipUseItem,
    PassItem,
    PassKeyItem,
    pass_item,
    pass_of,
)
from greenroom.passes.uses import PassChanged, PassUses, unknown_pass
from greenroom.table.batch import get_all, raw_all
from greenroom.table.item import Item, Key
from greenroom.table.moving import add_moved
from greenroom.table.table import Table
from greenroom.table.transaction import Transaction, Violation


class PassKeyUsed(Conflict):
    """A pass was made under this Idempotency-Key already."""


class PassStore(PassUses):
    """Passes; how bookings use them is in ``PassUses``."""

    def __init__(self, table: Table) -> None:
        super().__init__(table)

    def transaction(self) -> Transaction:
        """An empty transaction on the table."""
        return self._table.transaction()

    def find(self, repo: OrgRepo, ref: CustomerRef, kind: PassKind, pass_id: str) -> Pass | None:
        """The pass of that customer, or None."""
        item = self._table.get(ITEMS[kind].at(repo, ref, pass_id))
        return pass_of(item) if item else None

    def page(
        self,
        repo: OrgRepo,
        ref: CustomerRef,
        kind: PassKind,
        *,
        limit: int = PASSES_MAX,
        cursor: str | None = None,
    ) -> tuple[list[Pass], str | None]:
        """Passes of a customer, newest first, and where the next page begins.

        Raises:
            InvalidRequest: the cursor is not one of this list.
        """
        page = self._table.query(
            ITEMS[kind],
            repo.customer_pk(ref),
            sk_prefix=ITEMS[kind].SORTED_UNDER,
            newest_first=True,
            limit=limit,
            cursor=cursor,
            consistent=True,
        )
        return [pass_of(item) for item in page.items], page.next_cursor

    def used(
        self, repo: OrgRepo, ref: CustomerRef, memberships: list[Membership], *, at: datetime
    ) -> dict[str, int]:
        """How many uses of each membership with a limit were made in the period of a moment."""
        keys = {
            membership.pass_id: MembershipUseItem.at(repo, ref, membership.pass_id, period)
            for membership in memberships
            if (period := membership.period_at(at)) is not None
        }
        counts = {item.sk: item.used for item in get_all(self._table, list(keys.values()))}
        return {pass_id: counts.get(key.sk, 0) for pass_id, key in keys.items()}

    def made_under(self, repo: OrgRepo, key_id: str) -> tuple[PassKind, str, str] | None:
        """Kind and id of the pass that was made under a key, and the request's hash."""
        item = self._table.get(PassKeyItem.at(repo, key_id))
        if item is None:
            return None
        kind: PassKind = "package" if item.pass_kind == "package" else "membership"
        return kind, item.pass_id, item.request_hash

    def add_new(self, tx: Transaction, repo: OrgRepo, held: Pass) -> None:
        """Add the step that makes a pass."""
        tx.put("pass", pass_item(repo, held), otherwise=Conflict("There is such a pass already."))

    def add_key(
        self, tx: Transaction, repo: OrgRepo, key_id: str, held: Pass, *, request_hash: str
    ) -> None:
        """Add the step that remembers under which key a pass was made; else ``PassKeyUsed``."""
        key = PassKeyItem.at(repo, key_id)
        row = PassKeyItem(
            key.pk,
            key.sk,
            pass_kind=held.kind,
            pass_id=held.pass_id,
            request_hash=request_hash,
            ttl=epoch_s(self._table.clock()) + PASS_KEY_KEPT_S,
        )
        tx.put("pass_key", row, otherwise=PassKeyUsed())

    def move_all(self, repo: OrgRepo, old: CustomerRef, new: CustomerRef) -> int:
        """Take every pass and count of uses from one customer to another: how many passes.

        Row by row, each in one transaction: whoever uses a pass meanwhile finds it in one place.

        Raises:
            Overtaken: a row was used just now; what was moved stays moved, so go on.
        """
        moved = 0
        for prefix in ("PACKAGE#", "MEMBERSHIP#", "USE#"):
            page = self._table.query(
                Item, repo.customer_pk(old), sk_prefix=prefix, limit=PASSES_MAX, consistent=True
            )
            rows = raw_all(self._table, [(item.pk, item.sk) for item in page.items])
            for raw in rows.values():
                tx = self._table.transaction()
                to = Key(Item, repo.customer_pk(new), raw["SK"]["S"])
                add_moved(tx, raw, to, name="row", otherwise=PassChanged())
                tx.commit()
                moved += prefix != "USE#"
        return moved

    def change(
        self,
        repo: OrgRepo,
        ref: CustomerRef,
        kind: PassKind,
        pass_id: str,
        changes: Mapping[str, Any],
    ) -> Pass:
        """Set status or end of a pass.

        Raises:
            NotFound: the customer has no such pass.
            ValidationFailed: it would end before it begins.
        """
        of = ITEMS[kind]
        when = of.pk.exists()
        until = changes.get("valid_until")
        if until is not None:
            when &= of.valid_from < until

        def meaning(old: PassItem | None) -> GreenroomError:
            return unknown_pass() if old is None else ends_too_early(old.valid_from)

        key = of.at(repo, ref, pass_id)
        done = self._table.update(key, *_actions(of, changes), when=when, otherwise=meaning)
        if isinstance(done, Violation):
            raise done.error
        return pass_of(done)


def ends_too_early(valid_from: datetime) -> ValidationFailed:
    """The refusal of an end that is not after the beginning."""
    told = f"must be after {to_text(valid_from)}"
    field = {"field": "validUntil", "message": told, "type": "value_error"}
    return ValidationFailed(f"validUntil: {told}", errors=[field])


def _actions(of: type[PassItem], changes: Mapping[str, Any]) -> list[Action]:
    return [
        getattr(of, name).remove() if value is None else getattr(of, name).set(value)
        for name, value in changes.items()
    ]
