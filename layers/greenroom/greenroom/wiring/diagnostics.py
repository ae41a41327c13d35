"""A look at this deployment from inside."""

from functools import cached_property
from typing import TYPE_CHECKING

from greenroom.kernel import monitor
from greenroom.kernel.clock import Deadline
from greenroom.kernel.limits import MODELS_TIMEOUT_S, QUEUE_TIMEOUT_S, QUEUE_TRIES
from greenroom.kernel.log import log_error, note
from greenroom.kernel.settings import (
    IdentitySettings,
    LimitSettings,
    LlmSettings,
    QueueSettings,
    RealtimeSettings,
)
from greenroom.table.item import Item, Key
from greenroom.wiring.interviews import InterviewsWiring
from greenroom.wiring.people import PeopleWiring
from greenroom.wiring.settings import FUNCTION_SETTINGS

if TYPE_CHECKING:
    from collections.abc import Callable

    from greenroom.diagnostics.connections import Check
    from greenroom.diagnostics.deliberate import ErrorTest
    from greenroom.diagnostics.mark_store import MarkStore
    from greenroom.diagnostics.marks import WebhookMarks
    from greenroom.diagnostics.performance import Performance
    from greenroom.diagnostics.schema import ConnectionReport, WebhookReport
    from greenroom.diagnostics.service import Diagnostics
    from greenroom.diagnostics.store import DiagnosticStore
    from greenroom.realtime.gateway import RealtimeGateway


class DiagnosticsWiring(InterviewsWiring, PeopleWiring):
    """Diagnostics."""

    @cached_property
    def diagnostics(self) -> "Diagnostics":
        """A look at this deployment."""
        from greenroom.diagnostics.service import Diagnostics, TextModel

        text = self.of(LlmSettings)
        same = text.llm_base_url == self.of(RealtimeSettings).openai_base_url
        return Diagnostics(
            probe=lambda: self.table.get(Key(Item, "PROBE", "PROBE"), consistent=False),
            secret=self.secrets.find,
            provider=lambda: self.provider,
            text=TextModel(
                name=text.llm_model, provider=None if same else lambda: self._text_provider
            ),
            settings=self.of(RealtimeSettings),
            present=self._present(),
            limits=self.of(LimitSettings),
            clock=self.clock,
            report=lambda fault: log_error("a readiness check failed", fault),
        )

    def _present(self) -> dict[str, bool]:
        """Which settings of any function are set; one environment serves all of them."""
        names = {name for group in FUNCTION_SETTINGS.values() for name in group.variables()}
        return {name: bool(self.environ.get(name)) for name in names}

    @cached_property
    def _text_provider(self) -> "RealtimeGateway":
        """The language model's provider, as far as it lists its models."""
        from greenroom.realtime.dialects import DIALECTS
        from greenroom.realtime.gateway import RealtimeGateway

        base_url = self.of(LlmSettings).llm_base_url
        return RealtimeGateway(
            base_url=base_url,
            api_key=lambda: self._llm_key(base_url),
            dialect=DIALECTS["ga"],
            exchange_mode="unified",
            http=self._http(),
            clock=self.clock,
        )

    @cached_property
    def diagnostic_store(self) -> "DiagnosticStore":
        """Probes in the table."""
        from greenroom.diagnostics.store import DiagnosticStore

        return DiagnosticStore(self.table)

    @cached_property
    def mark_store(self) -> "MarkStore":
        """Marks of the webhooks in the table."""
        from greenroom.diagnostics.mark_store import MarkStore

        return MarkStore(self.table)

    @cached_property
    def webhook_marks(self) -> "WebhookMarks":
        """When webhooks came."""
        from greenroom.diagnostics.marks import WebhookMarks

        return WebhookMarks(
            self.mark_store,
            pause_s=self.of(LimitSettings).webhook_mark_pause_s,
            clock=self.clock,
            note=note,
        )

    def connections(self, *, deadline: Deadline) -> "ConnectionReport":
        """Whether everything that this deployment stands on answers."""
        from greenroom.diagnostics.connections import connections_of

        return connections_of(
            self._checks(),
            deadline=deadline,
            report=lambda fault: log_error("a connection could not be looked at", fault),
        )

    def _checks(self) -> "list[Check]":
        from greenroom.diagnostics.connections import Check

        store = self.diagnostic_store  # made here: the checks run in threads
        return [
            Check("table", lambda _: store.check_table()),
            Check("ttl", lambda _: store.check_ttl()),
            Check("read", lambda _: store.check_read()),
            Check("write", lambda _: store.check_write()),
            Check("voice", lambda s: self.provider.models(timeout_s=min(s, MODELS_TIMEOUT_S))),
            Check(
                "language_model",
                lambda s: self._text_provider.models(timeout_s=min(s, MODELS_TIMEOUT_S)),
            ),
            Check("stripe", lambda _: self.stripe.webhook_endpoints()),
            Check("clerk_keys", lambda _: self._check_clerk_keys()),
            Check("clerk_api", self._check_clerk_api),
            Check("feedback_queue", lambda _: self._check_queue()),
        ]

    def _check_clerk_keys(self) -> None:
        from greenroom.accounts.keys import read_keys
        from greenroom.diagnostics.connections import Amiss

        identity = self.of(IdentitySettings)
        document = identity.clerk_jwks or self._jwks_endpoint(identity).fetch()
        if not read_keys(document):
            raise Amiss("KEYS_UNREADABLE")

    def _check_clerk_api(self, timeout_s: float) -> None:
        from greenroom.diagnostics.connections import NotConfigured

        if self.secrets.find("CLERK_SECRET_KEY") is None:
            raise NotConfigured
        self.clerk_api.check(timeout_s=timeout_s)

    def _check_queue(self) -> None:
        from greenroom.diagnostics.connections import NotConfigured

        queues = self.of(QueueSettings)
        if queues.feedback_queue_url is None:
            raise NotConfigured
        queue = self.queue(
            queues.feedback_queue_url,
            endpoint=queues.sqs_endpoint,
            timeout_s=QUEUE_TIMEOUT_S,
            tries=QUEUE_TRIES,
        )
        queue.check()

    @cached_property
    def performance(self) -> "Performance":
        """How fast the table is from here."""
        from greenroom.diagnostics.performance import Performance
        from greenroom.table.inspection import pool_state

        return Performance(
            self.diagnostic_store,
            fresh=self._fresh_store,
            pool=lambda: pool_state(self.table),
            environ=self.environ,
        )

    def _fresh_store(self) -> "tuple[DiagnosticStore, Callable[[], None]]":
        """The table over a client of its own, and what closes that."""
        from greenroom.diagnostics.store import DiagnosticStore
        from greenroom.table.inspection import close

        table = self._open_table()
        return DiagnosticStore(table), lambda: close(table)

    def webhook_report(self) -> "WebhookReport":
        """When webhooks came last, and whether they will go on to come."""
        from greenroom.diagnostics.webhooks import webhook_report
        from greenroom.payments.shapes import EVENT_TYPES

        return webhook_report(
            marked=self.mark_store.marked,
            endpoints=self.stripe.webhook_endpoints,
            handled=EVENT_TYPES,
        )

    @cached_property
    def error_test(self) -> "ErrorTest":
        """Fails on purpose."""
        from greenroom.diagnostics.deliberate import ErrorTest

        return ErrorTest(log_error=log_error, note=note, capture=monitor.capture)
