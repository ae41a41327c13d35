"""Passes of customers, and what a booking uses of one. Pure."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

PassKind = Literal["package", "membership"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassFacts:
    """What of a class decides whether a pass is good for it."""

    class_type: str
    starts_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """One use of a pass by a booking, to be taken, and given back exactly.

    ``period`` is the week or month of the class whose uses are counted; None for a package, and
    for a membership without a limit.
    """

    kind: PassKind
    pass_id: str
    period: str | None = None
