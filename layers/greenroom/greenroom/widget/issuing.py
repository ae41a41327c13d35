"""The public key of an organisation's widget: made, and replaced, with its settings."""

from greenroom.organizations.entry import Entry
from greenroom.organizations.repo import OrgRepo
from greenroom.organizations.service import Organizations
from greenroom.table.transaction import Transaction
from greenroom.widget.domain import new_key
from greenroom.widget.store import WidgetStore


class WidgetKeys:
    """Makes keys. What counts is the key that an organisation's settings name; see ``Widgets``."""

    def __init__(self, store: WidgetStore, *, organizations: Organizations) -> None:
        self._store = store
        self._organizations = organizations

    def new(self) -> str:
        """A key that nobody has."""
        return new_key()

    def issue(self, tx: Transaction, repo: OrgRepo, old: str | None, new: str) -> None:
        """Add the steps that make the new key and end the old one; the settings name it yet."""
        self._store.add_key(tx, new, organization_id=repo.organization_id)
        if old is not None:
            self._store.add_key_end(tx, old, organization_id=repo.organization_id)

    def rotate(self, entry: Entry) -> str:
        """Give the organisation's widget a new key; the old one counts no more.

        The first key switches the widget on. Of two who replace it at once, the later one wins;
        the other's key names the organisation, but is not the one of its settings.

        Raises:
            Forbidden: only admins may.
        """
        entry.repo.require_admin()
        tx, old, new = self._store.transaction(), entry.studio.widget_key, self.new()
        self.issue(tx, entry.repo, old, new)
        first = {"widget_enabled": True} if old is None else {}
        self._organizations.add_studio(tx, entry.repo, {"widget_key": new, **first})
        tx.commit()
        return new
