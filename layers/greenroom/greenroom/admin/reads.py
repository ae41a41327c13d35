"""The auditor's view of the table: every row of a person as it is stored, whoever wrote it.

It reads rows by their kinds, so that it sees what the rooms' own code would not look for, and
turns them into the domain's words with the rooms' own readers.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from greenroom.accounts.domain import LedgerEntry
from greenroom.admin.books import Account, BookedPurchase, BookedSubscription, Books, Customer
from greenroom.bookings.domain import Booking
from greenroom.kernel.clock import to_text
from greenroom.kernel.limits import PAGE_MAX
from greenroom.payments.domain import BookingFacts, Purchase
from greenroom.payments.premium import Subscription
from greenroom.sessions.domain import Session
from greenroom.table.batch import get_all
from greenroom.table.item import Item, Key, RawItem, UnreadableItem
from greenroom.table.paging import query_request
from greenroom.table.table import Table
from greenroom.usage.takings import Counted

ROWS_READ = 1000  # in one request; DynamoDB ends it at 1 MB
_MONEY = frozenset(
    {
        "user",
        "ledger_entry",
        "subscription",
        "checkout_slot",
        "active_guard",
        "payer",
        "takings_user",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Readers:
    """How the rooms read their own items; handed in by the wiring.

    ``booking_at`` says where a booking is, which only its organisation's own keys tell.
    """

    entry: Callable[[Any], LedgerEntry]
    purchase: Callable[[Any], Purchase]
    subscription: Callable[[Any], Subscription]
    session: Callable[[Any], Session]
    booking: Callable[[Any], Booking]
    counted: Callable[[Any], Counted]
    booking_at: Callable[[BookingFacts], Key[Any]]


@dataclass(slots=True)
class _Partition:
    """The rows of a person's own partition, sorted by kind."""

    account: Account | None = None
    entries: list[LedgerEntry] = field(default_factory=list)
    subscriptions: list[BookedSubscription] = field(default_factory=list)
    slots: dict[str, str] = field(default_factory=dict)
    guarded_session_id: str | None = None
    customer_id: str | None = None
    counted: dict[str, Counted] = field(default_factory=dict)
    unreadable: int = 0


class BooksReads:
    """Reads books, and finds whose there are."""

    def __init__(self, table: Table, *, readers: Readers) -> None:
        self._table = table
        self._readers = readers

    def books(self, user_id: str, *, also: Iterable[str] = ()) -> Books:
        """All that is stored of a person; ``also`` are purchases said to be theirs.

        Four reads where there is little: the partition, the lists, what these name, and what
        the purchases name. One more for whoever paid for a class.
        """
        own = self._partition(user_id)
        parts = [entry.key.split(":") for entry in own.entries]
        debited = {part[1] for part in parts if part[0] in {"debit", "void"} and len(part) > 2}
        credited = {part[1] for part in parts if part[0] in {"purchase", "reversal"}}
        request = query_request(f"USER#{user_id}", index="GSI1", page_size=ROWS_READ)
        listed = {raw["PK"]["S"] for raw in self._rows("Query", request)}
        named = {f"PURCHASE#{one}" for one in (*own.slots.values(), *also, *credited)}
        named |= {pk for pk in listed if pk.startswith("PURCHASE#")}
        purchases = self._purchases(own, user_id, named)
        redeemed = {one.purchase.session_id for one in purchases.values()}
        wanted = {f"SESSION#{one}" for one in (*debited, *redeemed, own.guarded_session_id) if one}
        wanted |= {pk for pk in listed if pk.startswith("SESSION#")}
        items = self._get(own, [Key(Item, pk, "SESSION") for pk in sorted(wanted)])
        sessions = [self._readers.session(item) for item in items]
        bookings = self._bookings(own, [one.purchase for one in purchases.values()])
        return Books(
            user_id=user_id,
            account=own.account,
            entries=tuple(own.entries),
            purchases=purchases,
            sessions={session.session_id: session for session in sessions},
            bookings={booking.booking_id: booking for booking in bookings},
            subscriptions=tuple(own.subscriptions),
            slots=own.slots,
            guarded_session_id=own.guarded_session_id,
            customer=self._customer(own.customer_id),
            counted=own.counted,
            unreadable=own.unreadable,
        )

    def people(self, month: str, *, cursor: str | None) -> tuple[list[str], str | None]:
        """A page of those who joined in a month (``2026-11``): their ids."""
        page = self._table.query(
            Item, f"USERS#{month}", index="GSI1", limit=PAGE_MAX, cursor=cursor
        )
        return [item.pk.removeprefix("USER#") for item in page.items], page.next_cursor

    def scan(self) -> Iterator[RawItem]:
        """The key of every row, and whose it is: for operators, never for a function."""
        request = {"ConsistentRead": True, "ProjectionExpression": "PK, SK, user_id"}
        return self._rows("Scan", request)

    def _rows(self, operation: str, request: dict[str, Any]) -> Iterator[RawItem]:
        request = {"TableName": self._table.name, **request}
        while True:
            answer = self._table.call(operation, request)
            yield from answer["Items"]
            if "LastEvaluatedKey" not in answer:
                return
            request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]

    def _get(self, own: _Partition, keys: list[Key[Item]]) -> list[Item]:
        """The items at these keys; one that is there and cannot be read is counted."""
        found = get_all(self._table, keys)
        there = {item.pk for item in found}
        for key in keys:
            if key.pk not in there:
                try:
                    self._table.get(key)
                except UnreadableItem:
                    own.unreadable += 1
        return found

    def _partition(self, user_id: str) -> _Partition:
        own = _Partition()
        request = query_request(f"USER#{user_id}", page_size=ROWS_READ) | {"ConsistentRead": True}
        for raw in self._rows("Query", request):
            if raw.get("kind", {}).get("S", "") not in _MONEY:
                continue
            try:
                self._sort(own, Item.read(raw))
            except (UnreadableItem, KeyError, TypeError, ValueError):
                own.unreadable += 1
        return own

    def _sort(self, own: _Partition, item: Item) -> None:
        """Put one row of a person where it belongs."""
        stored: Mapping[str, Any] = item.attribute_values
        match item.kind:
            case "user":
                own.account = Account(
                    credits=stored["credits"],
                    premium_until=stored.get("premium_until"),
                    subscriptions_rev=stored.get("subscriptions_rev") or 0,
                    is_deleted="deleted_at" in stored,
                )
            case "ledger_entry":
                own.entries.append(self._readers.entry(item))
            case "subscription":
                subscription = self._readers.subscription(item)
                own.subscriptions.append(
                    BookedSubscription(subscription=subscription, rev=stored["rev"])
                )
            case "checkout_slot":
                own.slots[item.sk.removeprefix("CHECKOUT#")] = stored["purchase_id"]
            case "active_guard":
                own.guarded_session_id = stored["session_id"]
            case "payer":
                own.customer_id = stored.get("customer_id")
            case "takings_user":
                own.counted[item.sk.removeprefix("TAKINGS#")] = self._readers.counted(item)

    def _purchases(
        self, own: _Partition, user_id: str, named: set[str]
    ) -> dict[str, BookedPurchase]:
        items = self._get(own, [Key(Item, pk, "PURCHASE") for pk in sorted(named)])
        found = [(item, self._readers.purchase(item)) for item in items]
        payments = {one.payment_intent_id for _, one in found if one.payment_intent_id}
        keys = [Key(Item, f"PAYMENT#{one}", "PURCHASE") for one in sorted(payments)]
        leads = {
            item.pk.removeprefix("PAYMENT#"): item.attribute_values.get("purchase_id") or ""
            for item in get_all(self._table, keys)
        }
        return {
            purchase.purchase_id: BookedPurchase(
                purchase=purchase,
                rev=item.attribute_values["rev"],
                in_list=(item.gsi1pk, item.gsi1sk) == _place(user_id, purchase),
                payment_leads_to=leads.get(purchase.payment_intent_id or ""),
            )
            for item, purchase in found
        }

    def _bookings(self, own: _Partition, purchases: list[Purchase]) -> list[Booking]:
        """The bookings that purchases are of."""
        named = {one.booking.booking_id: one.booking for one in purchases if one.booking}
        keys = [self._readers.booking_at(facts) for facts in named.values()]
        return [self._readers.booking(item) for item in self._get(own, keys)]

    def _customer(self, customer_id: str | None) -> Customer | None:
        if customer_id is None:
            return None
        found = get_all(self._table, [Key(Item, f"CUSTOMER#{customer_id}", "USER")])
        leads_to = found[0].attribute_values.get("user_id") if found else None
        return Customer(customer_id=customer_id, leads_to=leads_to)


def _place(user_id: str, purchase: Purchase) -> tuple[str, str]:
    sort = f"PURCHASE#{to_text(purchase.created_at)}#{purchase.purchase_id}"
    return f"USER#{user_id}", sort
