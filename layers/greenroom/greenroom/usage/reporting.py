"""What the AI services were used for, as admins look at it: by day, service, tenant or person."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Literal

from greenroom.kernel.errors import InvalidRequest
from greenroom.usage.sums import By, Report, Span, Sums, Used
from greenroom.usage.usage_reads import UsageReads


class Reporting:
    """Reads sums; who may see them is the edge's business."""

    def __init__(self, reads: UsageReads) -> None:
        self._reads = reads

    def report(
        self, by: By, span: Span, *, service: str | None, limit: int, cursor: str | None
    ) -> Report:
        """The sums of these days, of one service or all.

        Days and services come all at once; of tenants and people ``limit`` a page.

        Raises:
            InvalidRequest: the cursor is none of this list.
            StoreUnavailable: try again.
        """
        platform = [one for one in self._reads.platform(span) if service in {None, one.service}]
        totals = sum((one.sums for one in platform), Sums())
        match by:
            case "day" | "service":
                if cursor is not None:
                    raise InvalidRequest("cursor is not one that we gave.", field="cursor")
                return Report(by, span, sorted(_added(platform, by).items()), totals)
            case "tenant" | "user":
                used, following = self._reads.owners(
                    by, span, service=service, limit=limit, cursor=cursor
                )
                lines = list(_added(used, "owner").items())
                return Report(by, span, lines, totals, following)


def _added(used: Iterable[Used], name: Literal["owner", "day", "service"]) -> dict[str, Sums]:
    """The sums of all that has the same owner, day or service."""
    found: dict[str, Sums] = defaultdict(Sums)
    for one in used:
        found[getattr(one, name)] += one.sums
    return found
