"""Sessions: the factory, the life cycle and what the clock does to them."""

from functools import cached_property
from typing import TYPE_CHECKING

from greenroom.kernel.log import note
from greenroom.kernel.settings import LimitSettings
from greenroom.wiring.accounts import AccountsWiring
from greenroom.wiring.provider import ProviderWiring

if TYPE_CHECKING:
    from greenroom.sessions.closing import Closing
    from greenroom.sessions.factory import SessionFactory
    from greenroom.sessions.record import SessionRecord
    from greenroom.sessions.service import Sessions
    from greenroom.sessions.store import SessionStore
    from greenroom.sessions.sweeper import Sweeper


class SessionsWiring(AccountsWiring, ProviderWiring):
    """Sessions."""

    @cached_property
    def session_store(self) -> "SessionStore":
        """Sessions in the table."""
        from greenroom.sessions.store import SessionStore

        return SessionStore(self.table)

    @cached_property
    def session_factory(self) -> "SessionFactory":
        """THE factory of sessions."""
        from greenroom.sessions.factory import SessionFactory

        return SessionFactory(
            self.table,
            store=self.session_store,
            accounts=self.accounts,
            limits=self.of(LimitSettings),
        )

    @cached_property
    def sessions(self) -> "Sessions":
        """The life cycle of sessions."""
        from greenroom.sessions.service import Sessions

        return Sessions(
            self.session_store,
            closing=self._closing,
            clock=self.clock,
            limits=self.of(LimitSettings),
            note=note,
        )

    @cached_property
    def sweeper(self) -> "Sweeper":
        """What the clock does to sessions."""
        from greenroom.sessions.sweeper import Sweeper

        limits = self.of(LimitSettings)
        return Sweeper(self.session_store, closing=self._closing, limits=limits, note=note)

    @cached_property
    def _closing(self) -> "Closing":
        from greenroom.realtime.provider import ProviderCalls
        from greenroom.sessions.closing import Closing

        return Closing(
            self.session_store,
            accounts=self.accounts,
            calls=ProviderCalls(lambda: self.provider),
            clock=self.clock,
        )

    @cached_property
    def session_record(self) -> "SessionRecord":
        """What other rooms note on sessions."""
        from greenroom.sessions.record import SessionRecord

        return SessionRecord(self.session_store, clock=self.clock)
