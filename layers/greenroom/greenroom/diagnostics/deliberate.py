"""A deliberate error: whether it reaches the log with its frames, and the error monitor."""

from collections.abc import Callable
from typing import Any, NoReturn, Protocol

from greenroom.diagnostics.schema import ErrorTestReport

ERROR = "a deliberate error was raised"
WARNING = "a deliberate warning was told"

Note = Callable[[str, dict[str, Any]], None]


class DeliberateError(Exception):
    """Somebody tests whether errors are heard."""


class LogError(Protocol):
    """Writes an error with its frames into the log."""

    def __call__(self, message: str, error: BaseException, **facts: Any) -> None:
        """Write it."""
        ...


class ErrorTest:
    """Fails on purpose. ``capture`` tells the error monitor, and answers the id of its event."""

    def __init__(
        self, *, log_error: LogError, note: Note, capture: Callable[[BaseException], str | None]
    ) -> None:
        self._log_error = log_error
        self._note = note
        self._capture = capture

    def run(self, kind: str, *, request_id: str) -> ErrorTestReport:
        """Raise, catch and tell an error as the edge does; or only warn."""
        if kind == "warning":
            self._note(WARNING, {"request_id": request_id})
            return ErrorTestReport(
                kind="warning", message=WARNING, request_id=request_id, event_id=None
            )
        try:
            _fail()
        except DeliberateError as error:
            self._log_error(ERROR, error, request_id=request_id)
            event_id = self._capture(error)
            return ErrorTestReport(
                kind="error", message=ERROR, request_id=request_id, event_id=event_id
            )


def _fail() -> NoReturn:
    raise DeliberateError
