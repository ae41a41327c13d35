"""The template keeps every policy, and every policy finds the violations that are seeded for it."""

import pytest

from tests.contract import policies, policies_of_failure, policies_of_keeping, policy_seeds
from tests.contract.stack import Stack
from tests.figures import Figure

_ = (policies_of_failure, policies_of_keeping)  # they add theirs
POLICIES = policies.POLICIES
SEEDS = policy_seeds.SEEDS
CASES = [
    pytest.param(name, number, id=f"{name}-{number}")
    for name, seeds in SEEDS.items()
    for number in range(len(seeds))
]


@pytest.mark.parametrize("name", POLICIES)
def test_the_template_keeps_the_policy(name: str, figure: Figure) -> None:
    broken = sorted(set(POLICIES[name](Stack())))
    figure("template", "policies kept", good=int(not broken), of=1)

    assert broken == [], POLICIES[name].__doc__


@pytest.mark.parametrize(("name", "number"), CASES)
def test_a_policy_finds_what_is_seeded_against_it(name: str, number: int, figure: Figure) -> None:
    seeded = Stack()
    SEEDS[name][number](seeded)
    found = list(POLICIES[name](seeded))
    figure("template", "seeded violations found", good=int(bool(found)), of=1)

    assert found


def test_every_policy_is_seeded() -> None:
    assert set(SEEDS) == set(POLICIES)
