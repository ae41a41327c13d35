"""The base of every shape on the wire: camelCase outside, frozen, nothing unknown."""

import hashlib
import json
from collections.abc import Callable
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

# A moment of ours: ISO 8601 in UTC with microseconds.
Timestamp = Annotated[str, Field(json_schema_extra={"format": "date-time"})]


class Wire(BaseModel):
    """A request or an answer: ``session_id`` here is ``sessionId`` on the wire.

    Unknown members and NaN or infinite numbers are refused. Dump with ``by_alias=True``.
    """

    model_config = ConfigDict(
        alias_generator=to_camel,
        populate_by_name=True,
        extra="forbid",
        frozen=True,
        allow_inf_nan=False,
        json_schema_serialization_defaults_required=True,
        defer_build=True,  # a cold start builds the shapes that its first request needs
    )

    def fingerprint(self) -> str:
        """What tells a repeat of a request from another request under the same key."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()


def without_null(*names: str) -> Callable[[dict[str, Any]], None]:
    """Let the schema tell that these members are left out or something, but not null.

    Names are those of the wire; without any, it is every member. Pydantic cannot know what a
    validator refuses.
    """

    def tell(schema: dict[str, Any]) -> None:
        members = schema["properties"]
        for name in names or members:
            member = members[name]
            kinds = [one for one in member.pop("anyOf") if one != {"type": "null"}]
            member.pop("default", None)
            member |= kinds[0] if len(kinds) == 1 else {"anyOf": kinds}

    return tell


def exactly_one(*names: str) -> Callable[[dict[str, Any]], None]:
    """Let the schema tell that exactly one of these members is given and not null."""

    def tell(schema: dict[str, Any]) -> None:
        there: dict[str, Any] = {"not": {"type": "null"}}
        schema["oneOf"] = [{"required": [name], "properties": {name: there}} for name in names]

    return tell


def _storable(text: str) -> str:
    text.encode()  # a lone surrogate cannot be stored; the error is a ValueError
    return text


storable = AfterValidator(_storable)


def json_of_at_most(size_bytes: int, *, depth: int) -> Callable[[Any], Any]:
    """A check for members that hold any JSON: at most so many bytes, so many levels deep.

    The check raises ``ValueError`` (which pydantic reports) also for NaN, infinities and lone
    surrogates, since none of them could be stored and read back.
    """

    def check(value: Any) -> Any:
        if depth_exceeds(value, depth):
            raise ValueError(f"nests deeper than {depth} levels")
        text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        if len(text.encode()) > size_bytes:
            raise ValueError(f"is larger than {size_bytes} bytes")
        return value

    return check


def depth_exceeds(value: Any, depth: int) -> bool:
    """Whether containers nest deeper; walks level by level, so that depth cannot overflow."""
    level = [value]
    for _ in range(depth + 1):
        level = [child for parent in level for child in _children(parent)]
        if not level:
            return False
    return True


def _children(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return list(value) if isinstance(value, list) else []
