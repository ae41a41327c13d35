"""What happens when a person is deleted: a tombstone at once, then erasure in small steps.

The tombstone closes the account in one transaction and notes the erasure as due. Each step of the
erasure can be repeated, and the row says which is next, so whoever dies half-way is followed by
anybody: the webhook's next delivery, or the sweeper. What costs a call to an outside party is left
to the sweeper. A second round, when every request that was under way is over, catches what those
have written meanwhile. The ledger, sessions and purchases stay, with ids and nothing else.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from greenroom.accounts.conditions import alive
from greenroom.accounts.items import (
    GIVE_BACKS_KEPT,
    STARTS_KEPT,
    ErasureItem,
    ProfileItem,
    UserItem,
)
from greenroom.kernel.clock import Clock, to_text
from greenroom.kernel.errors import AccountDeleted, Conflict, GreenroomError
from greenroom.kernel.ids import user_id_of
from greenroom.kernel.limits import (
    ERASURE_LISTED_MAX,
    ERASURE_PAUSE_S,
    ERASURE_RUNS_MAX,
    ERASURE_SECOND_ROUND_S,
    SWEEP_SHARD_MAX,
)
from greenroom.table.item import Item, Key, due_key
from greenroom.table.table import Table
from greenroom.table.transaction import Transaction

WORK = "erasure"
ROUNDS = 2

Note = Callable[[str, dict[str, Any]], None]


@dataclass(frozen=True, slots=True)
class Erased:
    """Whose data go."""

    user_id: str
    clerk_id: str


@dataclass(frozen=True, slots=True)
class Step:
    """A piece of the erasure: ``run`` does a little and says whether nothing is left to do.

    It may be run again at any time. An ``outside`` step calls somebody else's service; one of
    the ``last_round`` waits until no request that was under way can write any more.
    """

    name: str
    run: Callable[[Erased], bool]
    outside: bool = False
    last_round: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasuresSwept:
    """What one sweep did, in people."""

    erased: int = 0
    waiting: int = 0
    failed: int = 0


class Erasure:
    """Deletes people."""

    def __init__(self, table: Table, *, steps: Sequence[Step], clock: Clock, note: Note) -> None:
        self._table = table
        self._steps = steps
        self._clock = clock
        self._note = note

    def delete(self, clerk_id: str) -> None:
        """Close a person's account for ever, and erase what can be erased at once.

        Raises:
            AccountDeleted: it is closed already.
        """
        tx = self._table.transaction()
        self.add_tombstone(tx, clerk_id)
        tx.commit()
        self.hasten(user_id_of(clerk_id))

    def add_tombstone(self, tx: Transaction, clerk_id: str) -> None:
        """Add the steps that close an account, also of somebody who was never seen here.

        The step ``user`` fails with ``AccountDeleted`` where it is closed already.
        """
        now = self._clock()
        user_id = user_id_of(clerk_id)
        tx.update(
            "user",
            UserItem.at(user_id),
            UserItem.kind.set(UserItem.KIND),
            UserItem.v.set(UserItem.VERSION),
            UserItem.created_at.set(UserItem.created_at | now),
            UserItem.clerk_id.set(clerk_id),
            UserItem.credits.set(UserItem.credits | 0),
            UserItem.starts.set(UserItem.starts | ([0] * STARTS_KEPT)),
            UserItem.give_backs.set(UserItem.give_backs | ([0] * GIVE_BACKS_KEPT)),
            UserItem.deleted_at.set(now),
            *(attribute.remove() for attribute in _PERSONAL),
            when=alive() | UserItem.pk.does_not_exist(),
            otherwise=AccountDeleted(),
        )
        tx.delete(
            "profile",
            ProfileItem.at(user_id),
            when=ProfileItem.pk.exists(),
            otherwise=Conflict("There is no profile."),
            optional=True,
        )
        key = ErasureItem.at(user_id)
        gsi2pk, gsi2sk = due_key(WORK, user_id, to_text(now))
        row = ErasureItem(
            key.pk,
            key.sk,
            clerk_id=clerk_id,
            step=self._steps[0].name,
            round=1,
            due_at=now,
            gsi2pk=gsi2pk,
            gsi2sk=gsi2sk,
        )
        tx.put("erasure", row, otherwise=AccountDeleted())

    def hasten(self, user_id: str) -> None:
        """Do now what needs nobody else; whatever fails is left to the sweeper."""
        try:
            self._advance(user_id, outside=False)
        except GreenroomError as error:
            self._note_failure(user_id, error)

    def sweep(self, now: datetime) -> ErasuresSwept:
        """Go on with what is due by ``now``; one that resists does not stop the others."""
        counts = dict.fromkeys(ErasuresSwept.__dataclass_fields__, 0)
        for pk, _ in self._table.due(WORK, until_text=to_text(now), limit=SWEEP_SHARD_MAX):
            user_id = pk.removeprefix("USER#")
            try:
                counts["erased" if self._advance(user_id, outside=True) else "waiting"] += 1
            except Exception as error:  # noqa: BLE001 (one bad row never stops the rest)
                counts["failed"] += 1
                self._note_failure(user_id, error)
                self._postpone(user_id)
        return ErasuresSwept(**counts)

    def _advance(self, user_id: str, *, outside: bool) -> bool:
        """Run steps from the one that is next: whether the whole erasure is done."""
        names = [step.name for step in self._steps]
        for _ in range(ERASURE_RUNS_MAX):
            row = self._table.get(ErasureItem.at(user_id))
            if row is None or row.is_done:
                return row is not None
            if row.round > 1 and row.due_at > self._clock():
                return False
            place = names.index(row.step) if row.step in names else 0
            step = self._steps[place]
            if step.outside and not outside:
                return False
            if step.run(Erased(user_id, row.clerk_id)):
                self._move_on(row, place)
        return False

    def _move_on(self, row: ErasureItem, place: int) -> None:
        """Note that a step is done; who finds it noted already changes nothing."""
        now = self._clock()
        due = (ErasureItem.due_at, ErasureItem.gsi2pk, ErasureItem.gsi2sk)
        last = row.round >= ROUNDS
        following = [step for step in self._steps[place + 1 :] if last or not step.last_round]
        if following:
            actions = [ErasureItem.step.set(following[0].name)]
        elif not last:
            user_id = row.pk.removeprefix("USER#")
            again_at = max(now, row.created_at + timedelta(seconds=ERASURE_SECOND_ROUND_S))
            actions = [
                ErasureItem.step.set(self._steps[0].name),
                ErasureItem.round.set(row.round + 1),
                *_due_actions(user_id, again_at),
            ]
        else:
            actions = [ErasureItem.done_at.set(now), *(attribute.remove() for attribute in due)]
        same = (ErasureItem.step == row.step) & (ErasureItem.round == row.round)
        key = ErasureItem.at(row.pk.removeprefix("USER#"))
        overtaken = Conflict("Somebody else has moved this erasure on.")
        self._table.update(
            key, *actions, when=same & ErasureItem.done_at.does_not_exist(), otherwise=overtaken
        )

    def _postpone(self, user_id: str) -> None:
        """Let others go first for a while, so that what always fails blocks nobody."""
        later = self._clock() + timedelta(seconds=ERASURE_PAUSE_S)
        try:
            self._table.update(
                ErasureItem.at(user_id),
                *_due_actions(user_id, later),
                when=ErasureItem.due_at.exists(),
                otherwise=Conflict("This erasure is done."),
            )
        except GreenroomError as error:
            self._note_failure(user_id, error)

    def _note_failure(self, user_id: str, error: Exception) -> None:
        facts: dict[str, Any] = {"user_id": user_id, "error_type": type(error).__qualname__}
        if isinstance(error, GreenroomError):
            facts |= {**error.log, "error_code": error.code}
        self._note("an erasure could not go on", facts)


def hide_from_lists(table: Table) -> Callable[[Erased], bool]:
    """The step that takes what is left of a person out of the lists by owner."""

    def run(erased: Erased) -> bool:
        owner = f"USER#{erased.user_id}"
        page = table.query(Item, owner, index="GSI1", limit=ERASURE_LISTED_MAX)
        for item in page.items:
            table.update(
                Key(type(item), item.pk, item.sk),
                Item.gsi1pk.remove(),
                Item.gsi1sk.remove(),
                when=Item.pk.exists(),
                otherwise=Conflict("The row has gone."),
            )
        return not page.items

    return run


_PERSONAL = (
    UserItem.email,
    UserItem.name,
    UserItem.email_fingerprint,
    UserItem.synced_at,
    UserItem.told_name,
    UserItem.told_image_url,
    UserItem.gsi1pk,
    UserItem.gsi1sk,
)


def _due_actions(user_id: str, due_at: datetime) -> list[Any]:
    gsi2pk, gsi2sk = due_key(WORK, user_id, to_text(due_at))
    return [
        ErasureItem.due_at.set(due_at),
        ErasureItem.gsi2pk.set(gsi2pk),
        ErasureItem.gsi2sk.set(gsi2sk),
    ]
