"""Reported errors on the wire."""

from typing import Annotated

from pydantic import Field

from greenroom.kernel.limits import (
    CLIENT_ERROR_MESSAGE_CHARS_MAX,
    CLIENT_ERROR_STACK_CHARS_MAX,
    CLIENT_ERROR_URL_CHARS_MAX,
    CLIENT_ERROR_WORD_CHARS_MAX,
)
from greenroom.web.wire import Wire, storable

_ID = r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"
_Word = Annotated[str, Field(pattern=r"^[A-Za-z0-9._:=/+-]{1,128}$")]
_Words = Annotated[str, Field(min_length=1, max_length=CLIENT_ERROR_WORD_CHARS_MAX), storable]


class ClientError(Wire):
    """An error that happened in a browser.

    `requestId` is that of the answer which it followed from (`X-Request-Id`), if there is one.
    """

    message: Annotated[
        str, Field(min_length=1, max_length=CLIENT_ERROR_MESSAGE_CHARS_MAX), storable
    ]
    stack: Annotated[str, Field(max_length=CLIENT_ERROR_STACK_CHARS_MAX), storable] | None = None
    url: Annotated[str, Field(max_length=CLIENT_ERROR_URL_CHARS_MAX), storable] | None = None
    request_id: _Word | None = None
    session_id: Annotated[str, Field(pattern=_ID)] | None = None
    user_agent: _Words | None = None
    release: _Words | None = None


class ClientErrorTaken(Wire):
    """The report was taken; `id` names it in the log."""

    id: str
