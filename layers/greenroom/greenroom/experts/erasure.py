"""Takes a deleted person off the desk: nobody waits for an expert who has left."""

from dataclasses import replace

from greenroom.experts.desk import Desk
from greenroom.experts.store import ExpertChanged, ExpertStore
from greenroom.kernel.limits import PAGE_MAX
from greenroom.sessions.assigning import Assigning
from greenroom.sessions.domain import Session
from greenroom.sessions.service import Sessions


class ExpertErasure:
    """Erases experts."""

    def __init__(
        self, store: ExpertStore, *, assigning: Assigning, desk: Desk, sessions: Sessions
    ) -> None:
        self._store = store
        self._assigning = assigning
        self._desk = desk
        self._sessions = sessions

    def run(self, expert_id: str) -> bool:
        """Erase the person's profile as an expert: whether it is gone.

        First they take nothing new; what waits for them looks for another expert, what is live
        ends. Then the profile goes, unless they still have a session: then again.
        """
        expert = self._store.find(expert_id)
        if expert is None:
            return True
        tx = self._store.transaction()
        left = replace(expert, presence="offline", approved=False)
        self._store.add_profile(tx, left, seen=expert)
        tx.commit()
        for session in self._held_by(expert_id):
            if session.status == "waiting":
                self._desk.release(session.session_id, expert_id=expert_id)
            elif session.status == "live":
                self._sessions.end(session.session_id, user_id=expert_id)
        tx = self._store.transaction()
        self._store.add_gone(tx, expert_id)
        try:
            tx.commit()
        except ExpertChanged:
            return False
        return True

    def _held_by(self, expert_id: str) -> list[Session]:
        found: list[Session] = []
        cursor: str | None = None
        while True:
            page, cursor = self._assigning.of_expert(expert_id, limit=PAGE_MAX, cursor=cursor)
            found += [one for one in page if one.expert_id == expert_id]
            if cursor is None:
                return found
