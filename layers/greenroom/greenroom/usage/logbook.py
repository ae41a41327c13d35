"""Who may read what of the usage log: people their own rows, a tenant's admins all of its rows."""

from collections.abc import Callable
from datetime import date

from greenroom.accounts.identity import Identity
from greenroom.kernel.clock import Clock
from greenroom.kernel.ids import user_id_of
from greenroom.kernel.tenants import Tenant, TenantKind
from greenroom.usage.log_reads import LogReads, Rows
from greenroom.usage.log_row import Wanted

# The tenant, if the person administers it; NotFound or Forbidden.
Administered = Callable[[Identity, TenantKind | None, str], Tenant]


class Logbook:
    """Reads the log for people."""

    def __init__(self, reads: LogReads, *, administered: Administered, clock: Clock) -> None:
        self._reads = reads
        self._administered = administered
        self._clock = clock

    def own(
        self,
        identity: Identity,
        wanted: Wanted,
        *,
        month: str | None,
        limit: int,
        cursor: str | None,
    ) -> Rows:
        """What the person did in a month (``2026-11``), alone and for tenants; now without one.

        Raises:
            InvalidRequest: the cursor is none of this list.
        """
        user_id = user_id_of(identity.clerk_id)
        month = month or f"{self._clock():%Y-%m}"
        return self._reads.own(user_id, month, wanted, limit=limit, cursor=cursor)

    def of_tenant(
        self,
        identity: Identity,
        wanted: Wanted,
        *,
        kind: TenantKind | None,
        tenant_id: str,
        day: date | None,
        limit: int,
        cursor: str | None,
    ) -> Rows:
        """What everybody did for a tenant on a day (UTC); today without one.

        Raises:
            NotFound: there is no such tenant, or the person does not work there.
            Forbidden: they do, and are no admin of it.
            InvalidRequest: the cursor is none of this list.
        """
        tenant = self._administered(identity, kind, tenant_id)
        text = f"{day or self._clock():%Y%m%d}"
        return self._reads.of_tenant(tenant, text, wanted, limit=limit, cursor=cursor)
