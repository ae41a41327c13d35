"""The feedback worker: claim, ask the model, check, store. Safe to run twice, or to die."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Protocol

from greenroom.ai.calls import MeteredCalls
from greenroom.ai.domain import Figures, Work
from greenroom.feedback import prompt
from greenroom.feedback.answer import MalformedAnswer, read_answer
from greenroom.feedback.domain import FeedbackJob, abandon, claim, complete, fail
from greenroom.feedback.schema import Feedback, answer_schema
from greenroom.feedback.store import FeedbackStore, JobOvertaken
from greenroom.kernel.breaker import Passing, always
from greenroom.kernel.clock import Clock, Deadline, to_text
from greenroom.kernel.errors import AnswerMalformed, ProviderDown, Unavailable
from greenroom.kernel.ids import request_id_of
from greenroom.kernel.limits import (
    FEEDBACK_TOKENS_MAX,
    REVERSAL_RESERVE_S,
    Limits,
)
from greenroom.kernel.telemetry import measure
from greenroom.llm.domain import Completion, spent_by
from greenroom.sessions.domain import Session
from greenroom.sessions.record import SessionRecord
from greenroom.usage.domain import Answered, Payer, Plan, Service
from greenroom.usage.meter import Meter

SERVICE = Service("interview_feedback", 1, metered_only=True)  # the interview has paid for it
_Found = tuple[Feedback, Completion]
_ENDS = {"completed": "FeedbackSucceeded", "failed": "FeedbackFailed"}

Note = Callable[[str, dict[str, Any]], None]
Transcript = Callable[[str], Sequence[prompt.Turn]]


class Model(Protocol):
    """What the worker asks of a language model (``llm.gateway.LanguageModel``)."""

    def complete(
        self,
        messages: Sequence[dict[str, str]],
        *,
        schema: dict[str, Any],
        schema_name: str,
        timeout_s: float,
        max_tokens: int,
    ) -> Completion:
        """The model's answer; raises the provider errors of the kernel."""
        ...


class FeedbackWorker:
    """Works on one job at a time."""

    def __init__(
        self,
        store: FeedbackStore,
        *,
        sessions: SessionRecord,
        transcript: Transcript,
        model: Callable[[], Model],
        meter: Meter,
        calls: MeteredCalls,
        clock: Clock,
        limits: Limits,
        note: Note,
        passing: Passing = always,
    ) -> None:
        self._passing = passing
        self._store = store
        self._sessions = sessions
        self._transcript = transcript
        self._model = model
        self._meter = meter
        self._calls = calls
        self._clock = clock
        self._limits = limits
        self._note = note

    def work(self, session_id: str, *, deadline: Deadline, now: datetime | None = None) -> str:
        """Take the job if it is due, and bring it one attempt further: its state afterwards.

        ``postponed`` says that the time left is too short for a call of the model, or that it is
        down: the job was not taken, and the next sweep finds it.

        Raises:
            StoreUnavailable: try again; a job that was taken comes back when its lease is over.
        """
        found = self._store.load(session_id)
        if found is None:
            return "unknown"
        job, _ = found
        now = now or self._clock()
        taken = claim(job, now=now, limits=self._limits)
        if taken is None:
            return job.status
        if not self.has_time(deadline):
            return "postponed"
        try:
            with self._passing():
                return self._take(session_id, job, taken, deadline=deadline, now=now)
        except ProviderDown:
            return "postponed"

    def _take(
        self,
        session_id: str,
        job: FeedbackJob,
        taken: FeedbackJob,
        *,
        deadline: Deadline,
        now: datetime,
    ) -> str:
        try:
            self._move(session_id, job, taken)
        except JobOvertaken:
            return "overtaken"
        if taken.status == "failed":
            return taken.status
        return self._attempt(session_id, taken, deadline=deadline, now=now)

    def has_time(self, deadline: Deadline) -> bool:
        """Whether a call of the model that is begun now may take all the time it is allowed."""
        return deadline.remaining_s(keep_s=REVERSAL_RESERVE_S) >= self._limits.feedback_timeout_s

    def _attempt(
        self, session_id: str, job: FeedbackJob, *, deadline: Deadline, now: datetime
    ) -> str:
        session = self._sessions.find(session_id)
        if session is None or session.deleted_at is not None:
            # What a person has deleted is not sent to anybody.
            return self._settle(session_id, job, abandon(job), error_code="INTERVIEW_DELETED")
        try:
            feedback, completion = self._metered(session, job, deadline=deadline)
        except Unavailable as error:
            # The call took its time; a schedule's own time may be ahead of the clock.
            after = fail(job, now=max(now, self._clock()), limits=self._limits)
            facts = {"session_id": session_id, "error_code": error.code, **error.log}
            self._note("an attempt at feedback failed", facts)
            return self._settle(session_id, job, after, error_code=error.code)
        status = self._settle(
            session_id,
            job,
            complete(job),
            score=feedback.overall_score,
            result=feedback.model_dump(by_alias=True),
            error_code=None,
            prompt_tokens=completion.prompt_tokens,
            completion_tokens=completion.completion_tokens,
        )
        asked_at = job.retried_at or session.completed_at
        if status == "completed" and asked_at is not None:
            waited = self._clock() - asked_at
            measure("FeedbackAgeSeconds", waited.total_seconds(), "Seconds")
        return status

    def _metered(
        self, session: Session, job: FeedbackJob, *, deadline: Deadline
    ) -> tuple[Feedback, Completion]:
        """What ``_ask`` brings, counted as the person's and logged.

        Each attempt is a request of its own: one that died is followed by the next.

        Raises:
            StoreUnavailable: it cannot be counted, so the model is not asked.
        """
        session_id = session.session_id
        retried = "" if job.retried_at is None else to_text(job.retried_at)
        held = self._meter.reserve(
            Payer(session.user_id),
            SERVICE,
            plan=Plan(),
            request_id=request_id_of(SERVICE.name, session_id, retried, str(job.attempt)),
            request_hash=session_id,
        )
        if isinstance(held, Answered):
            raise TypeError("an attempt at feedback keeps no answer")

        def ask() -> Work[_Found]:
            found = self._ask(session, deadline=deadline)
            return Work(found, spent_by(found[1]))

        told = {"metadata": {"sessionId": session_id}}
        return self._calls.make(held, ask, answer=_nothing, keep=False, told=told).value

    def _ask(self, session: Session, *, deadline: Deadline) -> tuple[Feedback, Completion]:
        """The model's feedback, checked.

        Raises:
            AnswerMalformed: the answer is not what was asked for.
            ProviderFailed, ProviderThrottled, ProviderTimedOut: try again later.
        """
        turns = self._transcript(session.session_id)
        completion = self._model().complete(
            prompt.build(turns, job_title=session.job_title, company=session.company),
            schema=answer_schema(),
            schema_name=SERVICE.name,
            max_tokens=FEEDBACK_TOKENS_MAX,
            timeout_s=deadline.remaining_s(
                keep_s=REVERSAL_RESERVE_S, at_most_s=self._limits.feedback_timeout_s
            ),
        )
        feedback = read_answer(
            completion.text,
            turns,
            model=completion.model,
            generated_at=to_text(self._clock()),
        )
        if isinstance(feedback, MalformedAnswer):
            raise AnswerMalformed(log={"reason": feedback.reason, **completion.facts})
        return feedback, completion

    def _settle(
        self,
        session_id: str,
        before: FeedbackJob,
        after: FeedbackJob,
        *,
        score: int | None = None,
        **facts: Any,
    ) -> str:
        try:
            self._move(session_id, before, after, score=score, **facts)
        except JobOvertaken:
            return "overtaken"
        return after.status

    def _move(
        self,
        session_id: str,
        before: FeedbackJob,
        after: FeedbackJob,
        *,
        score: int | None = None,
        **facts: Any,
    ) -> None:
        tx = self._sessions.transaction()
        self._store.add_move(tx, session_id, before, after, **facts)
        self._sessions.add_feedback(tx, session_id, status=after.status, score=score)
        if after.status in _ENDS:
            tx.count(_ENDS[after.status])
        tx.commit()


def _nothing(_value: _Found, _figures: Figures, /) -> bytes:
    """What is kept of an attempt beside the feedback itself."""
    return b""
