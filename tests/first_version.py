"""Bookings as the version before this one wrote and read them: an older deployment, still running.

Nothing of the present version's bookings is used here. Whoever booked was a ``customer_id``, client
or lead; ``customer_type`` told which since some day. The list of a customer named no kind, and a
seat was a number in the class, not a row.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pynamodb.attributes import UnicodeAttribute
from pynamodb.exceptions import VerboseClientError
from pynamodb.models import Model

from greenroom.kernel.clock import to_text
from greenroom.kernel.ids import new_id
from greenroom.table.attributes import IntegerAttribute, MomentAttribute
from tests.world import World, client_of

Row = dict[str, Any]


class FirstBookingItem(Model):
    """A booking of version 1, as its code knew it."""

    class Meta:
        """PynamoDB wants a table here."""

        table_name = "given-by-the-desk"

    pk = UnicodeAttribute(hash_key=True, attr_name="PK")
    sk = UnicodeAttribute(range_key=True, attr_name="SK")
    kind = UnicodeAttribute()
    v = IntegerAttribute()
    created_at = MomentAttribute()
    updated_at = MomentAttribute()
    gsi1pk = UnicodeAttribute(attr_name="GSI1PK")
    gsi1sk = UnicodeAttribute(attr_name="GSI1SK")
    org_id = UnicodeAttribute()
    class_session_id = UnicodeAttribute()
    customer_id = UnicodeAttribute()
    customer_type = UnicodeAttribute(null=True)
    customer_name = UnicodeAttribute(null=True)
    booking_status = UnicodeAttribute()
    payment_status = UnicodeAttribute()
    class_name = UnicodeAttribute()
    class_type = UnicodeAttribute()
    starts_at = MomentAttribute()
    duration_min = IntegerAttribute()
    amount_cents = IntegerAttribute()
    currency = UnicodeAttribute()
    source = UnicodeAttribute()
    rev = IntegerAttribute()


@dataclass(frozen=True)
class FirstBooking:
    """What version 1 knew of a booking, and showed."""

    booking_id: str
    org_id: str
    class_session_id: str
    customer_id: str
    customer_type: str | None
    booking_status: str
    payment_status: str
    starts_at: datetime
    rev: int


class CannotBeRead(Exception):
    """An attribute that version 1 needs is not there."""


class FirstDesk:
    """The code of version 1, over the same table."""

    def __init__(self, world: World, org_id: str) -> None:
        self._world = world
        self._client = client_of(world.endpoint)
        self._table = world.table_name
        self.org_id = org_id
        self._prefix = f"T#org#{org_id}"

    def read(self, booking_id: str) -> FirstBooking:
        """A booking; ``CannotBeRead`` where one of its attributes is missing."""
        key = {"PK": {"S": f"{self._prefix}#B#{booking_id}"}, "SK": {"S": "BOOKING"}}
        answer = self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True)
        return _booking_of(answer["Item"])

    def of_customer(self, customer_id: str) -> list[FirstBooking]:
        """A customer's bookings in the order of their classes."""
        answer = self._client.query(
            TableName=self._table,
            IndexName="GSI1",
            KeyConditionExpression="GSI1PK = :pk AND begins_with(GSI1SK, :b)",
            ExpressionAttributeValues={
                ":pk": {"S": f"{self._prefix}#C#{customer_id}"},
                ":b": {"S": "B#"},
            },
        )
        return [self.read(row["PK"]["S"].rpartition("#")[2]) for row in answer["Items"]]

    def book(
        self,
        klass: Any,
        customer_id: str,
        customer_type: str | None = None,
        *,
        booking_status: str = "confirmed",
        unknown: Row | None = None,
    ) -> str:
        """Book a free seat of a class; the id of the booking. The class counts it, no more."""
        booking_id, now = new_id(), to_text(self._world.clock())
        at = to_text(klass.starts_at)
        item: Row = {
            "PK": {"S": f"{self._prefix}#B#{booking_id}"},
            "SK": {"S": "BOOKING"},
            "GSI1PK": {"S": f"{self._prefix}#C#{customer_id}"},
            "GSI1SK": {"S": f"B#{at}#{booking_id}"},
            "kind": {"S": "booking"},
            "v": {"N": "1"},
            "created_at": {"S": now},
            "updated_at": {"S": now},
            "org_id": {"S": self.org_id},
            "class_session_id": {"S": klass.class_session_id},
            "customer_id": {"S": customer_id},
            "customer_name": {"S": "Ada"},
            "booking_status": {"S": booking_status},
            "payment_status": {"S": "pending"},
            "class_name": {"S": klass.name},
            "class_type": {"S": klass.type},
            "starts_at": {"S": at},
            "duration_min": {"N": str(klass.duration_min)},
            "amount_cents": {"N": str(klass.price_cents)},
            "currency": {"S": klass.currency},
            "source": {"S": "staff"},
            "rev": {"N": "1"},
            **(unknown or {}),
        }
        if customer_type is not None:
            item["customer_type"] = {"S": customer_type}
        counted = booking_status in {"confirmed", "attended", "no_show"}
        self._write(klass.class_session_id, 1 if counted else 0, {"Put": self._of(Item=item)})
        return booking_id

    def cancel(self, booking_id: str) -> bool:
        """Cancel a confirmed booking; False if somebody was faster."""
        seen = self.read(booking_id)
        if seen.booking_status != "confirmed":
            return False
        update = self._of(
            Key={"PK": {"S": f"{self._prefix}#B#{booking_id}"}, "SK": {"S": "BOOKING"}},
            UpdateExpression="SET booking_status = :to, rev = rev + :one, updated_at = :now",
            ConditionExpression="booking_status = :from AND rev = :rev",
            ExpressionAttributeValues={
                ":to": {"S": "cancelled"},
                ":from": {"S": "confirmed"},
                ":rev": {"N": str(seen.rev)},
                ":one": {"N": "1"},
                ":now": {"S": to_text(self._world.clock())},
            },
        )
        try:
            self._write(seen.class_session_id, -1, {"Update": update})
        except self._client.exceptions.TransactionCanceledException:
            return False
        return True

    def _write(self, class_session_id: str, seats: int, step: Row) -> None:
        """One transaction of a booking and of the class that counts it."""
        steps = [step]
        if seats:
            counted = self._of(
                Key={"PK": {"S": f"{self._prefix}#K#{class_session_id}"}, "SK": {"S": "CLASS"}},
                UpdateExpression="ADD booked :more, #free :less",
                ConditionExpression="#free >= :more",
                ExpressionAttributeNames={"#free": "free"},
                ExpressionAttributeValues={
                    ":more": {"N": str(seats)},
                    ":less": {"N": str(-seats)},
                },
            )
            steps.append({"Update": counted})
        self._client.transact_write_items(TransactItems=steps)

    def _of(self, **request: Any) -> Row:
        return {"TableName": self._table, **request}


def _booking_of(raw: Row) -> FirstBooking:
    item = FirstBookingItem()
    try:
        item.deserialize(dict(raw))
    except (TypeError, ValueError, VerboseClientError) as cause:
        raise CannotBeRead(raw) from cause
    names = [name for name in FirstBooking.__dataclass_fields__ if name != "booking_id"]
    told = {name: getattr(item, name) for name in names}
    if any(value is None for name, value in told.items() if name != "customer_type"):
        raise CannotBeRead(raw)
    return FirstBooking(booking_id=raw["PK"]["S"].rpartition("#")[2], **told)
