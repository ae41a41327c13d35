"""Reconciliation: whether everybody's books agree, and what may be repaired.

Rows are read one after the other, so a look may fall into the middle of a transaction. What two
looks in a row both find is wrong; what only one saw was work under way.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from greenroom.accounts.service import Accounts
from greenroom.admin.books import Books
from greenroom.admin.findings import Finding, FreeGuard, FreeSlot, PostEntry, SetBalance
from greenroom.admin.reconcile import examine, waiting
from greenroom.admin.store import BooksStore
from greenroom.admin.takings import takings_of
from greenroom.kernel.clock import Clock, Deadline
from greenroom.kernel.errors import Conflict
from greenroom.kernel.limits import EMPTY_MONTHS_MAX, RECONCILE_RESERVE_S, Limits
from greenroom.payments.domain import Purchase
from greenroom.payments.periods import terms_of
from greenroom.usage.takings import Counted, Takings

Count = Callable[[str, Mapping[str, Counted], Mapping[str, Takings]], None]


@dataclass(slots=True)
class Audit:
    """What an audit of some people found. ``repaired`` are findings that are no more."""

    people: int = 0
    findings: list[Finding] = field(default_factory=list)
    waiting: list[Purchase] = field(default_factory=list)
    repaired: list[Finding] = field(default_factory=list)
    done: bool = False

    @property
    def ledger_mismatches(self) -> int:
        """How many findings are about credits."""
        return sum(finding.is_of_the_ledger for finding in self.findings)


class Reconciliation:
    """Compares and repairs books. ``count`` adds a person's days to everybody's takings."""

    def __init__(
        self, store: BooksStore, *, accounts: Accounts, count: Count, clock: Clock, limits: Limits
    ) -> None:
        self._store = store
        self._count = count
        self._accounts = accounts
        self._clock = clock
        self._limits = limits

    def audit(
        self, user_id: str, into: Audit, *, also: Iterable[str] = (), fix: bool = False
    ) -> Books:
        """Add one person to an audit; with ``fix`` what may be repaired is. The last look."""
        named = tuple(also)
        books, found = self._look(user_id, named)
        if found:
            books, again = self._look(user_id, named)
            found = [finding for finding in found if finding in again]
        into.people += 1
        into.findings += found
        into.waiting += waiting(books)
        if fix and any(finding.repair for finding in found):
            self._mend(books, found)
            books, left = self._look(user_id, named)
            broken = {(finding.rule, finding.subject) for finding in left}
            into.repaired += [one for one in found if (one.rule, one.subject) not in broken]
        return books

    def run(self, deadline: Deadline, *, fix: bool = False) -> Audit:
        """Go on with the round through all people, as far as the time goes.

        People are listed by the month in which they joined, so a round goes back from this
        month until a year has nobody. The erased are in no list: operators scan the table.
        """
        audit = Audit()
        month, cursor = self._store.where()
        empty = 0
        for at in _months(month or f"{self._clock():%Y-%m}"):
            found, cursor, out_of_time = self._month(at, cursor, audit, deadline, fix=fix)
            if out_of_time:
                self._store.go_on_at(at, cursor)
                return audit
            empty = 0 if found else empty + 1
            if empty >= EMPTY_MONTHS_MAX:
                break
        self._store.go_on_at(None, None)
        audit.done = True
        return audit

    def holders(self, *, progress: Callable[[int], None] = lambda _: None) -> dict[str, list[str]]:
        """Everyone of whom the table has a row, the erased too, and what each has bought.

        Found by a scan, so that nothing hides; ``progress`` hears how many rows were read. What
        was bought by nobody whom we know is under "".
        """
        found: dict[str, list[str]] = {}
        for rows, raw in enumerate(self._store.scan(), start=1):
            progress(rows)
            place, _, name = raw["PK"]["S"].partition("#")
            if place == "USER":
                found.setdefault(name, [])
            elif place == "PURCHASE":
                found.setdefault(raw.get("user_id", {}).get("S", ""), []).append(name)
        return found

    def _look(self, user_id: str, also: Iterable[str]) -> tuple[Books, list[Finding]]:
        books = self._store.books(user_id, also=also)
        return books, examine(books, now=self._clock(), terms=terms_of(self._limits))

    def _month(
        self,
        month: str,
        cursor: str | None,
        audit: Audit,
        deadline: Deadline,
        *,
        fix: bool,
    ) -> tuple[bool, str | None, bool]:
        """Audit those of a month: whether there were any, where to go on, whether time is up."""
        found = False
        while True:
            if deadline.remaining_s(keep_s=RECONCILE_RESERVE_S) == 0:
                return found, cursor, True
            people, following = self._store.people(month, cursor=cursor)
            for user_id in people:
                books = self.audit(user_id, audit, fix=fix)
                self._count(user_id, books.counted, takings_of(books))
            found = found or bool(people)
            if following is None:
                return found, None, False
            cursor = following

    def _mend(self, books: Books, found: list[Finding]) -> None:
        """Do all repairs; one that somebody was faster than is left to the next audit."""
        postings = [one.repair.posting for one in found if isinstance(one.repair, PostEntry)]
        balance = any(isinstance(one.repair, SetBalance) for one in found)
        if books.account is not None and (postings or balance):
            total = sum(one.amount for one in books.entries) + sum(one.amount for one in postings)
            tx = self._store.transaction()
            self._accounts.add_corrections(
                tx, books.user_id, postings, seen=books.account.credits, balance=total
            )
            try:
                tx.commit()
            except Conflict:
                return
        for finding in found:
            match finding.repair:
                case None | PostEntry() | SetBalance():
                    continue
                case FreeGuard() | FreeSlot() as freed:
                    self._store.free(books.user_id, freed)
                case repair:
                    self._store.set(books.user_id, repair)


def _months(newest: str) -> Iterator[str]:
    """This month and those before it, without end."""
    first = datetime.strptime(newest + "-01+0000", "%Y-%m-%d%z")
    while True:
        yield f"{first:%Y-%m}"
        first = (first - timedelta(days=1)).replace(day=1)
