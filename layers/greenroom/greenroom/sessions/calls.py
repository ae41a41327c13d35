"""What a session remembers of its call: tokens, the exchange in flight, the provider's answer.

A token carries the number of its mint. An exchange claims the session for one offer, so that
two offers never make two calls; only the claim's holder can note the answer or give it up.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from greenroom.kernel.clock import Clock
from greenroom.kernel.errors import (
    Conflict,
    ExchangeInProgress,
    GreenroomError,
    NotFound,
    TokenExpired,
    TooManyRequests,
)
from greenroom.kernel.ids import new_id
from greenroom.kernel.limits import Limits
from greenroom.sessions.conditions import given, is_status, is_unclaimed, may_be_answered
from greenroom.sessions.domain import Brief, Session, guard_until, live_until, refusal
from greenroom.sessions.store import SessionStore


class AlreadyAnswered(Conflict):
    """This mint's exchange was answered before; the same offer may have the answer again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A sealed token and what it was minted for."""

    text: str
    expires_at: datetime
    model: str
    dialect: str


class CallRecord:
    """Conditional updates of a session's call."""

    def __init__(self, store: SessionStore, *, clock: Clock, limits: Limits) -> None:
        self._store = store
        self._clock = clock
        self._limits = limits

    def opened(self, session: Session, token: Token, *, balance: int | None) -> Session:
        """``reserved -> pending``: the provider has minted; the answer is kept for replays.

        Raises:
            InvalidTransition: the reservation was given back meanwhile.
        """
        return self._store.change(
            session.session_id,
            {"status": "pending", "balance_after": balance, **_kept(token)},
            when=is_status("reserved") & given(attempt=session.attempt),
            otherwise=lambda old: refusal(old or session, "pending"),
        )

    def begin_mint(self, session: Session) -> Session:
        """Count another token for an open session; the older ones are void from here on.

        Raises:
            NotFound: there is no such session of this person.
            ExchangeInProgress: an offer is being answered right now.
            TooManyRequests: the session has had all its tokens.
            InvalidTransition: it is over.
        """
        now = self._clock()
        most = self._limits.mints_per_session

        def meaning(old: Session | None) -> GreenroomError:
            if old is None or old.user_id != session.user_id:
                return NotFound("There is no such session.")
            if not old.is_open(now, self._limits) or old.due_at is None:
                return refusal(old, "live", "The session is no longer open.")
            if old.mint >= most:
                wait_s = int((old.due_at - now).total_seconds()) + 1
                return TooManyRequests(
                    f"A session has at most {most} tokens.", retry_after_s=wait_s
                )
            return ExchangeInProgress(retry_after_s=1)

        if session.mint >= most:
            raise meaning(session)
        return self._store.change(
            session.session_id,
            {"mint": session.mint + 1, "token": None, "token_expires_at": None},
            when=given(user_id=session.user_id, mint=session.mint)
            & is_unclaimed(now, self._limits),
            otherwise=meaning,
        )

    def minted(self, session: Session, token: Token) -> Session:
        """Keep the fresh token of ``begin_mint``.

        Raises:
            TokenExpired: a later mint or the session's end overtook this one.
        """
        return self._store.change(
            session.session_id,
            _kept(token),
            when=is_status("pending", "live") & given(mint=session.mint, token=None),
            otherwise=lambda _: TokenExpired(),
        )

    def claim(self, session_id: str, *, user_id: str, mint: int, offer_sha256: str) -> Session:
        """Take the session for one offer, for ``exchange_claim_s`` seconds.

        Raises:
            NotFound: there is no such session of this person.
            AlreadyAnswered: this very offer was answered; see ``answer``.
            ExchangeInProgress: another offer is being answered.
            TokenExpired: the token was burnt or replaced, or the window is over.
            InvalidTransition: the session is over, or was answered to another offer.
        """
        now = self._clock()

        def meaning(old: Session | None) -> GreenroomError:
            if old is None or old.user_id != user_id:
                return NotFound("There is no such session.")
            if old.answered_mint == mint and old.offer_sha256 == offer_sha256:
                return AlreadyAnswered()
            if old.status not in ("pending", "live"):
                return refusal(old, "live")
            if old.claimed(now):
                return ExchangeInProgress(retry_after_s=1)
            if old.answered_mint == mint:
                return refusal(old, "live", "This token was used. Ask for a fresh one.")
            return TokenExpired()

        return self._store.change(
            session_id,
            {
                "claim": new_id(),
                "claim_until": now + timedelta(seconds=self._limits.exchange_claim_s),
            },
            when=may_be_answered(user_id=user_id, mint=mint, now=now, limits=self._limits),
            otherwise=meaning,
        )

    def answer(self, session_id: str, *, offer_sha256: str) -> bytes:
        """The stored answer to that offer; NotFound when a later one replaced it."""
        stored = self._store.answer(session_id, offer_sha256=offer_sha256)
        if stored is None:
            raise NotFound("There is no answer to this offer.")
        return stored

    def give_up(self, claimed: Session, *, burn: bool) -> None:
        """Free the claim; ``burn`` the token when the provider may have acted on the offer."""
        changes: dict[str, Any] = {"claim": None, "claim_until": None}
        if burn:
            changes |= {"token": None, "token_expires_at": None}
        self._store.change(
            claimed.session_id,
            changes,
            when=given(claim=claimed.claim),
            otherwise=lambda _: Conflict("The claim was taken over."),
        )

    def answered(
        self, claimed: Session, *, offer_sha256: str, answer: bytes, call_id: str | None
    ) -> None:
        """Note the provider's answer: the session is live, the charge final.

        Raises:
            InvalidTransition: the session was closed, or the claim taken over, meanwhile.
        """
        now = self._clock()
        live_at = claimed.live_at or now
        first = claimed.live_at is None
        changes: dict[str, Any] = {
            "answered_mint": claimed.mint,
            "offer_sha256": offer_sha256,
            "call_id": call_id,
            "claim": None,
            "claim_until": None,
        }
        if first:
            due_at = live_until(live_at, self._limits)
            changes |= {"status": "live", "live_at": live_at, "due_at": due_at}
        tx = self._store.transaction()
        self._store.add_change(
            tx,
            claimed.session_id,
            changes,
            when=is_status("pending", "live") & given(claim=claimed.claim),
            otherwise=lambda old: refusal(old or claimed, "live"),
        )
        self._store.add_guard_change(
            tx, claimed, status="live", deadline=guard_until(live_at, self._limits)
        )
        self._store.add_answer(tx, claimed.session_id, offer_sha256=offer_sha256, answer=answer)
        self._store.add_event(tx, claimed, "live" if first else "reconnected")
        if first and claimed.charged:
            tx.count("CreditsDebited", claimed.cost / 100)
        tx.commit()

    def load(self, session_id: str, *, user_id: str) -> tuple[Session, Brief]:
        """The session of that person and what it is about; NotFound otherwise."""
        detail = self._store.detail(session_id, user_id=user_id)
        brief = detail.brief or Brief(job_title=detail.session.job_title or "")
        return detail.session, brief


def _kept(token: Token) -> dict[str, Any]:
    return {
        "token": token.text,
        "token_expires_at": token.expires_at,
        "model": token.model,
        "dialect": token.dialect,
    }
