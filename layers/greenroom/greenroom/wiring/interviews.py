"""Saved interviews and the feedback on them."""

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING

from greenroom.kernel.limits import QUEUE_TIMEOUT_S, QUEUE_TRIES
from greenroom.kernel.log import note
from greenroom.kernel.settings import LimitSettings, QueueSettings
from greenroom.wiring.calls import CallsWiring
from greenroom.wiring.sessions import SessionsWiring

if TYPE_CHECKING:
    from greenroom.feedback.service import FeedbackJobs
    from greenroom.feedback.sweeper import FeedbackSweeper
    from greenroom.feedback.worker import FeedbackWorker
    from greenroom.interviews.service import Interviews


class InterviewsWiring(SessionsWiring, CallsWiring):
    """Saved interviews and their feedback."""

    @cached_property
    def interviews(self) -> "Interviews":
        """Saved interviews."""
        from greenroom.interviews.service import Interviews
        from greenroom.interviews.store import InterviewStore

        return Interviews(
            store=InterviewStore(self.table, limits=self.of(LimitSettings)),
            sessions=self.session_record,
            feedback=self.feedback,
            clock=self.clock,
            note=note,
        )

    @cached_property
    def feedback(self) -> "FeedbackJobs":
        """Feedback as other rooms ask for it."""
        from greenroom.feedback.service import FeedbackJobs
        from greenroom.feedback.store import FeedbackStore

        return FeedbackJobs(
            FeedbackStore(self.table),
            sessions=self.session_record,
            clock=self.clock,
            announce=self._announcer(),
            note=note,
        )

    def _announcer(self) -> Callable[[str], None]:
        if not isinstance(self.settings, QueueSettings) or not self.settings.feedback_queue_url:
            return lambda _session_id: None
        from greenroom.feedback.queue import FeedbackQueue

        queue = self.queue(
            self.settings.feedback_queue_url,
            endpoint=self.settings.sqs_endpoint,
            timeout_s=QUEUE_TIMEOUT_S,
            tries=QUEUE_TRIES,
        )
        return FeedbackQueue(queue).announce

    @cached_property
    def feedback_worker(self) -> "FeedbackWorker":
        """The worker that writes feedback."""
        from greenroom.feedback.store import FeedbackStore
        from greenroom.feedback.worker import FeedbackWorker

        return FeedbackWorker(
            FeedbackStore(self.table),
            sessions=self.session_record,
            transcript=self.interviews.transcript,
            model=lambda: self.language_model,
            meter=self.meter,
            calls=self.metered_calls,
            clock=self.clock,
            limits=self.of(LimitSettings),
            note=note,
            passing=self.language_model.passing,
        )

    @cached_property
    def feedback_sweeper(self) -> "FeedbackSweeper":
        """The schedule's run over the feedback that is due."""
        from greenroom.feedback.store import FeedbackStore
        from greenroom.feedback.sweeper import FeedbackSweeper

        return FeedbackSweeper(
            FeedbackStore(self.table),
            worker=lambda: self.feedback_worker,
            sessions=lambda: self.session_record,
            note=note,
        )
