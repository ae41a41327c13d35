"""Starting an interview and exchanging its SDP, on the wire."""

import json
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ConfigDict, Field

from greenroom.kernel.limits import JOB_TITLE_DEFAULT
from greenroom.sessions.domain import Brief
from greenroom.web.wire import Timestamp, Wire, json_of_at_most

RESUME_DATA_BYTES_MAX = 64 * 1024
EXCHANGE_PATH = "/api/webrtc-exchange"

Voice = Literal[
    "alloy", "ash", "ballad", "cedar", "coral", "echo", "marin", "sage", "shimmer", "verse"
]
ResumeData = Annotated[Any, BeforeValidator(json_of_at_most(RESUME_DATA_BYTES_MAX, depth=32))]


class StartInterview(Wire):
    """``POST /api/realtime-session``: what to practise. Everything is optional."""

    job_title: str = Field(default=JOB_TITLE_DEFAULT, min_length=1, max_length=120)
    company: str | None = Field(default=None, max_length=120)
    interview_type: str | None = Field(default=None, max_length=60)
    difficulty: str | None = Field(default=None, max_length=40)
    job_description: str | None = Field(default=None, max_length=12_000)
    resume_text: str | None = Field(default=None, max_length=40_000)
    resume_data: ResumeData | None = Field(default=None, description="any JSON, at most 64 KB")
    voice: Voice | None = None

    def brief(self) -> Brief:
        """The brief that this asks for; résumé data serve where there is no résumé text."""
        resume = self.resume_text
        if not resume and self.resume_data:
            resume = json.dumps(self.resume_data, ensure_ascii=False)
        return Brief(
            job_title=self.job_title,
            company=self.company,
            interview_type=self.interview_type,
            difficulty=self.difficulty,
            job_description=self.job_description,
            resume_text=resume,
            voice=self.voice,
        )


class IceServer(Wire):
    """One entry of ``RTCConfiguration.iceServers``; what a server does not need is left out."""

    # A browser would take null for the text "null".
    urls: str | list[str]
    username: str | None = Field(default=None, exclude_if=lambda value: value is None)
    credential: str | None = Field(default=None, exclude_if=lambda value: value is None)

    model_config = ConfigDict(json_schema_serialization_defaults_required=False)


class IceServerList(Wire):
    """``GET /api/ice-servers``; TURN credentials pass with time."""

    ice_servers: list[IceServer]


class TranscriptEventNames(Wire):
    """The data channel events that carry the transcript, running ones first."""

    user_transcript: list[str]
    assistant_transcript: list[str]


class SessionStarted(Wire):
    """A session and its token. The interviewer is an AI.

    ``token`` is sealed and opens nothing but ``exchangeUrl``. ``charged`` is what this session
    took, in credits; ``credits`` is the balance after it where it is known without a read
    (``GET /api/user`` always knows). ``clientEvents`` are to be sent over the data channel
    after ``session.created``.
    """

    session_id: str
    status: str
    token: str
    expires_at: Timestamp
    model: str
    dialect: Literal["ga", "beta"]
    exchange_url: str = EXCHANGE_PATH
    ice_servers: list[IceServer]
    events: TranscriptEventNames
    max_duration_seconds: int
    charged: float
    credits: float | None
    client_events: list[dict[str, Any]]


class ExchangeOffer(Wire):
    """``POST /api/webrtc-exchange`` as JSON."""

    session_id: str = Field(min_length=1, max_length=64)
    token: str = Field(min_length=1, max_length=4096)
    sdp: str = Field(max_length=64 * 1024)


class ExchangeAnswer(Wire):
    """The provider's answer, byte for byte."""

    sdp: str
    type: Literal["answer"] = "answer"
    session_id: str
