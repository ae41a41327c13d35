"""Messages of queues: what a record names."""

import json
from typing import Any

from greenroom.kernel.errors import InvalidRequest
from greenroom.kernel.ids import is_id


def session_id_of_message(record: dict[str, Any]) -> str:
    """The session that an SQS record names.

    Raises:
        InvalidRequest: it names none; it can only end in the dead-letter queue.
    """
    try:
        session_id = json.loads(record["body"])["sessionId"]
    except (KeyError, TypeError, ValueError, RecursionError) as cause:
        raise InvalidRequest("The message names no session.") from cause
    if not isinstance(session_id, str) or not is_id(session_id):
        raise InvalidRequest("The message names no session.")
    return session_id
