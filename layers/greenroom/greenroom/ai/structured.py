"""Answers in the caller's own shape: what the model is asked, and what has to be true of it."""

from collections.abc import Mapping
from typing import Any

from greenroom.ai.conformity import violation
from greenroom.ai.domain import Malformed, Task
from greenroom.ai.guard import messages_of, value_of
from greenroom.ai.structured_schema import StructuredInput
from greenroom.kernel.limits import AI_TOKENS_MAX

_TASK = """\
You do one task for somebody who builds a product, and answer in the shape that they have chosen.

Rules:
- prompt says what is wanted, instructions what to mind, data what it is about.
- Fill every member of the schema with what its name and description say. Where something is not \
known, say so in its text or use null if the schema allows it; never invent facts about people."""


def structured_task(given: StructuredInput, schema: Mapping[str, Any] | None) -> Task:
    """The task of answering by that schema, which has passed ``check_schema``."""
    if schema is None:
        raise ValueError("a structured answer needs a schema")
    return Task(
        messages=messages_of(_TASK, given.model_dump(by_alias=True, exclude_none=True)),
        schema=schema,
        schema_name="structured_output",
        read=lambda text: read_structured(text, schema),
        max_tokens=AI_TOKENS_MAX,
    )


def read_structured(text: str, schema: Mapping[str, Any]) -> Any:
    """The value that an answer holds.

    Raises:
        Malformed: it is none, or does not follow the schema.
    """
    value = value_of(text)
    where = violation(value, schema)
    if where is not None:
        raise Malformed("not_the_schema", "output" if len(where) > 60 else where)
    return value
