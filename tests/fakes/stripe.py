"""The Stripe stand-in as the tests' Stripe: a real server, whose events are handed to the webhook.

The product's own gateway and the official library talk to it over HTTP. It runs on real time,
so a world that uses it has a clock that was set to the present.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from greenroom.kernel.clock import utc_now
from local.standins.common import running
from local.standins.stripe import StripeStandIn
from tests.till import Till
from tests.world import SECRETS, Reply, World

KEY = SECRETS["STRIPE_SECRET_KEY"]

Json = dict[str, Any]


class Stripe:
    """A running stand-in, one world wired to it, and the way of events between them."""

    def __init__(self, address: str, world: World) -> None:
        self.address = address
        self.world = world
        self.till = Till(world)
        self._heard: set[str] = set()
        self._api = httpx.Client(base_url=address, headers={"Authorization": f"Bearer {KEY}"})
        self._script = httpx.Client(base_url=f"{address}/_control")

    def close(self) -> None:
        """Let go of its connections."""
        self._api.close()
        self._script.close()
        self._close_gateways()

    def rewire(self, **settings: str) -> None:
        """Give the world other settings, as new containers."""
        self._close_gateways()
        self.world.rewire(**settings)

    def _close_gateways(self) -> None:
        for name in self.world.apps:
            if gateway := vars(self.world.wiring(name)).get("stripe"):
                gateway.close()

    def get(self, path: str, **query: str) -> Json:
        """What the API shows."""
        return _sound(self._api.get(f"/v1/{path}", params=query))

    def act(self, path: str, **asked: Any) -> Json:
        """What a person does on one of Stripe's pages, as ``checkout/{id}/pay``."""
        return _sound(self._script.post(f"/{path}", json=asked))

    def delete(self, path: str) -> Json:
        """What an operator removes."""
        return _sound(self._api.delete(f"/v1/{path}"))

    def refund(self, payment_intent: str, **form: str) -> Json:
        """What an operator does in the Dashboard."""
        form = {"payment_intent": payment_intent, **form}
        return _sound(self._api.post("/v1/refunds", data=form))

    def fault(self, method: str, path: str, kind: str, *, times: int = 1, **more: Any) -> None:
        """Let the next requests of that path go wrong."""
        fault = {"method": method, "path": path, "kind": kind, "times": times, **more}
        assert self._script.put("/faults", json=[fault]).is_success

    def requests(self, path: str, *, method: str = "POST") -> list[Json]:
        """The requests of that path which arrived."""
        items = self._script.get("/requests").json()["items"]
        return [one for one in items if (one["method"], one["path"]) == (method, path)]

    def events(self) -> list[Json]:
        """The events that were not delivered yet, oldest first."""
        listed = self.get("events", limit="100")["data"]
        return [event for event in reversed(listed) if event["id"] not in self._heard]

    def settle(self, *, backwards: bool = False) -> list[Reply]:
        """Deliver all events that were not delivered yet."""
        events = self.events()
        self._heard |= {event["id"] for event in events}
        if backwards:
            events.reverse()
        self.world.clock.now = max(self.world.clock.now, utc_now())
        replies = [self.till.deliver(json.dumps(event).encode()) for event in events]
        assert {reply.status for reply in replies} <= {200}, [one.text for one in replies]
        return replies

    def pay(self, started: Reply, **asked: Any) -> None:
        """Pay an open checkout, and let its news arrive."""
        self.act(f"checkout/{started.body['checkoutSessionId']}/pay", **asked)
        self.settle()


@contextmanager
def open_stripe(folder: Path, world: World) -> Iterator[Stripe]:
    """Run a stand-in on a folder, and wire the world to it."""
    with running(StripeStandIn(folder)) as address:
        world.clock.now = utc_now()
        world.rewire(STRIPE_API_BASE=address, APP_URL="https://app.greenroom.test")
        stripe = Stripe(address, world)
        try:
            yield stripe
        finally:
            stripe.close()


def _sound(answer: httpx.Response) -> Json:
    assert answer.is_success, answer.text
    document: Json = answer.json()
    return document
