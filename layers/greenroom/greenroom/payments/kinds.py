"""What is sold falls into kinds. What holds for all purchases of a kind stands here, once. Pure."""

from dataclasses import dataclass
from typing import Final, Literal

from greenroom.kernel.limits import BOOKING_CHECKOUT_LIFE_S, CHECKOUT_LIFE_S

Kind = Literal["credits", "subscription", "session", "booking"]
Mode = Literal["payment", "subscription"]

QUANTITY_MAX: Final = 10  # packs in one checkout


@dataclass(frozen=True, slots=True, kw_only=True)
class Nature:
    """How purchases of a kind are paid and had.

    ``mode`` is that of Stripe's checkout. What is ``whole`` is had once and not in part, so that
    nothing is left to have of a payment that went back. What cannot wait for a bank's days is
    paid ``at_once``, by card. ``life_s`` is how long its checkout is open, in seconds.
    """

    mode: Mode
    quantity_max: int = 1
    whole: bool = False
    at_once: bool = False
    life_s: int = CHECKOUT_LIFE_S


NATURES: Final[dict[Kind, Nature]] = {
    "credits": Nature(mode="payment", quantity_max=QUANTITY_MAX),
    "subscription": Nature(mode="subscription"),
    "session": Nature(mode="payment", whole=True),
    "booking": Nature(mode="payment", whole=True, at_once=True, life_s=BOOKING_CHECKOUT_LIFE_S),
}
