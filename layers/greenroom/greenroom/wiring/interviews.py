"""Saved interviews and the feedback on them."""

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING

from greenroom.kernel.log import note
from greenroom.kernel.settings import FeedbackSettings, LimitSettings, QueueSettings
from greenroom.wiring.sessions import SessionsWiring

if TYPE_CHECKING:
    from greenroom.feedback.service import FeedbackJobs
    from greenroom.feedback.worker import FeedbackWorker
    from greenroom.interviews.service import Interviews


class InterviewsWiring(SessionsWiring):
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

        queue = FeedbackQueue(self.settings.feedback_queue_url, endpoint=self.settings.sqs_endpoint)
        return queue.announce

    @cached_property
    def feedback_worker(self) -> "FeedbackWorker":
        """The worker that writes feedback."""
        from greenroom.feedback.llm import FeedbackModel
        from greenroom.feedback.store import FeedbackStore
        from greenroom.feedback.worker import FeedbackWorker

        settings = self.of(FeedbackSettings)
        model = FeedbackModel(
            base_url=settings.llm_base_url,
            api_key=lambda: self._llm_key(settings.llm_base_url),
            model=settings.llm_model,
            http=self._http(),
        )
        return FeedbackWorker(
            FeedbackStore(self.table),
            sessions=self.session_record,
            transcript=self.interviews.transcript,
            model=lambda: model,
            clock=self.clock,
            limits=self.of(LimitSettings),
            note=note,
        )

    def _llm_key(self, base_url: str) -> str:
        """The model's key; OpenAI itself takes the one key for voice and text."""
        key = self.secrets.find("LLM_API_KEY")
        openai = base_url.startswith("https://api.openai.com/")
        return self.secrets.get("OPENAI_API_KEY" if openai and key is None else "LLM_API_KEY")
