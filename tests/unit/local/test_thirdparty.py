"""Somebody else's site with our script in it."""

import asyncio
import socket
import threading
from collections.abc import Iterator

import httpx
import pytest

from local.thirdparty import ThirdParty

GATEWAY = "http://127.0.0.1:3000"
KEY = "wk_AbcdefghijklmnopqrstuvwX"


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    made = ThirdParty(socket.create_server(("127.0.0.1", 0)), gateway=GATEWAY)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    asyncio.run_coroutine_threadsafe(made.start(), loop).result(10)
    yield made.address
    asyncio.run_coroutine_threadsafe(made.stop(), loop).result(10)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)
    loop.close()


def get(url: str, **options: str) -> httpx.Response:
    return httpx.get(url, headers=options, trust_env=False)


def test_the_page_is_plain_but_for_one_script(site: str) -> None:
    answer = get(f"{site}/?key={KEY}")

    assert answer.text.count("<script") == 1
    assert f'src="{GATEWAY}/widget.js" data-key="{KEY}" data-api="{GATEWAY}"' in answer.text
    policy = answer.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert f"script-src {GATEWAY};" in policy


@pytest.mark.parametrize("key", ["", '"><script>x', "a b", "%22", "x" * 65])
def test_a_key_that_is_none_is_not_repeated(site: str, key: str) -> None:
    answer = httpx.get(f"{site}/", params={"key": key}, trust_env=False)

    assert "<script" not in answer.text
    assert f"<code>{site}</code>" in answer.text


def test_it_has_one_page_and_serves_this_machine_alone(site: str) -> None:
    assert get(f"{site}/other").status_code == 404
    assert get(f"{site}/", Host="evil.example").status_code == 403
