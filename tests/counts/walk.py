"""A walk through the routes: what each costs, from a container that remembers nothing."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pynamodb.connection import Connection

from benchmarks.counting import QUEUES, Cost, cost
from greenroom.kernel.limits import Limits
from local.resources import Template
from tests.fakes.stripe import Stripe, open_stripe
from tests.world import Reply, World

SETTINGS = {
    **QUEUES,
    "EXPERT_SIGNUP": "open",
    "INITIAL_CENTICREDITS": "10000",  # whoever walks here can pay
    # As deployed: a webhook leaves a mark that it came.
    "WEBHOOK_MARK_PAUSE_S": str(Limits().webhook_mark_pause_s),
}


class Walk(World):
    """A world, and what was counted in it by route or use case; ``folder`` is for its Stripe."""

    def __init__(
        self,
        template: Template,
        endpoint: str,
        connection: Connection,
        *,
        folder: Path,
        **settings: str,
    ) -> None:
        super().__init__(template, endpoint, connection, settings=SETTINGS | settings)
        self.folder = folder
        self.costs: dict[str, Cost] = {}
        self._asked: list[str] = []

    def rewire(self, **settings: str) -> None:
        """Give all functions these settings, as new containers; the old ones end."""
        for name in self.apps:
            if gateway := vars(self.wiring(name)).get("stripe"):
                gateway.close()
        super().rewire(**settings)

    def invoke(self, function: str, event: Any, *, remaining_ms: int = 29_000) -> Any:
        """Invoke a function, and note for which route."""
        if isinstance(event, dict) and "routeKey" in event:
            self._asked.append(event["routeKey"])
        return super().invoke(function, event, remaining_ms=remaining_ms)

    def ask(self, send: Callable[..., Reply], *asked: Any, **options: Any) -> Reply:
        """Ask one route as a new container answers it, and note under its key what that costs."""
        self.rewire()
        self._asked.clear()
        replies: list[Reply] = []
        counted = cost("", lambda: replies.append(send(*asked, **options)))
        (reply,), (key,) = replies, self._asked
        assert 200 <= reply.status < 300, f"{key}: {reply.status} {reply.text}"
        self._note(key, counted)
        return reply

    def case(self, name: str, run: Callable[..., Any], *asked: Any, **options: Any) -> Any:
        """Do something that is more or less than a route, in new containers, and note its cost."""
        self.rewire()
        results = []
        self._note(name, cost(name, lambda: results.append(run(*asked, **options))))
        return results[0]

    def _note(self, name: str, counted: Cost) -> None:
        assert name not in self.costs, f"{name} is counted twice"
        self.costs[name] = counted


@contextmanager
def at_the_till(walk: Walk) -> Iterator[Stripe]:
    """The walk with Stripe's stand-in, which runs on real time."""
    with open_stripe(walk.folder, walk) as stripe:
        yield stripe
