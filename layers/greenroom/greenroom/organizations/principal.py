"""Who somebody is in an organisation, and which of its customers. Pure."""

from dataclasses import dataclass
from typing import Final, Literal

CustomerKind = Literal["client", "lead"]
# Public: the widget's visitor. System: our own schedules, and what Stripe tells.
Role = Literal["admin", "staff", "client", "lead", "public", "system"]

_SIGNS: Final[dict[CustomerKind, str]] = {"client": "cl", "lead": "ld"}
_KINDS: Final[dict[str, CustomerKind]] = {sign: kind for kind, sign in _SIGNS.items()}


@dataclass(frozen=True, slots=True)
class CustomerRef:
    """One customer of an organisation.

    The kind is part of every key, so that of two customers with one id each has their own rows,
    and a reference of the wrong kind finds nothing.
    """

    kind: CustomerKind
    customer_id: str

    @property
    def sign(self) -> str:
        """The kind as it stands in keys."""
        return _SIGNS[self.kind]

    @property
    def token(self) -> str:
        """The customer as a part of sort keys: ``cl#{id}`` or ``ld#{id}``."""
        return f"{self.sign}#{self.customer_id}"

    @classmethod
    def of_token(cls, token: str) -> "CustomerRef":
        """The customer that a part of a sort key names; KeyError or ValueError if none."""
        sign, _, customer_id = token.partition("#")
        return cls(_KINDS[sign], customer_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """Somebody in one organisation.

    ``user_id`` is our id of the signed-in person, if anybody is. ``customer`` is who they are
    among the customers; a member of the staff may be one, too.
    """

    organization_id: str
    role: Role
    user_id: str | None = None
    customer: CustomerRef | None = None

    @property
    def is_staff(self) -> bool:
        """Whether they work there."""
        return self.role in {"admin", "staff"}

    @property
    def actor(self) -> str:
        """Who they are in the record of what happened: the role before a colon, then the id."""
        return f"{self.role}:{self.user_id or ''}"
