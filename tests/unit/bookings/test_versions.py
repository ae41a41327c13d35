"""How a raw booking of version 1 reads in the names of version 2."""

from typing import Any

import pytest

from greenroom.bookings.booking_items import BookingItem
from greenroom.bookings.versions import upgraded

NULL = {"NULL": True}


def text(value: str) -> dict[str, str]:
    return {"S": value}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"org_id": text("o")}, {"organization_id": text("o")}),
        (
            {"customer_id": text("c"), "customer_type": text("client")},
            {"client_id": text("c")},
        ),
        ({"customer_id": text("c"), "customer_type": text("lead")}, {"customer_id": text("c")}),
        ({"customer_id": text("c")}, {"customer_id": text("c")}),
        # Columns of a database that knew null.
        (
            {"customer_id": text("c"), "customer_type": text("client"), "client_id": NULL},
            {"client_id": text("c")},
        ),
        ({"customer_id": text("c"), "customer_type": NULL}, {"customer_id": text("c")}),
        # A lead that was made a client since, before the row was migrated.
        ({"client_id": text("c"), "customer_type": text("lead")}, {"client_id": text("c")}),
        (
            {"client_id": text("c"), "customer_id": text("l"), "org_id": text("o")},
            {"client_id": text("c"), "organization_id": text("o")},
        ),
        # What an index shows of a booking names no customer.
        ({"kind": text("booking")}, {"kind": text("booking")}),
        # What nobody knows, and the version, stay.
        ({"v": {"N": "1"}, "odd": {"L": []}}, {"v": {"N": "1"}, "odd": {"L": []}}),
    ],
)
def test_a_row_reads_in_the_names_of_version_2(before: Any, after: Any) -> None:
    kept = dict(before)

    assert upgraded(before) == after
    assert before == kept


def test_only_rows_of_version_1_are_upgraded() -> None:
    row = {"org_id": text("o"), "customer_id": text("c"), "customer_type": text("client")}

    assert BookingItem.upgrade(row, 1) == upgraded(row)
    assert BookingItem.upgrade(row, 2) == row
