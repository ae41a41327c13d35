"""What a route is: what it takes, answers and refuses. Rooms declare theirs in ``routes.py``.

A declaration is read twice: by ``web.api``, which holds calls to it, and by
``scripts/openapi.py``, which writes it into ``schemas/openapi.json``.
"""

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field
from typing import Literal

from pydantic import BaseModel

from greenroom.kernel.errors import (
    AccountDeleted,
    BodyTooLarge,
    Broken,
    Forbidden,
    GreenroomError,
    Impersonated,
    InvalidRequest,
    NotFound,
    StoreUnavailable,
    Unauthenticated,
    Unavailable,
    UnsupportedMediaType,
    ValidationFailed,
)
from greenroom.kernel.limits import BODY_JSON_MAX, PAGE_DEFAULT, PAGE_MAX

Auth = Literal["person", "admin", "public"]
Shape = type[BaseModel] | str | None

JSON = "application/json"
PAGED = {
    "limit": f"How many, 1..{PAGE_MAX}; {PAGE_DEFAULT} without it",
    "cursor": "The `nextCursor` of the page before",
}


@dataclass(frozen=True, slots=True)
class Route:
    """One route under API Gateway's route key, such as ``GET /api/user``.

    ``answers`` maps each good status to its shape: a model, a media type for what is not JSON,
    None for nothing at all. ``also_answers`` names other media types of a good answer with a body:
    ``Accept`` chooses. A route that may answer 304 is conditional: its answers carry an
    ``ETag``, and who sends it back in ``If-None-Match`` is told whether anything changed.
    ``also_takes`` names other media types of the body with the headers that go with them; a
    ``loose`` body is read as ``Call.loose_body`` does. ``tells`` names headers of good answers
    besides those that all have, ``errors`` those besides ``refusals`` that every route of its
    form has. One that ``may_be_old`` reads ``Cache-Control: max-age`` and tells its ``Age``. A
    route that ``spends`` reads the ``Idempotency-Key``; one that is ``in_person`` refuses
    whoever impersonates the person. ``needs`` names headers and parameters without
    which nothing is done. ``body_max`` is in bytes.
    """

    key: str
    _: KW_ONLY
    summary: str
    answers: Mapping[int, Shape]
    auth: Auth = "person"
    body: type[BaseModel] | None = None
    body_max: int = BODY_JSON_MAX
    also_takes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    also_answers: tuple[str, ...] = ()
    query: Mapping[str, str] = field(default_factory=dict)
    errors: tuple[type[GreenroomError], ...] = ()
    needs: tuple[str, ...] = ()
    tells: tuple[str, ...] = ()
    loose: bool = False
    spends: bool = False
    may_be_old: bool = False
    in_person: bool = False

    def __post_init__(self) -> None:
        """Refuse what cannot be held: nobody is known on a public route."""
        if self.in_person and self.auth == "public":
            raise ValueError("a public route cannot ask for the person")

    @property
    def method(self) -> str:
        """The HTTP method."""
        return self.key.partition(" ")[0]

    @property
    def path(self) -> str:
        """The path with its parameters in braces."""
        return self.key.partition(" ")[2]

    @property
    def refusals(self) -> tuple[type[GreenroomError], ...]:
        """Every error that the route may answer, by status; each one once."""
        known: list[type[GreenroomError]] = [*self.errors, Broken]
        if self.auth != "public":
            known += [Unauthenticated, Unavailable]
        if self.auth == "admin":
            known.append(Forbidden)
        if self.in_person:
            known.append(Impersonated)
        if self.auth == "person":
            known += [StoreUnavailable, AccountDeleted]
        if "{" in self.path:
            known.append(NotFound)
        if self.query:
            known += [InvalidRequest, ValidationFailed]
        if self.body is not None:
            known += [InvalidRequest, BodyTooLarge, UnsupportedMediaType, ValidationFailed]
        return tuple(sorted(set(known), key=lambda error: (error.status, error.code)))
