"""What handlers have written to the log."""

import io
import json
import logging
from typing import Any

from greenroom.kernel.log import logger

Lines = list[dict[str, Any]]


class Written:
    """The lines that were written since the last look."""

    def __init__(self) -> None:
        self._stream = io.StringIO()
        self.handler = logging.StreamHandler(self._stream)
        self.handler.setFormatter(logger.registered_formatter)

    @property
    def text(self) -> str:
        return self._stream.getvalue()

    def lines(self) -> Lines:
        found = [json.loads(line) for line in self.text.splitlines()]
        self._stream.seek(0)
        self._stream.truncate()
        return found
