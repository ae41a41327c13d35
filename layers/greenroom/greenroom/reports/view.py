"""From what a browser sends to what is kept."""

from datetime import datetime

from greenroom.reports.domain import Report
from greenroom.reports.schema import ClientError


def report_of(told: ClientError, *, report_id: str, at: datetime) -> Report:
    """The report as it came, under our id and time."""
    return Report(
        report_id=report_id,
        at=at,
        message=told.message,
        stack=told.stack,
        url=told.url,
        request_id=told.request_id,
        session_id=told.session_id,
        user_agent=told.user_agent,
        release=told.release,
    )
