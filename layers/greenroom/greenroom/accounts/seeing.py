"""People as they are shown: remembered by a container for 30 s, for whom may be shown old news.

For names and for the page's own decoration. Whatever admits, debits or decides asks the table.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from greenroom.accounts.domain import Profile, User
from greenroom.accounts.identity import Identity
from greenroom.accounts.service import Accounts
from greenroom.accounts.view import ActiveSession
from greenroom.kernel.cache import Cache
from greenroom.kernel.clock import Clock
from greenroom.kernel.errors import StoreUnavailable
from greenroom.kernel.ids import user_id_of
from greenroom.kernel.limits import PEOPLE_REMEMBERED_MAX, RECORDS_REMEMBERED_MAX, USER_CACHE_S

PREFIX = "USER#"
HIT, MISS = "UserCacheHit", "UserCacheMiss"


@dataclass(frozen=True, slots=True)
class Record:
    """A person as they see themselves; ``guard`` is the session that keeps them from another."""

    user: User
    profile: Profile
    guard: ActiveSession | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A record, how many seconds ago it was read, and whether newer was wanted in vain."""

    record: Record
    age_s: int = 0
    stale: bool = False


class Seeing:
    """Shows people, in one container."""

    def __init__(
        self,
        accounts: Accounts,
        *,
        guard: Callable[[str], ActiveSession | None],
        clock: Clock,
    ) -> None:
        """``guard`` reads the session that a person has open."""
        self._accounts = accounts
        self._guard = guard
        self._clock = clock
        self._records: Cache[Record] = Cache(
            hit=HIT, miss=MISS, life_s=USER_CACHE_S, most=RECORDS_REMEMBERED_MAX, clock=clock
        )
        self._people: Cache[User] = Cache(
            hit=HIT, miss=MISS, life_s=USER_CACHE_S, most=PEOPLE_REMEMBERED_MAX, clock=clock
        )

    def record(self, identity: Identity, *, max_age_s: int | None) -> Seen:
        """The person themselves.

        Read now unless ``max_age_s`` allows for older; made on the first look. While the table is
        away, what is remembered is shown as stale: better than nothing, since nobody decides by it.

        Raises:
            AccountDeleted: the account was deleted.
            StoreUnavailable: the table did not answer, and nothing is remembered.
        """
        user_id = user_id_of(identity.clerk_id)
        if max_age_s is not None:
            known = self._records.look(user_id, at_most_s=max_age_s)
            if known is not None:
                return Seen(record=self._now(known.value), age_s=known.age_s)
        remember = self._records.reading()
        try:
            user, profile = self._accounts.see(identity)
            record = Record(user, profile, self._guard(user_id))
        except StoreUnavailable:
            known = self._records.look(user_id)
            if known is None:
                raise
            return Seen(record=self._now(known.value), age_s=known.age_s, stale=True)
        remember(user_id, record)
        return Seen(record=record)

    def people(self, user_ids: Sequence[str]) -> dict[str, User]:
        """Those of these people who have been seen and were not deleted, by id, for their names."""
        found: dict[str, User] = {}
        unknown: list[str] = []
        for user_id in dict.fromkeys(user_ids):
            known = self._people.look(user_id)
            if known is None:
                unknown.append(user_id)
            else:
                found[user_id] = known.value
        if unknown:
            remember = self._people.reading()
            read = self._accounts.people(unknown)
            for user_id, user in read.items():
                remember(user_id, user)
            found |= read
        return found

    def written(self, partitions: Iterable[str]) -> None:
        """Forget whose rows this container has just written, or may have."""
        for pk in partitions:
            if pk.startswith(PREFIX):
                self._records.forget(pk.removeprefix(PREFIX))
                self._people.forget(pk.removeprefix(PREFIX))

    def _now(self, record: Record) -> Record:
        """A session that has run out meanwhile keeps nobody from another."""
        if record.guard is None or record.guard.deadline > self._clock():
            return record
        return Record(record.user, record.profile, None)
