"""Whatever facts look like, they make a row: what fits nowhere is kept, and flagged."""

import json
import math
import time
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from greenroom.kernel.ids import is_id
from greenroom.kernel.tenants import Tenant
from greenroom.usage.drift import METADATA_BYTES_MAX, facts_of, row_of
from greenroom.usage.log_row import LogRow
from greenroom.usage.plain import FLAGS_MAX

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
LEAST = {"request_id": "r1", "user_id": "u1", "at": "2026-11-21T11:59:00Z"}
PRESCHOOL = "d5e14446-f19e-4b29-8fb0-9551869348dd"


def read(**facts: Any) -> LogRow:
    return row_of(LEAST | facts, now=NOW)


def size(value: Any) -> int:
    return len(json.dumps(value, ensure_ascii=False, allow_nan=False).encode())


# The errors of origin 001, in their order


def test_metadata_may_be_missing() -> None:
    assert read().metadata == {}
    assert read(metadata=None).metadata == {}


def test_the_processing_time_may_be_missing() -> None:
    assert read().processing_time_ms is None
    assert read(processing_time_ms=4120).processing_time_ms == 4120


def test_the_service_id_may_be_null() -> None:
    row = read(ai_service_id=None, service_type="exam_generation")

    assert (row.ai_service_id, row.service) == (None, "exam_generation")
    assert row.flags == ()


@pytest.mark.parametrize(
    "facts",
    [
        {"tenant_kind": "preschool", "tenant_id": PRESCHOOL},
        {"tenant_kind": "preschool", "tenant_id": PRESCHOOL, "organization_id": PRESCHOOL},
        {"preschool_id": PRESCHOOL},
        {"preschool_id": PRESCHOOL, "organization_id": PRESCHOOL},
        {"preschool_id": PRESCHOOL, "organization_id": None},
        {"tenant_kind": "preschool", "preschool_id": PRESCHOOL},
    ],
)
def test_a_preschools_id_is_never_one_of_an_organization(facts: dict[str, Any]) -> None:
    row = read(**facts)

    assert (row.preschool_id, row.organization_id) == (PRESCHOOL, None)
    assert (row.metadata, row.flags) == ({}, ())


def test_an_organization_is_one_without_being_looked_up() -> None:
    row = read(organization_id="org_that_nobody_knows")

    assert row.tenant == Tenant("organization", "org_that_nobody_knows")
    assert row.preschool_id is None


def test_two_different_tenants_name_nobody_and_both_are_kept() -> None:
    row = read(preschool_id="p1", organization_id="o1")

    assert row.tenant is None
    assert row.metadata == {"preschool_id": "p1", "organization_id": "o1"}


def test_kind_and_id_go_before_another_id() -> None:
    row = read(tenant_kind="preschool", tenant_id="p1", organization_id="o1")

    assert row.tenant == Tenant("preschool", "p1")
    assert row.metadata == {"organization_id": "o1"}


@pytest.mark.parametrize("bad", ["a#b", "", "x" * 129, 7, ["p1"], {"id": "p1"}])
def test_what_is_no_id_reaches_no_key(bad: Any) -> None:
    row = read(tenant_kind="preschool", tenant_id=bad)

    assert row.tenant is None
    assert row.metadata["tenant_kind"] == "preschool"


# What nobody knows, and what JSON cannot hold


def test_unknown_facts_are_kept_under_their_names() -> None:
    row = read(prompt_version=3, metadata={"grade": "R"})

    assert row.metadata == {"prompt_version": 3, "grade": "R"}
    assert row.flags == ()


def test_an_unknown_fact_never_hides_one_of_the_metadata() -> None:
    assert read(grade=1, metadata={"grade": "R"}).metadata == {"grade_": 1, "grade": "R"}


def test_metadata_that_is_no_object_is_kept_as_a_member() -> None:
    assert read(metadata=[1, 2]).metadata == {"metadata": [1, 2]}


class Odd:
    """Has a text of its own."""

    def __str__(self) -> str:
        return "odd"


class Broken:
    """Has no text at all."""

    def __str__(self) -> str:
        raise RuntimeError


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (math.nan, "nan"),
        (math.inf, "inf"),
        (-math.inf, "-inf"),
        (b"caf\xc3\xa9 \xff", "café \\xff"),
        ("a\ud800b", "a\\ud800b"),
        (Decimal("1.50"), "1.50"),
        (NOW, "2026-11-21 12:00:00+00:00"),
        (Odd(), "odd"),
        (Broken(), "<Broken>"),
        (2**70, str(2**70)),
        (10**5000, "<int>"),
        ({1}, "{1}"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_json_cannot_hold_is_text_with_a_flag(value: Any, kept: str) -> None:
    row = read(metadata={"x": {"y": [value]}})

    assert row.metadata == {"x": {"y": [kept]}}
    assert row.flags == ("text:metadata.x.y[]",)


def test_emoji_and_broken_encodings_stay_as_they_are() -> None:
    metadata = {"🧒 name": "Zoë 👩🏽‍🏫 — ÃƒÂ©", "zero": "\u0000"}

    row = read(metadata=metadata)

    assert (row.metadata, row.flags) == (metadata, ())


def test_names_that_are_no_texts_become_texts() -> None:
    row = read(metadata={7: "a", "b\udfff": 1, ("c",): 2})

    assert row.metadata == {"7": "a", "b\\udfff": 1, "('c',)": 2}
    assert set(row.flags) == {"text:metadata.7", "text:metadata.b\\udfff", "text:metadata.('c',)"}


def test_what_holds_itself_ends() -> None:
    holder: dict[str, Any] = {}
    holder["self"] = holder

    row = read(metadata=holder)

    assert size(row.metadata) < METADATA_BYTES_MAX
    assert any(flag.startswith("text:metadata.self") for flag in row.flags)


@pytest.mark.parametrize(
    "metadata",
    [
        {"text": "x" * 2**20},
        {"text": "\u0000" * 2**20},
        {"text": "👩" * 2**18},
        {"list": list(range(200_000))},
        {f"name{n}": n for n in range(100_000)},
        {"x" * 2**20: 1},
        {"deep": json.loads("[" * 900 + "]" * 900)},
    ],
)
def test_a_megabyte_is_cut_and_takes_no_longer_than_what_is_kept(metadata: Any) -> None:
    began_s = time.process_time()

    row = read(metadata=metadata, status="ok")

    assert time.process_time() - began_s < 0.2
    assert size(row.metadata) <= METADATA_BYTES_MAX * 1.02
    assert row.flags
    assert row.status == "ok"
    assert row_of(facts_of(row), now=NOW) == row


def test_flags_end_somewhere() -> None:
    row = read(metadata={f"x{n}": math.nan for n in range(200)})

    assert len(row.flags) == FLAGS_MAX + 1
    assert row.flags[-1] == "more"
    assert row_of(facts_of(row), now=NOW) == row


# Known facts of a wrong form


@pytest.mark.parametrize(
    ("name", "value", "kept"),
    [
        ("processing_time_ms", math.nan, "nan"),
        ("processing_time_ms", "fast", "fast"),
        ("processing_time_ms", -1, "-1"),
        ("units", True, "True"),
        ("cost_micros", 10**16, str(10**16)),
        ("model", {"name": "m"}, "{'name': 'm'}"),
        ("service_type", "Exam#1", "Exam#1"),
        ("service_type", 7, "7"),
        ("status", "exploded", "exploded"),
        ("started_at", "yesterday", "yesterday"),
        ("started_at", "2026-11-21T12:00:00", "2026-11-21T12:00:00"),
        ("finished_at", datetime(9999, 12, 31, tzinfo=UTC), "9999-12-31 00:00:00+00:00"),
        ("attempt", "first", "first"),
        ("flags", "text:x", "text:x"),
    ],
)
def test_a_fact_of_a_wrong_form_is_missing_and_kept_as_text(
    name: str, value: Any, kept: str
) -> None:
    row = read(**{name: value})

    assert row.metadata == {name: kept}
    assert getattr(row, name) in (None, 1, row.flags)
    assert row.flags == (() if name == "flags" else (f"text:{name}",))


def test_a_fraction_of_a_millisecond_is_rounded() -> None:
    row = read(processing_time_ms=412.7)

    assert (row.processing_time_ms, row.flags) == (413, ("rounded:processing_time_ms",))
    assert read(processing_time_ms=412.0).flags == ()


def test_a_text_that_is_too_long_is_cut() -> None:
    row = read(model="m" * 5000)

    assert row.model is not None
    assert 100 < len(row.model) <= 200
    assert row.flags == ("cut:model",)


def test_without_a_moment_it_is_now_and_without_an_id_it_has_a_new_one() -> None:
    row = row_of({}, now=NOW)

    assert row.at == NOW
    assert is_id(row.request_id)
    assert row.user_id == "nobody"


def test_an_id_that_is_no_part_of_a_key_is_stood_for_by_one_always_the_same() -> None:
    first, again = read(request_id="a#b"), read(request_id="a#b")

    assert first.request_id == again.request_id
    assert first.metadata == {"request_id": "a#b"}
    assert is_id(first.request_id)


# A row of its own facts

JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(codec=None), max_size=40)
    | st.binary(max_size=20)
    | st.just(Odd()),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(codec=None), max_size=8), inner, max_size=4)
    ),
    max_leaves=20,
)
NAMES = st.sampled_from(
    [
        *("request_id", "user_id", "at", "tenant_kind", "tenant_id", "preschool_id"),
        *("organization_id", "ai_service_id", "service_type", "model", "input_tokens"),
        *("output_tokens", "cost_micros", "units", "status", "error_code", "attempt", "flags"),
        *("processing_time_ms", "started_at", "finished_at", "correlation_id", "metadata"),
    ]
) | st.text(max_size=8)


@given(st.dictionaries(NAMES, JUNK, max_size=12))
def test_any_facts_make_a_row_that_json_holds_and_that_makes_itself_again(
    facts: dict[str, Any],
) -> None:
    row = row_of(facts, now=NOW)
    told = json.loads(json.dumps(facts_of(row), allow_nan=False, ensure_ascii=False).encode())

    assert row_of(told, now=NOW) == row
    assert size(told) < METADATA_BYTES_MAX + 16_384


@given(JUNK)
def test_nothing_of_the_metadata_breaks_a_row(value: Any) -> None:
    row = read(metadata={"x": value})

    assert row_of(facts_of(row), now=NOW) == row
