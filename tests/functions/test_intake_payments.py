"""Card payments of intakes: nothing but the intake is said, and none is ever refused or lost."""

from typing import Any

import pytest

from greenroom.intake.items import IntakeItem
from greenroom.payments.domain import Purchase, SessionFacts
from tests.intakes import intake_of, signed
from tests.till import Till
from tests.world import Person, World, client_of


@pytest.fixture
def ada(world: World) -> Person:
    return world.person()


def paid_purchase(ada: Person, intake_id: str) -> tuple[Till, Purchase, dict[str, Any]]:
    till = Till(ada.world)
    facts = SessionFacts(type="video", waived_at=ada.world.clock())
    purchase = till.seed(ada, "standard", intake_id=intake_id, session=facts)
    return till, purchase, till.paid(purchase)


def gone(ada: Person, intake_id: str) -> None:
    key = IntakeItem.at(intake_id)
    client_of(ada.world.endpoint).delete_item(
        TableName=ada.world.table_name, Key={"PK": {"S": key.pk}, "SK": {"S": key.sk}}
    )


@pytest.mark.parametrize("state", ["gone", "expired", "unsigned"])
def test_a_payment_whose_intake_cannot_be_used_is_banked_and_never_refused(
    ada: Person, state: str
) -> None:
    intake_id = intake_of(ada) if state == "unsigned" else signed(ada)
    till, purchase, event = paid_purchase(ada, intake_id)
    if state == "gone":
        gone(ada, intake_id)
    if state == "expired":
        ada.world.clock.move(7 * 86_400)

    assert till.outcome(event) == "banked"

    assert till.now(purchase).reason == "intake_unusable"
    redeemed = ada.call(f"POST /api/purchases/{purchase.purchase_id}/redeem")
    assert redeemed.status == 200, redeemed.text


@pytest.mark.parametrize(
    ("members", "field"),
    [
        ({"quantity": 2}, "quantity"),
        ({"quantity": 1}, "quantity"),
        ({"successPath": "/x"}, "successPath"),
        ({"cancelPath": "/x"}, "cancelPath"),
        ({"sku": "standard"}, "intakeId"),
        ({"type": "phone"}, "type"),
        ({"amountCents": 1}, "amountCents"),
    ],
)
def test_the_checkout_of_an_intake_says_nothing_but_which_intake(
    ada: Person, members: dict[str, Any], field: str
) -> None:
    refused = ada.call("POST /api/checkout", {"intakeId": signed(ada), **members})

    assert (refused.status, refused.code) == (422, "VALIDATION_FAILED"), refused.text
    assert field in {one["field"] for one in refused.body["errors"]}
