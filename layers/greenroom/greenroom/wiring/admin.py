"""What operators look at: the books of people."""

from functools import cached_property
from typing import TYPE_CHECKING

from greenroom.kernel.settings import LimitSettings
from greenroom.wiring.people import PeopleWiring

if TYPE_CHECKING:
    from greenroom.admin.adjusting import Adjusting
    from greenroom.admin.directory import Directory
    from greenroom.admin.invariant_reads import InvariantReads
    from greenroom.admin.invariants import Invariants
    from greenroom.admin.person import PersonFiles
    from greenroom.admin.quotas import AdminQuotas
    from greenroom.admin.service import Reconciliation
    from greenroom.admin.story import Story
    from greenroom.admin.story_reads import StoryReads
    from greenroom.admin.trail import AdminTrail
    from greenroom.admin.troubles import TroubleLists
    from greenroom.usage.reporting import Reporting
    from greenroom.usage.takings_store import TakingsStore


class AdminWiring(PeopleWiring):
    """The books, and who there is."""

    @cached_property
    def directory(self) -> "Directory":
        """Everybody who has joined."""
        from greenroom.admin.directory import Directory
        from greenroom.admin.directory_reads import DirectoryReads

        return Directory(
            DirectoryReads(self.table), claimant=self.accounts.claimant, clock=self.clock
        )

    @cached_property
    def _story_reads(self) -> "StoryReads":
        from greenroom.admin.story_reads import StoryReads

        self._know_every_kind()
        return StoryReads(self.table)

    @cached_property
    def invariants(self) -> "Invariants":
        """Whether counters agree with their rows."""
        from greenroom.admin.directory_reads import DirectoryReads
        from greenroom.admin.invariants import Invariants

        return Invariants(
            self.invariant_reads,
            people=DirectoryReads(self.table),
            reconciliation=self.reconciliation,
            clock=self.clock,
        )

    @cached_property
    def invariant_reads(self) -> "InvariantReads":
        """Counters, each with the rows that it counts."""
        from greenroom.admin.invariant_reads import InvariantReads

        self._know_every_kind()
        return InvariantReads(self.table)

    @cached_property
    def admin_quotas(self) -> "AdminQuotas":
        """Quotas by hand."""
        from greenroom.admin.quotas import AdminQuotas
        from greenroom.ai.services import SERVICES

        return AdminQuotas(
            self.allowances,
            tenants=self.tenants,
            trail=self.trail,
            services=[*SERVICES, "interview_feedback"],
        )

    @cached_property
    def troubles(self) -> "TroubleLists":
        """What went wrong for people."""
        from greenroom.admin.troubles import TroubleLists

        return TroubleLists(self._story_reads, clock=self.clock)

    @cached_property
    def person_files(self) -> "PersonFiles":
        """All that is known of a person."""
        from greenroom.admin.person import PersonFiles

        return PersonFiles(
            directory=self.directory,
            accounts=self.accounts,
            sessions=self.sessions,
            purchases=self.purchases,
            subscriptions=self.subscriptions,
            troubles=self.troubles,
            trail=self.trail,
            reconciliation=self.reconciliation,
        )

    @cached_property
    def story(self) -> "Story":
        """What happened to anything."""
        from greenroom.admin.story import Story
        from greenroom.admin.tracing import Tracing

        return Story(
            self._story_reads,
            tracing=Tracing(self._story_reads, clock=self.clock),
            customers_partition=self.organizations.customers_partition,
            clock=self.clock,
        )

    @cached_property
    def trail(self) -> "AdminTrail":
        """What admins did."""
        from greenroom.admin.trail import AdminTrail
        from greenroom.admin.trail_store import TrailStore

        return AdminTrail(TrailStore(self.table), clock=self.clock)

    @cached_property
    def adjusting(self) -> "Adjusting":
        """Credits by hand."""
        from greenroom.admin.adjusting import Adjusting

        return Adjusting(self.trail, accounts=self.accounts)

    @cached_property
    def reconciliation(self) -> "Reconciliation":
        """Whether everybody's books agree."""
        from greenroom.accounts.items import entry_of
        from greenroom.admin.reads import Readers
        from greenroom.admin.service import Reconciliation
        from greenroom.admin.store import BooksStore
        from greenroom.bookings.booking_items import BookingItem, booking_of
        from greenroom.organizations.repo import OrgRepo
        from greenroom.payments.billing_items import subscription_of
        from greenroom.payments.items import purchase_of
        from greenroom.sessions.items import session_of
        from greenroom.usage.takings_items import counted_of

        readers = Readers(
            entry=entry_of,
            purchase=purchase_of,
            subscription=subscription_of,
            session=session_of,
            booking=booking_of,
            counted=counted_of,
            booking_at=lambda facts: BookingItem.at(
                OrgRepo.of_system(facts.organization_id), facts.booking_id
            ),
        )
        return Reconciliation(
            BooksStore(self.table, readers=readers),
            accounts=self.accounts,
            count=self.takings.count,
            clock=self.clock,
            limits=self.of(LimitSettings),
        )

    @cached_property
    def takings(self) -> "TakingsStore":
        """What days brought in credits."""
        from greenroom.usage.takings_store import TakingsStore

        return TakingsStore(self.table)

    @cached_property
    def reporting(self) -> "Reporting":
        """What the AI services were used for."""
        from greenroom.usage.reporting import Reporting
        from greenroom.usage.usage_reads import UsageReads

        return Reporting(UsageReads(self.table))
