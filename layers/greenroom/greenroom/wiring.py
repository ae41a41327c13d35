"""The composition root: settings, adapters and services of one function, made when needed.

Nobody else builds an adapter. What a request does not need is not imported for it.
"""

import os
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from greenroom.accounts.domain import PremiumHints
from greenroom.accounts.identity import Identity
from greenroom.accounts.service import Accounts
from greenroom.accounts.store import AccountStore
from greenroom.kernel.clock import Clock, utc_now
from greenroom.kernel.limits import USER_CACHE_S
from greenroom.kernel.log import log_error, note
from greenroom.kernel.secrets import Secrets
from greenroom.kernel.settings import (
    CommonSettings,
    FeedbackSettings,
    IdentitySettings,
    LimitSettings,
    PageSettings,
    QueueSettings,
    RealtimeSettings,
    Settings,
)
from greenroom.table.item import Item, Key
from greenroom.table.table import Table

if TYPE_CHECKING:
    import httpx

    from greenroom.accounts.keys import KeySource
    from greenroom.accounts.tokens import SessionTokens
    from greenroom.diagnostics.service import Diagnostics
    from greenroom.feedback.service import FeedbackJobs
    from greenroom.feedback.worker import FeedbackWorker
    from greenroom.interviews.service import Interviews
    from greenroom.realtime.gateway import RealtimeGateway
    from greenroom.realtime.ice import IceServers
    from greenroom.realtime.sealing import Sealer
    from greenroom.realtime.service import RealtimeInterviews
    from greenroom.sessions.closing import Closing
    from greenroom.sessions.record import SessionRecord
    from greenroom.sessions.service import Sessions
    from greenroom.sessions.store import SessionStore
    from greenroom.sessions.sweeper import Sweeper

S = TypeVar("S", bound=Settings)


class PersonSettings(CommonSettings, IdentitySettings, LimitSettings):
    """Of a function that people call."""


class RealtimeFunctionSettings(PersonSettings, RealtimeSettings):
    """Of a function that talks to the voice provider for people."""


class AccountSettings(PersonSettings, PageSettings):
    """Of the function that shows people themselves."""


class InterviewsSettings(PersonSettings, QueueSettings):
    """Of the function that saves interviews."""


class FeedbackWorkerSettings(CommonSettings, FeedbackSettings, LimitSettings):
    """Of the feedback worker."""


class SweeperSettings(CommonSettings, RealtimeSettings, LimitSettings):
    """Of the sweeper."""


FUNCTION_SETTINGS: dict[str, type[Settings]] = {
    "account": AccountSettings,
    "diagnostics": RealtimeFunctionSettings,
    "feedback": FeedbackWorkerSettings,
    "interviews": InterviewsSettings,
    "realtime_session": RealtimeFunctionSettings,
    "sessions": RealtimeFunctionSettings,
    "sweeper": SweeperSettings,
    "webrtc_exchange": RealtimeFunctionSettings,
}


class Wiring:
    """What one function is made of. Everything is made once, on first use."""

    def __init__(
        self,
        function: str,
        *,
        environ: Mapping[str, str] = os.environ,
        clock: Clock = utc_now,
        transport: "httpx.BaseTransport | None" = None,
    ) -> None:
        self.function = function
        self.environ = environ
        self.clock = clock
        self._transport = transport
        if environ.get("AWS_LAMBDA_FUNCTION_NAME"):
            _ = self.settings  # a wrong setting stops the start, not the first request

    def rewire(
        self,
        *,
        environ: Mapping[str, str],
        clock: Clock,
        table: Table | None = None,
        transport: "httpx.BaseTransport | None" = None,
    ) -> None:
        """Begin anew, as a new container would, with other settings and another clock.

        ``transport`` carries what would go to providers, ``table`` stands for the configured one.
        """
        fresh = Wiring(self.function, environ=environ, clock=clock, transport=transport)
        vars(self).clear()
        vars(self).update(vars(fresh))
        if table is not None:
            self.table = table

    def verify(self, token: str) -> Identity:
        """Who the session token speaks for; Unauthenticated if it does not verify."""
        return self.tokens.verify(token)

    @cached_property
    def settings(self) -> Settings:
        """The function's settings, read once; ``of`` tells which groups they hold."""
        return FUNCTION_SETTINGS[self.function].read(self.environ)

    def of(self, group: type[S]) -> S:
        """The settings as one of the groups that this function has."""
        if not isinstance(self.settings, group):
            raise TypeError(f"{self.function} has no {group.__name__}")
        return self.settings

    @cached_property
    def secrets(self) -> Secrets:
        """The deployment's secrets."""
        return Secrets.read(self.environ, report=lambda _: note("secrets were not refreshed", {}))

    @cached_property
    def table(self) -> Table:
        """The table, over one connection."""
        common = self.of(CommonSettings)
        region = self.environ.get("AWS_REGION") or self.environ.get("AWS_DEFAULT_REGION")
        return Table.open(
            common.table_name,
            endpoint=common.greenroom_dynamodb_endpoint,
            region=region or "us-east-1",
            clock=self.clock,
            note=note,
        )

    @cached_property
    def tokens(self) -> "SessionTokens":
        """The verifier of session tokens."""
        from greenroom.accounts.tokens import SessionTokens

        identity = self.of(IdentitySettings)
        return SessionTokens(
            issuer=identity.clerk_issuer,
            keys=self._clerk_keys(identity),
            authorized_parties=identity.clerk_authorized_parties,
            clock=self.clock,
        )

    def _clerk_keys(self, identity: IdentitySettings) -> "KeySource":
        if identity.clerk_jwks:
            from greenroom.accounts.keys import ConfiguredKeys

            return ConfiguredKeys(identity.clerk_jwks)
        import httpx

        from greenroom.accounts.jwks import JwksEndpoint
        from greenroom.accounts.keys import FetchedKeys

        url = identity.clerk_jwks_url or f"{identity.clerk_issuer}/.well-known/jwks.json"
        endpoint = JwksEndpoint(url, httpx.Client(trust_env=False))
        report = lambda error: log_error("keys could not be fetched", error)  # noqa: E731
        return FetchedKeys(endpoint.fetch, clock=self.clock, report=report)

    def _llm_key(self, base_url: str) -> str:
        """The model's key; OpenAI itself takes the one key for voice and text."""
        key = self.secrets.find("LLM_API_KEY")
        openai = base_url.startswith("https://api.openai.com/")
        return self.secrets.get("OPENAI_API_KEY" if openai and key is None else "LLM_API_KEY")

    def _http(self) -> "httpx.Client | None":
        """A client over the transport that was handed in; None lets an adapter make its own."""
        if self._transport is None:
            return None
        import httpx

        return httpx.Client(transport=self._transport, trust_env=False)

    def is_admin(self, identity: Identity) -> bool:
        """Whether the person is one of ``GREENROOM_ADMINS``."""
        return identity.clerk_id in self.of(IdentitySettings).greenroom_admins

    @cached_property
    def accounts(self) -> Accounts:
        """People and what they may spend."""
        store = AccountStore(
            self.table,
            limits=self.of(LimitSettings),
            credits_name=self.of(CommonSettings).credits_name,
        )
        return Accounts(
            store,
            clock=self.clock,
            hints=PremiumHints(USER_CACHE_S),
            fingerprint_key=lambda: self.secrets.get("FINGERPRINT_KEY"),
        )

    @cached_property
    def session_store(self) -> "SessionStore":
        """Sessions in the table."""
        from greenroom.sessions.store import SessionStore

        return SessionStore(self.table)

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

    @cached_property
    def provider(self) -> "RealtimeGateway":
        """The voice provider."""
        from greenroom.realtime.dialects import DIALECTS
        from greenroom.realtime.gateway import RealtimeGateway

        realtime = self.of(RealtimeSettings)
        return RealtimeGateway(
            base_url=realtime.openai_base_url,
            api_key=lambda: self.secrets.get("OPENAI_API_KEY"),
            dialect=DIALECTS[realtime.realtime_dialect],
            exchange_mode=realtime.realtime_exchange,
            http=self._http(),
            clock=self.clock,
        )

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
        from greenroom.sessions.factory import SessionFactory

        realtime, limits = self.of(RealtimeSettings), self.of(LimitSettings)
        return RealtimeInterviews(
            accounts=self.accounts,
            factory=SessionFactory(
                self.table, store=self.session_store, accounts=self.accounts, limits=limits
            ),
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
        )

    @cached_property
    def feedback(self) -> "FeedbackJobs":
        """Feedback as other rooms ask for it."""
        from greenroom.feedback.service import FeedbackJobs
        from greenroom.feedback.store import FeedbackStore

        return FeedbackJobs(
            FeedbackStore(self.table),
            sessions=self.session_record,
            clock=self.clock,
            announce=self._announcer(),
            note=note,
        )

    def _announcer(self) -> Callable[[str], None]:
        if not isinstance(self.settings, QueueSettings) or not self.settings.feedback_queue_url:
            return lambda _session_id: None
        from greenroom.feedback.queue import FeedbackQueue

        queue = FeedbackQueue(self.settings.feedback_queue_url, endpoint=self.settings.sqs_endpoint)
        return queue.announce

    @cached_property
    def interviews(self) -> "Interviews":
        """Saved interviews."""
        from greenroom.interviews.service import Interviews
        from greenroom.interviews.store import InterviewStore

        return Interviews(
            store=InterviewStore(self.table, limits=self.of(LimitSettings)),
            sessions=self.session_record,
            feedback=self.feedback,
            clock=self.clock,
            note=note,
        )

    @cached_property
    def diagnostics(self) -> "Diagnostics":
        """A look at this deployment."""
        from greenroom.diagnostics.service import Diagnostics

        return Diagnostics(
            probe=lambda: self.table.get(Key(Item, "PROBE", "PROBE"), consistent=False),
            secret=self.secrets.find,
            provider=lambda: self.provider,
            settings=self.of(RealtimeSettings),
            limits=self.of(LimitSettings),
            clock=self.clock,
            report=lambda fault: log_error("a readiness check failed", fault),
        )

    @cached_property
    def feedback_worker(self) -> "FeedbackWorker":
        """The worker that writes feedback."""
        from greenroom.feedback.llm import FeedbackModel
        from greenroom.feedback.store import FeedbackStore
        from greenroom.feedback.worker import FeedbackWorker

        settings = self.of(FeedbackSettings)
        model = FeedbackModel(
            base_url=settings.llm_base_url,
            api_key=lambda: self._llm_key(settings.llm_base_url),
            model=settings.llm_model,
            http=self._http(),
        )
        return FeedbackWorker(
            FeedbackStore(self.table),
            sessions=self.session_record,
            transcript=self.interviews.transcript,
            model=lambda: model,
            clock=self.clock,
            limits=self.of(LimitSettings),
            note=note,
        )
