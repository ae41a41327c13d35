"""Use cases of visitors: see the schedule, book without a login, manage one booking by its link."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, Final

from greenroom.bookings.classes import Classes
from greenroom.bookings.confirming import Confirming
from greenroom.bookings.domain import Booking, ClassSession
from greenroom.bookings.service import Bookings, Wish
from greenroom.bookings.vacating import Vacating
from greenroom.customers.service import Customers
from greenroom.kernel.clock import Clock
from greenroom.kernel.errors import (
    Conflict,
    InvalidLink,
    InvalidTransition,
    NotFound,
    OriginNotAllowed,
    PrepaymentRequired,
    Refused,
)
from greenroom.kernel.ids import new_id
from greenroom.kernel.limits import WIDGET_LINK_AFTER_S, Limits
from greenroom.kernel.turns import Overtaken, in_turn
from greenroom.organizations.access import Access
from greenroom.organizations.entry import Entry
from greenroom.organizations.principal import CustomerRef
from greenroom.organizations.repo import OrgRepo
from greenroom.rates.domain import Scope
from greenroom.rates.service import Rates
from greenroom.table.transaction import Transaction
from greenroom.widget.domain import is_key
from greenroom.widget.store import WidgetStore
from greenroom.widget.tokens import Link, Links

SOURCE: Final = "widget"  # where a booking came from
PAID_FIRST: Final = (
    "This studio wants its classes paid in advance, so they cannot be booked here. "
    "Please book with the studio itself."
)
PAID_BY_CARD: Final = "This booking was paid by card. Sign in to cancel it."
# What a refusal of a booking tells of other bookings; a visitor may have typed anybody's e-mail.
_PRIVATE: Final = frozenset({"bookingId", "bookingStatus"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """What somebody types who books without a login.

    ``trapped``: they filled in what only programs see.
    """

    class_session_id: str
    name: str
    email: str = field(repr=False)
    phone: str | None = field(repr=False)
    join_waitlist: bool
    trapped: bool
    request_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A booking with its class, and its place on the waitlist (1 is the head) while it waits."""

    booking: Booking
    klass: ClassSession
    position: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A visitor's booking, the token of its link, and whether an earlier request had made it."""

    shown: Shown
    token: str
    replayed: bool


class Widgets:
    """The public widgets of organisations."""

    def __init__(
        self,
        store: WidgetStore,
        *,
        access: Access,
        customers: Customers,
        classes: Classes,
        bookings: Bookings,
        load: Callable[[OrgRepo, str], Booking],
        vacating: Vacating,
        confirming: Confirming,
        links: Callable[[], Links],
        rates: Rates,
        scope: Callable[[OrgRepo], Scope],
        own_origins: tuple[str, ...],
        clock: Clock,
        limits: Limits,
    ) -> None:
        """``scope`` is where an organisation's bookings are counted.

        ``load`` reads a booking; ``own_origins`` are those of this deployment's own pages.
        """
        self._store = store
        self._access = access
        self._customers = customers
        self._classes = classes
        self._bookings = bookings
        self._load = load
        self._vacating = vacating
        self._confirming = confirming
        self._links = links
        self._rates = rates
        self._scope = scope
        self._own_origins = own_origins
        self._clock = clock
        self._limits = limits

    def month(self, entry: Entry, month: str | None) -> tuple[str, list[ClassSession]]:
        """The classes of a UTC month (``2026-12``; without it this month's), and which it is."""
        return self._classes.month(entry.repo, month)

    def enter(self, key: str, *, origin: str | None, writes: bool, books: bool) -> Entry:
        """Let in whoever has a key, on a site that its organisation has allowed.

        Only reading is open to who names no origin (no browser, or a page of the API's own host).
        Our own pages may manage a booking, and not make one: those are made where the organisation
        wants it.

        Raises:
            NotFound: no such key, or it counts no more.
            OriginNotAllowed: not on that site.
        """
        organization_id = self._store.organization_of(key) if is_key(key) else None
        if organization_id is None:
            raise NotFound
        entry = self._access.visit(organization_id)
        if entry.studio.widget_key != key or not entry.studio.widget_enabled:
            raise NotFound
        allowed = entry.studio.allowed_origins + (() if books else self._own_origins)
        if origin not in allowed and (writes or origin is not None):
            raise OriginNotAllowed
        return entry

    def book(self, entry: Entry, visitor: Visitor, *, address: str | None, key: str | None) -> Kept:
        """Book for a visitor, who becomes a lead in the same transaction if their e-mail is new.

        It is counted first, for the address and for the organisation. Neither a pass nor a card
        is ever used. A trapped program gets an answer like any other, and nothing is written.

        Raises:
            TooManyRequests: too many bookings in this hour.
            NotFound: there is no such class.
            PrepaymentRequired: classes of this studio are not paid there.
            ClassFull, ClassCancelled, BookingClosed, AlreadyBooked, Overlap, CustomerInactive,
                WaitlistFull, WaitlistClosed: see ``Bookings.book``.
            IdempotencyMismatch: the key was used for another request.
        """
        self._count(entry.repo, address)
        # A key would name the booking, and so hand out the link of one that is somebody's.
        wanted = None if visitor.trapped else key
        try:
            return in_turn(lambda: self._book(entry, visitor, wanted))
        except Conflict as refusal:
            raise _told(refusal) from refusal

    def find(self, entry: Entry, token: str) -> Shown:
        """The booking that a link manages.

        Raises:
            InvalidLink: it manages none of this organisation, or none any more.
        """
        return self._shown(entry.repo, self._managed(entry, token))

    def cancel(self, entry: Entry, token: str) -> Shown:
        """Cancel the booking that a link manages; once more is as once.

        Raises:
            InvalidLink: it manages none.
            InvalidTransition: it is over, or was paid by card: then its owner cancels it signed in.
            BookingClosed: the class has begun.
        """
        seen = self._managed(entry, token)
        if is_signed_in_business(seen):
            facts: dict[str, Any] = {"from": seen.booking_status, "to": "cancelled", "allowed": []}
            raise InvalidTransition(PAID_BY_CARD, **facts)
        return self._shown(entry.repo, self._vacating.cancel(entry.repo, seen.booking_id))

    def confirm(self, entry: Entry, token: str) -> Shown:
        """Take the seat that was offered; it is paid at the studio.

        Raises:
            InvalidLink: it manages none.
            PrepaymentRequired: classes of this studio are not paid there.
            OfferExpired, InvalidTransition, ClassCancelled, BookingClosed, CustomerInactive,
                Overlap: see ``Confirming.confirm``.
        """
        seen = self._managed(entry, token)
        try:
            taken = self._confirming.confirm(entry.repo, entry.studio, seen.booking_id, None)
        except Conflict as refusal:
            raise _told(refusal) from refusal
        return self._shown(entry.repo, taken)

    def _managed(self, entry: Entry, token: str) -> Booking:
        link = self._links().read(
            token, organization_id=entry.repo.organization_id, now=self._clock()
        )
        try:
            return self._load(entry.repo, link.booking_id)
        except NotFound as gone:
            raise InvalidLink from gone

    def _shown(self, repo: OrgRepo, booking: Booking) -> Shown:
        if booking.booking_status != "waitlisted":
            klass = self._classes.load(repo, booking.class_session_id)
            return Shown(booking=booking, klass=klass, position=None)
        klass, waiting = self._classes.waitlist(repo, booking.class_session_id)
        places = [one.booking_id for one in waiting]
        known = booking.booking_id in places
        position = places.index(booking.booking_id) + 1 if known else None
        return Shown(booking=booking, klass=klass, position=position)

    def _book(self, entry: Entry, visitor: Visitor, key: str | None) -> Kept:
        repo = entry.repo
        known = self._customers.by_email(repo, visitor.email)
        wish = Wish(
            class_session_id=visitor.class_session_id,
            # A known customer keeps their own name, whoever typed their e-mail.
            customer=known.ref if known else CustomerRef("lead", new_id()),
            customer_name=known.name if known else visitor.name,
            source=SOURCE,
            join_waitlist=visitor.join_waitlist,
            request_hash=visitor.request_hash,
            key=key,
        )
        if known is None:
            wish = replace(wish, add_customer=self._making(repo, wish.customer, visitor))
        try:
            booked = self._bookings.book(repo, entry.studio, wish, dry_run=visitor.trapped)
        except Conflict as refusal:
            if known is None and "EMAIL_TAKEN" in _codes(refusal):
                raise Overtaken from refusal  # somebody has made the lead meanwhile: it is theirs
            raise
        return Kept(
            shown=self._shown(repo, booked.booking),
            token=self._signed(booked.booking),
            replayed=booked.replayed,
        )

    def _making(
        self, repo: OrgRepo, ref: CustomerRef, visitor: Visitor
    ) -> Callable[[Transaction], None]:
        def add(tx: Transaction) -> None:
            self._customers.add_lead(
                tx,
                repo,
                name=visitor.name,
                email=visitor.email,
                phone=visitor.phone,
                customer_id=ref.customer_id,
            )

        return add

    def _count(self, repo: OrgRepo, address: str | None) -> None:
        self._rates.count(
            self._scope(repo),
            address,
            per_address=self._limits.widget_per_address,
            in_all=self._limits.widget_per_organization,
        )

    def _signed(self, booking: Booking) -> str:
        return self._links().sign(
            Link(
                organization_id=booking.organization_id,
                booking_id=booking.booking_id,
                expires_at=booking.ends_at + timedelta(seconds=WIDGET_LINK_AFTER_S),
            )
        )


def is_signed_in_business(booking: Booking) -> bool:
    """Whether the booking was paid by card since: a payment goes back to whoever is signed in."""
    return booking.purchase_id is not None


def _codes(refusal: Refused) -> set[str]:
    violations: list[dict[str, Any]] = refusal.facts.get("violations", [])
    return {refusal.code, *(one["code"] for one in violations)}


def _told(refusal: Conflict) -> Conflict:
    """The refusal in words for visitors, without what it tells of other bookings."""
    detail = PAID_FIRST if isinstance(refusal, PrepaymentRequired) else refusal.detail
    return type(refusal)(
        detail,
        code=refusal.code,
        retry_after_s=refusal.retry_after_s,
        log=refusal.log,
        **_public(refusal.facts),
    )


def _public(facts: dict[str, Any]) -> dict[str, Any]:
    told = {name: value for name, value in facts.items() if name not in _PRIVATE}
    if "violations" in told:
        told["violations"] = [_public(one) for one in told["violations"]]
    return told
