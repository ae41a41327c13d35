"""All that is known of one person: what they have, what they did, what is wrong."""

from dataclasses import dataclass

from greenroom.accounts.service import Accounts, LedgerPage
from greenroom.admin.directory import Directory
from greenroom.admin.domain import Entry, KnownPerson, Troubles, user_target
from greenroom.admin.findings import Finding
from greenroom.admin.service import Audit, Reconciliation
from greenroom.admin.trail import AdminTrail
from greenroom.admin.troubles import TroubleLists
from greenroom.kernel.limits import PAGE_DEFAULT
from greenroom.payments.domain import Purchase
from greenroom.payments.premium import Subscription
from greenroom.payments.purchases import Purchases
from greenroom.payments.subscriptions import Subscriptions
from greenroom.sessions.domain import Session
from greenroom.sessions.service import Sessions


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonFile:
    """One person; of lists the first page, each with where it goes on."""

    person: KnownPerson
    ledger: LedgerPage
    sessions: tuple[list[Session], str | None]
    purchases: tuple[list[Purchase], str | None]
    subscriptions: list[Subscription]
    troubles: Troubles
    acts: list[Entry]
    findings: list[Finding]


class PersonFiles:
    """Opens the files of people; nothing is changed by that."""

    def __init__(
        self,
        *,
        directory: Directory,
        accounts: Accounts,
        sessions: Sessions,
        purchases: Purchases,
        subscriptions: Subscriptions,
        troubles: TroubleLists,
        trail: AdminTrail,
        reconciliation: Reconciliation,
    ) -> None:
        self._directory = directory
        self._accounts = accounts
        self._sessions = sessions
        self._purchases = purchases
        self._subscriptions = subscriptions
        self._troubles = troubles
        self._trail = trail
        self._reconciliation = reconciliation

    def open(self, user_id: str) -> PersonFile:
        """The file of somebody who has joined, deleted or not.

        Raises:
            NotFound: nobody has this id.
        """
        person = self._directory.person(user_id)
        audit = Audit()
        self._reconciliation.audit(user_id, audit)
        return PersonFile(
            person=person,
            ledger=self._accounts.ledger_of(user_id, limit=PAGE_DEFAULT, cursor=None),
            sessions=self._sessions.of_user(user_id, limit=PAGE_DEFAULT, cursor=None),
            purchases=self._purchases.of_user(user_id, limit=PAGE_DEFAULT, cursor=None),
            subscriptions=self._subscriptions.of(user_id),
            troubles=self._troubles.of(person, cursor=None),
            acts=self._trail.about(user_target(user_id)),
            findings=audit.findings,
        )
