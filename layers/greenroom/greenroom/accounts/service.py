"""Use cases of a person: being made, being seen, changing their profile, reading the ledger."""

import hmac
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from greenroom.accounts.domain import (
    Charge,
    LedgerEntry,
    Posting,
    PremiumHints,
    Profile,
    UnknownUser,
    User,
)
from greenroom.accounts.identity import Identity
from greenroom.accounts.store import AccountStore, Changes
from greenroom.kernel.clock import Clock, to_text
from greenroom.kernel.errors import AccountDeleted, InvalidRequest
from greenroom.kernel.ids import user_id_of
from greenroom.table.transaction import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerPage:
    """Some entries, newest first, and where the next ones begin."""

    entries: list[LedgerEntry]
    next_cursor: str | None


class Accounts:
    """What the product does with people."""

    def __init__(
        self,
        store: AccountStore,
        *,
        clock: Clock,
        hints: PremiumHints,
        fingerprint_key: Callable[[], str],
    ) -> None:
        self._store = store
        self._clock = clock
        self._hints = hints
        self._fingerprint_key = fingerprint_key

    def ensure_user(self, identity: Identity) -> int | None:
        """Make the person with the welcome grant unless they exist. Once for ever, in any race.

        An e-mail that has had its grant, by whichever account, gives no second one. Answers
        the balance (centicredits) that this very call began, or None where it made nobody.
        """
        fingerprint = self.fingerprint(identity.email, verified=identity.email_verified)
        violated = self._store.create(identity, fingerprint=fingerprint, grant=True)
        if violated == {"email_claim"}:
            violated = self._store.create(identity, fingerprint=fingerprint, grant=False)
            return None if violated else 0
        return None if violated else self._store.initial

    def see(self, identity: Identity) -> tuple[User, Profile]:
        """The person and their profile; made on the first look.

        Raises:
            AccountDeleted: the account was deleted.
        """
        user_id = user_id_of(identity.clerk_id)
        found = self._store.load(user_id)
        if found is None:
            self.ensure_user(identity)
            found = self._store.load(user_id)
        if found is None:
            raise UnknownUser
        return found

    def change(self, identity: Identity, *, account: Changes, profile: Changes) -> None:
        """Change what a person may change of themselves; made first if need be."""
        user_id = user_id_of(identity.clerk_id)
        try:
            self._store.change(user_id, account=account, profile=profile)
        except UnknownUser:
            self.ensure_user(identity)
            self._store.change(user_id, account=account, profile=profile)

    def ledger(self, identity: Identity, *, limit: int, cursor: str | None) -> LedgerPage:
        """A page of the person's ledger, newest first.

        Raises:
            InvalidRequest: the cursor names no entry of this ledger.
            AccountDeleted: the account was deleted.
        """
        user_id = user_id_of(identity.clerk_id)
        self.refuse_deleted(user_id)
        return self.ledger_of(user_id, limit=limit, cursor=cursor)

    def ledger_of(self, user_id: str, *, limit: int, cursor: str | None) -> LedgerPage:
        """A page of anybody's ledger, also of who was deleted: for admins.

        Raises:
            InvalidRequest: the cursor names no entry of this ledger.
        """
        entries = self._store.ledger(user_id)
        first = 0
        if cursor is not None:
            places = [at for at, entry in enumerate(entries) if _cursor_of(entry) == cursor]
            if not places:
                raise InvalidRequest("cursor is not one that we gave.", field="cursor")
            first = places[0] + 1
        page = entries[first : first + limit]
        more = len(entries) > first + limit
        return LedgerPage(entries=page, next_cursor=_cursor_of(page[-1]) if more else None)

    def refuse_deleted(self, user_id: str) -> None:
        """Let nobody in whose account was deleted; somebody who has none yet may pass.

        Raises:
            AccountDeleted: the account was deleted.
        """
        person = self._store.stored(user_id)
        if person is not None and person.is_deleted:
            raise AccountDeleted

    def add_debit(self, tx: Transaction, charge: Charge) -> bool:
        """Add the steps that pay for a session: whether credits will be taken for it.

        A premium person pays no interview. Which path is tried is a hint of the last 30 s; the
        step's condition decides, and ``PremiumChanged`` asks for the other (see ``turn``).
        """
        premium = charge.is_covered and self._hints.is_premium(charge.user_id, self._clock())
        self._store.add_debit(tx, charge, premium=premium)
        return not premium

    def turn(self, user_id: str) -> None:
        """The hint about a person was wrong: the next debit tries the other path."""
        self._hints.turn(user_id, self._clock())

    def add_start(self, tx: Transaction, user_id: str) -> None:
        """Add the step that counts a free start: at most ``starts_per_hour`` with the others."""
        self._store.add_start(tx, user_id)

    def add_existence(self, tx: Transaction, user_id: str) -> None:
        """Add the check that the person exists and was not deleted."""
        self._store.add_existence(tx, user_id)

    def add_no_tombstone(self, tx: Transaction, user_id: str) -> None:
        """Add the step that requires that the person was not deleted; they may be unknown."""
        self._store.add_no_tombstone(tx, user_id)

    def add_credits(self, tx: Transaction, user_id: str, postings: Sequence[Posting]) -> None:
        """Add the steps that post entries and move the balance; each once for ever by its key.

        All of a person's entries at once, since a transaction writes an item only once.
        """
        self._store.add_credits(tx, user_id, postings)

    def balance(self, user_id: str) -> int:
        """What a person has, in centicredits.

        Raises:
            UnknownUser: nobody has this id.
            AccountDeleted: the account was deleted.
        """
        person = self._store.stored(user_id)
        if person is None:
            raise UnknownUser
        if person.is_deleted:
            raise AccountDeleted
        return person.credits

    def add_adjustment(self, tx: Transaction, user_id: str, posting: Posting, *, seen: int) -> None:
        """Add the steps that post one entry on a balance that was read; see ``Postings``."""
        self._store.add_adjustment(tx, user_id, posting, seen=seen)

    def add_corrections(
        self,
        tx: Transaction,
        user_id: str,
        postings: Sequence[Posting],
        *,
        seen: int,
        balance: int,
    ) -> None:
        """Add the steps that make ledger and balance agree again; see ``Postings``."""
        self._store.add_corrections(tx, user_id, postings, seen=seen, balance=balance)

    def add_premium(
        self,
        tx: Transaction,
        user_id: str,
        until: datetime | None,
        *,
        seen: int,
        changes: int = 1,
    ) -> None:
        """Add the step that says until when the person is premium; see ``Postings``."""
        self._store.add_premium(tx, user_id, until, seen=seen, changes=changes)

    def add_void(
        self, tx: Transaction, charge: Charge, *, reason: str, counted: bool = False
    ) -> None:
        """Add the steps that give a debit back, once; ``counted`` ones are limited a day."""
        self._store.add_void(tx, charge, reason=reason, counted=counted)

    def proven_email(self, identity: Identity) -> str | None:
        """The person's e-mail, if their token or Clerk's news says that it is proven theirs."""
        if identity.email is not None and identity.email_verified:
            return identity.email
        person = self._store.stored(user_id_of(identity.clerk_id))
        if person is None or person.email is None:
            return None
        proof = self.fingerprint(person.email, verified=True)
        return person.email if person.email_fingerprint == proof else None

    def people(self, user_ids: Sequence[str]) -> dict[str, User]:
        """Those of these people who have been seen and were not deleted, by id."""
        return {person.user_id: person for person in self._store.people(user_ids)}

    def claimant(self, email: str) -> str | None:
        """Our id of whoever has had the welcome grant of this address, which they had proven."""
        fingerprint = self.fingerprint(email, verified=True)
        return self._store.claimant(fingerprint) if fingerprint else None

    def fingerprint(self, email: str | None, *, verified: bool) -> str | None:
        """HMAC of a proven address: recognises it for ever without keeping it."""
        if email is None or not verified:
            return None
        plain = unicodedata.normalize("NFKC", email).strip().casefold()
        return hmac.digest(self._fingerprint_key().encode(), plain.encode(), "sha256").hex()


def _cursor_of(entry: LedgerEntry) -> str:
    return f"{to_text(entry.at)}~{entry.key}"
