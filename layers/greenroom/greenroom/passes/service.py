"""Use cases of passes: being made and changed, shown, used by a booking and given back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from greenroom.customers.service import Customers
from greenroom.kernel.clock import Clock
from greenroom.kernel.errors import IdempotencyMismatch
from greenroom.kernel.ids import is_id, new_id, session_id_of
from greenroom.organizations.principal import CustomerRef
from greenroom.organizations.repo import OrgRepo
from greenroom.passes.domain import (
    ClassFacts,
    Membership,
    Package,
    Pass,
    PassKind,
    PassOption,
    PassState,
    Period,
    Use,
    refusals,
)
from greenroom.passes.store import PassKeyUsed, PassStore, ends_too_early
from greenroom.passes.uses import unknown_pass
from greenroom.table.transaction import Transaction

ROUTE = "passes"  # in the ids that follow from an Idempotency-Key


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPass:
    """What is told of a pass that is to be made; without ``valid_from`` it begins now.

    A package has ``uses``; a membership a ``period``, and a limit or None for none.
    """

    kind: PassKind
    name: str
    uses: int = 0
    uses_per_period: int | None = None
    period: Period = "month"
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    class_types: tuple[str, ...] = ()
    request_hash: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MadePass:
    """A pass, and whether an earlier request had made it."""

    state: PassState
    replayed: bool


class Passes:
    """Packages and memberships of customers of both kinds. Who may ask is the caller's business."""

    def __init__(self, store: PassStore, *, customers: Customers, clock: Clock) -> None:
        self._store = store
        self._customers = customers
        self._clock = clock

    def create(
        self, repo: OrgRepo, ref: CustomerRef, wanted: NewPass, *, key: str | None = None
    ) -> MadePass:
        """Make a pass of an active customer. ``key`` is the request's Idempotency-Key.

        Raises:
            NotFound, CustomerInactive: there is no such customer, or they are closed.
            ValidationFailed: the pass would end before it begins.
            IdempotencyMismatch: the key was used for another request.
        """
        held = self._made(ref, wanted)
        if held.valid_until is not None and held.valid_until <= held.valid_from:
            raise ends_too_early(held.valid_from)
        tx = self._store.transaction()
        key_id = session_id_of(repo.principal.user_id or "", ROUTE, key) if key else None
        if key_id is not None:
            self._store.add_key(tx, repo, key_id, held, request_hash=wanted.request_hash)
        self._store.add_new(tx, repo, held)
        self._customers.add_pass(tx, repo, ref)
        try:
            tx.commit()
        except PassKeyUsed:
            return self._repeated(repo, ref, key_id or "", wanted)
        return MadePass(state=PassState(held=held), replayed=False)

    def of_customer(
        self, repo: OrgRepo, ref: CustomerRef, kind: PassKind, *, limit: int, cursor: str | None
    ) -> tuple[list[PassState], str | None]:
        """Passes of a customer, newest first, with the uses of the present period.

        Raises:
            InvalidRequest: the cursor is not one of this list.
        """
        found, next_cursor = self._store.page(repo, ref, kind, limit=limit, cursor=cursor)
        return self._states(repo, ref, found, at=self._clock()), next_cursor

    def change(
        self,
        repo: OrgRepo,
        ref: CustomerRef,
        kind: PassKind,
        pass_id: str,
        changes: Mapping[str, Any],
    ) -> PassState:
        """Set status or end of a pass.

        Raises:
            NotFound: the customer has no such pass.
            ValidationFailed: it would end before it begins.
        """
        held = self._store.change(repo, ref, kind, pass_id, changes)
        return self._states(repo, ref, [held], at=self._clock())[0]

    def options(self, repo: OrgRepo, ref: CustomerRef, facts: ClassFacts) -> list[PassOption]:
        """Every pass of a customer as a way to pay for a class, the usable ones first.

        Among those, memberships come before packages, and what ends first before the rest.
        """
        found = [held for kind in _KINDS for held in self._store.page(repo, ref, kind)[0]]
        options = [
            PassOption(
                held=state.held,
                used=state.used,
                reasons=tuple(refusals(state.held, used=state.used, facts=facts)),
            )
            for state in self._states(repo, ref, found, at=facts.starts_at)
        ]
        return sorted(options, key=_preference)

    # What the transactions of bookings need

    def use_of(
        self, repo: OrgRepo, ref: CustomerRef, kind: PassKind, pass_id: str, facts: ClassFacts
    ) -> Use:
        """The use of a pass that a booking of that class would take.

        A membership is read for its limit; of a package nothing has to be known.

        Raises:
            NotFound: it is no id, or the customer has no such membership.
        """
        if not is_id(pass_id):
            raise unknown_pass()
        if kind == "package":
            return Use(kind=kind, pass_id=pass_id)
        held = self._store.find(repo, ref, kind, pass_id)
        if not isinstance(held, Membership):
            raise unknown_pass()
        period = held.period_at(facts.starts_at)
        return Use(kind=kind, pass_id=pass_id, period=period, limit=held.uses_per_period)

    def add_use(
        self, tx: Transaction, repo: OrgRepo, ref: CustomerRef, use: Use, facts: ClassFacts
    ) -> None:
        """Add the steps ``pass`` and ``pass_period`` that take a use, made by ``use_of``.

        They fail with all rules that the pass violates (``PASS_INACTIVE``, ``PASS_NOT_YET_VALID``,
        ``PASS_EXPIRED``, ``PASS_NOT_FOR_CLASS``, ``NO_REMAINING_USE``), with ``NotFound``, or with
        ``PassChanged``: then ask ``use_of`` again.
        """
        self._store.add_use(tx, repo, ref, use, facts)

    def move_all(self, repo: OrgRepo, old: CustomerRef, new: CustomerRef) -> int:
        """Take every pass from one customer to another: how many. ``Overtaken`` asks to go on."""
        return self._store.move_all(repo, old, new)

    def add_return(self, tx: Transaction, repo: OrgRepo, ref: CustomerRef, use: Use) -> None:
        """Add the step that gives a use back; the caller's own steps see that it is once."""
        self._store.add_return(tx, repo, ref, use)

    def _made(self, ref: CustomerRef, wanted: NewPass) -> Pass:
        now = self._clock()
        common: dict[str, Any] = {
            "pass_id": new_id(),
            "customer": ref,
            "name": wanted.name,
            "status": "active",
            "valid_from": wanted.valid_from or now,
            "valid_until": wanted.valid_until,
            "class_types": tuple(sorted(set(wanted.class_types))),
            "created_at": now,
        }
        if wanted.kind == "package":
            return Package(**common, uses=wanted.uses, remaining=wanted.uses)
        return Membership(**common, uses_per_period=wanted.uses_per_period, period=wanted.period)

    def _repeated(self, repo: OrgRepo, ref: CustomerRef, key_id: str, wanted: NewPass) -> MadePass:
        made = self._store.made_under(repo, key_id)
        if made is None or (made[0], made[2]) != (wanted.kind, wanted.request_hash):
            raise IdempotencyMismatch
        held = self._store.find(repo, ref, made[0], made[1])
        if held is None:
            raise IdempotencyMismatch
        (state,) = self._states(repo, ref, [held], at=self._clock())
        return MadePass(state=state, replayed=True)

    def _states(
        self, repo: OrgRepo, ref: CustomerRef, found: list[Pass], *, at: datetime
    ) -> list[PassState]:
        memberships = [held for held in found if isinstance(held, Membership)]
        used = self._store.used(repo, ref, memberships, at=at)
        return [PassState(held=held, used=used.get(held.pass_id, 0)) for held in found]


_KINDS: tuple[PassKind, ...] = ("membership", "package")


def _preference(option: PassOption) -> tuple[bool, int, bool, datetime, datetime]:
    held = option.held
    until = held.valid_until
    return (
        not option.usable,
        _KINDS.index(held.kind),
        until is None,
        until or held.created_at,
        held.created_at,
    )
