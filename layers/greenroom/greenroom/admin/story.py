"""One story in the order of time, across sessions, bookings, payments, credits and admins.

Of a thing all that hangs on it is told on one page. Of a person page by page: some of what they
began, the oldest first, each with its whole story, and beside it their credits and whatever else
happened to them in that time.
"""

import base64
import binascii
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from greenroom.admin.about import About, about_of
from greenroom.admin.lines import KINDS, Line, Row, lines_of
from greenroom.admin.people import months_between
from greenroom.admin.story_reads import StoryReads, booking_place
from greenroom.admin.tracing import Tracing
from greenroom.kernel.clock import Clock, from_text, to_text
from greenroom.kernel.errors import InvalidRequest, NotFound
from greenroom.kernel.limits import STORY_THINGS_MAX

_BEGUN: Final = ("SESSION#", "PURCHASE#", "INTAKE#")


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a reference means, a page of its story, and where that goes on."""

    about: About
    lines: list[Line]
    next_cursor: str | None = None


class Story:
    """Tells what happened."""

    def __init__(
        self,
        reads: StoryReads,
        *,
        tracing: Tracing,
        customers_partition: Callable[[str, str], str | None],
        clock: Clock,
    ) -> None:
        """``customers_partition`` says where the customer is to whom a person's link leads."""
        self._reads = reads
        self._tracing = tracing
        self._customers_partition = customers_partition
        self._clock = clock

    def tell(
        self, ref: str, *, organization_id: str | None, limit: int, cursor: str | None
    ) -> Told:
        """A page of the story of whatever the reference means.

        ``limit`` is how many of a person's things one page tells of.

        Raises:
            NotFound: it means nothing that is there.
            InvalidRequest: the cursor is not one of this story.
        """
        found = self._tracing.find(ref, organization_id=organization_id)
        if not found:
            raise NotFound("Nothing is known under this reference.")
        about, first = about_of(found[0]), found[0]
        if first.kind == "user":
            lines, following = self._of_person(first, limit=limit, since=_since(cursor))
            return Told(about=about, lines=lines, next_cursor=following)
        if cursor is not None:
            raise InvalidRequest("cursor is not one that we gave.", field="cursor")
        rows = self._gathered(found)
        return Told(about=about, lines=_in_order(line for row in rows for line in lines_of(row)))

    def _gathered(self, things: list[Row]) -> list[Row]:
        """These things and all that hangs on them, each row once."""
        known: dict[tuple[str, str], Row] = {}
        waiting = list(things)
        met = {one.place for one in waiting}
        for _ in range(STORY_THINGS_MAX):
            if not waiting:
                break
            thing = waiting.pop(0)
            rows = [thing, *self._of(thing), *self._credits_of(thing), *self._calls_of(thing)]
            known |= {row.place: row for row in rows}
            links = [place for place in self._linked(thing) if place not in met]
            met |= set(links)
            waiting += self._reads.rows(links)
        return list(known.values())

    def _of(self, thing: Row) -> list[Row]:
        """The rows that belong to a thing alone."""
        match thing.kind:
            case "session":
                rows = self._reads.partition(thing.pk)
                return [*rows, *self._reads.rows([(f"FEEDBACK#{thing.id}", "FEEDBACK")])]
            case "booking" | "intake":
                return self._reads.partition(thing.pk)
            case "purchase" | "subscription":
                return self._events_of(thing)
        return []

    def _events_of(self, thing: Row) -> list[Row]:
        """Stripe's events of a purchase or a subscription."""
        if thing.kind == "subscription":
            return self._reads.listed(f"STRIPE#{thing.sk.removeprefix('SUBSCRIPTION#')}")
        names = ("checkout_id", "payment_intent_id", "subscription_id", "invoice_id")
        ids = [thing.values[name] for name in names if thing.values.get(name)]
        return [row for one in ids for row in self._reads.listed(f"STRIPE#{one}")]

    def _credits_of(self, thing: Row) -> list[Row]:
        """What a thing moved in its person's ledger."""
        owner = thing.values.get("user_uuid") or thing.values.get("user_id")
        prefixes = {
            "session": ("debit:{}:", "void:{}:"),
            "purchase": ("purchase:{}", "reversal:{}:", "adjust:purchase:{}", "adjust:reversal:{}"),
        }
        return [
            row
            for prefix in prefixes.get(thing.kind, ())
            for row in self._reads.partition(
                f"USER#{owner}", sk_prefix="LEDGER#" + prefix.format(thing.id)
            )
        ]

    def _calls_of(self, thing: Row) -> list[Row]:
        """The uses of AI for a session, or of a request of its own."""
        values = thing.values
        if thing.kind == "reservation":
            months = months_between(values["started_at"], values["updated_at"])
            calls = self._reads.calls(values["user_id"], months)
            return [one for one in calls if one.values.get("request_id") == thing.id]
        if thing.kind != "session" or values.get("feedback_status") is None:
            return []
        months = months_between(values["started_at"], values["updated_at"])
        calls = self._reads.calls(values["user_uuid"], months)
        return [
            one for one in calls if (one.values.get("metadata") or {}).get("sessionId") == thing.id
        ]

    def _linked(self, thing: Row) -> list[tuple[str, str]]:
        """Where the things are that a thing names, and those that name it."""
        values = thing.values
        places = [
            (f"{root}#{values[name]}", root)
            for name, root in (
                ("session_id", "SESSION"),
                ("intake_id", "INTAKE"),
                ("purchase_id", "PURCHASE"),
            )
            if values.get(name) and thing.kind in {"session", "intake", "purchase", "booking"}
        ]
        booking = values.get("booking")
        if thing.kind == "purchase" and isinstance(booking, dict):
            places.append(booking_place(booking["organization_id"], booking["booking_id"]))
        return places + self._naming(thing)

    def _naming(self, thing: Row) -> list[tuple[str, str]]:
        """The things of the same person that name this one, also where it names them no more."""
        sought = {"intake": ("PURCHASE#", "SESSION#"), "purchase": ("SESSION#",)}
        owner, name = thing.values.get("user_id"), f"{thing.kind}_id"
        return [
            row.place
            for prefix in sought.get(thing.kind, ())
            for row in self._reads.listed(f"USER#{owner}", sk_prefix=prefix, newest=True)
            if row.values.get(name) == thing.id
        ]

    def _of_person(
        self, person: Row, *, limit: int, since: tuple[str, str]
    ) -> tuple[list[Line], str | None]:
        """Some things from ``since`` on, and what else happened until the next ones began."""
        begun = [one for one in self._begun(person) if _place(one) >= since]
        page, rest = begun[:limit], begun[limit:]
        until = _place(rest[0]) if rest else ("~", "")
        things = [
            line for thing in page for row in (thing, *self._of(thing)) for line in lines_of(row)
        ]
        first = from_text(since[0]) if since[0] else person.created_at
        last = rest[0].created_at if rest else self._clock()
        calls = self._reads.calls(person.id, months_between(first, last))
        own = [line for row in (*self._own(person), *calls) for line in lines_of(row)]
        then = [line for line in own if since[0] <= to_text(line.at) < until[0]]
        return _in_order([*things, *then]), _cursor(until) if rest else None

    def _begun(self, person: Row) -> list[Row]:
        """Everything that a person began, the oldest first."""
        listed = self._reads.list_of(person.pk)
        places = [(pk, sk) for pk, sk, key in listed if key.startswith(_BEGUN)]
        for pk, sk, key in listed:
            if key.startswith("CUSTOMER#") and (theirs := self._customers_partition(pk, sk)):
                bookings = self._reads.list_of(theirs, sk_prefix="B#")
                places += [(booking_pk, booking_sk) for booking_pk, booking_sk, _ in bookings]
        return sorted(self._reads.rows(places), key=_place)

    def _own(self, person: Row) -> list[Row]:
        """What happened to a person beside what they began."""
        subscriptions = self._reads.partition(person.pk, sk_prefix="SUBSCRIPTION#")
        return [
            person,
            *self._reads.partition(person.pk, sk_prefix="LEDGER#"),
            *subscriptions,
            *(row for one in subscriptions for row in self._events_of(one)),
            *self._reads.listed(f"ABOUT#user:{person.id}"),
            *self._reads.partition(person.pk, sk_prefix="ERROR#"),
        ]


def _in_order(lines: Iterable[Line]) -> list[Line]:
    """The lines in the order of time, each once."""
    return [line for _, line in sorted({_key(line): line for line in lines}.items())]


def _key(line: Line) -> tuple[str, int, str, str]:
    """The order of time; of what one transaction did, the cause before what follows from it."""
    return to_text(line.at), KINDS.index(line.kind), line.ref, line.what


def _place(thing: Row) -> tuple[str, str]:
    """Where a thing stands among those that a person began."""
    return to_text(thing.created_at), thing.pk


def _cursor(place: tuple[str, str]) -> str:
    text = json.dumps(place, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _since(cursor: str | None) -> tuple[str, str]:
    """From what on a page tells: the place of its first thing."""
    if cursor is None:
        return "", ""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        at, pk = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        from_text(at)
    except (binascii.Error, ValueError, TypeError, RecursionError) as cause:
        raise InvalidRequest("cursor is not one that we gave.", field="cursor") from cause
    if not isinstance(pk, str):
        raise InvalidRequest("cursor is not one that we gave.", field="cursor")
    return at, pk
