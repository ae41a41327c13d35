"""Replaces the server's answers at the network, for states that are hard to reach."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Route

from tests.browser.visit import Visit


def answers(visit: Visit, path: str, reply: Callable[[Route], Any], status: int = 200) -> None:
    """Answer what the page asks at ``/api/<path>`` with what ``reply`` makes of it."""

    def fulfil(route: Route) -> None:
        route.fulfill(status=status, content_type="application/json", body=json.dumps(reply(route)))

    # A query may follow, a longer path may not.
    visit.page.route(lambda url: urlsplit(url).path == f"/api/{path}", fulfil)
