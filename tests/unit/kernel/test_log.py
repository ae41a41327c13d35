"""A line of the log is JSON; its message is the phrase that was said."""

import json
import logging

import pytest

from greenroom.kernel.log import logger


@pytest.mark.parametrize("message", ["request was answered", '{"code": 1}', "12", "null", ""])
def test_a_message_is_written_as_the_text_that_it_is(message: str) -> None:
    record = logging.LogRecord("greenroom", logging.INFO, "", 0, message, None, None)

    line = json.loads(logger.registered_formatter.format(record))

    assert line["message"] == message
    assert (line["level"], line["service"]) == ("INFO", "greenroom")
