"""From the question to the queue: the waiver, the payment, and the way back from it."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.person import PERSON
from tests.browser.samples import (
    HOSTILE,
    INTAKE,
    PLANS,
    PURCHASE,
    SESSION,
    WAIVER,
    ago,
    intake,
    page,
    purchase,
    session,
)
from tests.browser.served import Served

UNSIGNED = {"required": True, "version": None, "signedAt": None}
PAY = f"/intake/pay?intake_id={INTAKE}"
WAIVER_PLACE = f"/intake/waiver?plan=quick&intake_id={INTAKE}"


@pytest.fixture
def window(served: Served) -> Served:
    """A window in front of a server that has a signed, unpaid question."""
    served.says("GET", "products", PLANS)
    served.says("GET", "waivers/current", WAIVER)
    served.says("GET", f"intake/{INTAKE}", intake())
    served.says("GET", f"sessions/{SESSION}", session("pending"))
    return served


def at(place: str) -> re.Pattern[str]:
    """An address that ends with that place of the page."""
    return re.compile(re.escape(f"#{place}") + "$")


def sign(window: Served, name: str = "Robin Reed") -> None:
    """Sign the waiver that is shown."""
    window.page.get_by_label("Your full name").fill(name)
    window.page.get_by_label("I have read this and agree to it").check()
    window.page.get_by_role("button", name="Sign and go on").click()


def test_the_waiver_is_read_and_signed_and_leads_on(window: Served) -> None:
    """The text's paragraphs, the version that was read, the name, and then where it says."""
    window.says("GET", f"intake/{INTAKE}", intake(waiver=UNSIGNED))
    window.says("POST", f"intake/{INTAKE}/waiver", {"next": PAY})
    window.opens(WAIVER_PLACE)
    expect(window.page.locator(".waiver-text p")).to_have_count(3)

    sign(window)

    expect(window.page).to_have_url(at(PAY))
    [(body, _)] = window.requests("POST", f"intake/{INTAKE}/waiver")
    assert body == {"version": "1", "signature": "Robin Reed", "accepted": True}


def test_nothing_is_signed_without_consent(window: Served) -> None:
    """The box has to be ticked first."""
    window.says("GET", f"intake/{INTAKE}", intake(waiver=UNSIGNED))
    window.opens(WAIVER_PLACE)

    window.page.get_by_role("button", name="Sign and go on").click()

    assert window.requests("POST", f"intake/{INTAKE}/waiver") == []


def test_a_text_that_changed_meanwhile_is_shown_before_it_is_signed(window: Served) -> None:
    """Nobody signs what they have not read."""
    window.says("GET", f"intake/{INTAKE}", intake(waiver=UNSIGNED))
    window.opens(WAIVER_PLACE)
    expect(window.page.get_by_text("Version 1")).to_be_visible()
    window.refuses("POST", f"intake/{INTAKE}/waiver", 409, "WAIVER_VERSION", currentVersion="2")
    window.says("GET", "waivers/current", {**WAIVER, "version": "2", "text": "Shorter."})

    sign(window)

    expect(window.page.get_by_text("The text has changed meanwhile.")).to_be_visible()
    expect(window.page.get_by_text("Shorter.")).to_be_visible()
    expect(window.page.get_by_label("I have read this and agree to it")).not_to_be_checked()


def test_a_refused_signature_is_named_beside_the_field(window: Served) -> None:
    """The server's words stand at the name."""
    window.says("GET", f"intake/{INTAKE}", intake(waiver=UNSIGNED))
    error = {"field": "signature", "message": "is no name", "type": "value_error"}
    window.refuses("POST", f"intake/{INTAKE}/waiver", 422, "VALIDATION_FAILED", errors=[error])
    window.opens(WAIVER_PLACE)

    sign(window, "..")

    expect(window.page.get_by_label("Your full name")).to_be_focused()
    expect(window.page.get_by_label("Your full name")).to_have_accessible_description(
        re.compile("is no name")
    )


def test_what_was_signed_is_not_signed_again(window: Served) -> None:
    """A reload after signing says so and leads on."""
    window.opens(WAIVER_PLACE)

    expect(window.page.get_by_text("You signed this waiver")).to_be_visible()
    window.page.get_by_role("link", name="Go on").click()

    expect(window.page).to_have_url(at(PAY))


def test_the_waiver_of_a_hostile_server_stays_text(window: Served) -> None:
    """Texts are shown, never run."""
    window.says("GET", f"intake/{INTAKE}", intake(waiver=UNSIGNED))
    window.says("GET", "waivers/current", {"version": HOSTILE, "title": HOSTILE, "text": HOSTILE})
    window.opens(WAIVER_PLACE)

    expect(window.page.get_by_role("heading", name=HOSTILE)).to_be_visible()
    assert window.page.evaluate("window.hostile") is None


def test_a_card_is_paid_at_the_provider(window: Served) -> None:
    """Only the intake's id is sent; what it costs is the server's business."""
    there = f"{window.url}/icon.svg?paying"
    window.says("POST", "checkout", {"checkoutUrl": there})
    window.opens(PAY)

    window.page.get_by_role("button", name="Pay US$9.99").click()

    expect(window.page).to_have_url(there)
    [(body, _)] = window.requests("POST", "checkout")
    assert body == {"intakeId": INTAKE}


def test_a_payment_that_came_back_is_used_instead_of_paying_twice(window: Served) -> None:
    """Another question's payment is not this one's."""
    mine = purchase("banked", kind="session", redeemable=True, intakeId=INTAKE, amountCents=999)
    other = {**mine, "id": "other", "intakeId": "another"}
    window.says("GET", "purchases", page(other, mine))
    redeemed = {"purchase": mine, "sessionId": SESSION, "bookingId": None}
    window.says("POST", f"purchases/{mine['id']}/redeem", redeemed)
    window.opens(PAY)
    expect(window.page.get_by_text("Your payment of US$9.99 came back to you")).to_be_visible()
    expect(window.page.get_by_role("button", name=re.compile("^Pay"))).to_have_count(0)

    window.page.get_by_role("button", name="Use that payment").click()

    expect(window.page.get_by_text("Looking for an expert")).to_be_visible()
    assert len(window.requests("POST", f"purchases/{mine['id']}/redeem")) == 1


def test_a_payment_that_went_back_meanwhile_is_not_offered_again(window: Served) -> None:
    """The page looks once more and lets the person pay."""
    mine = purchase("banked", kind="session", redeemable=True, intakeId=INTAKE)
    window.says("GET", "purchases", page(mine))
    window.refuses("POST", f"purchases/{mine['id']}/redeem", 409, "PURCHASE_NOT_REDEEMABLE")
    window.opens(PAY)
    redeem = window.page.get_by_role("button", name="Use that payment")
    expect(redeem).to_be_visible()
    window.says("GET", "purchases", page({**mine, "redeemable": False}))

    redeem.click()

    expect(window.page.get_by_role("button", name="Pay US$9.99")).to_be_visible()


def test_a_question_is_paid_also_while_purchases_cannot_be_listed(window: Served) -> None:
    """The list is a help, and no condition."""
    window.refuses("GET", "purchases", 503, "STORE_UNAVAILABLE")
    window.opens(PAY)

    expect(window.page.get_by_role("button", name="Pay US$9.99")).to_be_visible()


def test_credits_pay_and_lead_to_the_waiting_room(window: Served) -> None:
    """The balance is seen before, the session after."""
    window.says("POST", f"intake/{INTAKE}/credits", {
        "sessionId": SESSION, "redirect": f"/sessions/{SESSION}", "charged": 2.0,
    }, status=201)  # fmt: skip
    window.opens(PAY)
    expect(window.page.get_by_text("Your balance: 3.00 VocahireCredits.")).to_be_visible()

    window.page.get_by_role("button", name="Use 2.00 VocahireCredits").click()

    expect(window.page.get_by_text("Looking for an expert")).to_be_visible()
    expect(window.page).to_have_url(at(f"/sessions/{SESSION}"))


def test_too_few_credits_open_the_shop(window: Served) -> None:
    """Before anything is sent where the balance is known, and after a refusal."""
    window.says("GET", "user", {**PERSON, "credits": 0.5})
    window.opens(PAY)

    window.page.get_by_role("button", name="Get VocahireCredits").click()

    dialog = window.page.get_by_role("dialog", name="Get VocahireCredits")
    expect(dialog).to_contain_text("Your balance: 0.50 VocahireCredits.")
    expect(dialog).to_contain_text("This session takes 2.00 VocahireCredits.")


def test_a_balance_that_was_spent_meanwhile_opens_the_shop(window: Served) -> None:
    """The server's figures are shown, and nothing was taken."""
    window.refuses(
        "POST", f"intake/{INTAKE}/credits", 403, "INSUFFICIENT_CREDITS",
        currentCredits=1.0, minimumRequired=0.5, sessionCost=2.0,
    )  # fmt: skip
    window.opens(PAY)

    window.page.get_by_role("button", name="Use 2.00 VocahireCredits").click()

    dialog = window.page.get_by_role("dialog", name="Not enough VocahireCredits")
    expect(dialog).to_contain_text("Your balance: 1.00 VocahireCredits.")
    window.page.keyboard.press("Escape")
    expect(window.page.get_by_role("button", name="Use 2.00 VocahireCredits")).to_be_enabled()


def test_bought_credits_lead_back_to_the_session_they_are_for(window: Served) -> None:
    """Nobody has to find the question again after the shop."""
    window.says("GET", "user", {**PERSON, "credits": 0.5})
    window.says("GET", "subscriptions", {"items": []})
    bought = {
        "id": PURCHASE, "sku": "credits_3", "kind": "credits", "name": "Three", "quantity": 1,
        "credits": 3, "amountCents": 1500, "currency": "usd", "status": "fulfilled",
        "reason": None, "createdAt": ago(60), "paidAt": ago(5), "checkoutUrl": None,
        "redeemable": False, "refundable": False, "sessionId": None,
    }  # fmt: skip
    window.says("GET", "purchases", page(bought))
    window.opens(PAY)
    window.page.get_by_role("button", name="Get VocahireCredits").click()
    window.opens(f"/purchases?checkout=success&purchase={PURCHASE}")

    window.page.get_by_role("link", name="Go on with your session").click()

    expect(window.page).to_have_url(at(PAY))


@pytest.mark.parametrize("button", ["Pay US$9.99", "Use 2.00 VocahireCredits"])
def test_an_open_session_is_returned_to_instead_of_paying(window: Served, button: str) -> None:
    """Both ways to pay tell it, and nothing is taken."""
    facts = {"activeSessionId": SESSION, "activeSessionType": "chat"}
    for path in ("checkout", f"intake/{INTAKE}/credits"):
        window.refuses(
            "POST", path, 409, "ACTIVE_SESSION_EXISTS", activeSessionStatus="pending", **facts
        )
    window.opens(PAY)

    window.page.get_by_role("button", name=button).click()
    dialog = window.page.get_by_role("dialog", name="You already have an active session")
    expect(dialog).to_contain_text("a chat, looking for an expert")
    dialog.get_by_role("button", name="Return to active session").click()

    expect(window.page).to_have_url(at(f"/sessions/{SESSION}"))


def test_an_intake_that_was_used_meanwhile_leads_to_its_session(window: Served) -> None:
    """Paid in another tab: this one finds out and goes there."""
    window.opens(PAY)
    window.refuses("POST", "checkout", 409, "INTAKE_USED")
    pay = window.page.get_by_role("button", name="Pay US$9.99")
    expect(pay).to_be_visible()
    window.says(
        "GET", f"intake/{INTAKE}",
        intake(status="consumed", sessionId=SESSION, next=f"/sessions/{SESSION}"),
    )  # fmt: skip

    pay.click()
    window.page.get_by_role("link", name="Go to your session").click()

    expect(window.page).to_have_url(at(f"/sessions/{SESSION}"))


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ({"status": "expired"}, "This question has expired"),
        ({"isFree": True, "next": f"/sessions/{SESSION}"}, "Nothing to pay"),
        ({"waiver": UNSIGNED, "next": WAIVER_PLACE}, "Please sign the waiver first."),
        ({"credits": None}, "By card"),
    ],
)  # fmt: skip
def test_what_cannot_be_paid_says_why(window: Served, state: dict[str, object], words: str) -> None:
    """Expired, free, unsigned: each with the way on; without a price in credits only the card."""
    window.says("GET", f"intake/{INTAKE}", intake(**state))
    window.opens(PAY)

    expect(window.page.get_by_text(words)).to_be_visible()
    expect(window.page.get_by_role("button", name="Use")).to_have_count(0)


def test_who_left_the_payment_page_reads_that_nothing_was_paid(window: Served) -> None:
    """And can pay now."""
    window.opens(f"{PAY}&checkout=cancelled&purchase={PURCHASE}")

    expect(window.page.get_by_text("Nothing was paid.")).to_be_visible()
    expect(window.page.get_by_role("button", name="Pay US$9.99")).to_be_enabled()


def test_a_paid_session_is_waited_for_and_entered(window: Served) -> None:
    """The news of the money comes on its own way; Back does not lead to the wait again."""
    looks: list[int] = []

    def later(_route: object) -> dict[str, object]:
        looks.append(1)
        return intake(sessionId=SESSION if len(looks) > 2 else None)

    window.says("GET", f"intake/{INTAKE}", later)
    window.opens(f"/intake/paid?intake_id={INTAKE}&checkout=success&purchase={PURCHASE}")
    expect(window.page.get_by_text("Your payment is being confirmed…")).to_be_visible()

    expect(window.page.get_by_text("Looking for an expert")).to_be_visible()

    expect(window.page).to_have_url(at(f"/sessions/{SESSION}"))
    assert len(looks) >= 3


def test_a_banked_payment_is_explained_with_the_way_to_it(window: Served) -> None:
    """Paid while another session was open: safe, and where it is."""
    banked = {
        "id": PURCHASE, "sku": "quick", "kind": "session", "name": "Quick chat", "quantity": 1,
        "credits": 0, "amountCents": 999, "currency": "usd", "status": "banked",
        "reason": "active_session", "createdAt": ago(60), "paidAt": ago(5), "checkoutUrl": None,
        "redeemable": True, "refundable": True, "sessionId": None,
    }  # fmt: skip
    window.says("GET", "purchases", page(banked))
    window.says("GET", "subscriptions", {"items": []})
    window.opens(f"/intake/paid?intake_id={INTAKE}&checkout=success&purchase={PURCHASE}")

    expect(window.page.get_by_text("Your payment is safe and was not used yet.")).to_be_visible()
    window.page.get_by_role("link", name="See your purchases").click()

    expect(window.page.get_by_role("button", name="Redeem")).to_be_visible()


def test_a_payment_that_stays_unconfirmed_ends_the_wait(window: Served) -> None:
    """It ends by itself and never asks to pay twice."""
    window.page.clock.install()
    window.opens(f"/intake/paid?intake_id={INTAKE}&checkout=success&purchase={PURCHASE}")
    expect(window.page.get_by_text("Your payment is being confirmed…")).to_be_visible()

    for _ in range(20):
        window.page.clock.run_for(15_000)
        window.page.wait_for_timeout(50)

    expect(window.page.get_by_text("Your payment is not confirmed yet")).to_be_visible()
    expect(window.page.get_by_role("button", name="Check again")).to_be_visible()


@pytest.mark.parametrize("place", ["/intake/waiver", "/intake/pay", "/intake/paid"])
def test_an_address_without_a_question_is_no_blank_page(window: Served, place: str) -> None:
    """A link that was cut off leads on."""
    window.opens(place)

    expect(window.page.locator("main").get_by_role("link")).to_be_visible()


def test_a_foreign_question_is_not_found(window: Served) -> None:
    """The server's words, with Retry."""
    window.refuses("GET", f"intake/{INTAKE}", 404, "NOT_FOUND")
    window.opens(PAY)

    expect(window.page.get_by_text("Refused: NOT_FOUND.")).to_be_visible()
    expect(window.page.get_by_role("button", name="Retry")).to_be_visible()
