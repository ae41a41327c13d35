"""The stand-in's own news of a subscription's money, told to the product in both orders."""

from collections.abc import Iterator

import pytest

from tests.functions.test_subscription_money import is_premium, shown
from tests.till import Till
from tests.unit.standins.stripe_shop import MONTHLY, Document, Shop, open_shop
from tests.world import Person, World


@pytest.fixture
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with open_shop(tmp_path_factory.mktemp("stripe"), listens=False) as running:
        yield running


def bought_by(shop: Shop, ada: Person) -> Document:
    """The paid checkout of a month, which names its person as ours do."""
    return shop.paid(MONTHLY, subscription_data__metadata__clerk_id=ada.clerk_id)


def told(shop: Shop) -> list[Document]:
    """All events, oldest first."""
    found: list[Document] = shop.get("events", limit="100")["data"]
    return found[::-1]


def payment_of(shop: Shop, checkout: Document) -> str:
    (paid,) = shop.get("invoice_payments", invoice=checkout["invoice"])["data"]
    return str(paid["payment"]["payment_intent"])


@pytest.mark.parametrize("backwards", [False, True], ids=["in order", "backwards"])
def test_a_refund_at_the_stand_in_ends_the_period(edge: World, shop: Shop, backwards: bool) -> None:
    till, ada = Till(edge), edge.person()
    ada.credits()
    checkout = bought_by(shop, ada)
    for event in told(shop) if not backwards else ():
        till.outcome(event)
    assert is_premium(ada) is not backwards

    shop.post("refunds", payment_intent=payment_of(shop, checkout))
    for event in told(shop)[:: -1 if backwards else 1]:
        till.outcome(event)

    assert (shown(ada)["withheld"], is_premium(ada)) == ("refund", False)


def test_a_dispute_at_the_stand_in_suspends_and_a_win_restores(edge: World, shop: Shop) -> None:
    till, ada = Till(edge), edge.person()
    ada.credits()
    checkout = bought_by(shop, ada)
    dispute = shop.control("disputes", checkout=checkout["id"])
    for event in told(shop):
        till.outcome(event)
    assert (shown(ada)["withheld"], is_premium(ada)) == ("dispute", False)

    shop.control(f"disputes/{dispute['id']}/close", outcome="won")
    for event in told(shop):
        till.outcome(event)

    assert (shown(ada)["withheld"], is_premium(ada)) == (None, True)
