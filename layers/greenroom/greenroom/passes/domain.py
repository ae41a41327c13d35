"""Passes of customers, whether one is good for a class, and what a booking uses of it. Pure."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from greenroom.kernel.clock import to_text
from greenroom.kernel.errors import (
    GreenroomError,
    NoRemainingUse,
    PassExpired,
    PassInactive,
    PassNotForClass,
    PassNotYetValid,
)
from greenroom.organizations.principal import CustomerRef

PassKind = Literal["package", "membership"]
PassStatus = Literal["active", "frozen", "cancelled"]
Period = Literal["week", "month"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassFacts:
    """What of a class decides whether a pass is good for it."""

    class_type: str
    starts_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """One use of a pass by a booking, to be taken, and given back exactly.

    ``period`` is the week or month of the class whose uses are counted; None for a package, and
    for a membership without a limit. ``limit`` is how many there are in it, as it was read:
    only who takes the use needs it.
    """

    kind: PassKind
    pass_id: str
    period: str | None = None
    limit: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """So many uses, ``remaining`` of which are left.

    Good for classes that start from ``valid_from`` on and before ``valid_until``, of one of
    ``class_types`` if it names any.
    """

    pass_id: str
    customer: CustomerRef
    name: str
    status: PassStatus
    valid_from: datetime
    valid_until: datetime | None
    class_types: tuple[str, ...]
    created_at: datetime
    uses: int
    remaining: int

    @property
    def kind(self) -> PassKind:
        """What sort of pass it is."""
        return "package"


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """So many uses in each week or month, None for as many as one likes.

    Good for the same classes as a package of the same dates and types.
    """

    pass_id: str
    customer: CustomerRef
    name: str
    status: PassStatus
    valid_from: datetime
    valid_until: datetime | None
    class_types: tuple[str, ...]
    created_at: datetime
    uses_per_period: int | None
    period: Period

    @property
    def kind(self) -> PassKind:
        """What sort of pass it is."""
        return "membership"

    def period_at(self, moment: datetime) -> str | None:
        """The period whose uses a class at that moment counts in; None where none are counted."""
        return None if self.uses_per_period is None else period_of(self.period, moment)


Pass = Package | Membership


@dataclass(frozen=True, slots=True, kw_only=True)
class PassState:
    """A pass, and how many uses of a membership with a limit were made in one period."""

    held: Pass
    used: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PassOption:
    """A pass as a way to pay for a class: usable, or every reason why it is not."""

    held: Pass
    used: int
    reasons: tuple[GreenroomError, ...]

    @property
    def usable(self) -> bool:
        """Whether a booking of the class may use it."""
        return not self.reasons

    @property
    def remaining(self) -> int | None:
        """Uses that are left, of a membership in that period; None where none are counted."""
        if isinstance(self.held, Package):
            return self.held.remaining
        limit = self.held.uses_per_period
        return None if limit is None else max(limit - self.used, 0)


def period_of(period: Period, moment: datetime) -> str:
    """The ISO week (``2026-W48``) or the month (``2026-11``) of a moment, by its day in UTC."""
    day = moment.astimezone(UTC)
    if period == "month":
        return f"{day:%Y-%m}"
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}"


def refusals(held: Pass, *, used: int, facts: ClassFacts) -> list[GreenroomError]:
    """Every rule that forbids the use of a pass for a class; ``used`` is of the class's period.

    The conditions of ``PassStore.add_use`` hold exactly where this list is empty.
    """
    found: list[GreenroomError] = []
    if held.status != "active":
        found.append(PassInactive(passStatus=held.status))
    if held.valid_from > facts.starts_at:
        found.append(PassNotYetValid(validFrom=to_text(held.valid_from)))
    if held.valid_until is not None and held.valid_until <= facts.starts_at:
        found.append(PassExpired(validUntil=to_text(held.valid_until)))
    if held.class_types and facts.class_type not in held.class_types:
        found.append(PassNotForClass(classTypes=list(held.class_types)))
    if isinstance(held, Package):
        exhausted = held.remaining < 1
    else:
        exhausted = held.uses_per_period is not None and used >= held.uses_per_period
    if exhausted:
        found.append(NoRemainingUse())
    return found
