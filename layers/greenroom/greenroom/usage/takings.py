"""What a day brought in credits, and how many interviews began. Pure."""

from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True, kw_only=True)
class Takings:
    """Of one day (UTC), of a person or of everybody; amounts are in centicredits.

    ``debited`` is what sessions took, ``given_back`` what of it went back, ``bought`` what
    purchases gave, ``reversed`` what refunds and disputes took of that, ``granted`` what we gave
    (welcome grants and corrections). The ledger's sum of the day is
    ``granted + bought + given_back - debited - reversed``.
    """

    interviews_started: int = 0
    debited: int = 0
    given_back: int = 0
    bought: int = 0
    reversed: int = 0
    granted: int = 0

    def __add__(self, other: "Takings") -> "Takings":
        """Both together."""
        names = [field.name for field in fields(self)]
        return Takings(**{name: getattr(self, name) + getattr(other, name) for name in names})

    def minus(self, other: "Takings") -> dict[str, int]:
        """By how much each figure is more than the other's; those that are equal are left out."""
        names = [field.name for field in fields(self)]
        more = {name: getattr(self, name) - getattr(other, name) for name in names}
        return {name: by for name, by in more.items() if by}


@dataclass(frozen=True, slots=True)
class Counted:
    """What of a person's day is in the sum of everybody's; ``rev`` counts its changes."""

    takings: Takings
    rev: int
