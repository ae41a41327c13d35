"""Answers in the caller's own shape: what may be asked for."""

from typing import Annotated, Any

from pydantic import AfterValidator, Field, StringConstraints

from greenroom.kernel.limits import AI_DATA_BYTES_MAX, AI_PROMPT_CHARS_MAX, AI_TEXT_CHARS_MAX
from greenroom.web.wire import Wire, json_of_at_most, storable

_Prompt = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=AI_PROMPT_CHARS_MAX),
    storable,
]


class StructuredInput(Wire):
    """A prompt, and what belongs to it."""

    prompt: _Prompt
    instructions: (
        Annotated[str, StringConstraints(max_length=AI_TEXT_CHARS_MAX), storable] | None
    ) = None
    data: Annotated[Any, AfterValidator(json_of_at_most(AI_DATA_BYTES_MAX, depth=20))] = Field(
        None, description="Any JSON that the prompt is about, at most 64 KB"
    )
