"""Starting an interview, answering its offer, and giving it a fresh token."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from greenroom.accounts.domain import UnknownUser
from greenroom.accounts.identity import Identity
from greenroom.accounts.service import Accounts
from greenroom.kernel.breaker import Passing, always
from greenroom.kernel.clock import Clock, Deadline
from greenroom.kernel.errors import (
    GreenroomError,
    ProviderTimedOut,
    TokenExpired,
    Unavailable,
)
from greenroom.kernel.ids import new_id, session_id_of, user_id_of
from greenroom.kernel.limits import (
    EXCHANGE_TIMEOUT_S,
    HANGUP_TIMEOUT_S,
    MINT_TIMEOUT_S,
    REVERSAL_RESERVE_S,
    Limits,
)
from greenroom.kernel.telemetry import count
from greenroom.realtime.instructions import interviewer_instructions
from greenroom.realtime.provider import Provider, ProviderCalls
from greenroom.realtime.sdp import Offer, check_offer
from greenroom.realtime.token import Seals, TokenContent
from greenroom.realtime.wire import Answer, SessionSpec
from greenroom.sessions.calls import AlreadyAnswered, CallRecord, Token
from greenroom.sessions.domain import OPEN, Brief, Note, Session, SessionRequest, refusal
from greenroom.sessions.factory import Opened, SessionFactory, plan
from greenroom.sessions.service import Sessions

START_ROUTE = "POST /api/realtime-session"


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceSettings:
    """Which voice the interviewer has, and how the person's words are written down."""

    model: str
    voice: str
    transcription_model: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StartedInterview:
    """A session with its token, which is ours, sealed, and opens nothing but our exchange.

    ``balance`` (centicredits) is what is left, where that is known without a read.
    """

    session: Session
    token: str = field(repr=False)
    expires_at: datetime
    replayed: bool
    client_events: list[dict[str, Any]]
    balance: int | None = None


class RealtimeInterviews:
    """The way of an interview from the click to the answered offer."""

    def __init__(
        self,
        *,
        accounts: Accounts,
        factory: SessionFactory,
        sessions: Sessions,
        calls: CallRecord,
        provider: Provider,
        sealer: Callable[[], Seals],
        voice: VoiceSettings,
        clock: Clock,
        limits: Limits,
        note: Note,
        passing: Passing = always,
    ) -> None:
        self._accounts = accounts
        self._factory = factory
        self._sessions = sessions
        self._calls = calls
        self._provider = provider
        self._sealer = sealer
        self._voice = voice
        self._clock = clock
        self._limits = limits
        self._note = note
        self._passing = passing

    def start(
        self,
        identity: Identity,
        brief: Brief,
        *,
        idempotency_key: str | None,
        request_hash: str,
        deadline: Deadline,
    ) -> StartedInterview:
        """Reserve and pay in one transaction, mint, and hand out the sealed token.

        Whatever goes wrong after the transaction is reversed before the error leaves here; a
        crash is repaired by the sweeper.

        Raises:
            ActiveSessionExists, InsufficientCredits, TooManyRequests, IdempotencyInProgress,
            IdempotencyMismatch: see ``SessionFactory.commit``.
            ProviderFailed, ProviderThrottled, ProviderTimedOut, StoreUnavailable: nothing
                is charged; the same key may be used again.
            ProviderDown: nothing was done at all.
        """
        with self._passing():
            return self._begin(identity, brief, idempotency_key, request_hash, deadline=deadline)

    def _begin(
        self,
        identity: Identity,
        brief: Brief,
        idempotency_key: str | None,
        request_hash: str,
        *,
        deadline: Deadline,
    ) -> StartedInterview:
        opened, balance = self._reserve(identity, brief, idempotency_key, request_hash)
        if opened.replayed:
            return self._replay(opened.session, brief)
        session = opened.session
        try:
            token = self._mint(session, brief, deadline=deadline)
            session = self._calls.opened(session, token, balance=balance)
        except Exception:
            self._reverse(session)
            raise
        return self._started(session, token.text, token.expires_at, brief)

    def fresh_token(self, session_id: str, *, user_id: str, deadline: Deadline) -> StartedInterview:
        """A new token for a session that is still open, without a charge.

        Counting the mint voids the tokens before it, so that no call can begin any more; then
        a call that is live is hung up. One session never has two.

        Raises:
            NotFound, InvalidTransition, ExchangeInProgress, TooManyRequests: see
                ``CallRecord.begin_mint``.
            ProviderFailed, ProviderThrottled, ProviderTimedOut: the call did not end, or no
                token was minted; ask again.
            ProviderDown: nothing was done at all.
        """
        with self._passing():
            session, brief = self._calls.load(session_id, user_id=user_id)
            session = self._calls.begin_mint(session)
            if session.call_id is not None:
                ProviderCalls(lambda: self._provider).hang_up(session.call_id)
            token = self._mint(session, brief, deadline=deadline)
            session = self._calls.minted(session, token)
            return self._started(session, token.text, token.expires_at, brief)

    def exchange(
        self, session_id: str, token: str, offer: bytes, *, user_id: str, deadline: Deadline
    ) -> bytes:
        """The provider's SDP answer to a browser's offer, byte for byte.

        Raises:
            NotFound: foreign or unknown session or token.
            TokenExpired: the token is past its time, burnt, or replaced.
            InvalidSdp, BodyTooLarge: the offer is refused; the token stays good.
            ExchangeInProgress, InvalidTransition: see ``CallRecord.claim``.
            ProviderFailed, ProviderThrottled: try again with the same token.
            ProviderTimedOut: the call may exist; ask for a fresh token.
            ProviderDown: nothing was done at all; try again with the same token.
        """
        now = self._clock()
        content = self._sealer().open(token, session_id=session_id, user_id=user_id, now=now)
        checked = check_offer(offer)
        with self._passing():
            return self._exchanged(content, checked, deadline=deadline)

    def _exchanged(self, content: TokenContent, checked: Offer, *, deadline: Deadline) -> bytes:
        session_id, user_id = content.session_id, content.user_id
        try:
            claimed = self._calls.claim(
                session_id, user_id=user_id, mint=content.mint, offer_sha256=checked.sha256
            )
        except AlreadyAnswered:
            return self._calls.answer(session_id, offer_sha256=checked.sha256)
        answer = self._ask(claimed, content, checked.sdp, deadline=deadline)
        try:
            self._calls.answered(
                claimed, offer_sha256=checked.sha256, answer=answer.sdp, call_id=answer.call_id
            )
        except GreenroomError:
            if not self._is_noted(session_id, checked, answer):
                self._provider.hang_up(
                    answer.call_id, timeout_s=deadline.remaining_s(at_most_s=HANGUP_TIMEOUT_S)
                )
                raise
        return answer.sdp

    def _reserve(
        self, identity: Identity, brief: Brief, key: str | None, request_hash: str
    ) -> tuple[Opened, int | None]:
        """The reserved session, and the balance of a person whom we have just made."""
        user_id = user_id_of(identity.clerk_id)
        request = SessionRequest(
            user_id=user_id,
            clerk_id=identity.clerk_id,
            type="interview",
            payment_method="credits",
            plan="interview",
            source="interview",
            cost=self._limits.interview_centicredits,
            brief=brief,
            request_hash=request_hash,
        )
        session_id = session_id_of(user_id, START_ROUTE, key) if key else new_id()
        planned = plan(request, session_id=session_id, now=self._clock(), limits=self._limits)
        try:
            return self._factory.commit(planned), None
        except UnknownUser:
            granted = self._accounts.ensure_user(identity)
            left = None if granted is None else granted - request.cost
            return self._factory.commit(planned), left

    def _mint(self, session: Session, brief: Brief, *, deadline: Deadline) -> Token:
        timeout_s = deadline.remaining_s(keep_s=REVERSAL_RESERVE_S, at_most_s=MINT_TIMEOUT_S)
        if timeout_s <= 0:
            raise ProviderTimedOut
        minted = self._provider.mint(self._spec(session, brief), timeout_s=timeout_s)
        count("TokensMinted")
        if session.mint > 1:
            count("TokenReminted")
        text = self._sealer().seal(
            TokenContent(
                session_id=session.session_id,
                user_id=session.user_id,
                provider_secret=minted.secret,
                expires_at=minted.expires_at,
                model=minted.model,
                mint=session.mint,
            )
        )
        return Token(
            text=text,
            expires_at=minted.expires_at,
            model=minted.model,
            dialect=self._provider.dialect.name,
        )

    def _ask(
        self, claimed: Session, content: TokenContent, offer: bytes, *, deadline: Deadline
    ) -> Answer:
        """The provider's answer; the claim is freed when there is none."""
        brief = Brief(job_title="")
        try:
            if content.provider_secret is None:
                _, brief = self._calls.load(claimed.session_id, user_id=claimed.user_id)
            timeout_s = deadline.remaining_s(
                keep_s=REVERSAL_RESERVE_S, at_most_s=EXCHANGE_TIMEOUT_S
            )
            return self._provider.exchange(
                offer,
                secret=content.provider_secret,
                spec=self._spec(claimed, brief, model=content.model),
                timeout_s=timeout_s,
            )
        except GreenroomError as error:
            self._give_up(claimed, burn=isinstance(error, Unavailable) and error.may_have_acted)
            raise

    def _is_noted(self, session_id: str, offer: Offer, answer: Answer) -> bool:
        """Whether the answer was noted although its transaction seemed to fail.

        A store that acts and then falls silent must neither cut a call that is live nor keep a
        paid answer from its person.
        """
        try:
            return self._calls.answer(session_id, offer_sha256=offer.sha256) == answer.sdp
        except GreenroomError:
            return False

    def _give_up(self, claimed: Session, *, burn: bool) -> None:
        """Free the claim; one that cannot be freed now runs out by itself."""
        try:
            self._calls.give_up(claimed, burn=burn)
        except GreenroomError as error:
            self._note_trouble("a claim could not be given up", claimed, error)

    def _replay(self, session: Session, brief: Brief) -> StartedInterview:
        """The answer of the first request, with the state that the session has come to.

        It holds the newest token, which may have been used or be past its time; ``/token``
        gives a fresh one while the session is open.

        Raises:
            TokenExpired: the newest token was burnt, or its successor is being minted.
            InvalidTransition: the session was cancelled before there was any answer.
        """
        if session.token is None or session.token_expires_at is None:
            if session.status in OPEN:
                raise TokenExpired(sessionId=session.session_id, sessionStatus=session.status)
            raise refusal(session, "pending", "This session is over. Start with another key.")
        started = self._started(session, session.token, session.token_expires_at, brief)
        return replace(started, replayed=True)

    def _started(
        self, session: Session, token: str, expires_at: datetime, brief: Brief
    ) -> StartedInterview:
        spec = self._spec(session, brief)
        return StartedInterview(
            session=session,
            token=token,
            expires_at=expires_at,
            replayed=False,
            client_events=self._provider.dialect.client_events(spec),
            balance=session.balance_after,
        )

    def _spec(self, session: Session, brief: Brief, *, model: str | None = None) -> SessionSpec:
        person = hashlib.sha256(session.user_id.encode()).hexdigest()
        return SessionSpec(
            model=model or self._voice.model,
            voice=brief.voice or self._voice.voice,
            instructions=interviewer_instructions(brief),
            transcription_model=self._voice.transcription_model,
            ttl_s=self._limits.token_ttl_s,
            safety_identifier=person,
        )

    def _reverse(self, session: Session) -> None:
        """Give back what was reserved; what cannot be given back now, the sweeper does."""
        try:
            self._sessions.reverse(session, reason="mint_failed")
        except GreenroomError as error:
            self._note_trouble("a reservation could not be reversed", session, error)

    def _note_trouble(self, message: str, session: Session, error: GreenroomError) -> None:
        self._note(message, {"session_id": session.session_id, "error_code": error.code})
