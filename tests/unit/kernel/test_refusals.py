"""One answer to several violated rules."""

import pytest

from greenroom.kernel.errors import (
    AlreadyBooked,
    ClassFull,
    NotFound,
    Overlap,
    PassExpired,
    ValidationFailed,
    refusal_of,
    several,
)


def test_the_first_violated_rule_is_the_answer_and_names_all() -> None:
    found = refusal_of([ClassFull(waitlistCount=2), several([PassExpired(), Overlap()])])

    assert (found.code, found.facts["waitlistCount"]) == ("CLASS_FULL", 2)
    assert [one["code"] for one in found.facts["violations"]] == [
        "CLASS_FULL",
        "PASS_EXPIRED",
        "OVERLAP",
    ]


def test_one_violated_rule_is_named_in_the_same_way() -> None:
    found = refusal_of([AlreadyBooked(bookingId="b1")])

    assert found.facts["violations"] == [
        {"code": "ALREADY_BOOKED", "detail": found.detail, "bookingId": "b1"}
    ]


def test_what_does_not_exist_is_answered_alone() -> None:
    found = refusal_of([ClassFull(), several([NotFound("the pass"), PassExpired()])])

    assert isinstance(found, NotFound)
    assert (found.detail, found.facts) == (NotFound().detail, {})


def test_a_broken_condition_that_no_rule_explains_is_a_bug() -> None:
    with pytest.raises(ValueError, match="no rule"):
        several([])


def test_what_is_not_valid_always_names_what() -> None:
    named = {"field": "name", "message": "is too long", "type": "value_error"}

    assert ValidationFailed("name: is too long", errors=[named]).facts["errors"] == [named]
    assert ValidationFailed("Too much.").facts["errors"] == [
        {"field": "request", "message": "Too much.", "type": "value_error"}
    ]
