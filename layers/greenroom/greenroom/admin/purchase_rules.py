"""The rules that purchases, their payments and their ledger entries obey. Pure."""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Final

from greenroom.accounts.domain import EntryKind, LedgerEntry, Posting
from greenroom.admin.books import BookedPurchase, Books
from greenroom.admin.findings import (
    REASON,
    Finding,
    FreeSlot,
    LeadPayment,
    LinkCustomer,
    ListPurchase,
    PostEntry,
    SetReversed,
    finding_of,
)
from greenroom.payments.domain import money_of


def _purchases(books: Books) -> Iterator[Finding]:
    entries = {entry.key: entry for entry in books.entries}
    for purchase_id, booked in books.purchases.items():
        purchase = booked.purchase
        credited = purchase.kind == "credits" and purchase.standing == "fulfilled"
        entry = entries.get(f"purchase:{purchase_id}")
        if entry is not None and not credited:
            yield finding_of(
                books.user_id,
                "only_a_fulfilled_purchase_is_credited",
                purchase_id,
                standing=purchase.standing,
                ledger=entry.amount,
            )
        if credited:
            yield from _credited(books, booked, entry)
        if purchase.standing == "fulfilled" and purchase.paid_at is None:
            yield finding_of(books.user_id, "what_is_fulfilled_was_paid", purchase_id)


def _credited(books: Books, booked: BookedPurchase, entry: LedgerEntry | None) -> Iterator[Finding]:
    """A fulfilled pack: what it bought and what was taken back are in the ledger, once."""
    purchase = booked.purchase
    about = purchase.purchase_id
    bought = _total(books, f"purchase:{about}", f"adjust:purchase:{about}:")
    if bought != purchase.credits:
        key = f"purchase:{about}" if entry is None else _free(books, f"adjust:purchase:{about}")
        kind: EntryKind = "purchase" if entry is None else "adjustment"
        missing = purchase.credits - bought
        yield finding_of(
            books.user_id,
            "purchase_is_in_the_ledger",
            about,
            repair=PostEntry(Posting(key=key, kind=kind, amount=missing, reason=REASON)),
            bought=purchase.credits,
            ledger=bought,
        )
    if books.account is not None and books.account.is_deleted:
        return  # nobody is left to owe what goes back now
    target = purchase.reversal.of_credits(purchase.credits, paid_cents=purchase.paid_cents or 0)
    taken = -_total(books, f"reversal:{about}:", f"adjust:reversal:{about}:")
    if taken != target:
        key = _free(books, f"adjust:reversal:{about}")
        amount = taken - target
        posting = Posting(key=key, kind="adjustment", amount=amount, reason=REASON)
        yield finding_of(
            books.user_id,
            "reversal_is_in_the_ledger",
            about,
            repair=PostEntry(posting),
            taken_back=target,
            ledger=taken,
        )
    if purchase.reversed_credits != target:
        yield finding_of(
            books.user_id,
            "reversed_credits_follow_from_refunds",
            about,
            repair=SetReversed(about, booked.rev, target),
            purchase=purchase.reversed_credits,
            taken_back=target,
        )


def _places(books: Books) -> Iterator[Finding]:
    """Every purchase is where its person and its payment's news look for it."""
    payments = Counter(
        booked.purchase.payment_intent_id
        for booked in books.purchases.values()
        if booked.purchase.payment_intent_id and _leads(booked)
    )
    for purchase_id, booked in books.purchases.items():
        purchase, payment = booked.purchase, booked.purchase.payment_intent_id
        deleted = books.account is not None and books.account.is_deleted
        if not booked.in_list and not deleted:
            repair = ListPurchase(purchase_id, purchase.created_at)
            yield finding_of(books.user_id, "purchase_is_in_its_list", purchase_id, repair=repair)
        if payment and payments[payment] > 1:
            yield finding_of(
                books.user_id, "a_payment_buys_one_thing", payment, purchase=purchase_id
            )
        elif payment and _leads(booked) and booked.payment_leads_to != purchase_id:
            absent = booked.payment_leads_to is None
            yield finding_of(
                books.user_id,
                "payment_leads_to_its_purchase",
                purchase_id,
                repair=LeadPayment(payment, purchase_id) if absent else None,
                leads_to=booked.payment_leads_to,
            )
        if purchase.kind == "session" and purchase.standing == "fulfilled":
            session = books.sessions.get(purchase.session_id or "")
            if session is None or session.user_id != books.user_id:
                yield finding_of(books.user_id, "what_is_redeemed_is_a_session", purchase_id)


def _seats(books: Books) -> Iterator[Finding]:
    """A seat that was paid is its booking's, and the booking says where the money stands."""
    for purchase_id, booked in books.purchases.items():
        purchase, money = booked.purchase, money_of(booked.purchase)
        if purchase.booking is None or money is None:
            continue
        booking = books.bookings.get(purchase.booking.booking_id)
        named = booking is not None and booking.purchase_id == purchase_id
        told = booking.payment_status if booking is not None and named else None
        if told != money and (named or purchase.standing == "fulfilled"):
            yield finding_of(
                books.user_id,
                "a_paid_seat_is_its_bookings",
                purchase_id,
                standing=purchase.standing,
                money=money,
                booking=told,
            )


def _leads(booked: BookedPurchase) -> bool:
    """Whether its payment has to lead to it: a subscription's are its invoices'."""
    return booked.purchase.is_paid and booked.purchase.kind != "subscription"


def _slots(books: Books) -> Iterator[Finding]:
    for thing, purchase_id in books.slots.items():
        booked = books.purchases.get(purchase_id)
        if booked is None or booked.purchase.user_id != books.user_id:
            yield finding_of(
                books.user_id,
                "slot_names_a_purchase",
                thing,
                repair=FreeSlot(thing, purchase_id),
                purchase=purchase_id,
            )
    customer = books.customer
    deleted = books.account is not None and books.account.is_deleted
    if customer is not None and customer.leads_to != books.user_id and not deleted:
        repair = LinkCustomer(customer.customer_id) if customer.leads_to is None else None
        facts = {"leads_to": customer.leads_to}
        yield finding_of(
            books.user_id,
            "customer_leads_to_the_person",
            customer.customer_id,
            repair=repair,
            **facts,
        )


def _total(books: Books, *prefixes: str) -> int:
    """The sum of entries under these keys; one that ends in a colon stands for all below it."""
    return sum(
        entry.amount
        for entry in books.entries
        if any(
            entry.key.startswith(prefix) if prefix.endswith(":") else entry.key == prefix
            for prefix in prefixes
        )
    )


def _free(books: Books, prefix: str) -> str:
    """The first key below the prefix that the ledger does not have."""
    taken = sum(entry.key.startswith(f"{prefix}:") for entry in books.entries)
    return f"{prefix}:{taken + 1}"


PURCHASE_RULES: Final[tuple[Callable[[Books], Iterator[Finding]], ...]] = (
    _purchases,
    _places,
    _seats,
    _slots,
)
