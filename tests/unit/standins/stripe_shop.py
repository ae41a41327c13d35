"""A shop for the tests of the Stripe stand-in: its clients, its listener, its usual requests."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from aiohttp import web

from local.standins.common import StandIn, running
from local.standins.stripe import StripeStandIn

KEY = "sk_test_local"
SECRET = "whsec_local"
CREDITS = "price_SJPpjWE9zhJnEh"
MONTHLY = "price_SLHl7Tl1LX1NMH"
DAY_S = 24 * 3600
WAIT_S = 10.0

Document = dict[str, Any]


class Shop:
    """One running stand-in as a back end, a script and a listener see it."""

    def __init__(self, standin: StripeStandIn, listener: StandIn, address: str) -> None:
        self.standin = standin
        self.listener = listener
        self.address = address
        self.api = httpx.Client(base_url=address, headers={"Authorization": f"Bearer {KEY}"})
        self.script = httpx.Client(base_url=f"{address}/_control")

    def get(self, path: str, **given: str) -> Document:
        """What an endpoint shows."""
        return _sound(self.api.get(f"/v1/{path}", params=given))

    def post(self, path: str, **form: str) -> Document:
        """What an endpoint does; ``__`` in a name stands for its brackets, as in ``a__b``."""
        return _sound(self.api.post(f"/v1/{path}", data=bracketed(form)))

    def control(self, path: str, **asked: object) -> Document:
        """What the control surface does."""
        return _sound(self.script.post(f"/{path}", json=asked))

    def checkout(self, price: str = CREDITS, **form: str) -> Document:
        """An open checkout of one price."""
        mode = "payment" if price == CREDITS else "subscription"
        form = {
            "mode": mode,
            "line_items__0__price": price,
            "line_items__0__quantity": "1",
            "success_url": "http://127.0.0.1:3000/credits?cs={CHECKOUT_SESSION_ID}",
            "cancel_url": "http://127.0.0.1:3000/credits",
            **form,
        }
        return self.post("checkout/sessions", **form)

    def paid(self, price: str = CREDITS, **form: str) -> Document:
        """A checkout that a card paid."""
        return self.control(f"checkout/{self.checkout(price, **form)['id']}/pay")

    def subscribed(self, **form: str) -> Document:
        """The subscription of a paid checkout of the monthly plan."""
        return self.get(f"subscriptions/{self.paid(MONTHLY, **form)['subscription']}")

    def events(self) -> list[str]:
        """The types of all events, oldest first."""
        listed = self.get("events", limit="100")["data"]
        return [event["type"] for event in reversed(listed)]

    def last_event(self, name: str) -> Document:
        """The newest event of a type."""
        event: Document = self.get("events", type=name)["data"][0]
        return event

    def heard(self) -> list[Document]:
        """The requests that the listener got."""
        return [each for each in list(self.listener.requests) if each["path"] == "/hook"]


@contextmanager
def open_shop(folder: Path, *, listens: bool = True) -> Iterator[Shop]:
    """Run a stand-in on a folder, with a listener for its webhooks."""
    listener = StandIn("Listener")
    listener.app.router.add_post("/hook", _take)
    with running(listener) as hook:
        standin = StripeStandIn(
            folder,
            webhook_url=f"{hook}/hook" if listens else None,
            webhook_secrets=(SECRET,),
            retry_first_s=0.01,
        )
        with running(standin) as address:
            shop = Shop(standin, listener, address)
            with shop.api, shop.script:
                yield shop


def bracketed(form: dict[str, str]) -> dict[str, str]:
    """``a__0__b`` as ``a[0][b]``."""
    result = {}
    for name, value in form.items():
        first, *rest = name.split("__")
        result[first + "".join(f"[{part}]" for part in rest)] = value
    return result


def until(happened: Callable[[], bool]) -> None:
    """Wait until something has happened.

    Raises:
        AssertionError: it has not within ten seconds.
    """
    deadline = time.monotonic() + WAIT_S
    while not happened():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)


async def _take(_request: web.Request) -> web.Response:
    return web.json_response({"received": True})


def _sound(answer: httpx.Response) -> Document:
    assert answer.is_success, answer.text
    document: Document = answer.json()
    return document
