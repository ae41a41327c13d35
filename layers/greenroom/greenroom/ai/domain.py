"""What can be asked of the AI proxy, and what came of it. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, Protocol, TypeVar

from greenroom.kernel.tenants import TenantKind
from greenroom.llm.domain import Spent
from greenroom.usage.domain import Service

Message = dict[str, str]
Logged = Literal["stored", "spilled", "lost"]
Value = TypeVar("Value")
Value_contra = TypeVar("Value_contra", contravariant=True)


class Malformed(ValueError):
    """An answer of a model that is not what was asked for.

    ``reason`` is a word of ours and ``where`` a place in the schema: nothing of the answer itself.
    """

    def __init__(self, reason: str, where: str | None = None) -> None:
        self.reason = reason
        self.where = where
        super().__init__(reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What is sent to the model, and how its answer is read.

    ``read`` gives the output or raises ``Malformed``. It raises nothing else, whatever the text.
    """

    messages: Sequence[Message]
    schema: Mapping[str, Any]
    schema_name: str
    read: Callable[[str], Any]
    max_tokens: int


class TaskMaker(Protocol):
    """Makes a task of an input, and of the schema that the caller wants, if they may want one."""

    def __call__(self, given: Any, schema: Mapping[str, Any] | None) -> Task:
        """The task."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenancy:
    """Which tenant a request names; ``kind`` is None where only an id was sent."""

    kind: TenantKind | None
    tenant_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request, checked. ``told`` is what the log keeps of it besides."""

    service: Service
    task: Task
    tenancy: Tenancy | None
    request_hash: str
    told: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The answer's bytes, and what the edge says of them.

    ``logged`` says where the usage log's row is; None for a repeat, which makes none.
    """

    request_id: str
    answer: bytes
    replayed: bool
    logged: Logged | None


@dataclass(frozen=True, slots=True)
class Work(Generic[Value]):
    """What a call brought, and what it used up."""

    value: Value
    spent: Spent


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What a call used: of the quota, of the model, and of time."""

    units: int
    spent: Spent
    cost_micros: int | None
    processing_ms: int


class AnswerOf(Protocol[Value_contra]):
    """What a call is answered with, and repeats of its request."""

    def __call__(self, value: Value_contra, figures: Figures, /) -> bytes:
        """The answer's bytes."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Done(Generic[Value]):
    """A call that brought something."""

    value: Value
    answer: bytes
    figures: Figures
    logged: Logged
