"""The window that tests share is as new for each of them."""

from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.browser.asked import Asked
from tests.browser.kept import Keeper

LEFT = """() => [localStorage.length, sessionStorage.length, document.cookie, window.name,
  history.length, innerWidth, matchMedia("(prefers-color-scheme: dark)").matches]"""


def test_nothing_of_a_test_is_left_to_the_next(keeper: Keeper, files: str) -> None:
    """Neither what its page kept nor how its window was."""
    with keeper.lend(width=390, scheme="dark") as before:
        before.page.goto(f"{files}/icon.svg?again")
        before.page.evaluate(
            """localStorage.a = sessionStorage.a = "1"; document.cookie = "a=1"; window.name = "a";
            history.pushState(null, "", "#a")"""
        )
        before.context.grant_permissions(["clipboard-read"])
    with keeper.lend() as after:
        assert after.page is before.page
        assert after.page.evaluate(LEFT) == [0, 0, "", "", 1, 1280, False]
        asked = "async () => (await navigator.permissions.query({ name: 'clipboard-read' })).state"
        assert after.page.evaluate(asked) != "granted"


def test_an_answer_is_given_in_its_own_test_only(keeper: Keeper, files: str) -> None:
    """The next one's question is the server's, who knows nothing."""
    ask = "async () => { const a = await fetch('/api/x'); return [a.status, await a.text()]; }"

    def answer(asked: Asked) -> None:
        asked.fulfill(status=418, json=asked.request.method)

    with keeper.lend() as window:
        window.questions.route(f"{files}/api/", answer)
        assert window.page.evaluate(ask) == [418, '"GET"']
    with keeper.lend() as window:
        found: list[Any] = window.page.evaluate(ask)
        assert found[0] == 404


def test_a_window_whose_clock_was_replaced_is_given_to_nobody_else(keeper: Keeper) -> None:
    """Its time would stand still for whoever comes next."""
    with keeper.lend() as before:
        before.page.clock.install(time=datetime(2099, 1, 1, tzinfo=UTC))
    with keeper.lend() as after:
        assert after.page is not before.page
        assert after.page.evaluate("new Date().getFullYear()") < 2099


def test_a_page_that_throws_fails_its_own_test(browser: Browser, files: str) -> None:
    """Whoever asked for the window hears of it, and nobody else."""
    keeper = Keeper(browser, f"{files}/icon.svg")
    with pytest.raises(AssertionError, match="the page threw"):
        throw_in(keeper)
    with keeper.lend():
        pass
    keeper.close()


def throw_in(keeper: Keeper) -> None:
    """Be a test whose page throws."""
    with keeper.lend() as window:
        window.page.evaluate("setTimeout(() => { throw new Error('no'); })")
        window.page.wait_for_function("new Promise((done) => setTimeout(() => done(true), 1))")
