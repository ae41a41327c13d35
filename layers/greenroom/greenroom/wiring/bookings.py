"""Classes and bookings of studios."""

from functools import cached_property
from typing import TYPE_CHECKING, Any

from greenroom.kernel.log import note
from greenroom.kernel.settings import LimitSettings
from greenroom.wiring.stores import StoresWiring
from greenroom.wiring.studio import StudioWiring

if TYPE_CHECKING:
    from greenroom.bookings.attendance import Attendance
    from greenroom.bookings.booking_store import BookingStore
    from greenroom.bookings.classes import Classes
    from greenroom.bookings.confirming import Confirming
    from greenroom.bookings.conversion import Conversion
    from greenroom.bookings.domain import Booking
    from greenroom.bookings.seat_store import SeatStore
    from greenroom.bookings.service import Bookings
    from greenroom.bookings.settling import BookingMoney
    from greenroom.bookings.store import ClassStore
    from greenroom.bookings.sweeper import BookingSweeper
    from greenroom.bookings.vacating import Vacating
    from greenroom.table.transaction import Transaction


class BookingsWiring(StudioWiring, StoresWiring):
    """Classes, seats, waitlists and bookings."""

    @cached_property
    def class_store(self) -> "ClassStore":
        """Classes in the table."""
        from greenroom.bookings.store import ClassStore

        return ClassStore(self.table)

    @cached_property
    def seat_store(self) -> "SeatStore":
        """Seats, waitlists and agendas in the table."""
        from greenroom.bookings.seat_store import SeatStore

        return SeatStore(self.table)

    @cached_property
    def booking_store(self) -> "BookingStore":
        """Bookings in the table."""
        from greenroom.bookings.booking_store import BookingStore

        return BookingStore(self.table)

    @cached_property
    def bookings(self) -> "Bookings":
        """Booking a seat, or a place on the waitlist."""
        from greenroom.bookings.service import Bookings

        return Bookings(
            self.booking_store,
            **self._held(),
            passes=self.passes,
            customers=self.customers,
            end=self.vacating.end,
        )

    @cached_property
    def confirming(self) -> "Confirming":
        """Taking a held seat."""
        from greenroom.bookings.confirming import Confirming

        return Confirming(
            self.booking_store, **self._held(), passes=self.passes, customers=self.customers
        )

    @cached_property
    def vacating(self) -> "Vacating":
        """Leaving a class."""
        from greenroom.bookings.vacating import Vacating

        return Vacating(
            self.booking_store,
            **self._held(),
            passes=self.passes,
            give_back=self._give_back_booking,
        )

    @cached_property
    def booking_money(self) -> "BookingMoney":
        """Where the card payments of bookings stand."""
        from greenroom.bookings.settling import BookingMoney

        return BookingMoney(self.booking_store)

    @cached_property
    def attendance(self) -> "Attendance":
        """Who came."""
        from greenroom.bookings.attendance import Attendance

        return Attendance(
            self.booking_store,
            seats=self.seat_store,
            clock=self.clock,
            limits=self.of(LimitSettings),
        )

    @cached_property
    def classes(self) -> "Classes":
        """The classes themselves."""
        from greenroom.bookings.classes import Classes

        return Classes(
            self.class_store,
            bookings=self.booking_store,
            seats=self.seat_store,
            vacating=self.vacating,
            clock=self.clock,
        )

    @cached_property
    def conversion(self) -> "Conversion":
        """Leads that become clients."""
        from greenroom.bookings.conversion import Conversion
        from greenroom.customers.conversion_store import ConversionStore
        from greenroom.customers.converting import Converting

        return Conversion(
            self.booking_store,
            seats=self.seat_store,
            converting=Converting(
                ConversionStore(self.table),
                customers=self.customers,
                organizations=self.organizations,
                clock=self.clock,
            ),
            passes=self.passes,
        )

    @cached_property
    def booking_sweeper(self) -> "BookingSweeper":
        """What the clock does to classes and bookings."""
        from greenroom.bookings.sweeper import BookingSweeper

        return BookingSweeper(
            self.booking_store,
            classes=self.class_store,
            seats=self.seat_store,
            vacating=self.vacating,
            attendance=self.attendance,
            schedule=self.classes,
            conversion=self.conversion,
            limits=self.of(LimitSettings),
            note=note,
        )

    def _held(self) -> dict[str, Any]:
        """What every use case of seats stands on."""
        return {
            "classes": self.class_store,
            "seats": self.seat_store,
            "clock": self.clock,
            "limits": self.of(LimitSettings),
        }

    def _give_back_booking(self, tx: "Transaction", booking: "Booking", reason: str) -> None:
        """Return the card payment of a booking: it goes back by itself, now."""
        self.payment_store.add_returned(
            tx, booking.purchase_id, reason=reason, refund_due_at=self.clock()
        )
