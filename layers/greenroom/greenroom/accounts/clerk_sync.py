"""Clerk's news of people and organisations: each message once, in any order of arrival.

A message is one transaction: the row that remembers it, and all that it changes. Nothing hangs on
it: the first authenticated request makes the person, too, by the same steps.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, Protocol

from greenroom.accounts.clerk_events import (
    ClerkEvent,
    ClerkMalformed,
    MembershipChanged,
    MembershipDeleted,
    OrganizationChanged,
    OrganizationDeleted,
    PersonChanged,
    PersonDeleted,
    read_clerk_event,
)
from greenroom.accounts.identity import Identity
from greenroom.accounts.items import ClerkEventItem, UserItem
from greenroom.accounts.service import Accounts
from greenroom.accounts.store import AccountStore
from greenroom.accounts.svix import verify
from greenroom.kernel.clock import Clock, epoch_s
from greenroom.kernel.errors import Conflict, StoreUnavailable
from greenroom.kernel.ids import user_id_of
from greenroom.kernel.limits import CLERK_EVENT_KEPT_S, CLERK_TRIES_MAX
from greenroom.table.table import Table
from greenroom.table.transaction import Transaction

if TYPE_CHECKING:
    from greenroom.accounts.erasure import Erasure

Outcome = Literal["applied", "duplicate", "ignored", "stale"]
Note = Callable[[str, dict[str, Any]], None]
OrganizationNews = OrganizationChanged | OrganizationDeleted | MembershipChanged | MembershipDeleted


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a message; ``made_at`` is when Clerk made it, if it could be read."""

    outcome: Outcome
    made_at: datetime | None


MESSAGE = "message"  # the step that remembers the message


class OrganizationRecord(Protocol):
    """Whoever keeps organisations and who is in them."""

    def add_news(self, tx: Transaction, news: OrganizationNews) -> bool:
        """Add the steps of a piece of news; False, and none, where newer news is known."""
        ...


class ClerkSync:
    """Takes in what Clerk tells."""

    def __init__(
        self,
        table: Table,
        *,
        store: AccountStore,
        accounts: Accounts,
        erasure: "Callable[[], Erasure]",
        organizations: OrganizationRecord,
        secrets: Callable[[], Sequence[str]],
        clock: Clock,
        note: Note,
    ) -> None:
        self._table = table
        self._store = store
        self._accounts = accounts
        self._erasure = erasure
        self._organizations = organizations
        self._secrets = secrets
        self._clock = clock
        self._note = note

    def receive(self, raw: bytes, *, message_id: str, timestamp: str, signature: str) -> Receipt:
        """Do what a message asks for, unless that was done; ``raw`` is the body as it came.

        Raises:
            InvalidSignature: none of the secrets has signed it just now.
            StoreUnavailable: nothing was done; Clerk has to send it again.
        """
        verify(
            raw,
            message_id=message_id,
            timestamp=timestamp,
            signature=signature,
            secrets=self._secrets(),
            now=self._clock(),
        )
        news = read_clerk_event(raw, received_at=self._clock())
        if isinstance(news, ClerkMalformed):
            self._note("a signed message could not be read", {"reason": news.reason})
            return Receipt("ignored", None)
        outcome = self._apply(message_id, news)
        if isinstance(news, PersonDeleted):
            # A repeat goes on where an earlier delivery died.
            self._erasure().hasten(user_id_of(news.clerk_id))
        return Receipt(outcome, news.sent_at)

    def _apply(self, message_id: str, news: ClerkEvent) -> Outcome:
        for _ in range(CLERK_TRIES_MAX):
            tx = self._table.transaction()
            changes = self._table.transaction()
            outcome = self._add(changes, news)
            self._add_message(tx, message_id, news, outcome)
            tx.join(changes)
            violated = {violation.step for violation in tx.attempt()}
            if not violated:
                return outcome
            if MESSAGE in violated:
                return "duplicate"
        raise StoreUnavailable(log={"reason": "news of one thing"})

    def _add(self, tx: Transaction, news: ClerkEvent) -> Outcome:
        """Add the steps of the news, as things stand: what becomes of it if they hold."""
        if isinstance(news, PersonChanged):
            return self._add_person(tx, news)
        if isinstance(news, PersonDeleted):
            if self._is_deleted(news.clerk_id):
                return "stale"
            self._erasure().add_tombstone(tx, news.clerk_id)
            return "applied"
        if isinstance(news, MembershipChanged) and self._is_deleted(news.clerk_id):
            return "stale"
        if isinstance(news, OrganizationNews):
            return "applied" if self._organizations.add_news(tx, news) else "stale"
        return "ignored"

    def _add_person(self, tx: Transaction, news: PersonChanged) -> Outcome:
        before = self._store.stored(user_id_of(news.clerk_id))
        fingerprint = self._accounts.fingerprint(news.email, verified=news.email_verified)
        if before is None:
            self._add_new(tx, news, fingerprint)
            return "applied"
        if before.is_deleted or (before.synced_at is not None and before.synced_at >= news.at):
            return "stale"
        account: dict[str, Any] = {
            "email": news.email,
            "synced_at": news.at,
            "told_name": news.name,
            "told_image_url": news.image_url,
        }
        # What Clerk only repeats does not undo what the person has changed here since.
        if news.name != before.told_name:
            account["name"] = news.name
        profile: dict[str, Any] = {}
        if news.image_url != before.told_image_url:
            profile["image_url"] = news.image_url
        taken_back = 0
        if fingerprint is not None and fingerprint != before.email_fingerprint:
            account["email_fingerprint"] = fingerprint
            taken_back = self._add_claim(tx, before, fingerprint)
        self._store.add_news(tx, before, account=account, profile=profile, taken_back=taken_back)
        return "applied"

    def _is_deleted(self, clerk_id: str) -> bool:
        person = self._store.stored(user_id_of(clerk_id))
        return person is not None and person.is_deleted

    def _add_new(self, tx: Transaction, news: PersonChanged, fingerprint: str | None) -> None:
        identity = Identity(
            clerk_id=news.clerk_id,
            session_id="",
            email=news.email,
            email_verified=news.email_verified,
            name=news.name,
            image_url=news.image_url,
        )
        grant = fingerprint is None or self._store.claimant(fingerprint) is None
        self._store.add_new(tx, identity, fingerprint=fingerprint, grant=grant, synced_at=news.at)

    def _add_claim(self, tx: Transaction, before: UserItem, fingerprint: str) -> int:
        """Claim an address that has just become known: how much of the grant goes back.

        Somebody who had theirs before any address of theirs was known gives it back if the
        address turns out to have had one; a later change of address takes nothing.
        """
        user_id = user_id_of(before.clerk_id)
        claimant = self._store.claimant(fingerprint)
        if claimant is None:
            self._store.add_claim(tx, user_id, fingerprint)
            return 0
        if claimant == user_id or "email_fingerprint" in before.attribute_values:
            return 0
        return self._store.welcome(user_id)

    def _add_message(
        self, tx: Transaction, message_id: str, news: ClerkEvent, outcome: Outcome
    ) -> None:
        key = ClerkEventItem.at(message_id)
        row = ClerkEventItem(
            key.pk,
            key.sk,
            event_type=news.type,
            happened_at=news.at,
            outcome=outcome,
            ttl=epoch_s(self._clock()) + CLERK_EVENT_KEPT_S,
        )
        tx.put(MESSAGE, row, otherwise=Conflict("This message was dealt with already."))
