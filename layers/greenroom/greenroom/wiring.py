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
    ClerkApiSettings,
    CommonSettings,
    FeedbackSettings,
    IdentitySettings,
    LimitSettings,
    PageSettings,
    PaymentSettings,
    QueueSettings,
    RealtimeSettings,
    Settings,
)
from greenroom.table.item import Item, Key
from greenroom.table.table import Table

if TYPE_CHECKING:
    import httpx

    from greenroom.accounts.clerk_sync import ClerkSync
    from greenroom.accounts.erasure import Erased, Erasure
    from greenroom.accounts.export import Export
    from greenroom.accounts.keys import KeySource
    from greenroom.accounts.tokens import SessionTokens
    from greenroom.admin.service import Reconciliation
    from greenroom.diagnostics.service import Diagnostics
    from greenroom.feedback.service import FeedbackJobs
    from greenroom.feedback.worker import FeedbackWorker
    from greenroom.interviews.service import Interviews
    from greenroom.organizations.service import Organizations
    from greenroom.payments.catalogue import Catalogue
    from greenroom.payments.checkout import Checkouts
    from greenroom.payments.gateway import StripeGateway
    from greenroom.payments.purchases import Purchases
    from greenroom.payments.store import PaymentStore
    from greenroom.payments.subscriptions import Subscriptions
    from greenroom.payments.webhook import StripeWebhook
    from greenroom.realtime.gateway import RealtimeGateway
    from greenroom.realtime.ice import IceServers
    from greenroom.realtime.sealing import Sealer
    from greenroom.realtime.service import RealtimeInterviews
    from greenroom.sessions.closing import Closing
    from greenroom.sessions.factory import SessionFactory
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


class SweeperSettings(
    CommonSettings, RealtimeSettings, PaymentSettings, ClerkApiSettings, LimitSettings
):
    """Of the sweeper, which also ends what a deleted person has at Stripe and Clerk."""


class ClerkWebhookSettings(CommonSettings, LimitSettings):
    """Of the function that Clerk tells its news."""


class CheckoutSettings(PersonSettings, PaymentSettings):
    """Of the function where people buy."""


class StripeWebhookSettings(CommonSettings, LimitSettings):
    """Of the function that Stripe tells its news."""


class ReconcileSettings(CommonSettings, LimitSettings):
    """Of the function that compares books."""


class OperatorSettings(
    CommonSettings, RealtimeSettings, PaymentSettings, ClerkApiSettings, LimitSettings
):
    """Of the operators' command: what any function may do to a person."""


FUNCTION_SETTINGS: dict[str, type[Settings]] = {
    "account": AccountSettings,
    "checkout": CheckoutSettings,
    "clerk_webhook": ClerkWebhookSettings,
    "diagnostics": RealtimeFunctionSettings,
    "feedback": FeedbackWorkerSettings,
    "interviews": InterviewsSettings,
    "realtime_session": RealtimeFunctionSettings,
    "reconcile": ReconcileSettings,
    "sessions": RealtimeFunctionSettings,
    "stripe_webhook": StripeWebhookSettings,
    "sweeper": SweeperSettings,
    "webrtc_exchange": RealtimeFunctionSettings,
}
OPERATOR = "ops"  # no function: the command ``python -m ops``


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
        wanted = FUNCTION_SETTINGS | {OPERATOR: OperatorSettings}
        return wanted[self.function].read(self.environ)

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
    def account_store(self) -> AccountStore:
        """People in the table."""
        return AccountStore(
            self.table,
            limits=self.of(LimitSettings),
            credits_name=self.of(CommonSettings).credits_name,
        )

    @cached_property
    def accounts(self) -> Accounts:
        """People and what they may spend."""
        return Accounts(
            self.account_store,
            clock=self.clock,
            hints=PremiumHints(USER_CACHE_S),
            fingerprint_key=lambda: self.secrets.get("FINGERPRINT_KEY"),
        )

    def clerk_webhook_secrets(self) -> list[str]:
        """The secrets that Clerk may sign with: two during a rotation; none closes the door."""
        return (self.secrets.find("CLERK_WEBHOOK_SECRETS") or "").split(",")

    @cached_property
    def clerk_sync(self) -> "ClerkSync":
        """Clerk's news."""
        from greenroom.accounts.clerk_sync import ClerkSync

        return ClerkSync(
            self.table,
            store=self.account_store,
            accounts=self.accounts,
            erasure=self.erasure,
            organizations=self.organizations,
            secrets=self.clerk_webhook_secrets,
            clock=self.clock,
            note=note,
        )

    @cached_property
    def organizations(self) -> "Organizations":
        """Organisations and their members."""
        from greenroom.organizations.service import Organizations
        from greenroom.organizations.store import OrganizationStore

        return Organizations(OrganizationStore(self.table), clock=self.clock)

    def _know_every_kind(self) -> None:
        """Let rows of all rooms be read, for whoever looks at all rows of a person.

        A kind is known once its class is imported; what is unknown is skipped.
        """
        from importlib import import_module

        for items in (
            "feedback.store",
            "interviews.store",
            "organizations.items",
            "payments.items",
            "sessions.items",
        ):
            import_module(f"greenroom.{items}")

    @cached_property
    def export(self) -> "Export":
        """All that is stored of a person; what belongs to a session lies in three places."""
        from greenroom.accounts.export import Export

        self._know_every_kind()
        rooms = ("SESSION", "INTERVIEW", "FEEDBACK")

        def of_session(pk: str) -> list[str]:
            session_id = pk.removeprefix("SESSION#")
            return [f"{room}#{session_id}" for room in rooms]

        return Export(self.table, store=self.account_store, belongings={"session": of_session})

    @cached_property
    def erasure(self) -> "Erasure":
        """The deletion of people."""
        from greenroom.accounts.erasure import Erasure, Step, hide_from_lists
        from greenroom.feedback.store import FeedbackStore
        from greenroom.interviews.store import InterviewStore
        from greenroom.sessions.erasure import SessionErasure

        self._know_every_kind()
        interviews = InterviewStore(self.table, limits=self.of(LimitSettings))
        sessions = SessionErasure(
            self.session_store,
            closing=self._closing,
            forget=(interviews.forget, FeedbackStore(self.table).forget),
            clock=self.clock,
        )
        return Erasure(
            self.table,
            steps=(
                Step("sessions", lambda erased: sessions.run(erased.user_id)),
                Step("organizations", lambda erased: self.organizations.forget(erased.user_id)),
                Step("lists", hide_from_lists(self.table)),
                Step("subscriptions", self._cancel_subscriptions, outside=True),
                Step("clerk_account", self._delete_clerk_account, outside=True),
            ),
            clock=self.clock,
            note=note,
        )

    def _cancel_subscriptions(self, erased: "Erased") -> bool:
        """A person who is no more pays no more; Stripe's own news then ends our side of it."""
        for subscription in self.subscriptions.of(erased.user_id):
            if not subscription.is_over:
                self.stripe.cancel_subscription(subscription.subscription_id)
        return True

    def _delete_clerk_account(self, erased: "Erased") -> bool:
        """Without the key only our side of the account goes."""
        if self.secrets.find("CLERK_SECRET_KEY") is None:
            return True
        from greenroom.accounts.clerk_api import ClerkApi

        api = ClerkApi(
            base_url=self.of(ClerkApiSettings).clerk_api_base,
            secret_key=lambda: self.secrets.get("CLERK_SECRET_KEY"),
            http=self._http(),
        )
        api.delete_user(erased.clerk_id)
        return True

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
        )

    @cached_property
    def catalogue(self) -> "Catalogue":
        """Everything that is for sale."""
        from greenroom.payments.catalogue import CATALOGUE

        return CATALOGUE

    @cached_property
    def skus(self) -> dict[str, str]:
        """Our names of Stripe's prices and products."""
        from greenroom.payments.catalogue import skus_of

        return skus_of(self.of(PaymentSettings).price_variables(), catalogue=self.catalogue)

    @cached_property
    def payment_store(self) -> "PaymentStore":
        """Purchases in the table."""
        from greenroom.payments.store import PaymentStore

        return PaymentStore(self.table)

    @cached_property
    def stripe(self) -> "StripeGateway":
        """The payment provider."""
        from greenroom.payments.gateway import StripeGateway

        return StripeGateway(
            api_key=lambda: self.secrets.get("STRIPE_SECRET_KEY"),
            api_base=self.of(PaymentSettings).stripe_api_base,
        )

    def livemode(self) -> bool:
        """Whether this deployment takes real money: Stripe's key says so."""
        key = self.secrets.find("STRIPE_SECRET_KEY") or ""
        return key.startswith(("sk_live_", "rk_live_"))

    def stripe_webhook_secrets(self) -> list[str]:
        """The secrets that Stripe may sign with: two during a rotation; none closes the door."""
        return (self.secrets.find("STRIPE_WEBHOOK_SECRETS") or "").split(",")

    @cached_property
    def checkouts(self) -> "Checkouts":
        """Sending people to pay."""
        from greenroom.payments.catalogue import price_ids
        from greenroom.payments.checkout import Checkouts
        from greenroom.payments.redirects import Returns

        settings, common = self.of(PaymentSettings), self.of(CommonSettings)
        return Checkouts(
            self.payment_store,
            accounts=self.accounts,
            provider=self.stripe,
            catalogue=self.catalogue,
            prices=price_ids(settings.price_variables(), catalogue=self.catalogue),
            returns=Returns(settings.app_url or next(iter(common.allowed_origins), "")),
            credits_name=common.credits_name,
            livemode=self.livemode,
            clock=self.clock,
        )

    @cached_property
    def purchases(self) -> "Purchases":
        """What people bought."""
        from greenroom.payments.purchases import Purchases

        return Purchases(
            self.payment_store,
            factory=self.session_factory,
            provider=lambda: self.stripe,
            clock=self.clock,
            limits=self.of(LimitSettings),
        )

    @cached_property
    def subscriptions(self) -> "Subscriptions":
        """Subscriptions and what they open."""
        from greenroom.payments.subscriptions import Subscriptions

        return Subscriptions(
            self.payment_store,
            accounts=self.accounts,
            clock=self.clock,
            limits=self.of(LimitSettings),
            note=note,
        )

    @cached_property
    def stripe_webhook(self) -> "StripeWebhook":
        """Stripe's news."""
        from greenroom.payments.clawback import Clawback
        from greenroom.payments.fulfilment import Fulfilment
        from greenroom.payments.webhook import StripeWebhook

        return StripeWebhook(
            self.payment_store,
            fulfilment=Fulfilment(
                self.payment_store,
                accounts=self.accounts,
                factory=self.session_factory,
                clock=self.clock,
                limits=self.of(LimitSettings),
                note=note,
            ),
            clawback=Clawback(self.payment_store, accounts=self.accounts, note=note),
            subscriptions=self.subscriptions,
            secrets=self.stripe_webhook_secrets,
            livemode=self.livemode,
            clock=self.clock,
            note=note,
        )

    @cached_property
    def reconciliation(self) -> "Reconciliation":
        """Whether everybody's books agree."""
        from greenroom.accounts.items import entry_of
        from greenroom.admin.reads import Readers
        from greenroom.admin.service import Reconciliation
        from greenroom.admin.store import BooksStore
        from greenroom.payments.items import purchase_of, subscription_of
        from greenroom.sessions.items import session_of

        readers = Readers(
            entry=entry_of, purchase=purchase_of, subscription=subscription_of, session=session_of
        )
        return Reconciliation(
            BooksStore(self.table, readers=readers),
            accounts=self.accounts,
            clock=self.clock,
            limits=self.of(LimitSettings),
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
