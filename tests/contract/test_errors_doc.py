"""docs/errors.md names every code with the status, title and facts that it has in the code."""

import ast
import re
from itertools import chain
from pathlib import Path

import pytest

from greenroom.kernel import errors
from greenroom.kernel.errors import GreenroomError, Refused, Unavailable
from greenroom.realtime.sdp import REASONS
from greenroom.web.problem import DOCS, problem
from scripts.openapi import all_routes
from scripts.openapi_problems import codes_of
from scripts.openapi_words import FACTS, OPTIONAL
from tests.contract.test_imports import by_name

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "layers" / "greenroom" / "greenroom"
PAGE = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
ABSTRACT = {GreenroomError, Refused}

ROW = re.compile(
    r'^\| <a id="(?P<anchor>\w+)"></a>`(?P<code>[A-Z0-9_]+)` \| (?P<status>\d{3}) '
    r"\| (?P<title>[^|]+) \| (?P<when>[^|]+) \| (?P<todo>[^|]+) \| (?P<facts>[^|]*) \|$",
    re.MULTILINE,
)
REASON = re.compile(r'^\| <a id="(\w+)"></a>`(SDP_\w+)` \| ([^|]+) \|$', re.MULTILINE)


def visible() -> dict[str, list[type[GreenroomError]]]:
    """The errors of every code that some route may answer, but for what the offer's check says."""
    codes: dict[str, list[type[GreenroomError]]] = {}
    known = {error for _, route in all_routes() for error in route.refusals}
    for error in sorted(known, key=lambda error: error.__name__):
        for code in codes_of(error):
            codes.setdefault(code, []).append(error)
    return {code: sharing for code, sharing in codes.items() if code not in REASONS}


def told(sharing: list[type[GreenroomError]]) -> list[str]:
    """The facts of a code; a question mark stands after what does not come with each answer."""
    facts = [FACTS.get(error.__name__, {}) for error in sharing]
    sure = {name for name in facts[0] if all(name in each for each in facts)} - OPTIONAL
    return [f"`{name}`" + "?" * (name not in sure) for name in dict.fromkeys(chain(*facts))]


def documented() -> dict[str, re.Match[str]]:
    return {row["code"]: row for row in ROW.finditer(PAGE)}


def wired_sources() -> list[str]:
    """The sources of all modules that the wiring reaches: what some function may run."""
    known, reached, waiting = by_name(), {"kernel.errors"}, {"wiring"}
    while waiting:
        reached |= waiting
        waiting = {used for name in waiting for used in known[name].ours & known.keys()} - reached
    paths = [PACKAGE.joinpath(*name.split(".")).with_suffix(".py") for name in reached]
    return [path.read_text(encoding="utf-8") for path in paths if path.exists()]


def test_every_code_of_a_route_is_documented_and_no_other() -> None:
    assert set(documented()) == set(visible())


@pytest.mark.parametrize("code", sorted(visible()))
def test_a_code_is_documented_as_it_is(code: str) -> None:
    sharing, row = visible()[code], documented()[code]

    assert {error.status for error in sharing} == {int(row["status"])}
    assert {error.title for error in sharing} == {row["title"]}
    assert row["facts"].split(", ") == (told(sharing) or [""])
    assert row["anchor"] == code.lower()
    for error in sharing:
        refused = problem(error(code=code), request_id="r")
        assert f'"{DOCS}#{row["anchor"]}"' in str(refused["body"])


def test_every_reason_of_the_offers_check_is_documented_in_its_own_words() -> None:
    assert {code: detail for _, code, detail in REASON.findall(PAGE)} == REASONS


def test_every_error_that_is_raised_is_one_that_some_route_answers() -> None:
    raised = {
        name
        for source in wired_sources()
        for name in re.findall(r"(?:raise|return) (\w+)", source)
        if isinstance(one := vars(errors).get(name), type) and issubclass(one, GreenroomError)
    }

    assert raised <= {error.__name__ for _, route in all_routes() for error in route.refusals}


def test_a_code_that_is_given_to_an_error_or_a_warning_is_on_the_page() -> None:
    given = {
        keyword.value.value
        for source in wired_sources()
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call)
        for keyword in node.keywords
        if keyword.arg in {"code", "error_code"} and isinstance(keyword.value, ast.Constant)
    }

    assert {code for code in given if isinstance(code, str) and f"`{code}`" not in PAGE} == set()


def test_the_tree_in_the_taxonomy_names_every_class_with_its_status_and_code() -> None:
    tree = dict(re.findall(r"── (\w+) +(.+)$", errors.__doc__ or "", re.MULTILINE))
    for one in vars(errors).values():
        if isinstance(one, type) and issubclass(one, GreenroomError) and one not in ABSTRACT:
            said = tree[one.__name__]
            assert said.startswith((str(one.status), "4xx", "5xx")), one
            assert one in {Unavailable, errors.InvalidSdp} or one.code in said, one
