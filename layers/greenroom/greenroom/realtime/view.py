"""From the service's results to the shapes of the wire."""

from collections.abc import Sequence
from typing import Any

from greenroom.kernel.clock import to_text
from greenroom.kernel.money import credits_to_json
from greenroom.realtime.events import TranscriptEvents
from greenroom.realtime.schema import (
    IceServer,
    IceServerList,
    SessionStarted,
    TranscriptEventNames,
)
from greenroom.realtime.service import StartedInterview


def started(
    interview: StartedInterview,
    *,
    events: TranscriptEvents,
    ice_servers: Sequence[dict[str, Any]],
    max_duration_s: int,
) -> SessionStarted:
    """The answer to a start, a replay and a fresh token."""
    session = interview.session
    names = events.to_json()
    return SessionStarted(
        session_id=session.session_id,
        status=session.status,
        token=interview.token,
        expires_at=to_text(interview.expires_at),
        model=session.model or "",
        dialect="beta" if session.dialect == "beta" else "ga",
        ice_servers=[IceServer(**server) for server in ice_servers],
        events=TranscriptEventNames(
            user_transcript=names["userTranscript"],
            assistant_transcript=names["assistantTranscript"],
        ),
        max_duration_seconds=max_duration_s,
        charged=credits_to_json(session.cost if session.charged else 0),
        credits=None if interview.balance is None else credits_to_json(interview.balance),
        client_events=interview.client_events,
    )


def ice_server_list(servers: Sequence[dict[str, Any]]) -> IceServerList:
    """The answer that lists ICE servers."""
    return IceServerList(ice_servers=[IceServer(**server) for server in servers])
