"""A thousand deliveries of fifty events, shuffled, from sixteen threads: fifty effects."""

from benchmarks.storm import COPIES, EVENTS, pass_over
from tests.world import World


def test_a_storm_of_webhooks_has_each_effect_once(world: World) -> None:
    storm = pass_over(world)

    assert storm.answers.total() == EVENTS * COPIES == 1000
    assert (storm.effects, storm.unbalanced, storm.errors) == (EVENTS, 0, 0)
