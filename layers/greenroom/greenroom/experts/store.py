"""Reads and writes of experts; ``items`` has the key chart."""

from typing import Any

from pynamodb.expressions.update import Action

from greenroom.experts.domain import Expert
from greenroom.experts.items import ONLINE, ExpertItem, expert_of, online_key
from greenroom.kernel.errors import AtCapacity, Conflict, ExpertOffline, GreenroomError, NotAnExpert
from greenroom.kernel.limits import ONLINE_MAX
from greenroom.table.batch import get_all
from greenroom.table.table import Table
from greenroom.table.transaction import Transaction


class ExpertChanged(Conflict):
    """Somebody changed the expert since they were read: read again."""


class ExpertStore:
    """Experts, and the steps they add to the transactions of sessions."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def transaction(self) -> Transaction:
        """An empty transaction on the table."""
        return self._table.transaction()

    def find(self, expert_id: str) -> Expert | None:
        """The expert, if that person is one."""
        item = self._table.get(ExpertItem.at(expert_id))
        return expert_of(item) if item else None

    def online(self, *, workshop_id: str | None = None) -> list[Expert]:
        """Experts who are online: of one workshop, or of all; at most ``ONLINE_MAX``."""
        page = self._table.query(
            ExpertItem,
            ONLINE,
            sk_prefix=f"{workshop_id}#" if workshop_id else "",
            index="GSI1",
            limit=ONLINE_MAX,
        )
        keys = [ExpertItem.at(item.pk.removeprefix("USER#")) for item in page.items]
        return [expert_of(item) for item in get_all(self._table, keys)]

    def add_new(self, tx: Transaction, expert: Expert) -> None:
        """Add the step that makes an expert: ``ExpertChanged`` if there is one."""
        key = ExpertItem.at(expert.expert_id)
        item = ExpertItem(key.pk, key.sk, active_count=0, **_profile(expert))
        if _is_listed(expert):
            item.gsi1pk, item.gsi1sk = online_key(expert.expert_id, workshop_id=expert.workshop_id)
        tx.put("expert", item, otherwise=ExpertChanged())

    def add_profile(self, tx: Transaction, expert: Expert, *, seen: Expert) -> None:
        """Add the step that changes what an expert says of themselves, or may do.

        ``active_count`` is none of it. It fails with ``ExpertChanged`` where what decides the
        place in the index is not as it was seen.
        """
        if _is_listed(expert):
            partition, sort = online_key(expert.expert_id, workshop_id=expert.workshop_id)
            actions: list[Action] = [ExpertItem.gsi1pk.set(partition), ExpertItem.gsi1sk.set(sort)]
        else:
            actions = [ExpertItem.gsi1pk.remove(), ExpertItem.gsi1sk.remove()]
        for name, value in _profile(expert).items():
            attribute = getattr(ExpertItem, name)
            actions.append(attribute.remove() if value is None else attribute.set(value))
        workshop = ExpertItem.workshop_id
        same = (
            workshop.does_not_exist() if seen.workshop_id is None else workshop == seen.workshop_id
        )
        tx.update(
            "expert",
            ExpertItem.at(expert.expert_id),
            *actions,
            when=(ExpertItem.approved == seen.approved)
            & (ExpertItem.presence == seen.presence)
            & same,
            otherwise=ExpertChanged(),
        )

    def add_gone(self, tx: Transaction, expert_id: str) -> None:
        """Add the step that removes an expert who has no session; else ``ExpertChanged``."""
        tx.delete(
            "expert",
            ExpertItem.at(expert_id),
            when=ExpertItem.pk.does_not_exist() | (ExpertItem.active_count <= 0),
            otherwise=ExpertChanged(),
        )

    def add_check(self, tx: Transaction, expert_id: str, *, otherwise: GreenroomError) -> None:
        """Add the check that there is such an expert, who may take sessions."""
        when = ExpertItem.approved == True  # noqa: E712 (an expression of DynamoDB)
        tx.check("preferred expert", ExpertItem.at(expert_id), when=when, otherwise=otherwise)

    def add_taken(self, tx: Transaction, expert_id: str) -> None:
        """Add the step that takes one of an expert's places.

        It fails with ``NotAnExpert``, ``ExpertOffline`` or ``AtCapacity``.
        """
        item = ExpertItem
        tx.update(
            "expert",
            item.at(expert_id),
            item.active_count.add(1),
            item.idle_since.set(self._table.clock()),
            when=(item.approved == True)  # noqa: E712 (an expression of DynamoDB)
            & (item.presence == "online")
            & (item.active_count < item.max_active),
            otherwise=_not_taking,
        )

    def add_freed(self, tx: Transaction, expert_id: str) -> None:
        """Add the step that gives an expert a place back; left out if they are gone."""
        tx.update(
            "expert",
            ExpertItem.at(expert_id),
            ExpertItem.active_count.add(-1),
            when=ExpertItem.active_count > 0,
            otherwise=Conflict("The expert has no session."),
            optional=True,
        )


def _is_listed(expert: Expert) -> bool:
    return expert.approved and expert.presence == "online"


def _profile(expert: Expert) -> dict[str, Any]:
    return {
        "name": expert.name,
        "presence": expert.presence,
        "approved": expert.approved,
        "max_active": expert.max_active,
        "is_specialist": expert.is_specialist,
        "skills": list(expert.skills),
        "workshop_id": expert.workshop_id,
        "idle_since": expert.idle_since,
    }


def _not_taking(old: ExpertItem | None) -> GreenroomError:
    if old is None or not old.approved:
        return NotAnExpert()
    return ExpertOffline() if old.presence != "online" else AtCapacity()
