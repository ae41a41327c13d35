"""Marks of the webhooks in the table; the webhooks themselves write them."""

from pynamodb.expressions.update import Action

from greenroom.diagnostics.items import WebhookMarkItem
from greenroom.diagnostics.marks import Mark, Source
from greenroom.kernel.errors import Conflict
from greenroom.table.table import Table
from greenroom.table.transaction import Step


class MarkStore:
    """Reads and writes of marks."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def mark(self, source: Source, mark: Mark) -> None:
        """Write what is known in the mark; the rest stays.

        Raises:
            StoreUnavailable: the table did not answer.
        """
        of = WebhookMarkItem
        actions: list[Action] = [of.kind.set(of.KIND), of.v.set(of.VERSION)]
        actions.append(of.created_at.set(of.created_at | self._table.clock()))
        if mark.accepted_at is not None and mark.lag_s is not None:
            actions += [of.accepted_at.set(mark.accepted_at), of.lag_s.set(mark.lag_s)]
        if mark.rejected_at is not None and mark.rejected_code is not None:
            actions.append(of.rejected_at.set(mark.rejected_at))
            actions.append(of.rejected_code.set(mark.rejected_code))
        actions.append(of.updated_at.set(self._table.clock()))
        step = Step(
            name=of.KIND,
            operation="Update",
            key=of.at(source),
            when=None,
            otherwise=Conflict(),
            actions=tuple(actions),
        )
        once = iter((None,))  # a second try would let the answer wait
        self._table.call("UpdateItem", step.request(self._table.name), tries=once)

    def marked(self, source: Source) -> Mark:
        """What is known of a source."""
        item = self._table.get(WebhookMarkItem.at(source))
        if item is None:
            return Mark()
        return Mark(
            accepted_at=item.accepted_at,
            lag_s=item.lag_s,
            rejected_at=item.rejected_at,
            rejected_code=item.rejected_code,
        )
