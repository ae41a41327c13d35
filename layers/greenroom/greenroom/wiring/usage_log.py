"""The usage log: written beside answers, stored later where the table was away, and read."""

from functools import cached_property
from typing import TYPE_CHECKING

from greenroom.kernel.limits import HASTE_QUEUE_TIMEOUT_S
from greenroom.kernel.log import note, report
from greenroom.kernel.settings import UsageLogSettings
from greenroom.wiring.accounts import AccountsWiring

if TYPE_CHECKING:
    from greenroom.kernel.queue import Queue
    from greenroom.usage.log import UsageLog
    from greenroom.usage.log_forgetting import LogForgetting
    from greenroom.usage.redriving import Redriving
    from greenroom.usage.verifying import LogVerification


class UsageLogWiring(AccountsWiring):
    """The usage log."""

    @cached_property
    def usage_log(self) -> "UsageLog":
        """The log as whoever uses an AI service writes it."""
        from greenroom.usage.log import UsageLog
        from greenroom.usage.log_store import LogStore

        return UsageLog(
            LogStore(self.hasty_table),
            queue=lambda: self._spill_queue,
            clock=self.clock,
            note=note,
            report=report,
        )

    @cached_property
    def redriving(self) -> "Redriving":
        """Rows that come late."""
        from greenroom.usage.log_store import LogStore
        from greenroom.usage.redriving import Redriving

        return Redriving(
            LogStore(self.table),
            add_no_tombstone=self.accounts.add_no_tombstone,
            clock=self.clock,
        )

    @cached_property
    def log_verification(self) -> "LogVerification":
        """What may be missing in the log."""
        from greenroom.usage.log_store import LogStore
        from greenroom.usage.verifying import LogVerification

        return LogVerification(LogStore(self.table), clock=self.clock)

    @cached_property
    def log_forgetting(self) -> "LogForgetting":
        """What the log keeps of a person: where it is, and how it goes."""
        from greenroom.usage.log_forgetting import LogForgetting

        return LogForgetting(self.table, clock=self.clock)

    @cached_property
    def _spill_queue(self) -> "Queue | None":
        settings = self.of(UsageLogSettings)
        if not settings.usage_log_queue_url:
            return None
        return self.queue(
            settings.usage_log_queue_url,
            endpoint=settings.sqs_endpoint,
            timeout_s=HASTE_QUEUE_TIMEOUT_S,
            tries=1,
        )
