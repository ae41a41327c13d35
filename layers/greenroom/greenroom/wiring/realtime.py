"""Interviews while they are spoken: sealed tokens, ICE servers, offers and answers."""

from functools import cached_property
from typing import TYPE_CHECKING

from greenroom.kernel.log import note
from greenroom.kernel.settings import LimitSettings, RealtimeSettings
from greenroom.wiring.sessions import SessionsWiring

if TYPE_CHECKING:
    from greenroom.realtime.ice import IceServers
    from greenroom.realtime.sealing import Sealer
    from greenroom.realtime.service import RealtimeInterviews


class RealtimeWiring(SessionsWiring):
    """Interviews while they are spoken."""

    @cached_property
    def _sealers(self) -> dict[str, "Sealer"]:
        return {}

    def sealer(self) -> "Sealer":
        """The sealer of the present keys; a rotated secret makes a new one."""
        from greenroom.realtime.sealing import Sealer

        keys = self.secrets.get("TOKEN_SEALING_KEYS")
        if keys not in self._sealers:
            self._sealers.clear()
            self._sealers[keys] = Sealer(keys)
        return self._sealers[keys]

    @cached_property
    def ice_servers(self) -> "IceServers":
        """The ICE servers that browsers are told."""
        from greenroom.realtime.ice import IceServers

        realtime = self.of(RealtimeSettings)
        return IceServers(
            realtime.ice_servers,
            turn_secret=lambda: self.secrets.find("TURN_SECRET"),
            ttl_s=realtime.turn_ttl_s,
        )

    @cached_property
    def realtime(self) -> "RealtimeInterviews":
        """Starting interviews and answering their offers."""
        from greenroom.realtime.service import RealtimeInterviews, VoiceSettings
        from greenroom.sessions.calls import CallRecord

        realtime, limits = self.of(RealtimeSettings), self.of(LimitSettings)
        return RealtimeInterviews(
            accounts=self.accounts,
            factory=self.session_factory,
            sessions=self.sessions,
            calls=CallRecord(self.session_store, clock=self.clock, limits=limits),
            provider=self.provider,
            sealer=self.sealer,
            voice=VoiceSettings(
                model=realtime.realtime_model,
                voice=realtime.realtime_voice,
                transcription_model=realtime.realtime_transcription_model,
            ),
            clock=self.clock,
            limits=limits,
            note=note,
            passing=self.provider.passing,
        )
