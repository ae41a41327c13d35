"""What may happen in a studio: its classes, bookings, customers and their passes.

Several rules of one booking may be violated at once. The refusal is then the first of them, and
``violations`` beside it names all (see ``refusal_of``).
"""

from collections.abc import Iterable

from greenroom.kernel.errors.general import (
    Conflict,
    Forbidden,
    GreenroomError,
    InvalidRequest,
    NotFound,
)


class ExactlyOneCustomer(InvalidRequest):
    """A booking is of one client or one lead: both were named, or neither."""

    code = "EXACTLY_ONE_CUSTOMER"
    title = "Exactly one customer"
    default_detail = "Name exactly one customer: clientId of a client or customerId of a lead."


class OriginNotAllowed(Forbidden):
    """The widget stands on a site that its studio has not allowed."""

    code = "ORIGIN_NOT_ALLOWED"
    title = "Not allowed on this site"
    default_detail = "Booking is not possible from this site."


class InvalidLink(Forbidden):
    """The link that manages a booking was changed, is of another studio, or is too old."""

    code = "INVALID_LINK"
    title = "Invalid link"
    default_detail = "This link is not valid, or not valid any more."


class AmbiguousCustomer(Conflict):
    """The id is a client's and a lead's, too; name the kind."""

    code = "AMBIGUOUS_CUSTOMER"
    title = "Client or lead?"
    default_detail = "This id is a client's and a lead's. Say which: clientId or customerId."


class EmailTaken(Conflict):
    """Another customer of the studio has this e-mail; facts name ``kind``."""

    code = "EMAIL_TAKEN"
    title = "The e-mail is taken"
    default_detail = "Another customer has this e-mail already."


class CustomerInactive(Conflict):
    """The customer was closed, or is just being made a client."""

    code = "CUSTOMER_INACTIVE"
    title = "The customer is not active"
    default_detail = "This customer is not active."


class ClassFull(Conflict):
    """No seat is free, or those that are belong to the waitlist; facts: ``waitlistCount``."""

    code = "CLASS_FULL"
    title = "The class is full"
    default_detail = "This class is full."


class ClassNotFull(Conflict):
    """A seat is free, so there is nothing to wait for."""

    code = "CLASS_NOT_FULL"
    title = "A seat is free"
    default_detail = "This class has a free seat. Book it."


class ClassCancelled(Conflict):
    """The class does not take place."""

    code = "CLASS_CANCELLED"
    title = "The class is cancelled"
    default_detail = "This class was cancelled."


class ClassHasBookings(Conflict):
    """The time of a class moves only while nobody is in it."""

    code = "CLASS_HAS_BOOKINGS"
    title = "Somebody has booked"
    default_detail = (
        "People have booked this class, so its time cannot be moved. Cancel it instead."
    )


class CapacityTaken(Conflict):
    """More seats are booked or held than the new capacity; facts: ``taken``."""

    code = "CAPACITY_TAKEN"
    title = "More seats are taken"
    default_detail = "More seats are taken than that."


class BookingClosed(Conflict):
    """The class has begun, or begins too soon; facts: ``closedAt``."""

    code = "BOOKING_CLOSED"
    title = "Booking is closed"
    default_detail = "Booking for this class is closed."


class AlreadyBooked(Conflict):
    """The customer is in the class, or on its waitlist, already; facts: ``bookingId``."""

    code = "ALREADY_BOOKED"
    title = "Booked already"
    default_detail = "This customer is in this class already."


class Overlap(Conflict):
    """The customer is in another class at that time; facts: ``bookingId``."""

    code = "OVERLAP"
    title = "Another class at that time"
    default_detail = "This customer is in another class at that time."


class WaitlistFull(Conflict):
    """Nobody else may wait for a seat."""

    code = "WAITLIST_FULL"
    title = "The waitlist is full"
    default_detail = "The waitlist of this class is full."


class WaitlistClosed(Conflict):
    """Too close to the start: whoever comes first has a seat that becomes free."""

    code = "WAITLIST_CLOSED"
    title = "The waitlist is closed"
    default_detail = "The waitlist of this class is closed."


class PrepaymentRequired(Conflict):
    """The studio wants a class paid before: by a pass or by card."""

    code = "PREPAYMENT_REQUIRED"
    title = "To be paid first"
    default_detail = "This studio wants classes paid in advance: use a pass, or pay by card."


class NoRemainingUse(Conflict):
    """The pass has no use left, or none in the period of the class."""

    code = "NO_REMAINING_USE"
    title = "No use left"
    default_detail = "This pass has no use left for this class."


class PassExpired(Conflict):
    """The class is after the pass's last day; facts: ``validUntil``."""

    code = "PASS_EXPIRED"
    title = "The pass ends before the class"
    default_detail = "This pass ends before the class."


class PassNotYetValid(Conflict):
    """The class is before the pass's first day; facts: ``validFrom``."""

    code = "PASS_NOT_YET_VALID"
    title = "The pass begins after the class"
    default_detail = "This pass begins after the class."


class PassInactive(Conflict):
    """The pass is frozen or was cancelled; facts: ``passStatus``."""

    code = "PASS_INACTIVE"
    title = "The pass is not active"
    default_detail = "This pass is not active."


class PassNotForClass(Conflict):
    """The pass is for classes of other types; facts: ``classTypes``."""

    code = "PASS_NOT_FOR_CLASS"
    title = "Not for this class"
    default_detail = "This pass is not for classes of this type."


class CheckInClosed(Conflict):
    """Too early or too late to say who came; facts: ``opensAt``, ``closesAt``."""

    code = "CHECK_IN_CLOSED"
    title = "Not the time to check in"
    default_detail = "Attendance can be noted from half an hour before the class for seven days."


class SeveralRefusals(Conflict):
    """One step of a transaction that violates several rules. Never answered: see ``refusal_of``."""

    def __init__(self, errors: Iterable[GreenroomError]) -> None:
        self.errors = tuple(errors)
        super().__init__()


def several(errors: list[GreenroomError]) -> GreenroomError:
    """What the broken condition of a step means, if that is one rule or more.

    Raises:
        ValueError: it means nothing, so the condition knows a rule that its meaning does not.
    """
    if not errors:
        raise ValueError("a broken condition that no rule explains")
    return errors[0] if len(errors) == 1 else SeveralRefusals(errors)


def refusal_of(errors: Iterable[GreenroomError]) -> GreenroomError:
    """The one answer to all violated rules: the first, which names all as ``violations``.

    What does not exist, or is somebody else's, is answered alone: nothing else is told then.
    """
    flat: list[GreenroomError] = []
    for error in errors:
        flat += error.errors if isinstance(error, SeveralRefusals) else [error]
    for error in flat:
        if isinstance(error, NotFound):
            return NotFound()
    first = flat[0]
    violations = [{"code": one.code, "detail": one.detail, **one.facts} for one in flat]
    return type(first)(first.detail, log=first.log, **{**first.facts, "violations": violations})
