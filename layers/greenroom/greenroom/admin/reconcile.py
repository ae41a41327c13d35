"""The rules that a person's books obey, each with what it finds. Pure: no clock, no table.

The ledger is what happened; purchases, sessions and subscriptions say what had to happen; the
balance, premium, pointers and the guard follow. So an entry that is missing is added, what
follows is set, and where the ledger says more than anything explains, a person decides.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Final

from greenroom.accounts.domain import Charge, Posting
from greenroom.admin.books import Books
from greenroom.admin.findings import (
    REASON,
    Finding,
    FreeGuard,
    MarkGivenBack,
    PostEntry,
    Rule,
    SetBalance,
    SetPremium,
    finding_of,
)
from greenroom.admin.purchase_rules import PURCHASE_RULES
from greenroom.payments.domain import Purchase
from greenroom.payments.periods import Terms
from greenroom.payments.premium import premium_until
from greenroom.sessions.domain import OPEN, Session


def examine(books: Books, *, now: datetime, terms: Terms) -> list[Finding]:
    """All that is wrong with a person's books.

    ``terms`` say when a subscription's period counts.
    """
    found = [finding for rule in _RULES for finding in rule(books)]
    found += _premium(books, now=now, terms=terms)
    if books.unreadable or books.account is None:
        # What seems to be missing may be what cannot be read: a person has to look.
        return [replace(one, repair=None) for one in found]
    if any(one.is_of_the_ledger and one.repair is None for one in found):
        # As long as an entry is unexplained, nobody knows what the balance should be.
        return [_left_to_a_person(one) for one in found]
    return found


def waiting(books: Books) -> list[Purchase]:
    """Paid purchases that somebody has yet to use, give back or explain: no mistake of ours."""
    return [
        booked.purchase
        for booked in books.purchases.values()
        if booked.purchase.standing in {"banked", "unmatched"} and not booked.purchase.is_taken_back
    ]


def _left_to_a_person(finding: Finding) -> Finding:
    return replace(finding, repair=None) if finding.is_of_the_ledger else finding


def _rows(books: Books) -> Iterator[Finding]:
    if books.unreadable:
        yield finding_of(books.user_id, "rows_can_be_read", "partition", rows=books.unreadable)
    if books.account is None and books.entries:
        yield finding_of(
            books.user_id, "ledger_has_its_person", "person", entries=len(books.entries)
        )


def _balance(books: Books) -> Iterator[Finding]:
    account = books.account
    total = sum(entry.amount for entry in books.entries)
    if account is not None and account.credits != total:
        yield finding_of(
            books.user_id,
            "balance_is_the_ledgers_sum",
            "balance",
            repair=SetBalance(),
            balance=account.credits,
            ledger=total,
        )


def _sessions(books: Books) -> Iterator[Finding]:
    keys = {entry.key for entry in books.entries}
    for session_id, session in books.sessions.items():
        if session.user_id != books.user_id:
            continue
        charge = _charge(session)
        if session.charged and charge.debit_key not in keys:
            posting = Posting(
                key=charge.debit_key,
                kind="debit",
                amount=-session.cost,
                reason=REASON,
                session_id=session_id,
            )
            repair = PostEntry(posting)
            yield finding_of(books.user_id, "charge_is_in_the_ledger", session_id, repair=repair)
        if session.charged and session.given_back and charge.void_key not in keys:
            posting = Posting(
                key=charge.void_key,
                kind="void",
                amount=session.cost,
                reason=REASON,
                session_id=session_id,
            )
            repair = PostEntry(posting)
            yield finding_of(books.user_id, "give_back_is_in_the_ledger", session_id, repair=repair)
        if session.charged and charge.void_key in keys and not session.given_back:
            mark = MarkGivenBack(session_id)
            yield finding_of(
                books.user_id, "session_says_that_it_was_given_back", session_id, repair=mark
            )


def _debits(books: Books) -> Iterator[Finding]:
    """No debit without its session, no void without its debit; earlier attempts were voided."""
    entries = {entry.key: entry for entry in books.entries}
    for entry in books.entries:
        kind, _, attempt = entry.key.partition(":")
        session_id, _, number = attempt.rpartition(":")
        if kind == "void" and f"debit:{attempt}" not in entries:
            yield finding_of(books.user_id, "void_has_its_debit", entry.key, ledger=entry.amount)
        if kind != "debit" or f"void:{attempt}" in entries:
            continue
        session = books.sessions.get(session_id)
        if session is None or not session.charged or str(session.attempt) != number:
            posting = Posting(
                key=f"void:{attempt}",
                kind="void",
                amount=-entry.amount,
                reason=REASON,
                session_id=session_id,
            )
            yield finding_of(
                books.user_id,
                "debit_has_its_session",
                entry.key,
                repair=PostEntry(posting),
                ledger=entry.amount,
            )


def _guard(books: Books) -> Iterator[Finding]:
    session_id = books.guarded_session_id
    if session_id is None:
        return
    session = books.sessions.get(session_id)
    if session is None or session.user_id != books.user_id or session.status not in OPEN:
        status = session.status if session is not None else None
        repair = FreeGuard(session_id)
        yield finding_of(
            books.user_id, "guard_names_an_open_session", session_id, repair=repair, status=status
        )


def _premium(books: Books, *, now: datetime, terms: Terms) -> Iterator[Finding]:
    """Premium is what the subscriptions say, and their changes are all counted."""
    account = books.account
    if account is None or account.is_deleted:
        return
    stored = account.premium_until
    counted = sum(booked.rev for booked in books.subscriptions)
    derived = premium_until((one.subscription for one in books.subscriptions), now, terms)
    shown = stored if stored is not None and stored > now else None
    if shown != derived or account.subscriptions_rev != counted:
        wrong: Rule = (
            "premium_follows_from_subscriptions" if shown != derived else "changes_are_counted"
        )
        yield finding_of(
            books.user_id,
            wrong,
            "premium",
            repair=SetPremium(derived, account.subscriptions_rev, counted),
            stored=stored,
            derived=derived,
            changes=counted,
        )


_RULES: Final[tuple[Callable[[Books], Iterator[Finding]], ...]] = (
    _rows,
    *PURCHASE_RULES,
    _sessions,
    _debits,
    _guard,
    _balance,
)


def _charge(session: Session) -> Charge:
    return Charge(
        user_id=session.user_id,
        session_id=session.session_id,
        attempt=session.attempt,
        cost=session.cost,
    )
