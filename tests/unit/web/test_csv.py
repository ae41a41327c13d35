"""Lists as CSV: read back as they were, harmless in a spreadsheet, chosen by ``Accept``."""

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from greenroom.web.csv import Sheet, wants_csv, written
from greenroom.web.wire import Wire

FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "＋1", "－1", "＠A1"]  # noqa: RUF001


def read(raw: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline="")))


def cells(*values: object) -> list[str]:
    (_, row) = read(written(Sheet(name="x", columns=["c"] * len(values), rows=[values])))
    return row


@pytest.mark.parametrize("text", FORMULAS)
def test_a_text_that_begins_like_a_formula_is_a_text(text: str) -> None:
    assert cells(text) == [f"'{text}"]


def test_a_number_of_ours_stays_a_number() -> None:
    assert cells(-300, -0.5, 7, True, None) == ["-300", "-0.5", "7", "true", ""]


def test_what_has_parts_is_json() -> None:
    assert json.loads(cells({"a": ["=1", 2]})[0]) == {"a": ["=1", 2]}


def test_it_begins_with_the_mark_of_utf8_and_ends_its_lines_as_rfc_4180_says() -> None:
    raw = written(Sheet(name="x", columns=["name", "n"], rows=[['Zoë, "Z"\r\nQuinn', 1]]))

    assert raw == b'\xef\xbb\xbfname,n\r\n"Zo\xc3\xab, ""Z""\r\nQuinn",1\r\n'


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1, max_size=4))
def test_every_text_is_read_back_and_none_is_a_formula(texts: list[str]) -> None:
    found = cells(*texts)

    for text, cell in zip(texts, found, strict=True):
        assert cell in {text, f"'{text}"}
        assert cell[:1] not in set("=+-@\t\r\n＝＋－＠")  # noqa: RUF001


class Thing(Wire):
    """A row."""

    thing_id: str
    parts: list["Thing"]


def test_the_columns_are_the_members_of_the_wire_also_without_a_row() -> None:
    inner = Thing(thing_id="b", parts=[])
    items = [Thing(thing_id="a", parts=[inner])]

    assert read(written(Sheet.of(Thing, [], name="x"))) == [["thingId", "parts"]]
    assert read(written(Sheet.of(Thing, items, name="x")))[1] == [
        "a",
        '[{"thingId":"b","parts":[]}]',
    ]


@pytest.mark.parametrize(
    ("accept", "csv_it_is"),
    [
        ("text/csv", True),
        ("TEXT/CSV; charset=utf-8", True),
        ("text/csv, application/json", True),
        ("text/csv;q=0.5, application/json", False),
        ("text/csv;q=0.9, application/json;q=0.1, */*", True),
        ("text/csv;q=0", False),
        ("text/csv;q=x", False),
        ("text/*", False),
        ("*/*", False),
        ("application/json", False),
        ("", False),
    ],
)
def test_accept_chooses(accept: str, *, csv_it_is: bool) -> None:
    assert wants_csv(accept) is csv_it_is
