"""Tenants: who has rows of their own. The kind is part of every key.

There is no row-level security in DynamoDB: a tenant's rows are apart because their partition keys
begin with its kind and id, and because nothing but ``Tenant`` writes such a key. An id of the wrong
kind finds nothing; two tenants of one id, but different kinds, share nothing.
"""

from dataclasses import dataclass
from typing import Final, Literal

TenantKind = Literal["preschool", "organization"]

TENANTS: Final = "TENANTS"  # the partition of GSI1 in which all tenants stand, by token

_SIGNS: Final[dict[TenantKind, str]] = {"preschool": "ps", "organization": "org"}
KINDS: Final[tuple[TenantKind, ...]] = tuple(_SIGNS)
_KINDS: Final[dict[str, TenantKind]] = {sign: kind for kind, sign in _SIGNS.items()}


@dataclass(frozen=True, slots=True)
class Tenant:
    """One tenant; ``tenant_id`` is our id of it."""

    kind: TenantKind
    tenant_id: str

    def __post_init__(self) -> None:
        """Refuse what is no part of a key: ValueError."""
        refuse_separators(self.tenant_id)

    @property
    def token(self) -> str:
        """The tenant as a part of sort keys: ``ps#{id}`` or ``org#{id}``."""
        return f"{_SIGNS[self.kind]}#{self.tenant_id}"

    def pk(self, *parts: str) -> str:
        """The partition of what these parts name, or of the tenant itself.

        Raises:
            ValueError: a part is empty or would reach into another key.
        """
        refuse_separators(*parts)
        return "#".join(("T", _SIGNS[self.kind], self.tenant_id, *parts))

    @classmethod
    def of_token(cls, token: str) -> "Tenant":
        """The tenant that a part of a sort key names.

        Raises:
            ValueError: it names none.
        """
        sign, _, tenant_id = token.partition("#")
        if sign not in _KINDS:
            raise ValueError("no tenant")
        return cls(_KINDS[sign], tenant_id)

    @classmethod
    def of_pk(cls, pk: str) -> "Tenant":
        """The tenant whose partition that is.

        Raises:
            ValueError: it is none's.
        """
        first, _, rest = pk.partition("#")
        parts = rest.split("#")
        if first != "T" or len(parts) < 2:
            raise ValueError("no tenant's partition")
        return cls.of_token("#".join(parts[:2]))


def tenant_kind(word: str) -> TenantKind:
    """The kind of that name.

    Raises:
        ValueError: there is none.
    """
    for kind in _SIGNS:
        if kind == word:
            return kind
    raise ValueError("no kind of tenant")


def refuse_separators(*parts: str) -> None:
    """Let only whole parts of keys pass.

    Raises:
        ValueError: a part is empty or would reach into another key.
    """
    if not all(part and "#" not in part for part in parts):
        raise ValueError("no part of a key")
