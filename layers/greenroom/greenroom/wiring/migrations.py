"""What operators change in stored rows when their shape changes."""

from functools import cached_property
from typing import TYPE_CHECKING

from greenroom.wiring.core import Core

if TYPE_CHECKING:
    from greenroom.migrations.service import Migrations


class MigrationsWiring(Core):
    """The numbered migrations."""

    @cached_property
    def migrations(self) -> "Migrations":
        """All migrations of this version, over this table."""
        from greenroom.migrations.m0001_clients_and_leads import ClientsAndLeads
        from greenroom.migrations.m0002_version_1_of_bookings import Version1OfBookings
        from greenroom.migrations.service import Migrations
        from greenroom.migrations.store import MigrationStore

        known = (ClientsAndLeads(), Version1OfBookings())
        return Migrations(MigrationStore(self.table), known, clock=self.clock)
