"""Reads and writes of quotas and reservations; ``quota_items`` has the key chart."""

import zlib
from collections.abc import Iterator, Sequence
from datetime import datetime

from pynamodb.expressions.update import Action

from greenroom.kernel.clock import epoch_s, to_text
from greenroom.kernel.errors import Conflict, GreenroomError
from greenroom.kernel.limits import ANSWER_BYTES_MAX, ANSWER_KEPT_S
from greenroom.table.batch import raw_all
from greenroom.table.item import Key
from greenroom.table.table import Table
from greenroom.table.transaction import Transaction
from greenroom.usage.domain import (
    Allowance,
    Facts,
    Payer,
    Quota,
    Reason,
    Reservation,
    Share,
    Ticket,
)
from greenroom.usage.quota_items import (
    AnswerItem,
    QuotaEventItem,
    QuotaItem,
    ReservationItem,
    day_counter,
    quota_of,
    reservation_of,
)
from greenroom.usage.quota_steps import (
    WORK,
    add_rearmed,
    add_reserved,
    add_taken,
    changed,
    held,
    over,
)

_GZIP = 31  # zlib's name for the gzip wrapper


class QuotaStore:
    """Quotas and reservations in the table."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def transaction(self) -> Transaction:
        """An empty transaction on the table."""
        return self._table.transaction()

    def take(
        self,
        ticket: Ticket,
        shares: Sequence[Share],
        *,
        request_hash: str,
        expires_at: datetime,
        again: bool,
        daily: int | None,
    ) -> GreenroomError | None:
        """Reserve the ticket's units of every share, or of none: None, or why not.

        ``again`` re-arms a reservation that was given back, as its next attempt; else it is put
        where there is none. ``daily`` is how many calls the person may make on ``ticket.day``.
        ``ReservationChanged`` comes before a quota's refusal, since a repeat needs no units.
        """
        tx = self._table.transaction()
        if again:
            add_rearmed(tx, ticket, request_hash, expires_at)
        else:
            add_reserved(tx, ticket, request_hash, expires_at)
        for share in shares:
            add_taken(tx, ticket, share, daily=daily if share.of == "user" else None)
        violations = tx.attempt()
        return violations[0].error if violations else None

    # What becomes of it

    def settle(
        self, ticket: Ticket, *, answer: bytes | None, outcome: Facts | None = None
    ) -> GreenroomError | None:
        """Let a held reservation be settled, its answer kept: None, or why not.

        One with an ``outcome`` stays due until that was told.
        """
        of = ReservationItem
        tx = self._table.transaction()
        tx.update(
            "reservation",
            of.at(ticket.payer.owner, ticket.request_id),
            of.state.set("settled"),
            *_ended(outcome),
            when=held(ticket),
            otherwise=changed,
        )
        packed = None if answer is None else zlib.compress(answer, wbits=_GZIP)
        if packed is not None and len(packed) <= ANSWER_BYTES_MAX:
            key = AnswerItem.at(ticket.payer.owner, ticket.request_id)
            ttl = epoch_s(self._table.clock()) + ANSWER_KEPT_S
            tx.put("answer", AnswerItem(key.pk, key.sk, answer=packed, ttl=ttl), otherwise=_taken())
        violations = tx.attempt()
        return violations[0].error if violations else None

    def release(self, ticket: Ticket, *, reason: Reason, outcome: Facts | None = None) -> bool:
        """Give a held reservation's units back to every quota that it took from, exactly once.

        Whether this call did it. One that has crashed, or has an ``outcome``, stays due until that
        was told.
        """
        of = ReservationItem
        tx = self._table.transaction()
        tx.update(
            "reservation",
            of.at(ticket.payer.owner, ticket.request_id),
            of.state.set("released"),
            of.reason.set(reason),
            *([] if reason == "crashed" else _ended(outcome)),
            when=held(ticket),
            otherwise=changed,
        )
        for key, is_users in _quotas(ticket):
            actions: list[Action] = [QuotaItem.available.add(ticket.units)]
            if is_users and ticket.day is not None:
                counter = day_counter(ticket.day)
                actions.append(counter.set(counter - 1))
            # An erased person's quotas are gone: nothing is given back to them.
            tx.update(
                key.sk,
                key,
                *actions,
                when=QuotaItem.pk.exists(),
                otherwise=Conflict(),
                optional=True,
            )
        return not tx.attempt()

    def told(self, ticket: Ticket) -> None:
        """Note that the usage log was told: then the reservation is due no more."""
        of = ReservationItem
        self._table.update(
            of.at(ticket.payer.owner, ticket.request_id),
            of.gsi2pk.remove(),
            of.gsi2sk.remove(),
            when=over(ticket),
            otherwise=Conflict("The reservation has changed."),
        )

    # Reading

    def answer(self, ticket: Ticket) -> bytes | None:
        """What the request was answered, while that is kept."""
        item = self._table.get(AnswerItem.at(ticket.payer.owner, ticket.request_id))
        if item is None or int(item.ttl or 0) <= epoch_s(self._table.clock()):
            return None
        return zlib.decompress(item.answer, wbits=_GZIP)

    def find(self, pk: str, sk: str) -> Reservation | None:
        """The reservation there."""
        item = self._table.get(Key(ReservationItem, pk, sk))
        return reservation_of(item) if item else None

    def of_user(self, user_id: str, request_id: str) -> Reservation | None:
        """A person's reservation of that request, whoever pays for it; found by the index."""
        page = self._table.query(
            ReservationItem,
            f"USER#{user_id}",
            sk_prefix=f"RESERVATION#{request_id}",
            index="GSI1",
            limit=1,
        )
        if not page.items:
            return None
        listed = page.items[0]
        return self.find(listed.pk, listed.sk)

    def due(self, *, until: datetime, limit: int) -> Iterator[tuple[str, str]]:
        """Where reservations are that may be due; at most ``limit`` of each shard."""
        return self._table.due(WORK, until_text=to_text(until), limit=limit)

    def quotas(
        self, payer: Payer, shares: Sequence[Share], *, service: str, period: str
    ) -> list[tuple[Quota, frozenset[int]]]:
        """How each share stands, and which thresholds were told of it; one batch read."""
        keys = [QuotaItem.at(payer, share.of, service, period) for share in shares]
        there = raw_all(self._table, ((key.pk, key.sk) for key in keys))
        found: list[tuple[Quota, frozenset[int]]] = []
        for key, share in zip(keys, shares, strict=True):
            raw = there.get((key.pk, key.sk))
            if raw is None:
                quota = Quota(service, period, share.limit, 0, share.enforcement, share.of)
                found.append((quota, frozenset()))
                continue
            item = QuotaItem.read(raw)
            allowance = Allowance(share.limit, share.enforcement)
            told = {percent for percent, at in _TOLD.items() if at in item.attribute_values}
            found.append((quota_of(item, key, allowance, share.of), frozenset(told)))
        return found

    # Thresholds

    def note_reached(self, payer: Payer, quota: Quota, percent: int) -> bool:
        """Keep that a quota has reached a threshold: whether nobody had, in its month."""
        key = QuotaItem.at(payer, quota.of, quota.service, quota.period)
        place = QuotaEventItem.of(key, percent)
        told = getattr(QuotaItem, _TOLD[percent])
        tx = self._table.transaction()
        tx.update(
            "quota",
            key,
            told.set(self._table.clock()),
            when=QuotaItem.pk.exists(),
            otherwise=_taken(),
        )
        event = QuotaEventItem(
            place.pk, place.sk, percent=percent, limit_units=quota.limit, used=quota.used
        )
        tx.put("event", event, otherwise=_taken())
        return not tx.attempt()


_TOLD = {80: "told_80", 100: "told_100"}


def _ended(outcome: Facts | None) -> list[Action]:
    """What is set on a reservation whose call is over: its outcome, or that nothing is due."""
    of = ReservationItem
    if outcome is None:
        return [of.gsi2pk.remove(), of.gsi2sk.remove()]
    return [of.outcome.set(dict(outcome))]


def _quotas(ticket: Ticket) -> list[tuple[Key[QuotaItem], bool]]:
    """The quotas from which a ticket has taken, and whether each is the person's."""
    service, period, payer = ticket.service, ticket.period, ticket.payer
    own = [(QuotaItem.at(payer, "user", service, period), True)]
    if payer.tenant is None:
        return own
    return [(QuotaItem.at(payer, "tenant", service, period), False), *own]


def _taken() -> Conflict:
    return Conflict("Somebody else has just done this.")
