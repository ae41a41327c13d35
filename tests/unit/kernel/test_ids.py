"""Ids: ordered by time where they are ours, derived where they must follow from something."""

import uuid

from hypothesis import given
from hypothesis import strategies as st

from greenroom.kernel.ids import is_id, new_id, session_id_of, user_id_of

MS_MAX = 2**48 - 1


@given(st.integers(0, MS_MAX))
def test_a_new_id_is_a_uuid_of_version_7_in_lower_case(at_ms: int) -> None:
    made = new_id(at_ms=at_ms)

    parsed = uuid.UUID(made)
    assert (parsed.version, parsed.variant) == (7, uuid.RFC_4122)
    assert made == str(parsed) == made.lower()
    assert parsed.int >> 80 == at_ms


@given(st.integers(0, MS_MAX), st.integers(0, MS_MAX))
def test_ids_sort_as_text_by_their_millisecond(one: int, other: int) -> None:
    if one != other:
        assert (new_id(at_ms=one) < new_id(at_ms=other)) is (one < other)


def test_ids_of_one_millisecond_differ() -> None:
    assert len({new_id(at_ms=1) for _ in range(1000)}) == 1000


def test_all_random_bits_are_used() -> None:
    """74 of them: neither the version nor the variant nor the time eats one."""
    ones = zeros = 0
    for _ in range(200):
        value = uuid.UUID(new_id(at_ms=0)).int
        ones |= value
        zeros |= ~value
    random = (2**12 - 1) << 64 | (2**62 - 1)

    assert ones & random == random
    assert zeros & random == random


def test_a_new_id_is_of_now() -> None:
    assert new_id(at_ms=0) < new_id() < new_id(at_ms=MS_MAX)


def test_a_persons_id_never_changes() -> None:
    """It is the key of stored people: another namespace would lose all of them."""
    assert user_id_of("user_2abc") == "d826ec88-86b8-584b-9b0a-4cebc65b4102"


@given(st.text(max_size=40))
def test_a_persons_id_is_the_same_however_often_it_is_asked(clerk_id: str) -> None:
    namespace = uuid.UUID("6f0c1e0a-5d3b-5b8e-9a77-2f3a64c6d0b1")

    assert {user_id_of(clerk_id), user_id_of(clerk_id)} == {str(uuid.uuid5(namespace, clerk_id))}


def test_a_derived_sessions_id_never_changes() -> None:
    """It is what makes a repeated request meet the first one's session, also after a deploy."""
    assert session_id_of("a", "b") == "142c4141-347d-5b0b-9038-9e811a557549"


@given(st.lists(st.text(max_size=5), max_size=4), st.lists(st.text(max_size=5), max_size=4))
def test_other_parts_make_another_session_id(one: list[str], other: list[str]) -> None:
    """However they are cut: ("a", "bc") is not ("ab", "c")."""
    assert (session_id_of(*one) == session_id_of(*other)) is (one == other)


def test_people_and_sessions_never_share_an_id() -> None:
    assert user_id_of("x") != session_id_of("x")


def test_our_ids_are_recognised_and_nothing_else() -> None:
    made = new_id()

    assert is_id(made)
    assert is_id(user_id_of("x"))
    assert not any(map(is_id, ["", made.upper(), made[:-1], f"{made}\n", f" {made}", "user_2abc"]))
