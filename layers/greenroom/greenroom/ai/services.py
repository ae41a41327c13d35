"""The services of the AI proxy: what each is called, takes, makes and costs."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from pydantic import BaseModel

from greenroom.ai.domain import TaskMaker
from greenroom.ai.exam import exam_schema, exam_task
from greenroom.ai.exam_schema import ExamInput
from greenroom.ai.structured import structured_task
from greenroom.ai.structured_schema import StructuredInput
from greenroom.usage.domain import Service


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceType:
    """A service that can be called. ``output`` is None where the caller brings the schema."""

    service: Service
    summary: str
    input: type[BaseModel]
    output: Mapping[str, Any] | None
    task: TaskMaker

    @property
    def takes_schema(self) -> bool:
        """Whether the caller says what the answer looks like."""
        return self.output is None


_SERVICES: Final = (
    ServiceType(
        service=Service("exam_generation", 1),
        summary="An exam with questions, answers and a marking guide",
        input=ExamInput,
        output=exam_schema(),
        task=exam_task,
    ),
    ServiceType(
        service=Service("structured_generation", 1),
        summary="An answer to a prompt in the shape of your own JSON schema",
        input=StructuredInput,
        output=None,
        task=structured_task,
    ),
)
SERVICES: Final[Mapping[str, ServiceType]] = MappingProxyType(
    {one.service.name: one for one in _SERVICES}
)
