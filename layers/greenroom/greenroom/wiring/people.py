"""What touches all rooms of a person: Clerk's news, the export and the deletion."""

from functools import cached_property
from typing import TYPE_CHECKING

from greenroom.kernel.log import note
from greenroom.kernel.settings import ClerkApiSettings, LimitSettings
from greenroom.table.item import Item
from greenroom.wiring.intake import IntakeWiring
from greenroom.wiring.tenants import TenantsWiring

if TYPE_CHECKING:
    from greenroom.accounts.clerk_api import ClerkApi
    from greenroom.accounts.clerk_sync import ClerkSync
    from greenroom.accounts.erasure import Erased, Erasure
    from greenroom.accounts.export import Export


class PeopleWiring(IntakeWiring, TenantsWiring):
    """All that is a person's, whichever room keeps it."""

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
            erasure=lambda: self.erasure,
            organizations=self.organizations,
            secrets=self.clerk_webhook_secrets,
            clock=self.clock,
            note=note,
        )

    @cached_property
    def export(self) -> "Export":
        """All that is stored of a person; what belongs to a session lies in four places.

        What is the customer's whom a link leads to is the person's, too.
        """
        from greenroom.accounts.export import Export

        self._know_every_kind()
        rooms = ("SESSION", "INTERVIEW", "FEEDBACK", "CHAT")

        def of_session(item: Item) -> list[tuple[str, str]]:
            session_id = item.pk.removeprefix("SESSION#")
            return [(f"{room}#{session_id}", "") for room in rooms]

        def of_link(item: Item) -> list[tuple[str, str]]:
            customer = self.organizations.customers_partition(item.pk, item.sk)
            return [(item.pk, item.sk), *([(customer, "")] if customer else [])]

        return Export(
            self.table,
            store=self.account_store,
            belongings={
                "session": of_session,
                "intake": lambda item: [(item.pk, "")],
                "customer_link": of_link,
                "reservation": lambda item: [(item.pk, "")],
            },
            also_lists=self.log_forgetting.lists,
        )

    @cached_property
    def erasure(self) -> "Erasure":
        """The deletion of people."""
        from greenroom.accounts.erasure import Erasure, Step, hide_from_lists
        from greenroom.experts.erasure import ExpertErasure
        from greenroom.feedback.store import FeedbackStore
        from greenroom.interviews.store import InterviewStore
        from greenroom.reports.store import ReportStore
        from greenroom.sessions.erasure import SessionErasure

        self._know_every_kind()
        interviews = InterviewStore(self.table, limits=self.of(LimitSettings))
        reports = ReportStore(self.table)
        sessions = SessionErasure(
            self.session_store,
            closing=self._closing,
            forget=(interviews.forget, FeedbackStore(self.table).forget, self.chat.forget),
            clock=self.clock,
        )
        experts = ExpertErasure(
            self.expert_store, assigning=self.assigning, desk=self.desk, sessions=self.sessions
        )
        return Erasure(
            self.table,
            steps=(
                Step("sessions", lambda erased: sessions.run(erased.user_id)),
                Step(
                    "remnants",
                    lambda erased: sessions.run_again(erased.user_id),
                    last_round=True,
                ),
                Step("intakes", lambda erased: self.intake_store.forget(erased.user_id)),
                Step("experts", lambda erased: experts.run(erased.user_id)),
                Step("customers", lambda erased: self.joining.forget(erased.user_id)),
                Step("organizations", lambda erased: self.organizations.forget(erased.user_id)),
                Step("preschools", lambda erased: self.tenants.forget(erased.user_id)),
                Step("usage_log", lambda erased: self.log_forgetting.run(erased.user_id)),
                Step("quotas", lambda erased: self.quota_forgetting.run(erased.user_id)),
                Step("reports", lambda erased: reports.forget(erased.user_id)),
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
        self.clerk_api.delete_user(erased.clerk_id)
        return True

    @cached_property
    def clerk_api(self) -> "ClerkApi":
        """Clerk's own API."""
        from greenroom.accounts.clerk_api import ClerkApi

        return ClerkApi(
            base_url=self.of(ClerkApiSettings).clerk_api_base,
            secret_key=lambda: self.secrets.get("CLERK_SECRET_KEY"),
            http=self._http(),
        )

    def _know_every_kind(self) -> None:
        """Let rows of all rooms be read, for whoever looks at all rows of a person.

        A kind is known once its class is imported; what is unknown is skipped.
        """
        from importlib import import_module

        for items in (
            "bookings.booking_items",
            "bookings.class_items",
            "customers.items",
            "diagnostics.items",
            "experts.items",
            "intake.items",
            "feedback.store",
            "interviews.store",
            "organizations.items",
            "passes.items",
            "payments.items",
            "rates.items",
            "reports.items",
            "sessions.assignment_items",
            "sessions.chat_items",
            "sessions.items",
            "tenants.items",
            "usage.log_items",
            "usage.quota_items",
            "usage.takings_items",
            "widget.items",
        ):
            import_module(f"greenroom.{items}")
