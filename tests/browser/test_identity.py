"""With real Clerk keys the page signs in with Clerk. Clerk's own script is played here."""

import base64
import json
from typing import Any

from playwright.sync_api import Page, Route, expect

HOST = "clerk.example.com"
KEY = "pk_test_" + base64.b64encode(f"{HOST}$".encode()).decode()
CLERK = """
  window.Clerk = {
    load: async () => {},
    session: { getToken: async () => "token-of-clerk" },
    signOut: async () => { window.Clerk.session = null; },
  };
"""
PERSON: dict[str, Any] = {
    "userId": "u", "clerkId": "user_1", "email": None, "name": "Robin", "credits": 3.0,
    "minimumRequired": 0.5, "interviewCost": 1.0, "isPremium": False, "premiumUntil": None,
    "canStartInterview": True, "activeSession": None, "role": "user", "profile": {},
    "stale": False,
}  # fmt: skip


def answer(route: Route, body: dict[str, Any], status: int = 200) -> None:
    """Fulfil a request with JSON."""
    route.fulfill(status=status, content_type="application/json", body=json.dumps(body))


def test_a_real_key_loads_clerk_from_its_own_host_and_sends_its_token(modules: Page) -> None:
    """The host is in the publishable key; the session's token goes with every request."""
    tokens: list[str | None] = []

    def api(route: Route) -> None:
        path = route.request.url.partition("/api")[2]
        if path == "/config":
            answer(route, {"clerkPublishableKey": KEY, "creditsName": "Stars"})
            return
        tokens.append(route.request.headers.get("authorization"))
        answer(route, PERSON if path == "/user" else {"items": [], "nextCursor": None})

    modules.route("**/api/**", api)
    modules.route(
        f"https://{HOST}/**",
        lambda route: route.fulfill(
            content_type="text/javascript",
            body=CLERK,
            headers={"Access-Control-Allow-Origin": "*"},
        ),
    )
    modules.goto(modules.url.replace("icon.svg", "index.html"))

    expect(modules.get_by_role("heading", name="Hello, Robin")).to_be_visible()
    expect(modules.locator("[data-balance]")).to_have_text("3.00 Stars")
    assert set(tokens) == {"Bearer token-of-clerk"}
    modules.get_by_role("button", name="Sign out").click()
    expect(modules.get_by_role("button", name="Sign in")).to_be_visible()


def test_a_balance_that_could_not_be_read_just_now_says_so(modules: Page) -> None:
    """While the store is away the server shows what it remembers, and the page says that it is."""

    def api(route: Route) -> None:
        path = route.request.url.partition("/api")[2]
        if path == "/config":
            answer(route, {"clerkPublishableKey": KEY, "creditsName": "Stars"})
        else:
            old = PERSON | {"stale": True}
            answer(route, old if path == "/user" else {"items": [], "nextCursor": None})

    modules.route("**/api/**", api)
    modules.route(
        f"https://{HOST}/**",
        lambda route: route.fulfill(
            content_type="text/javascript",
            body=CLERK,
            headers={"Access-Control-Allow-Origin": "*"},
        ),
    )
    modules.goto(modules.url.replace("icon.svg", "index.html"))

    expect(modules.locator("[data-balance]")).to_have_text("3.00 Stars a moment ago")


def test_a_token_that_is_refused_is_renewed_once(modules: Page) -> None:
    """Tokens live a minute: the first 401 asks Clerk again, the second signs out."""
    seen: list[str | None] = []

    def api(route: Route) -> None:
        if route.request.url.endswith("/api/config"):
            answer(route, {"clerkPublishableKey": KEY, "creditsName": "Stars"})
            return
        seen.append(route.request.headers.get("authorization"))
        answer(route, {"detail": "Sign in.", "code": "UNAUTHENTICATED"}, status=401)

    numbered = CLERK.replace(
        'async () => "token-of-clerk"', "async () => `t${(window.n ??= 0, n++)}`"
    )
    modules.route("**/api/**", api)
    modules.route(
        f"https://{HOST}/**",
        lambda route: route.fulfill(
            content_type="text/javascript",
            body=numbered,
            headers={"Access-Control-Allow-Origin": "*"},
        ),
    )
    modules.goto(modules.url.replace("icon.svg", "index.html"))

    expect(modules.get_by_role("button", name="Sign in")).to_be_visible()
    assert seen == ["Bearer t0", "Bearer t1"]
