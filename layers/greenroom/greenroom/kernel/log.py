"""The log: JSON lines, constant messages, facts as keys; never a secret, SDP or transcript."""

import traceback
from typing import Any, NoReturn

from aws_lambda_powertools import Logger

from greenroom.kernel import monitor
from greenroom.kernel.errors import GreenroomError

FRAMES_MAX = 12


def _no_json(_message: object) -> NoReturn:
    """Powertools reads every message as JSON, to see whether it is some; none of ours is."""
    raise ValueError("a message is a phrase")


# No location: messages are constant, so where one stands is found by its words. The level is
# what the function's log settings say (INFO without any).
logger = Logger(service="greenroom", location=None, json_deserializer=_no_json)


def note(message: str, facts: dict[str, Any]) -> None:
    """Warn of something that was refused or could not be done, and was dealt with."""
    logger.warning(message, extra=facts)
    if "alarm" in facts:
        monitor.tell(message, facts)


def report(message: str, facts: dict[str, Any]) -> None:
    """Tell of something that somebody has to look after; its fact ``alarm`` names the alarm."""
    logger.error(message, extra=facts)
    monitor.tell(message, facts)


def log_error(message: str, error: BaseException, **facts: Any) -> None:
    """Log what went wrong: type, code and place, even when the exception says nothing.

    The text of a foreign exception is left out, since it may quote what was sent to us.
    """
    ours = isinstance(error, GreenroomError)
    facts |= error.log if isinstance(error, GreenroomError) else {}
    facts["error_type"] = type(error).__qualname__
    facts["error_code"] = error.code if isinstance(error, GreenroomError) else "INTERNAL_ERROR"
    if not ours:
        frames = traceback.extract_tb(error.__traceback__)[-FRAMES_MAX:]
        facts["frames"] = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
    logger.error(message, extra=facts)
