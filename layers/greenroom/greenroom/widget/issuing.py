"""The public key of an organisation's widget: made, and replaced, with its settings."""

from greenroom.organizations.repo import OrgRepo
from greenroom.table.transaction import Transaction
from greenroom.widget.domain import new_key
from greenroom.widget.store import WidgetStore


class WidgetKeys:
    """Makes keys. What counts is the key that an organisation's settings name; see ``Widgets``."""

    def __init__(self, store: WidgetStore) -> None:
        self._store = store

    def new(self) -> str:
        """A key that nobody has."""
        return new_key()

    def issue(self, tx: Transaction, repo: OrgRepo, old: str | None, new: str) -> None:
        """Add the steps that make the new key and end the old one.

        The caller's own step in the same transaction names the new key in the settings, on the
        condition that they still name the old one: of two who replace a key at once, one fails.
        """
        self._store.add_key(tx, new, organization_id=repo.organization_id)
        if old is not None:
            self._store.add_key_end(tx, old, organization_id=repo.organization_id)
