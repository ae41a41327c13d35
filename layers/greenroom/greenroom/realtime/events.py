"""The names of the provider's transcript events, in both vocabularies.

Every list holds the running event first (its ``delta`` grows the line) and the final one last
(its ``transcript`` is the line). The person's own words arrive only while transcription is on.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TranscriptEvents:
    """Which data channel events carry the person's words, and which the interviewer's."""

    user: tuple[str, ...]
    assistant: tuple[str, ...]

    def to_json(self) -> dict[str, list[str]]:
        """The member ``events`` of the answer that starts a session."""
        return {"userTranscript": list(self.user), "assistantTranscript": list(self.assistant)}


_USER = (
    "conversation.item.input_audio_transcription.delta",
    "conversation.item.input_audio_transcription.completed",
)

GA_EVENTS = TranscriptEvents(
    user=_USER,
    assistant=("response.output_audio_transcript.delta", "response.output_audio_transcript.done"),
)

# The origin's four events.
BETA_EVENTS = TranscriptEvents(
    user=_USER,
    assistant=("response.audio_transcript.delta", "response.audio_transcript.done"),
)
