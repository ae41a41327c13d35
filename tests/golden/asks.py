"""What a golden request is made of; ``tests.golden.requests`` lists them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Party = Literal["clerk", "stripe"]


@dataclass(frozen=True, kw_only=True)
class Ask:
    """One request of the product and what must be like itself on every platform: its answer.

    ``{names}`` in path, headers and body stand for what earlier answers held (``keep``: a name,
    and the path of the value in the JSON body, with a pattern for the part that counts).
    """

    name: str
    route: str
    status: int
    who: str | None = None
    body: Any = None
    text: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    signed_by: Party | None = None
    keep: Mapping[str, str | tuple[str, str]] = field(default_factory=dict)
    until: Mapping[str, Any] = field(default_factory=dict)
    """Asked again until the body has these values: what happens behind a queue takes a moment."""

    ignored: tuple[str, ...] = ()
    """Headers of the answer that are not compared."""

    unlike: Mapping[str, str] = field(default_factory=dict)
    """Platforms whose answer is not compared, each with the reason."""


@dataclass(frozen=True, kw_only=True)
class Act:
    """What a person or a bank does at an outside party, and the news of it that must arrive."""

    party: Party
    path: str
    body: Any = None
