"""Stripe's objects in their whole shape, as API version 2026-10-28.endive writes them.

``stripe_objects.json`` holds one blank object of each kind. Making one names every field that
differs, so nothing can be written that Stripe's object does not have.
"""

import copy
import json
import secrets
import string
from pathlib import Path
from typing import Any, Final

Document = dict[str, Any]

API_VERSION: Final = "2026-10-28.endive"
_BLANKS: Final[dict[str, Document]] = json.loads(
    Path(__file__).with_name("stripe_objects.json").read_text("utf-8")
)
_LETTERS: Final = string.ascii_letters + string.digits


def new_object(kind: str, **values: Any) -> Document:
    """A whole object of a kind; names that begin with ``_`` are the stand-in's own notes.

    Raises:
        KeyError: the object has no such field.
    """
    document = copy.deepcopy(_BLANKS[kind])
    for name, value in values.items():
        if name not in document and not name.startswith("_"):
            raise KeyError(f"{kind}.{name}")
        document[name] = value
    return document


def new_id(prefix: str, letters: int = 24) -> str:
    """A random id in Stripe's form, such as ``pi_3x…``."""
    return f"{prefix}_" + "".join(secrets.choice(_LETTERS) for _ in range(letters))


def shown(document: Document) -> Document:
    """What Stripe would show of it: without the stand-in's own notes."""
    return {name: value for name, value in document.items() if not name.startswith("_")}


def list_of(documents: list[Document], url: str) -> Document:
    """A complete list inside another object."""
    return {
        "data": documents,
        "has_more": False,
        "object": "list",
        "total_count": len(documents),
        "url": url,
    }
