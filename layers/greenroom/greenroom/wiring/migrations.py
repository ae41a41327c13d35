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
        from greenroom.migrations.service import Migrations
        from greenroom.migrations.store import MigrationStore

        return Migrations(MigrationStore(self.table), (), clock=self.clock)
