"""A meter on a table of its own, and books that are computed from the rows alone."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from greenroom.kernel.limits import Limits
from greenroom.kernel.tenants import Tenant
from greenroom.usage.allowance_store import AllowanceStore
from greenroom.usage.allowances import Allowances
from greenroom.usage.domain import Answered, Payer, Plan, Service, Ticket
from greenroom.usage.meter import Meter
from greenroom.usage.quota_store import QuotaStore
from tests.world import World

EXAM = Service("exam_generation", 1)
SCHOOL = Tenant("preschool", "d5e14446-f19e-4b29-8fb0-9551869348dd")
ADA = "0b9f5e0e-6d0c-5d0e-9a53-5a1a1c8a9a01"


def _no_days() -> Mapping[str, int]:
    return {}


@dataclass
class Metered:
    """One payer, and how the meter treats them."""

    world: World
    payer: Payer = field(default_factory=lambda: Payer(ADA, SCHOOL))
    plan: Plan = field(default_factory=Plan)
    service: Service = EXAM
    limits: Limits = field(default_factory=Limits)
    daily: Mapping[str, int] = field(default_factory=_no_days)
    logged: list[Mapping[str, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def meter(self) -> Meter:
        """A meter as another container would have it."""
        return Meter(
            QuotaStore(self.world.table),
            limits=self.limits,
            daily=self.daily,
            log=self.logged.append,
            clock=self.world.clock,
            note=lambda message, _: self.notes.append(message),
        )

    def reserve(
        self, request_id: str | None = None, *, body: str = "h", payer: Payer | None = None
    ) -> Ticket | Answered:
        """Reserve for a request; without an id, a new one."""
        return self.meter.reserve(
            payer or self.payer,
            self.service,
            plan=self.plan,
            request_id=request_id or str(uuid.uuid4()),
            request_hash=body,
        )

    def held(self, request_id: str | None = None, *, payer: Payer | None = None) -> Ticket:
        """Reserve for a request that is not a repeat of one that was answered."""
        ticket = self.reserve(request_id, payer=payer)
        assert isinstance(ticket, Ticket)
        return ticket

    def rows(self, kind: str) -> list[dict[str, Any]]:
        """All rows of a kind, raw."""
        return [row for row in self.world.rows() if row["kind"]["S"] == kind]

    def states(self) -> list[str]:
        """The states of all reservations."""
        return sorted(row["state"]["S"] for row in self.rows("reservation"))

    def used(self, of: str = "tenant") -> int:
        """The units that a quota says are used."""
        for quota in self.meter.quota(self.payer, self.service, plan=self.plan):
            if quota.of == of:
                return quota.used
        raise LookupError(of)

    def audit(self) -> None:
        """Every quota's count is the sum of what its month's reservations hold or have settled."""
        wanted: dict[tuple[str, str], int] = {}
        days: dict[tuple[str, str, str], int] = {}
        for row in self.rows("reservation"):
            owner, _, _ = row["PK"]["S"].rpartition("#R#")
            user_id = row["user_id"]["S"]
            sk = f"QUOTA#{row['service']['S']}#{row['period']['S']}"
            own = sk if owner.startswith("USER#") else f"{sk}#U#{user_id}"
            counts = row["state"]["S"] != "released"
            for place in {(owner, sk), (owner, own)}:
                wanted[place] = wanted.get(place, 0) + int(row["units"]["N"]) * counts
            if "day" in row:
                day = (owner, own, f"day_{row['day']['S']}")
                days[day] = days.get(day, 0) + counts
            # What has crashed, or has an outcome, may be due until that is told.
            untold = row.get("reason", {}).get("S") == "crashed" or "outcome" in row
            assert ("GSI2PK" in row) is (row["state"]["S"] == "held") or untold
        adjusted: dict[tuple[str, str], int] = {}
        for row in self.rows("quota_adjustment"):
            _, service, period, _ = row["SK"]["S"].split("#", 3)
            place = (row["PK"]["S"], f"QUOTA#{service}#{period}")
            adjusted[place] = adjusted.get(place, 0) + int(row["units"]["N"])
        for row in self.rows("quota"):
            place = (row["PK"]["S"], row["SK"]["S"])
            extra = int(row.get("adjusted", {"N": "0"})["N"])
            assert extra == adjusted.pop(place, 0)
            used = int(row["limit_units"]["N"]) + extra - int(row["available"]["N"])
            assert used == wanted.pop(place, 0), place
            for name, count in row.items():
                if name.startswith("day_"):
                    assert int(count["N"]) == days.pop((*place, name), 0)
        assert not wanted, "whatever is reserved was taken from a quota"
        assert not adjusted, "whatever was adjusted has moved a quota"
        assert not days


def allowances(metered: Metered) -> Allowances:
    """What operators change about quotas, of owners that need not be there."""
    return Allowances(
        AllowanceStore(metered.world.table),
        add_standing=lambda _tx, _owner: None,
        limits=metered.limits,
        clock=metered.world.clock,
    )
