"""The catalogue: what is for sale, at which price, and under which of Stripe's ids."""

from dataclasses import replace
from typing import Any

import pytest

from greenroom.kernel.variables import SettingsRefused
from greenroom.payments.catalogue import (
    CATALOGUE,
    Catalogue,
    CreditPack,
    ExpertSession,
    Membership,
    price_ids,
)

DEFAULTS = {
    "credits_3": "prod_SJPpjWE9zhJnEh",
    "credits_5": "prod_SJQ8EwiLxPh62L",
    "coach_monthly": "prod_SLHl7Tl1LX1NMH",
    "coach_quarterly": "prod_SLHvbICsIUy3oZ",
    "coach_annual": "prod_SJPmP9GnMNDso0",
}


def test_credits_cost_what_was_agreed() -> None:
    packs = [(one.sku, one.price_cents, one.currency, one.credits) for one in packs_for_sale()]

    assert packs == [("credits_3", 1500, "usd", 300), ("credits_5", 2000, "usd", 500)]


def packs_for_sale() -> list[CreditPack]:
    return CATALOGUE.of(CreditPack)


def test_subscriptions_cost_what_was_agreed() -> None:
    found = [(one.sku, one.price_cents, one.months) for one in CATALOGUE.of(Membership)]

    assert found == [
        ("coach_monthly", 1999, 1),
        ("coach_quarterly", 5037, 3),
        ("coach_annual", 17991, 12),
    ]
    assert round(1999 * 3 * 0.84) == 5037
    assert round(1999 * 12 * 0.75) == 17991


def test_plans_decide_the_type_and_the_price_of_a_session() -> None:
    found = [
        (one.sku, one.type, one.price_cents, one.is_free) for one in CATALOGUE.of(ExpertSession)
    ]

    assert found == [
        ("trial", "chat", 0, True),
        ("free", "chat", 0, True),
        ("trial-free", "chat", 0, True),
        ("quick", "chat", 999, False),
        ("standard", "video", 2999, False),
        ("diagnostic", "diagnostic", 4999, False),
    ]


def test_plans_have_a_price_in_credits_and_only_trials_are_had_once() -> None:
    found = {one.sku: (one.credits, one.once) for one in CATALOGUE.of(ExpertSession)}

    assert found == {
        "trial": (None, True),
        "free": (None, False),
        "trial-free": (None, True),
        "quick": (200, False),
        "standard": (600, False),
        "diagnostic": (1000, False),
    }


@pytest.mark.parametrize(
    "changes",
    [
        {"type": "interview"},
        {"type": ""},
        {"type": "Video"},
        {"type": "7even"},
        {"type": "a b"},
        {"type": "a#b"},
        {"type": "x" * 33},
        {"credits": 0},
        {"credits": -1},
        {"price_cents": 0},
        {"price_cents": -1},
        {"once": True},
    ],
    ids=str,
)
def test_a_plan_that_no_session_could_be_made_of_is_refused(changes: dict[str, Any]) -> None:
    plan = CATALOGUE.plan("standard")
    assert plan is not None
    Catalogue(replace(plan, type="x-1_y", credits=1))

    with pytest.raises(ValueError, match="not a product"):
        Catalogue(replace(plan, **changes))


def test_a_plan_is_a_session_and_nothing_else() -> None:
    assert CATALOGUE.plan("standard") is CATALOGUE.get("standard")
    assert CATALOGUE.plan("credits_3") is None
    assert CATALOGUE.plan("standard ") is CATALOGUE.get("unknown") is None


def test_kinds_are_those_of_the_purchases() -> None:
    assert {one.sku: one.kind for one in CATALOGUE}["coach_annual"] == "subscription"
    assert {one.kind for one in CATALOGUE} == {"credits", "subscription", "session"}


def test_texts_carry_the_name_of_the_deployments_credits() -> None:
    pack = packs_for_sale()[0]

    assert pack.named("Stars {x}") == "Three Stars {x}"
    assert pack.described("Stars").startswith("3 Stars ")
    for product in CATALOGUE:
        assert "{" not in product.named("C") + product.described("C")
        if product.kind != "session":
            assert "AI interviewer" in product.described("C")


def test_a_new_product_is_one_more_entry() -> None:
    more = CreditPack(
        sku="credits_10",
        name="Ten",
        description="",
        price_cents=3500,
        credits=1000,
        price_id="prod_ten",
        price_variable="STRIPE_PRICE_ID_10_CREDITS",
    )
    catalogue = Catalogue(*CATALOGUE, more)

    assert catalogue.get("credits_10") is more
    assert price_ids({}, catalogue=catalogue) == DEFAULTS | {"credits_10": "prod_ten"}


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"sku": "other"},
        {"sku": "A"},
        {"sku": "x", "price_variable": "X", "price_cents": 0},
        {"sku": "x", "price_variable": "X", "credits": 0},
        {"sku": "x", "price_variable": "X", "currency": "USD"},
    ],
    ids=str,
)
def test_a_catalogue_that_contradicts_itself_is_refused(changes: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"sku|product"):
        Catalogue(*CATALOGUE, replace(packs_for_sale()[0], **changes))  # type: ignore[arg-type]


def test_a_membership_has_an_interval_that_stripe_knows() -> None:
    with pytest.raises(ValueError, match="not a product"):
        Catalogue(replace(CATALOGUE.of(Membership)[0], months=37))


def test_prices_have_the_ids_of_the_origin_where_nothing_is_set() -> None:
    assert price_ids({}) == DEFAULTS
    assert price_ids({"STRIPE_PRICE_ID": "", "STRIPE_PRICE_ID_ANNUAL": " "}) == DEFAULTS


def test_a_list_gives_prices_in_the_order_of_the_catalogue_and_keeps_empty_places() -> None:
    assert price_ids({"STRIPE_PRICE_ID": ",".join(DEFAULTS.values())}) == DEFAULTS
    assert price_ids({"STRIPE_PRICE_ID": " price_a, ,price_c "}) == DEFAULTS | {
        "credits_3": "price_a",
        "coach_monthly": "price_c",
    }


def test_a_variable_of_its_own_goes_before_the_list() -> None:
    found = price_ids(
        {"STRIPE_PRICE_ID": "price_a,price_b", "STRIPE_PRICE_ID_5_CREDITS": "price_own"}
    )

    assert (found["credits_3"], found["credits_5"]) == ("price_a", "price_own")


@pytest.mark.parametrize(
    ("variable", "value", "named"),
    [
        ("STRIPE_PRICE_ID", "price_a,key_oops", "STRIPE_PRICE_ID[1]"),
        ("STRIPE_PRICE_ID", "a;b", "STRIPE_PRICE_ID[0]"),
        ("STRIPE_PRICE_ID", "price_1,price_2,price_3,price_4,price_5,price_6", "STRIPE_PRICE_ID"),
        ("STRIPE_PRICE_ID_3_CREDITS", "price_-", "STRIPE_PRICE_ID_3_CREDITS"),
        ("STRIPE_PRICE_ID_5_CREDITS", "price_a b", "STRIPE_PRICE_ID_5_CREDITS"),
        ("STRIPE_PRICE_ID_MONTHLY", "19.99", "STRIPE_PRICE_ID_MONTHLY"),
        ("STRIPE_PRICE_ID_QUARTERLY", "PROD_1", "STRIPE_PRICE_ID_QUARTERLY"),
        ("STRIPE_PRICE_ID_ANNUAL", DEFAULTS["coach_monthly"], "STRIPE_PRICE_ID_ANNUAL"),
    ],
)
def test_a_malformed_or_doubled_id_is_refused_by_name(
    variable: str, value: str, named: str
) -> None:
    with pytest.raises(SettingsRefused) as refusal:
        price_ids({variable: value})

    assert str(refusal.value).startswith(f"{named}:")
    assert value not in str(refusal.value)
