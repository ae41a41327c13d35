"""What scripts may do to the Stripe stand-in, and people and banks do to the real one.

``POST /_control/checkout/{id}/pay|fail|expire {delayed?, settleSeconds?, email?}``,
``POST /_control/clock {advanceSeconds | to}``, ``POST /_control/events/{id}/redeliver {times?}``,
``GET /_control/deliveries?event=``, ``PUT /_control/delivery {paused?, shuffle?, duplicates?}``,
``POST /_control/disputes {charge | paymentIntent | checkout, status?, reason?}``,
``POST /_control/disputes/{id}/close {outcome}`` and ``/move {status}``,
``POST /_control/refunds/{id}/succeed|fail``,
``POST /_control/subscriptions/{id}/fail-renewal {fails?}``, ``/pause``, ``/resume``.
"""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from local.standins.stripe_account import Account
from local.standins.stripe_clock import ClockCannot, move_clock
from local.standins.stripe_control_acts import (
    ACTS,
    CANNOT,
    Act,
    AskedWrongly,
    Unknown,
    thing,
    whole,
)
from local.standins.stripe_events import deliveries
from local.standins.stripe_objects import Document

TIMES_MAX = 100

_SWITCHES = {"paused": False, "shuffle": False, "duplicates": 0}


class Control:
    """The control surface of one account; ``wake`` is called when webhooks may have to go."""

    def __init__(self, account: Account, wake: Callable[[], None]) -> None:
        self._account = account
        self._wake = wake

    def add_to(self, router: web.UrlDispatcher) -> None:
        """Register the surface."""
        own: Mapping[str, Act] = {
            "/_control/clock": self._move_clock,
            "/_control/events/{id}/redeliver": self._redeliver,
        }
        for path, act in {**ACTS, **own}.items():
            router.add_post(path, self._handler(act))
        router.add_put("/_control/delivery", self._handler(self._switch))
        router.add_get("/_control/delivery", self._handler(self._switches))
        router.add_get("/_control/clock", self._handler(self._clock))
        router.add_get("/_control/deliveries", self._deliveries)

    def reset(self) -> None:
        """Deliver again as usual; objects, clock and undelivered events stay."""
        self._switch(self._account, "", dict(_SWITCHES))
        self._wake()

    def _handler(self, act: Act) -> Any:
        async def handle(request: web.Request) -> web.Response:
            try:
                asked = _asked(await request.read())
                with self._account.store.transaction():
                    done = act(self._account, request.match_info.get("id", ""), asked)
            except Unknown as missing:
                return _refused(404, f"there is no {missing}")
            except (*CANNOT, ClockCannot) as reason:
                return _refused(409, str(reason))
            except AskedWrongly as problem:
                return _refused(400, str(problem))
            self._wake()
            return web.json_response(done)

        return handle

    async def _deliveries(self, request: web.Request) -> web.Response:
        items = deliveries(self._account, request.query.get("event"))
        return web.json_response({"items": items})

    def _clock(self, account: Account, _identifier: str, _asked: Document) -> Document:
        now = account.now()
        moment = datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return {"now": now, "at": moment, "movedSeconds": account.store.moved_s}

    def _move_clock(self, account: Account, identifier: str, asked: Document) -> Document:
        if ("to" in asked) == ("advanceSeconds" in asked):
            raise AskedWrongly("say either advanceSeconds or to")
        if "to" in asked:
            to = _moment(asked["to"])
        else:
            to = account.now() + whole(asked["advanceSeconds"], "advanceSeconds")
        move_clock(account, to)
        return self._clock(account, identifier, asked)

    def _redeliver(self, account: Account, identifier: str, asked: Document) -> Document:
        event = thing(account, identifier, "event")
        times = whole(asked.get("times", 1), "times")
        if not 1 <= times <= TIMES_MAX:
            raise AskedWrongly(f"times must be 1 to {TIMES_MAX}")
        return {"deliveries": [account.deliver(event["id"]) for _ in range(times)]}

    def _switches(self, account: Account, _identifier: str, _asked: Document) -> Document:
        return {name: account.store.note(name, value) for name, value in _SWITCHES.items()}

    def _switch(self, account: Account, identifier: str, asked: Document) -> Document:
        for name, value in asked.items():
            if name not in _SWITCHES:
                raise AskedWrongly(f"{name} is not known here")
            if type(value) is not type(_SWITCHES[name]):
                raise AskedWrongly(f"{name} must be {type(_SWITCHES[name]).__name__}")
            if name == "duplicates" and not 0 <= value <= TIMES_MAX:
                raise AskedWrongly(f"duplicates must be 0 to {TIMES_MAX}")
        for name, value in asked.items():
            account.store.write_note(name, value)
        return self._switches(account, identifier, asked)


def _asked(body: bytes) -> Document:
    if not body.strip():
        return {}
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        raise AskedWrongly("the body must be a JSON object")
    return document


def _moment(value: Any) -> int:
    if isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            raise AskedWrongly("to must be an ISO 8601 time or epoch seconds") from None
        return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
    return whole(value, "to")


def _refused(status: int, text: str) -> web.Response:
    return web.json_response({"error": text}, status=status)
