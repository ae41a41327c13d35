"""A start of ours makes at least five times fewer round trips than the naive shape of it."""

from benchmarks import naive, page
from tests.parallel import together
from tests.world import Person, World

TIMES = 5


def test_ours_makes_five_times_fewer_round_trips_than_the_naive_shape(world: World) -> None:
    ours, theirs = measured = naive.measure(world)

    assert (ours.reads, ours.transactions, ours.updates) == (0, 1, 1)
    assert theirs.round_trips >= TIMES * ours.round_trips
    assert ours.provider_calls == theirs.provider_calls == 1
    assert page.read()[naive.TITLE].startswith(naive.text(measured))


def test_the_naive_shape_does_the_same_and_keeps_repeats_apart(world: World) -> None:
    """So that what is compared is one use case."""
    ada = world.person()
    ada.credits()
    naive_starts = naive.Naive(world)

    first = naive_starts.start(ada, {"jobTitle": "Welder"}, key="k")
    again = naive_starts.start(ada, {"jobTitle": "Welder"}, key="k")

    assert first == again
    assert ada.credits() == 2.0
    assert world.provider.count("/client_secrets") == 1


class _Meanwhile(naive.Naive):
    """Starts once more between a look for an active session and what follows from it."""

    begun = False

    def _has_active_session(self, user_id: str) -> bool:
        found = super()._has_active_session(user_id)
        if not self.begun:
            self.begun = True
            self.start(self.ada, {}, key="2")
        return found

    def __init__(self, world: World, ada: Person) -> None:
        super().__init__(world)
        self.ada = ada


def test_of_two_naive_starts_at_once_both_are_charged_and_of_two_of_ours_one(
    world: World,
) -> None:
    ada, bob = world.person(), world.person()
    for person in (ada, bob):
        person.credits()

    _Meanwhile(world, ada).start(ada, {}, key="1")
    ours = together(bob.start, bob.start)

    assert (ada.credits(), bob.credits()) == (1.0, 2.0)
    assert sorted(reply.status for reply in ours) == [201, 409]
