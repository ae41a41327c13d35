"""The steps with which a booking takes a use of a pass, and gives it back."""

from pynamodb.expressions.condition import Condition

from greenroom.kernel.errors import (
    GreenroomError,
    NoRemainingUse,
    NotFound,
    several,
)
from greenroom.kernel.turns import Overtaken
from greenroom.organizations.principal import CustomerRef
from greenroom.organizations.repo import OrgRepo
from greenroom.passes.domain import ClassFacts, Use, refusals
from greenroom.passes.items import (
    MembershipItem,
    MembershipUseItem,
    PackageItem,
    membership_of,
    package_of,
)
from greenroom.table.table import Table
from greenroom.table.transaction import Transaction


class PassChanged(Overtaken):
    """The pass is not what it was, or where it was, when it was read: read it again."""


class PassUses:
    """Uses of passes in the transactions of bookings."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def add_use(
        self, tx: Transaction, repo: OrgRepo, ref: CustomerRef, use: Use, facts: ClassFacts
    ) -> None:
        """Add the steps ``pass`` and, of a membership with a limit, ``pass_period``.

        They fail with all rules that the pass violates, ``NotFound``, or ``PassChanged``.
        """
        if use.kind == "package":
            self._add_use_of_package(tx, repo, ref, use, facts)
            return
        item = MembershipItem

        def meaning(old: MembershipItem | None) -> GreenroomError:
            if old is None:
                return unknown_pass()
            found = refusals(membership_of(old), used=0, facts=facts)
            return several(found) if found else PassChanged()

        limit = item.uses_per_period
        as_read = limit.does_not_exist() if use.limit is None else limit == use.limit
        key = item.at(repo, ref, use.pass_id)
        tx.check("pass", key, when=_good(item, facts) & as_read, otherwise=meaning)
        if use.limit is not None:
            self._add_use_of_period(tx, repo, ref, use, use.limit)

    def add_return(self, tx: Transaction, repo: OrgRepo, ref: CustomerRef, use: Use) -> None:
        """Add the step that gives a use back, whatever became of the pass meanwhile.

        That it was taken, and is given back once, is the booking's own condition. Where the row is
        not there, its lead is just becoming a client: ``PassChanged``.
        """
        if use.kind == "package":
            tx.update(
                "pass",
                PackageItem.at(repo, ref, use.pass_id),
                PackageItem.remaining.add(1),
                when=PackageItem.pk.exists(),
                otherwise=PassChanged(),
            )
        elif use.period is not None:
            tx.update(
                "pass_period",
                MembershipUseItem.at(repo, ref, use.pass_id, use.period),
                MembershipUseItem.used.add(-1),
                when=MembershipUseItem.pk.exists(),
                otherwise=PassChanged(),
            )

    def _add_use_of_package(
        self, tx: Transaction, repo: OrgRepo, ref: CustomerRef, use: Use, facts: ClassFacts
    ) -> None:
        def meaning(old: PackageItem | None) -> GreenroomError:
            if old is None:
                return unknown_pass()
            return several(refusals(package_of(old), used=0, facts=facts))

        tx.update(
            "pass",
            PackageItem.at(repo, ref, use.pass_id),
            PackageItem.remaining.add(-1),
            when=_good(PackageItem, facts) & (PackageItem.remaining >= 1),
            otherwise=meaning,
        )

    def _add_use_of_period(
        self, tx: Transaction, repo: OrgRepo, ref: CustomerRef, use: Use, limit: int
    ) -> None:
        if use.period is None:
            raise ValueError("a limit without the period that it is of")
        item = MembershipUseItem
        tx.update(
            "pass_period",
            item.at(repo, ref, use.pass_id, use.period),
            item.kind.set(item.KIND),
            item.v.set(item.VERSION),
            item.created_at.set(item.created_at | self._table.clock()),
            item.used.add(1),
            when=item.used.does_not_exist() | (item.used < limit),
            otherwise=NoRemainingUse(),
        )


def unknown_pass() -> NotFound:
    """The refusal of a pass that the customer does not have."""
    return NotFound("This customer has no such pass.")


def _good(of: type[PackageItem] | type[MembershipItem], facts: ClassFacts) -> Condition:
    """The pass is active, and good for such a class."""
    until, types = of.valid_until, of.class_types
    condition: Condition = (of.status == "active") & (of.valid_from <= facts.starts_at)
    condition &= until.does_not_exist() | (until > facts.starts_at)
    condition &= types.does_not_exist() | types.contains(facts.class_type)
    return condition
