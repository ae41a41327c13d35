"""Lists as CSV for spreadsheets, where the client's ``Accept`` asks for it.

RFC 4180: a line of names, CRLF, quotes where they are needed. It begins with the byte order mark,
without which Excel reads UTF-8 as something else. A text that a spreadsheet would take for a
formula gets an apostrophe in front, since people choose their own names; numbers of ours stay
numbers. Source: OWASP, "CSV Injection".
"""

import csv
import io
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pydantic import BaseModel

from greenroom.web.api import Answer
from greenroom.web.call import Call

CSV: Final = "text/csv"
NEXT_CURSOR: Final = "X-Next-Cursor"  # where JSON has the member ``nextCursor``
_BOM: Final = "\ufeff"
# Also what begins a formula in full width, and what spreadsheets pass over in front of one.
_FORMULA: Final = re.compile("[=+\\-@\t\r\n\0＝＋－＠]")  # noqa: RUF001 (they are meant)
_WEIGHT: Final = re.compile(r"(?:0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)")  # RFC 9110 §12.4.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A table by its name, the names of its columns and its rows."""

    name: str
    columns: Sequence[str]
    rows: Iterable[Sequence[Any]]

    @classmethod
    def of(cls, shape: type[BaseModel], items: Iterable[BaseModel], *, name: str) -> "Sheet":
        """The items of a list: a column for each member, under its name on the wire."""
        names = {field: info.alias or field for field, info in shape.model_fields.items()}
        rows = ([getattr(item, field) for field in names] for item in items)
        return cls(name=name, columns=list(names.values()), rows=rows)


def listed(call: Call, page: BaseModel, sheet: Sheet) -> Answer:
    """The page as the client wants it: JSON, or the sheet as CSV.

    The sheet's rows are made only then. The page's ``next_cursor`` stands in a header beside CSV.
    """
    if not wants_csv(call.header("accept")):
        return Answer(body=page, headers={"Vary": "Accept"})
    headers = {"Vary": "Accept", "Content-Disposition": f'attachment; filename="{sheet.name}.csv"'}
    cursor = getattr(page, "next_cursor", None)
    if cursor is not None:
        headers[NEXT_CURSOR] = cursor
    return Answer(body=written(sheet), media_type=f"{CSV}; charset=utf-8", headers=headers)


def written(sheet: Sheet) -> bytes:
    """The sheet as CSV."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(sheet.columns)
    writer.writerows([_cell(value) for value in row] for row in sheet.rows)
    return (_BOM + out.getvalue()).encode()


def wants_csv(accept: str) -> bool:
    """Whether an ``Accept`` names CSV, and does not like JSON better. A wildcard is JSON's."""
    weights = {"text/csv": 0.0, "application/json": 0.0}
    for part in accept.lower().split(","):
        media_type, *parameters = (one.strip() for one in part.split(";"))
        if media_type in weights:
            weights[media_type] = max(weights[media_type], _weight(parameters))
    return 0 < weights["text/csv"] >= weights["application/json"]


def _weight(parameters: Sequence[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            value = value.strip()
            return float(value) if _WEIGHT.fullmatch(value) else 0.0
    return 1.0


def _cell(value: Any) -> str | int | float:
    """A value as a spreadsheet takes it: what has parts as JSON, and no text is a formula."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case int() | float():
            return value
        case str():
            return f"'{value}" if _FORMULA.match(value) else value
        case BaseModel():
            return value.model_dump_json(by_alias=True)
        case _:
            return json.dumps(_plain(value), ensure_ascii=False, separators=(",", ":"))


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", by_alias=True)
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, list | tuple) else value
