"""Rules of the purchase modules of the client, in a browser without a back end."""

from typing import Any

import pytest
from playwright.sync_api import Page


@pytest.mark.parametrize(
    ("amount", "currency", "shown"),
    [
        (1500, "usd", "US$15.00"),
        (17991, "usd", "US$179.91"),
        (123456, "eur", "€1,234.56"),
        (1500, "jpy", "JP¥1,500"),
        (1500, "not money", "15.00 NOT MONEY"),
        (None, "usd", "–"),
    ],
)
def test_money_is_shown_in_its_own_currency_and_unit(
    modules: Page, amount: int | None, currency: str, shown: str
) -> None:
    """An amount is in the currency's smallest unit, which is not always a hundredth."""
    words = modules.evaluate(
        """async ([amount, currency]) =>
             (await import("/js/format.js")).money(amount, currency)""",
        [amount, currency],
    )

    assert words == shown


@pytest.mark.parametrize(
    ("address", "is_followed"),
    [
        ("https://checkout.stripe.com/c/pay/cs_1", True),
        ("http://127.0.0.1:3003/c/pay/cs_1", True),
        ("javascript:alert(1)", False),
        ("data:text/html,<script>alert(1)</script>", False),
        ("/c/pay/cs_1", False),
        ("", False),
        (None, False),
    ],
)
def test_only_an_address_of_the_web_is_gone_to(
    modules: Page, address: str | None, is_followed: bool
) -> None:
    """The payment page's address comes from outside, and no script stands in it."""
    found = modules.evaluate(
        """async (address) => (await import("/js/leave.js")).webAddress(address)""", address
    )

    assert found == (address if is_followed else None)


def look(modules: Page, script: str) -> Any:
    """Run ``script`` with ``lookUntil`` at hand and pauses that take no time."""
    return modules.evaluate(
        f"""async () => {{
              const {{ lookUntil }} = await import("/js/patience.js");
              const pausesS = [0, 0, 0];
              {script}
            }}"""
    )


def test_looking_ends_as_soon_as_it_has_happened(modules: Page) -> None:
    """Nothing is asked once the answer is there."""
    asked = look(
        modules,
        """let asked = 0;
           await lookUntil(async () => ++asked, { until: (value) => value === 2, pausesS });
           return asked;""",
    )

    assert asked == 2


def test_looking_is_bounded(modules: Page) -> None:
    """One try and one after each pause; then the last value is what is known."""
    seen = look(
        modules,
        """let asked = 0;
           const last = await lookUntil(async () => ++asked, { until: () => false, pausesS });
           return [asked, last];""",
    )

    assert seen == [4, 4]


def test_a_try_that_fails_is_tried_again_and_the_last_one_is_told(modules: Page) -> None:
    """A network that comes back does not disturb; one that does not is no silent end."""
    seen = look(
        modules,
        """let asked = 0;
           const recovers = await lookUntil(
             async () => { if (++asked < 3) throw new Error("away"); return "back"; },
             { until: (value) => value === "back", pausesS });
           const told = await lookUntil(async () => { throw new Error("away"); },
             { until: () => true, pausesS }).catch((error) => error.message);
           return [recovers, told];""",
    )

    assert seen == ["back", "away"]


@pytest.mark.parametrize("stopped_by", ["signing out", "leaving"])
def test_nobody_is_asked_for_after_the_person_has_gone(modules: Page, stopped_by: str) -> None:
    """A refused token and a view that was left end the looking at once."""
    asked = modules.evaluate(
        """async (stoppedBy) => {
             const { lookUntil } = await import("/js/patience.js");
             const left = new AbortController();
             let asked = 0;
             await lookUntil(async () => {
               asked += 1;
               if (stoppedBy === "leaving") left.abort();
               else throw Object.assign(new Error("no"), { status: 401 });
             }, { until: () => false, pausesS: [0, 0], signal: left.signal }).catch(() => {});
             return asked;
           }""",
        stopped_by,
    )

    assert asked == 1


def test_every_status_of_a_purchase_has_words_of_its_own(modules: Page) -> None:
    """Nobody reads a code; a status that the page does not know yet is looked at by people."""
    labels = modules.evaluate(
        """async () => {
             const { purchaseWords } = await import("/js/purchase.js");
             const known = ["fulfilled", "banked", "failed", "expired", "partially_refunded",
               "refunded", "disputed", "unmatched", "of tomorrow"];
             return Object.fromEntries(known.map((status) => {
               const { label, text } = purchaseWords(
                 { status, kind: "credits", credits: 3, redeemable: status === "banked" });
               return [status, text ? label : ""];
             }));
           }"""
    )

    assert all(labels.values())
    assert len(set(labels.values())) == len(labels) - 1
    assert labels["of tomorrow"] == labels["unmatched"] == "We are looking at it"


@pytest.mark.parametrize(
    ("change", "label", "text"),
    [
        ({}, "Active", "Renews on 21 December 2026"),
        ({"endsAt": "2026-12-21T12:00:00Z"}, "Cancelled", "Ends on 21 December 2026"),
        ({"inDunning": True}, "Payment failed", "The last payment failed"),
        ({"status": "trialing"}, "Trial", "The first payment is on 21 December 2026"),
        ({"status": "unpaid", "live": False}, "Payment failed", "not unlimited"),
        ({"withheld": "dispute", "live": False}, "Suspended", "disputed with your bank"),
        ({"withheld": "refund", "live": False}, "Refunded", "until the next payment"),
        (
            {"withheld": "refund", "status": "paused", "live": False},
            "Paused",
            "not unlimited while it is paused",
        ),
        (
            {"status": "canceled", "live": False, "endsAt": "2026-12-21T12:00:00Z"},
            "Ended",
            "It ended on 21 December 2026",
        ),
    ],
)
def test_a_subscription_says_what_happens_next(
    modules: Page, change: dict[str, Any], label: str, text: str
) -> None:
    """It renews, ends, waits for money or has ended, with the day."""
    subscription = {
        "status": "active", "live": True, "inDunning": False, "withheld": None, "endsAt": None,
        "periodEnd": "2026-12-21T12:00:00Z", **change,
    }  # fmt: skip
    words = modules.evaluate(
        """async (given) => (await import("/js/purchase.js")).subscriptionWords(given)""",
        subscription,
    )

    assert words["label"] == label
    assert text in words["text"]


def test_the_ledger_tells_a_payment_taken_back_from_one_restored(modules: Page) -> None:
    """Both are reversals; the sign says which."""
    words = modules.evaluate(
        """async () => {
             const { ledgerWords } = await import("/js/format.js");
             return [-3, 3].map((amount) => ledgerWords({ kind: "reversal", amount }));
           }"""
    )

    assert words[0].startswith("Taken back")
    assert words[1].startswith("Restored")


@pytest.mark.parametrize(
    ("kind", "reason", "shown"),
    [
        ("adjustment", "An interview broke off on Monday", "An interview broke off on Monday"),
        ("adjustment", "welcome_grant_of_another_account", "welcome gift under another account"),
        ("adjustment", "some_code", None),
        ("debit", "interview", None),
    ],
)
def test_a_correction_says_why_it_was_made(
    modules: Page, kind: str, reason: str, shown: str | None
) -> None:
    """The author's words are shown, codes are not."""
    words = modules.evaluate(
        """async (entry) => (await import("/js/format.js")).ledgerReason(entry)""",
        {"kind": kind, "reason": reason},
    )

    assert words is None if shown is None else shown in words
