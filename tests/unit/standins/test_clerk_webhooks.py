"""The Clerk stand-in's webhooks: signed and shaped as Clerk's, sent until they are taken."""

import base64
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from greenroom.accounts.clerk_events import (
    MembershipChanged,
    MembershipDeleted,
    OrganizationChanged,
    PersonChanged,
    PersonDeleted,
    read_clerk_event,
)
from greenroom.accounts.svix import verify
from local.standins.clerk import ClerkStandIn, secrets_of
from local.standins.common import running

SECRET = "whsec_" + base64.b64encode(b"canary-of-the-stand-in").decode()
DEADLINE_S = 10.0


class Endpoint:
    """Takes webhooks; ``answers`` are the statuses of the next ones, then always 200."""

    def __init__(self) -> None:
        self.taken: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[int] = []
        self.url = ""

    @contextmanager
    def listening(self) -> Iterator[None]:
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                raw = self.rfile.read(int(self.headers["Content-Length"]))
                status = endpoint.answers.pop(0) if endpoint.answers else 200
                headers = {name.lower(): value for name, value in self.headers.items()}
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()
                endpoint.taken.append((headers, raw))

            def log_message(self, *_: Any) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        self.url = f"http://127.0.0.1:{server.server_port}/api/webhooks/clerk"
        try:
            yield
        finally:
            server.shutdown()
            thread.join()
            server.server_close()

    def news(self, count: int) -> list[Any]:
        """The first ``count`` messages as the product reads them, each verified."""
        until(lambda: len(self.taken) >= count)
        now = datetime.now(UTC)
        for headers, raw in self.taken:
            verify(
                raw,
                message_id=headers["svix-id"],
                timestamp=headers["svix-timestamp"],
                signature=headers["svix-signature"],
                secrets=[SECRET],
                now=now,
            )
        return [read_clerk_event(raw, received_at=now) for _, raw in self.taken]


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while not holds():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.01)


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    made = Endpoint()
    with made.listening():
        yield made


@pytest.fixture
def clerk(tmp_path: Path, endpoint: Endpoint) -> Iterator[str]:
    stand_in = ClerkStandIn(
        tmp_path, webhook_url=endpoint.url, webhook_secrets=(SECRET,), retry_first_s=0.01
    )
    with running(stand_in) as address:
        yield address


def sign_in(clerk: str, **person: Any) -> None:
    answer = httpx.post(f"{clerk}/v1/sign-in", json=person, trust_env=False)
    assert answer.status_code == 200, answer.text


def test_somebody_who_is_made_is_told_of_and_who_only_comes_again_is_not(
    clerk: str, endpoint: Endpoint
) -> None:
    sign_in(clerk, userId="user_1", name="Ada King", email="ada@example.org")
    sign_in(clerk, userId="user_1")
    sign_in(clerk, userId="user_1", name="Ada Lovelace")

    created, updated = endpoint.news(2)
    assert isinstance(created, PersonChanged)
    assert (created.type, created.clerk_id) == ("user.created", "user_1")
    assert (created.email, created.email_verified) == ("ada@example.org", True)
    assert isinstance(updated, PersonChanged)
    assert (updated.type, updated.name) == ("user.updated", "Ada Lovelace")
    assert updated.at >= created.at


def test_organisations_and_memberships_are_told_of_as_they_change(
    clerk: str, endpoint: Endpoint
) -> None:
    def member(*organizations: dict[str, str]) -> None:
        sign_in(clerk, userId="user_1", organizations=list(organizations))

    member({"id": "org_1", "role": "member", "slug": "acme-gym"})
    member({"id": "org_1", "role": "admin", "slug": "acme-gym"})
    member()

    news = endpoint.news(7)
    assert [one.type for one in news if not one.type.startswith("user.")] == [
        "organization.created",
        "organizationMembership.created",
        "organizationMembership.updated",
        "organizationMembership.deleted",
    ]
    (organization,) = [one for one in news if isinstance(one, OrganizationChanged)]
    assert organization.organization.name == "Acme Gym"
    changes = [one for one in news if isinstance(one, MembershipChanged)]
    assert [one.role for one in changes] == ["member", "admin"]
    (end,) = [one for one in news if isinstance(one, MembershipDeleted)]
    assert end.membership_id == changes[0].membership_id


@pytest.mark.parametrize("by", ["script", "back end"])
def test_somebody_who_is_deleted_is_told_of_and_gone(
    clerk: str, endpoint: Endpoint, by: str
) -> None:
    sign_in(clerk, userId="user_1")
    key = {"Authorization": "Bearer sk_test_any"}
    with httpx.Client(base_url=clerk, trust_env=False, headers=key) as client:
        if by == "script":
            answer = client.post("/_control/users/user_1/delete")
        else:
            answer = client.delete("/v1/users/user_1")

        assert answer.json() == {"id": "user_1", "object": "user", "deleted": True}
        assert client.get("/v1/users/user_1").status_code == 404
        assert client.delete("/v1/users/user_1").status_code == 404
    gone = endpoint.news(2)[1]
    assert isinstance(gone, PersonDeleted)
    assert gone.clerk_id == "user_1"


def test_only_a_back_end_with_the_key_deletes(clerk: str) -> None:
    sign_in(clerk, userId="user_1")

    assert httpx.delete(f"{clerk}/v1/users/user_1", trust_env=False).status_code == 401


def test_a_message_is_sent_again_under_its_id_until_it_is_taken(
    clerk: str, endpoint: Endpoint
) -> None:
    endpoint.answers = [500, 302, 404]

    sign_in(clerk, userId="user_1")

    endpoint.news(4)
    assert len({headers["svix-id"] for headers, _ in endpoint.taken}) == 1
    assert len({raw for _, raw in endpoint.taken}) == 1


def test_a_script_sees_the_messages_and_has_one_sent_again(clerk: str, endpoint: Endpoint) -> None:
    sign_in(clerk, userId="user_1")
    endpoint.news(1)

    def shown() -> dict[str, Any]:
        items = httpx.get(f"{clerk}/_control/events", trust_env=False).json()["items"]
        return dict(items[0])

    until(lambda: bool(shown()["delivered"]))
    assert shown()["event"]["type"] == "user.created"
    path = f"{clerk}/_control/events/{shown()['id']}/redeliver"
    assert httpx.post(path, trust_env=False).status_code == 200
    endpoint.news(2)
    assert endpoint.taken[0][0]["svix-id"] == endpoint.taken[1][0]["svix-id"]
    unknown = httpx.post(f"{clerk}/_control/events/msg_none/redeliver", trust_env=False)
    assert unknown.status_code == 404


def test_what_could_not_be_sent_is_sent_after_a_restart(tmp_path: Path) -> None:
    endpoint = Endpoint()
    with endpoint.listening():
        pass
    for up in (False, True):
        stand_in = ClerkStandIn(
            tmp_path,
            webhook_url=endpoint.url,
            webhook_secrets=(SECRET,),
            retry_first_s=0.01,
        )
        if up:
            with endpoint.listening():
                stand_in._messages._url = endpoint.url
                with running(stand_in):
                    assert endpoint.news(1)[0].type == "user.created"
        else:
            with running(stand_in) as address:
                sign_in(address, userId="user_1")


def test_both_names_of_the_setting_are_read() -> None:
    environ = {"CLERK_WEBHOOK_SECRETS": f"{SECRET}, ,", "CLERK_WEBHOOK_SECRET": "whsec_b"}

    assert secrets_of(environ) == (SECRET, "whsec_b")
    assert secrets_of({}) == ()
