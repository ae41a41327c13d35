"""Finding people: everybody by the month of joining, or whom an id, an e-mail or a name means."""

from collections.abc import Callable

from greenroom.admin.directory_reads import DirectoryReads
from greenroom.admin.domain import KnownPerson, plain
from greenroom.admin.people import Place
from greenroom.kernel.clock import Clock
from greenroom.kernel.errors import NotFound
from greenroom.kernel.ids import is_id, user_id_of
from greenroom.kernel.limits import DIRECTORY_TRIPS_MAX, PAGE_MAX

CLERK_PREFIX = "user_"


class Directory:
    """Everybody who has joined."""

    def __init__(
        self,
        reads: DirectoryReads,
        *,
        claimant: Callable[[str], str | None],
        clock: Clock,
    ) -> None:
        """``claimant`` says whose a proven e-mail is; it knows also what no row shows."""
        self._reads = reads
        self._claimant = claimant
        self._clock = clock

    def person(self, user_id: str) -> KnownPerson:
        """Somebody who has joined, deleted or not.

        Raises:
            NotFound: nobody has this id.
        """
        found = self._reads.people([user_id])
        if not found:
            raise NotFound("There is nobody of this id.")
        return found[0]

    def page(
        self, *, q: str | None, limit: int, cursor: str | None
    ) -> tuple[list[KnownPerson], str | None]:
        """Some people, newest first, and where to go on.

        An id of ours or Clerk's is looked up. Else everybody is looked through for words in name
        or e-mail; a proven e-mail's own person comes first. One call reads a bounded number of
        lists, so that a page may be short, or empty, and others follow all the same.

        Raises:
            InvalidRequest: the cursor is not one of this list.
        """
        words = plain(q) if q is not None else ""
        if q is not None and cursor is None and (known := self._named(q.strip())) is not None:
            return known, None
        owner = self._claimant(words) if "@" in words else None
        place = Place(f"{self._clock():%Y-%m}") if cursor is None else Place.of(cursor)
        found = self._reads.people([owner]) if owner and cursor is None else []
        for _ in range(DIRECTORY_TRIPS_MAX):
            if place.is_over:
                return found, None
            if len(found) == limit:
                break
            size = PAGE_MAX if words else limit - len(found)
            people, following = self._reads.joined(place.month, limit=size, after=place.after)
            for one, after in people:
                if one.user_id != owner and one.is_meant(words):
                    found.append(one)
                    if len(found) == limit:
                        following = after
                        break
            place = Place(place.month, following) if following else place.before()
        return found, None if place.is_over else place.to_text()

    def _named(self, told: str) -> list[KnownPerson] | None:
        """Whom an id names; None where it is none, or Clerk's of nobody we know."""
        if is_id(told):
            return self._reads.people([told])
        if not told.startswith(CLERK_PREFIX):
            return None
        return self._reads.people([user_id_of(told)]) or None
