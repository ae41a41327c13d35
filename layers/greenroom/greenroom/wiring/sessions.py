"""Sessions: the factory, the life cycle and what the clock does to them."""

from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from greenroom.kernel.log import note
from greenroom.kernel.settings import LimitSettings
from greenroom.wiring.provider import ProviderWiring
from greenroom.wiring.stores import StoresWiring

if TYPE_CHECKING:
    from greenroom.accounts.seeing import Seeing
    from greenroom.sessions.assigning import Assigning
    from greenroom.sessions.chat import Chat
    from greenroom.sessions.closing import Closing
    from greenroom.sessions.domain import Session
    from greenroom.sessions.factory import SessionFactory
    from greenroom.sessions.record import SessionRecord
    from greenroom.sessions.service import Sessions
    from greenroom.sessions.sweeper import Sweeper
    from greenroom.table.transaction import Transaction


class SessionsWiring(StoresWiring, ProviderWiring):
    """Sessions."""

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
    def seeing(self) -> "Seeing":
        """People as they are shown."""
        from greenroom.accounts.seeing import Seeing

        # Who shows names alone needs no sessions.
        guard = lambda user_id: self.sessions.guard(user_id)  # noqa: E731, PLW0108
        seeing = Seeing(self.accounts, guard=guard, clock=self.clock)
        self.table.watch(seeing.written)
        return seeing

    @cached_property
    def sweeper(self) -> "Sweeper":
        """What the clock does to sessions."""
        from greenroom.sessions.sweeper import Sweeper

        limits = self.of(LimitSettings)
        return Sweeper(self.session_store, closing=self._closing, limits=limits, note=note)

    @cached_property
    def assigning(self) -> "Assigning":
        """What brings sessions and experts together."""
        from greenroom.sessions.assigning import Assigning

        limits = self.of(LimitSettings)
        return Assigning(self.session_store, clock=self.clock, limits=limits)

    @cached_property
    def _closing(self) -> "Closing":
        from greenroom.realtime.provider import ProviderCalls
        from greenroom.sessions.closing import Aftermath, Closing

        return Closing(
            self.session_store,
            accounts=self.accounts,
            assigning=self.assigning,
            aftermath=Aftermath(give_back=self._give_back, free_expert=self._free_expert),
            calls=ProviderCalls(lambda: self.provider),
            clock=self.clock,
        )

    def _give_back(self, tx: "Transaction", session: "Session", reason: str) -> None:
        after_s = self.of(LimitSettings).unserved_refund_s
        self.payment_store.add_returned(
            tx,
            session.purchase_id,
            session_id=session.session_id,
            reason=reason,
            refund_due_at=self.clock() + timedelta(seconds=after_s),
        )
        self.intake_store.add_released(tx, session.intake_id, session_id=session.session_id)

    def _free_expert(self, tx: "Transaction", expert_id: str) -> None:
        self.expert_store.add_freed(tx, expert_id)

    @cached_property
    def chat(self) -> "Chat":
        """What is said in sessions."""
        from greenroom.sessions.chat import Chat

        return Chat(self.table, store=self.session_store)

    @cached_property
    def session_record(self) -> "SessionRecord":
        """What other rooms note on sessions."""
        from greenroom.sessions.record import SessionRecord

        limits = self.of(LimitSettings)
        return SessionRecord(self.session_store, clock=self.clock, limits=limits)
