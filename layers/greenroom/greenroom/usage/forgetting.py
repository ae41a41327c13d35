"""Deleting what quotas keep of a person; ``quota_items`` has the key chart."""

from greenroom.kernel.errors import Conflict
from greenroom.kernel.limits import ERASURE_LISTED_MAX
from greenroom.table.item import Key
from greenroom.table.table import Table
from greenroom.usage.domain import Person
from greenroom.usage.quota_items import AnswerItem, ReservationItem, ticket_of

_OWN = ("QUOTA#", "QUOTAEVENT#", "ADJUST#")


class QuotaForgetting:
    """Erases what is a person's own."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def run(self, user_id: str) -> bool:
        """Erase some of a person's answers, reservations and quotas: whether none is left.

        What they have reserved of a tenant's quotas is the tenant's account: it stays, with ids and
        without an answer, in no list.
        """
        owner = Person(user_id).pk()
        page = self._table.query(
            ReservationItem, owner, sk_prefix="RESERVATION#", index="GSI1", limit=ERASURE_LISTED_MAX
        )
        for item in page.items:
            if item.pk.startswith(f"{owner}#"):
                self._table.empty(item.pk)
            else:
                self._unlist(item)
        if page.items:
            return False
        for sk_prefix in _OWN:
            self._table.empty(owner, sk_prefix=sk_prefix)
        return True

    def _unlist(self, listed: ReservationItem) -> None:
        """Take a reservation out of the person's list, its answer first."""
        found = self._table.get(Key(ReservationItem, listed.pk, listed.sk))
        if found is None:
            return
        ticket = ticket_of(found)
        tx = self._table.transaction()
        tx.delete(
            "answer",
            AnswerItem.at(ticket.payer.owner, ticket.request_id),
            when=AnswerItem.pk.exists(),
            otherwise=Conflict(),
            optional=True,
        )
        tx.update(
            "reservation",
            ReservationItem.at(ticket.payer.owner, ticket.request_id),
            ReservationItem.gsi1pk.remove(),
            ReservationItem.gsi1sk.remove(),
            when=ReservationItem.pk.exists(),
            otherwise=Conflict(),
        )
        tx.attempt()  # whoever was faster is seen the next time
