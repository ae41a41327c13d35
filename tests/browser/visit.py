"""What a person does in the browser, in their words."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import Page, expect

ROOT = Path(__file__).parents[2]
SLOW_MS = 45_000  # a cold function behind a busy two-core machine


@dataclass(frozen=True)
class Cloud:
    """Where the laptop cloud's servers are."""

    port: int
    data_dir: Path

    @property
    def url(self) -> str:
        """The page."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def openai(self) -> str:
        """The stand-in of the voice provider."""
        return f"http://127.0.0.1:{self.port + 1}"

    @property
    def clerk(self) -> str:
        """The stand-in of the identity provider."""
        return f"http://127.0.0.1:{self.port + 2}"

    @property
    def studio_site(self) -> str:
        """A studio's own site, of another origin."""
        return f"http://127.0.0.1:{self.port + 4}"

    def provider_requests(self, path: str) -> list[dict[str, Any]]:
        """What the provider's stand-in was asked at ``path``, oldest first."""
        items: list[dict[str, Any]] = httpx.get(f"{self.openai}/_control/requests").json()["items"]
        return [item for item in items if item["path"] == path]

    def operator(self, *words: str) -> Any:
        """What ``python -m ops --json …`` says of this cloud; it has to succeed."""
        done = subprocess.run(
            [sys.executable, "-m", "ops", "--json", *words],
            cwd=ROOT, env={**os.environ, "GREENROOM_DATA_DIR": str(self.data_dir)},
            capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout)

    def provider_fails(self, *, path: str, kind: str) -> None:
        """Make the provider's stand-in fail at ``path`` until it is reset."""
        fault = {"method": "POST", "path": path, "times": 1000, "kind": kind}
        httpx.put(f"{self.openai}/_control/faults", json=[fault]).raise_for_status()

    def reset_provider(self) -> None:
        """Take faults and noted requests away."""
        httpx.post(f"{self.openai}/_control/reset").raise_for_status()


class Visit:
    """One person in one window."""

    def __init__(self, page: Page, cloud: Cloud, *, name: str) -> None:
        self.page = page
        self.cloud = cloud
        self.name = name

    @property
    def email(self) -> str:
        """The address that they sign in with."""
        return f"{self.name.replace(' ', '.').lower()}@example.com"

    def sign_in(self, *, studio: str | None = None) -> None:
        """Come to the page for the first time and sign in as somebody new.

        ``studio`` names the studio whose admin they are.
        """
        page = self.page
        page.goto(self.cloud.url)
        page.get_by_role("button", name="Sign in").click(timeout=SLOW_MS)
        page.get_by_label("Name").fill(self.name)
        page.get_by_label("E-mail").fill(self.email)
        if studio:
            page.get_by_label("Studio").fill(studio)
        page.get_by_role("button", name="Make and sign in").click()
        expect(page.get_by_role("button", name="Start interview")).to_be_visible(timeout=SLOW_MS)

    def sign_in_as_admin(self) -> None:
        """Come to the page and sign in as whoever runs the platform."""
        page = self.page
        page.goto(self.cloud.url)
        page.get_by_role("button", name="Sign in").click(timeout=SLOW_MS)
        page.get_by_role("button", name="Ada Admin").click()
        expect(page.get_by_role("link", name="Admin", exact=True)).to_be_visible(timeout=SLOW_MS)

    def user_id(self) -> str:
        """Our id of the person who is signed in."""
        asked = "async () => (await (await import('/js/api.js')).get('/user')).userId"
        found: str = self.page.evaluate(asked)
        return found

    def start(self, *, typed_only: bool = False) -> None:
        """Press Start on the form."""
        if typed_only:
            self.page.get_by_label("Continue without a microphone").check()
        self.page.get_by_role("button", name="Start interview").click()

    def wait_until_live(self) -> None:
        """Wait for the call to be up."""
        expect(self.page.get_by_role("button", name="End interview")).to_be_visible(timeout=SLOW_MS)

    def answer(self, text: str) -> None:
        """Type an answer and see it in the transcript."""
        self.page.get_by_label("Typed answer").fill(text)
        self.page.get_by_label("Typed answer").press("Enter")
        expect(self.turns("user").filter(has_text=text)).to_be_visible()

    def turns(self, role: str) -> Any:
        """The finished turns of ``user`` or ``assistant`` in the live transcript."""
        return self.page.locator(f"ol.transcript li[data-role={role}][data-live=false]")

    def end(self) -> None:
        """Press End."""
        self.page.get_by_role("button", name="End interview").click()

    def fact(self, name: str) -> str:
        """One line of the connection details."""
        return self.page.locator(f"[data-fact={name}]").text_content() or ""

    def wait_for_figure(self, name: str) -> None:
        """Wait until a figure of the connection details is above zero."""
        self.page.wait_for_function(
            """(name) => {
                 const text = document.querySelector(`[data-fact=${name}]`)?.textContent ?? "";
                 return Number.parseFloat(text.replaceAll(",", "")) > 0;
               }""",
            arg=name,
            timeout=SLOW_MS,
        )

    def balance(self) -> Any:
        """The balance in the header."""
        return self.page.locator("[data-balance]")

    def stored(self, key: str) -> str | None:
        """A value of the browser's local storage."""
        value: str | None = self.page.evaluate("(key) => localStorage.getItem(key)", key)
        return value
