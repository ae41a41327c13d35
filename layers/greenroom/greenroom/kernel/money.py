"""Credits and money are integers of the smallest unit; text and JSON numbers at the edge.

One credit is 100 centicredits. Amounts of money are cents beside an ISO 4217 currency.
"""

CENTICREDITS_PER_CREDIT = 100


def credits_to_json(centicredits: int) -> float:
    """The JSON number that people read: 300 -> 3.0. Exact for every balance below 2**53."""
    return centicredits / CENTICREDITS_PER_CREDIT


def credits_to_text(centicredits: int) -> str:
    """The text that people read, with two places: 300 -> ``3.00``, -5 -> ``-0.05``."""
    sign = "-" if centicredits < 0 else ""
    whole, rest = divmod(abs(centicredits), CENTICREDITS_PER_CREDIT)
    return f"{sign}{whole}.{rest:02}"


def credits_from_text(text: str) -> int:
    """Centicredits of a decimal text with at most two places.

    Raises:
        ValueError: it is no plain decimal number, or has more than two places.
    """
    sign, digits = (-1, text[1:]) if text.startswith("-") else (1, text)
    whole, _, places = digits.partition(".")
    plain = (whole + places).isascii() and (whole + places).isdigit()
    if not plain or not whole or len(places) > 2 or digits.endswith("."):
        raise ValueError(f"not an amount of credits: {text!r}")
    return sign * (int(whole) * CENTICREDITS_PER_CREDIT + int(places.ljust(2, "0")))
