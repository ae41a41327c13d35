"""The Stripe stand-in's pages: what a person sees and does there."""

import html
import re
from collections.abc import Iterator

import httpx
import pytest

from tests.unit.standins.stripe_shop import MONTHLY, Document, Shop, open_shop


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with open_shop(tmp_path_factory.mktemp("stripe"), listens=False) as running:
        yield running


def text_of(answer: httpx.Response) -> str:
    return html.unescape(re.sub(r"<style>.*?</style>|<[^>]+>", " ", answer.text, flags=re.DOTALL))


def press(shop: Shop, url: str, action: str, **form: str) -> httpx.Response:
    headers = {"Origin": shop.address}
    return httpx.post(url, data={"action": action, **form}, headers=headers)


def session_of(shop: Shop, session: Document) -> Document:
    return shop.get(f"checkout/sessions/{session['id']}")


def test_the_page_says_what_is_paid_and_that_no_money_moves(shop: Shop) -> None:
    page = httpx.get(shop.checkout(line_items__0__quantity="2")["url"])

    text = text_of(page)
    assert page.status_code == 200
    for part in ("No money moves", "2 × 3 interview credits", "$30.00"):
        assert part in text
    policy = page.headers["Content-Security-Policy"]
    assert "form-action 'self' http://127.0.0.1:3000" in policy
    assert "frame-ancestors 'none'" in policy


def test_paying_leads_back_with_the_sessions_id(shop: Shop) -> None:
    session = shop.checkout()

    answer = press(shop, session["url"], "card", email="a@example.com")

    back = f"http://127.0.0.1:3000/credits?cs={session['id']}"
    assert (answer.status_code, answer.headers["Location"]) == (303, back)
    paid = session_of(shop, session)
    assert paid["payment_status"] == "paid"
    assert paid["customer_details"]["email"] == "a@example.com"
    again = httpx.get(session["url"])
    assert "This is paid" in text_of(again)
    assert press(shop, session["url"], "card").status_code == 409


def test_a_declined_card_is_said_and_another_try_is_offered(shop: Shop) -> None:
    session = shop.checkout()

    answer = press(shop, session["url"], "declined")

    assert answer.status_code == 402
    assert "Your card was declined." in text_of(answer)
    assert press(shop, session["url"], "card").status_code == 303


@pytest.mark.parametrize(("action", "status"), [("bank", "paid"), ("bank-fails", "unpaid")])
def test_a_bank_debit_goes_back_at_once_and_settles_later(
    shop: Shop, action: str, status: str
) -> None:
    session = shop.checkout()

    assert press(shop, session["url"], action).status_code == 303
    assert session_of(shop, session)["payment_status"] == "unpaid"
    assert "on its way" in text_of(httpx.get(session["url"]))
    shop.control("clock", advanceSeconds=10)

    settled = session_of(shop, session)
    assert (settled["status"], settled["payment_status"]) == ("complete", status)
    name = "succeeded" if status == "paid" else "failed"
    event = shop.last_event(f"checkout.session.async_payment_{name}")
    assert event["data"]["object"]["id"] == session["id"]


def test_leaving_pays_nothing_and_leads_back(shop: Shop) -> None:
    session = shop.checkout()

    answer = press(shop, session["url"], "leave")

    assert answer.headers["Location"] == "http://127.0.0.1:3000/credits"
    assert session_of(shop, session)["status"] == "open"


def test_an_expired_page_says_so(shop: Shop) -> None:
    session = shop.checkout()
    shop.control(f"checkout/{session['id']}/expire")

    assert "has expired" in text_of(httpx.get(session["url"]))
    assert press(shop, session["url"], "card").status_code == 409
    assert httpx.get(f"{shop.address}/c/pay/cs_x").status_code == 404


def test_another_sites_page_cannot_pay(shop: Shop) -> None:
    session = shop.checkout()
    headers = {"Origin": "https://elsewhere.example"}

    answer = httpx.post(session["url"], data={"action": "card"}, headers=headers)

    assert answer.status_code == 403
    assert session_of(shop, session)["status"] == "open"


def test_names_are_text_and_not_markup(shop: Shop) -> None:
    name = "<b>Gift</b>"
    price = shop.post("prices", currency="usd", unit_amount="100", product_data__name=name)["id"]

    page = httpx.get(shop.checkout(line_items__0__price=price)["url"])

    assert name not in page.text
    assert html.escape(name) in page.text


def test_a_subscription_offers_cards_only_and_says_how_often(shop: Shop) -> None:
    session = shop.checkout(MONTHLY)
    page = httpx.get(session["url"])

    assert "every month" in text_of(page)
    assert 'value="bank"' not in page.text
    assert press(shop, session["url"], "bank").status_code == 409
    assert press(shop, session["url"], "card").status_code == 303


def test_the_portal_cancels_resumes_and_ends(shop: Shop) -> None:
    customer = shop.post("customers")["id"]
    subscription = shop.paid(MONTHLY, customer=customer)["subscription"]
    portal = shop.post(
        "billing_portal/sessions", customer=customer, return_url="http://127.0.0.1:3000/"
    )["url"]

    def does(action: str) -> tuple[str, bool]:
        assert press(shop, portal, action, subscription=subscription).status_code == 303
        now = shop.get(f"subscriptions/{subscription}")
        return now["status"], now["cancel_at_period_end"]

    first = text_of(httpx.get(portal))
    assert "Monthly Coach" in first
    assert "renews on" in first
    assert "$19.99" in first
    assert does("cancel-at-end") == ("active", True)
    assert "ends on" in text_of(httpx.get(portal))
    assert does("resume") == ("active", False)
    assert does("cancel-now") == ("canceled", False)
    assert "Ended on" in text_of(httpx.get(portal))
    assert press(shop, portal, "resume", subscription=subscription).status_code == 409


def test_the_portal_shows_and_changes_nobody_elses_subscription(shop: Shop) -> None:
    foreign = shop.paid(MONTHLY)["subscription"]
    customer = shop.post("customers")["id"]
    portal = shop.post("billing_portal/sessions", customer=customer)["url"]

    assert "There is no subscription." in text_of(httpx.get(portal))
    assert press(shop, portal, "cancel-now", subscription=foreign).status_code == 404
    assert shop.get(f"subscriptions/{foreign}")["status"] == "active"


@pytest.mark.parametrize(("form", "kept"), [({"keep": "yes"}, 1), ({}, 0)], ids=["kept", "not"])
def test_the_page_asks_whether_the_card_is_to_be_kept(
    shop: Shop, form: dict[str, str], kept: int
) -> None:
    customer = shop.post("customers")["id"]
    saving = {"saved_payment_method_options__payment_method_save": "enabled"}
    session = shop.checkout(customer=customer, **saving)
    assert "Keep this card" in text_of(httpx.get(session["url"]))
    assert "Keep this card" not in text_of(httpx.get(shop.checkout()["url"]))

    assert press(shop, session["url"], "card", **form).status_code == 303

    assert len(shop.get(f"customers/{customer}/payment_methods")["data"]) == kept
