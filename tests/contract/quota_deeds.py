"""What happens to quotas, as deeds whose writes docs/table.md tells."""

from collections.abc import Callable

from greenroom.usage.domain import Allowance, Payer, Plan
from tests.quotas import SCHOOL, Metered
from tests.world import World

SERVICE = "exam_generation"


class Office:
    """One school, its quota, and who works there."""

    def __init__(self, world: World) -> None:
        self.wired = world.wiring("account")
        self.metered = Metered(world, plan=Plan({SERVICE: Allowance(5)}))

    def make(self) -> None:
        self.wired.tenants.create(
            SCHOOL.kind,
            "A school",
            tenant_id=SCHOOL.tenant_id,
            members={self.metered.payer.user_id: "admin"},
            actor="op",
        )

    def reserve(self) -> None:
        self.ticket = self.metered.held("r1")

    def reserve_alone(self) -> None:
        self.metered.payer = Payer(self.metered.payer.user_id)
        self.reserve()

    def settle(self) -> None:
        self.metered.meter.settle(self.ticket, answer=b"{}")

    def fail(self) -> None:
        self.metered.meter.release(self.ticket, reason="failed")

    def reserve_and_fail(self) -> None:
        self.reserve()
        self.fail()

    def crash(self) -> None:
        self.reserve()
        self.metered.world.clock.move(301)

    def sweep(self) -> None:
        self.metered.meter.sweep(self.metered.world.clock())

    def use_four(self) -> None:
        for _ in range(4):
            self.metered.held()

    def look(self) -> None:
        self.metered.used()

    def limit(self) -> None:
        self.wired.allowances.set_allowance(SCHOOL, SERVICE, Allowance(9), actor="op")

    def grant(self) -> None:
        self.wired.allowances.adjust(
            SCHOOL, SERVICE, units=5, reason="x", actor="op", key="ticket-1"
        )


def nothing(_: Office) -> None:
    """There is nothing to prepare."""


Act = Callable[[Office], None]

DEEDS: dict[str, tuple[Act, Act]] = {
    "new preschool with somebody who works there": (nothing, Office.make),
    "allowance of a tenant": (Office.make, Office.limit),
    "grant or correction of units": (Office.make, Office.grant),
    "reservation of a call in a tenant": (nothing, Office.reserve),
    "reservation of a person alone": (nothing, Office.reserve_alone),
    "settlement of a call": (Office.reserve, Office.settle),
    "call that fails": (Office.reserve, Office.fail),
    "repeat of a call that failed": (Office.reserve_and_fail, Office.reserve),
    "sweep of a call that crashed": (Office.crash, Office.sweep),
    "quota that reaches 80 %": (Office.use_four, Office.look),
}
