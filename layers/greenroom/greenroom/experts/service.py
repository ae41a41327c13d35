"""Use cases of an expert's profile: who they are, and whether they take sessions now."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Literal

from greenroom.accounts.identity import Identity
from greenroom.accounts.service import Accounts
from greenroom.experts.domain import Expert
from greenroom.experts.store import ExpertChanged, ExpertStore
from greenroom.kernel.clock import Clock
from greenroom.kernel.errors import GreenroomError, NotAnExpert, NotFound, StoreUnavailable
from greenroom.kernel.limits import EXPERT_ACTIVE_DEFAULT, MATCH_TRIES_MAX
from greenroom.table.transaction import Transaction

Signup = Literal["open", "approval"]
Changed = Callable[[Expert | None], Expert]  # what becomes of a profile as it was seen


class Experts:
    """Profiles of experts. ``signup`` tells whether whoever makes one may take sessions at once."""

    def __init__(
        self, store: ExpertStore, *, accounts: Accounts, signup: Callable[[], Signup], clock: Clock
    ) -> None:
        self._store = store
        self._accounts = accounts
        self._signup = signup
        self._clock = clock

    def me(self, expert_id: str) -> Expert:
        """The person's profile; NotAnExpert without one."""
        expert = self._store.find(expert_id)
        if expert is None:
            raise NotAnExpert
        return expert

    def approved(self, expert_id: str) -> Expert:
        """The profile of somebody who may take sessions; NotAnExpert otherwise."""
        expert = self.me(expert_id)
        if not expert.approved:
            raise NotAnExpert("An operator has to approve you first.")
        return expert

    def online(self, *, workshop_id: str | None = None) -> list[Expert]:
        """Experts who are online now."""
        return self._store.online(workshop_id=workshop_id)

    def workshop_of(self, expert_id: str) -> str | None:
        """The workshop of an expert, if there is such an expert and they have one."""
        expert = self._store.find(expert_id)
        return expert.workshop_id if expert else None

    def add_check(self, tx: Transaction, expert_id: str, *, otherwise: GreenroomError) -> None:
        """Add the check that there is such an expert, who may take sessions."""
        self._store.add_check(tx, expert_id, otherwise=otherwise)

    def put(self, identity: Identity, changes: Mapping[str, Any]) -> Expert:
        """Make or change the person's profile; what ``changes`` leaves out stays.

        Raises:
            AccountDeleted: the person's account was deleted.
        """
        person, _ = self._accounts.see(identity)

        def changed(seen: Expert | None) -> Expert:
            known = seen or self._begun(person.user_id, name=person.name)
            comes = changes.get("presence") == "online" and known.presence != "online"
            since = self._clock() if comes else known.idle_since
            return replace(known, idle_since=since, **changes)

        return self._change(person.user_id, changed)

    def approve(self, expert_id: str, *, approved: bool) -> Expert:
        """Let an expert take sessions, or no longer; NotFound where there is no profile."""

        def changed(seen: Expert | None) -> Expert:
            if seen is None:
                raise NotFound("There is no such expert.")
            return replace(seen, approved=approved)

        return self._change(expert_id, changed)

    def _begun(self, expert_id: str, *, name: str | None) -> Expert:
        return Expert(
            expert_id=expert_id,
            name=name or "Expert",
            presence="offline",
            approved=self._signup() == "open",
            max_active=EXPERT_ACTIVE_DEFAULT,
            active_count=0,
            is_specialist=False,
            skills=(),
            workshop_id=None,
            idle_since=self._clock(),
        )

    def _change(self, expert_id: str, changed: Changed) -> Expert:
        for _ in range(MATCH_TRIES_MAX):
            seen = self._store.find(expert_id)
            expert = changed(seen)
            tx = self._store.transaction()
            self._accounts.add_existence(tx, expert_id)
            if seen is None:
                self._store.add_new(tx, expert)
            else:
                self._store.add_profile(tx, expert, seen=seen)
            try:
                tx.commit()
            except ExpertChanged:
                continue
            return expert
        raise StoreUnavailable(log={"reason": "overtaken", "expert_id": expert_id})
