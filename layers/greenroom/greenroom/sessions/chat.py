"""The talk of a session with an expert: text that both can read, while it waits or is live."""

import hashlib

from greenroom.kernel.clock import epoch_s
from greenroom.kernel.errors import Conflict, IdempotencyMismatch, InvalidTransition, NotFound
from greenroom.kernel.ids import new_id, session_id_of
from greenroom.kernel.limits import CHAT_KEY_KEPT_S, PAGE_MAX
from greenroom.sessions.chat_items import MessageItem, MessageKeyItem
from greenroom.sessions.conditions import given, is_status
from greenroom.sessions.domain import Message, Session, refusal
from greenroom.sessions.items import SessionItem
from greenroom.sessions.store import SessionStore
from greenroom.table.table import Table

TALKING = ("waiting", "live")


class Chat:
    """Says and reads."""

    def __init__(self, table: Table, *, store: SessionStore) -> None:
        self._table = table
        self._store = store

    def say(
        self, session_id: str, text: str, *, user_id: str, key: str | None
    ) -> tuple[Message, bool]:
        """Add a message: it, and whether an earlier request with this key had said it.

        Raises:
            NotFound: there is no such session, or the person is not in it.
            InvalidTransition: nobody can talk in it yet, or any more.
            IdempotencyMismatch: the key was used for another text.
        """
        session = self._store.load_part(session_id, user_id=user_id)
        role = "customer" if user_id == session.user_id else "expert"
        at = MessageItem.at(session_id, new_id())
        item = MessageItem(
            at.pk,
            at.sk,
            message_id=at.sk.removeprefix("MESSAGE#"),
            user_id=user_id,
            role=role,
            text=text,
        )
        told = hashlib.sha256(text.encode()).hexdigest()
        tx = self._store.transaction()
        if key is not None:
            place = MessageKeyItem.at(session_id, session_id_of(session_id, user_id, key))
            sent = MessageKeyItem(
                place.pk,
                place.sk,
                message_id=item.message_id,
                text_sha256=told,
                ttl=epoch_s(self._table.clock()) + CHAT_KEY_KEPT_S,
            )
            tx.put("key", sent, otherwise=Conflict("This was said already."))
        # Who is in it may change with a release: the expert of that moment has to be the one.
        tx.check(
            "session",
            SessionItem.at(session_id),
            when=is_status(*TALKING) & given(expert_id=session.expert_id),
            otherwise=lambda old: _silent(session if old is None else self._store.read(old)),
        )
        tx.put("message", item, otherwise=Conflict("This message is there already."))
        for violation in tx.attempt():
            if isinstance(violation.old, MessageKeyItem):
                return self._said(session_id, violation.old, told), True
            raise violation.error
        return _message(item), False

    def read(
        self, session_id: str, *, user_id: str, limit: int, cursor: str | None
    ) -> tuple[list[Message], str | None]:
        """A page of what was said, oldest first.

        Raises:
            NotFound: there is no such session, or the person is not in it.
        """
        self._store.load_part(session_id, user_id=user_id)
        page = self._table.query(
            MessageItem,
            f"CHAT#{session_id}",
            sk_prefix="MESSAGE#",
            limit=min(limit, PAGE_MAX),
            cursor=cursor,
            consistent=True,
        )
        return [_message(item) for item in page.items], page.next_cursor

    def forget(self, session_id: str) -> None:
        """Delete all that was said: its customer has left."""
        self._table.empty(f"CHAT#{session_id}")

    def _said(self, session_id: str, known: MessageKeyItem, told: str) -> Message:
        if known.text_sha256 != told:
            raise IdempotencyMismatch
        item = self._table.get(MessageItem.at(session_id, known.message_id))
        if item is None:
            raise NotFound("There is no such message.")
        return _message(item)


def _message(item: MessageItem) -> Message:
    return Message(
        message_id=item.message_id,
        user_id=item.user_id,
        role=item.role,
        text=item.text,
        at=item.created_at,
    )


def _silent(session: Session) -> InvalidTransition:
    return refusal(session, "live", "Nobody can talk in this session now.")
