"""The routes of bookings."""

from typing import Final

from greenroom.bookings.schema import (
    Book,
    BookingDetail,
    BookingPage,
    BookingView,
    CancelBooking,
    ConfirmBooking,
    ConvertedView,
    DryRun,
    JoinWaitlist,
    PaymentOptions,
    TestBooking,
)
from greenroom.kernel.errors import (
    AccountDeleted,
    AlreadyBooked,
    AmbiguousCustomer,
    BookingClosed,
    CheckInClosed,
    ClassCancelled,
    ClassFull,
    ClassNotFull,
    CustomerInactive,
    ExactlyOneCustomer,
    Forbidden,
    GreenroomError,
    IdempotencyMismatch,
    InvalidTransition,
    NoRemainingUse,
    NotFound,
    OfferExpired,
    Overlap,
    PassExpired,
    PassInactive,
    PassNotForClass,
    PassNotYetValid,
    PrepaymentRequired,
    WaitlistClosed,
    WaitlistFull,
)
from greenroom.payments.routes import PROVIDER_ERRORS
from greenroom.payments.schema import CheckoutStarted
from greenroom.web.route import PAGED, Route

Errors = tuple[type[GreenroomError], ...]

HOME: Final = "/api/organizations/{organizationId}"
_CUSTOMER: Errors = (ExactlyOneCustomer, AmbiguousCustomer, Forbidden)
_PAYING: Errors = (
    CustomerInactive,
    Overlap,
    PrepaymentRequired,
    NoRemainingUse,
    PassExpired,
    PassNotYetValid,
    PassInactive,
    PassNotForClass,
)
_WAITING: Errors = (WaitlistFull, WaitlistClosed, ClassNotFull)
_SEATING: Errors = (ClassFull, ClassCancelled, BookingClosed, AlreadyBooked, IdempotencyMismatch)
_OF_CUSTOMER = {
    "clientId": "Whose: a client's",
    "customerId": "Whose: a lead's",
    "customerRef": "Whose: an id alone, looked up as a client and as a lead",
}

JOIN = Route(
    f"POST {HOME}/classes/{{classSessionId}}/waitlist",
    summary="Join the waitlist of a full class",
    body=JoinWaitlist,
    answers={201: BookingView},
    errors=(*_CUSTOMER, *_SEATING, *_WAITING, CustomerInactive),
    spends=True,
)
BOOK = Route(
    f"POST {HOME}/bookings",
    summary="Book a class; a refusal names every violated rule",
    body=Book,
    query={"dryRun": "`1` checks everything and writes nothing"},
    answers={201: BookingView, 200: DryRun},
    errors=(*_CUSTOMER, *_SEATING, *_WAITING, *_PAYING),
    spends=True,
)
TEST = Route(
    "POST /api/test-booking",
    summary="Check a booking, as the staff; `commit` makes it",
    body=TestBooking,
    answers={201: BookingView, 200: DryRun},
    errors=(*_SEATING, *_WAITING, *_PAYING, Forbidden, NotFound),
    spends=True,
)
LIST = Route(
    f"GET {HOME}/bookings",
    summary="A customer's bookings, the last class first",
    answers={200: BookingPage},
    query={**_OF_CUSTOMER, **PAGED},
    errors=_CUSTOMER,
)
OPTIONS = Route(
    f"GET {HOME}/bookings/payment-options",
    summary="Every way to pay for a class, each usable or with the reasons why not",
    answers={200: PaymentOptions},
    query={"classSessionId": "The class", **_OF_CUSTOMER},
    needs=("classSessionId",),
    errors=_CUSTOMER,
)
DETAIL = Route(
    f"GET {HOME}/bookings/{{bookingId}}",
    summary="A booking with what happened to it",
    answers={200: BookingDetail},
    errors=(Forbidden,),
)
CANCEL = Route(
    f"POST {HOME}/bookings/{{bookingId}}/cancel",
    summary="Cancel a booking: in time everything goes back; late, by the class's rule",
    body=CancelBooking,
    answers={200: BookingView},
    errors=(Forbidden, InvalidTransition, BookingClosed),
)
CONFIRM = Route(
    f"POST {HOME}/bookings/{{bookingId}}/confirm",
    summary="Take the seat that was offered",
    body=ConfirmBooking,
    answers={200: BookingView},
    errors=(Forbidden, OfferExpired, InvalidTransition, ClassCancelled, *_PAYING),
)
CHECKOUT = Route(
    f"POST {HOME}/bookings/{{bookingId}}/checkout",
    summary="The page where the held seat is paid by card, once more",
    answers={200: CheckoutStarted},
    errors=(AccountDeleted, Forbidden, InvalidTransition, OfferExpired, *PROVIDER_ERRORS),
    in_person=True,
)
ATTEND = Route(
    f"POST {HOME}/bookings/{{bookingId}}/attend",
    summary="Note that the customer came",
    answers={200: BookingView},
    errors=(Forbidden, InvalidTransition, CheckInClosed),
)
NO_SHOW = Route(
    f"POST {HOME}/bookings/{{bookingId}}/no-show",
    summary="Note that the customer did not come",
    answers={200: BookingView},
    errors=(Forbidden, InvalidTransition, CheckInClosed),
)
PAID = Route(
    f"POST {HOME}/bookings/{{bookingId}}/paid",
    summary="Note that the booking was paid at the studio",
    answers={200: BookingView},
    errors=(Forbidden, InvalidTransition),
)
CONVERT = Route(
    f"POST {HOME}/leads/{{customerId}}/convert",
    summary="Make a client of a lead, with every booking and pass; again, it is the same client",
    answers={200: ConvertedView},
    errors=(Forbidden, CustomerInactive),
)
