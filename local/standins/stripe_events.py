"""The events endpoint of the Stripe stand-in, with how their delivery went."""

from datetime import UTC, datetime
from typing import Any

from local.standins.stripe_account import Account
from local.standins.stripe_calls import CREATED, LISTING, Call, Route, page, retrieve
from local.standins.stripe_errors import StripeRefused
from local.standins.stripe_objects import Document
from local.standins.stripe_parameters import Flag, ListOf, Record, Text

DELIVERIES_SHOWN_MAX = 1_000

_LIST = Record(
    {
        **LISTING,
        **CREATED,
        "delivery_success": Flag(),
        "type": Text(),
        "types": ListOf(Text(), 20),
    }
)


def _list(call: Call) -> Document:
    given = call.given
    if "type" in given and "types" in given:
        text = "You may only specify one of these parameters: type, types."
        raise StripeRefused(text, early=True)
    events = call.account.store.select("event")
    if names := given.get("types") or ([given["type"]] if "type" in given else []):
        events = [event for event in events if _is_named(event["type"], names)]
    if "delivery_success" in given:
        undelivered = _undelivered(call.account)
        wanted = given["delivery_success"]
        events = [event for event in events if (event["id"] not in undelivered) == wanted]
    return page(call, events, "/v1/events")


def _is_named(name: str, names: list[str]) -> bool:
    return any(name.startswith(each[:-1]) if each.endswith("*") else name == each for each in names)


def _undelivered(account: Account) -> set[str]:
    rows = account.store.database.execute(
        "select distinct event from delivery where state <> 'delivered'"
    )
    return {event for (event,) in rows}


def deliveries(account: Account, event_id: str | None) -> list[dict[str, Any]]:
    """The newest deliveries, of one event or of all, each with its attempts in order."""
    rows = account.store.database.execute(
        "select delivery.number, delivery.event, json_extract(object.data, '$.type'), state"
        " from delivery join object on object.id = delivery.event"
        " where ?1 is null or event = ?1 order by delivery.number desc limit ?2",
        [event_id, DELIVERIES_SHOWN_MAX],
    ).fetchall()
    return [
        {
            "id": number,
            "event": event,
            "type": name,
            "state": state,
            "attempts": _attempts(account, number),
        }
        for number, event, name, state in rows
    ]


def _attempts(account: Account, delivery: int) -> list[dict[str, Any]]:
    rows = account.store.database.execute(
        "select at, status, error, elapsed_ms from attempt where delivery = ? order by number",
        [delivery],
    )
    return [
        {
            "at": datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            "status": status,
            "error": error,
            "elapsedMs": elapsed_ms,
        }
        for at, status, error, elapsed_ms in rows
    ]


ROUTES = (
    Route("GET", "/v1/events", _LIST, _list),
    Route("GET", "/v1/events/{id}", Record(), retrieve("event", "event")),
)
