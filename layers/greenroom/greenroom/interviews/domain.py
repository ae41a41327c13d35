"""The rules of saving an interview: when a save is taken, and whether it asks for feedback."""

from dataclasses import dataclass
from typing import Literal

from greenroom.kernel.limits import FEEDBACK_MIN_TURNS

FeedbackStatus = Literal["pending", "generating", "completed", "failed"]

# A call that was never answered (reserved, pending, failed, cancelled) has nothing to save.
SAVEABLE: frozenset[str] = frozenset({"live", "completed", "expired"})


@dataclass(frozen=True, slots=True)
class FeedbackPlan:
    """What a save means for the feedback: its state afterwards, and what has to be done.

    ``job`` asks for a feedback job; ``too_short`` asks that the feedback which is stored says
    so and holds metrics only.
    """

    status: FeedbackStatus
    job: bool
    too_short: bool


def accepts_save(session_status: str) -> bool:
    """Whether a session in this state takes a transcript."""
    return session_status in SAVEABLE


def is_too_short(person_turns: int) -> bool:
    """Whether a language model would have too little to judge by."""
    return person_turns < FEEDBACK_MIN_TURNS


def plan_feedback(
    stored: FeedbackStatus | None, *, person_turns: int, was_too_short: bool = False
) -> FeedbackPlan:
    """What this save does about feedback; ``stored`` is None for the first save.

    An interview has at most one job that a save made. Only a first save makes one, or the
    resend that first brings enough turns: until then there was none.
    """
    too_short = is_too_short(person_turns)
    first = stored is None or (stored == "completed" and was_too_short)
    if stored is not None and (not first or too_short):
        return FeedbackPlan(status=stored, job=False, too_short=was_too_short)
    if too_short:
        return FeedbackPlan(status="completed", job=False, too_short=True)
    return FeedbackPlan(status="pending", job=True, too_short=False)
