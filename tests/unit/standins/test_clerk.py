"""The Clerk stand-in: genuine tokens, a sign-in page, and sessions that survive."""

import html
import re
import sqlite3
import stat
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest

from greenroom.accounts.identity import Identity, OrganizationClaim
from greenroom.accounts.jwks import JwksEndpoint
from greenroom.accounts.keys import FetchedKeys
from greenroom.accounts.tokens import SessionTokens
from greenroom.kernel.clock import utc_now
from greenroom.kernel.errors import Unauthenticated
from local.standins.clerk import COOKIE, ClerkStandIn
from local.standins.clerk_tokens import SigningKey
from local.standins.common import running

APP = "http://127.0.0.1:3000"
PAGE = {"Origin": APP}


@pytest.fixture(scope="module")
def signing_key(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """One key for most tests: making an RSA key is the slowest thing here."""
    file = tmp_path_factory.mktemp("clerk") / "key.pem"
    SigningKey(file)
    return file.read_bytes()


@pytest.fixture
def folder(tmp_path: Path, signing_key: bytes) -> Path:
    (tmp_path / "clerk-signing-key.pem").write_bytes(signing_key)
    return tmp_path


@pytest.fixture
def http(folder: Path) -> Iterator[httpx.Client]:
    clerk = ClerkStandIn(folder, app_url=f"{APP}/")
    with running(clerk) as address, httpx.Client(base_url=address) as client:
        yield client


def verifier(http: httpx.Client) -> SessionTokens:
    issuer = str(http.base_url).rstrip("/")
    keys = FetchedKeys(JwksEndpoint(f"{issuer}/.well-known/jwks.json", http).fetch, clock=utc_now)
    return SessionTokens(issuer=issuer, keys=keys, authorized_parties=[APP], clock=utc_now)


def claims_of(token: str) -> dict[str, Any]:
    claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return claims


def choose(http: httpx.Client, **form: str) -> httpx.Response:
    return http.post("/sign-in", data=form, headers={"Origin": str(http.base_url).rstrip("/")})


def test_a_script_signs_anybody_in_with_a_token_that_verifies(http: httpx.Client) -> None:
    answer = http.post(
        "/v1/sign-in",
        json={
            "userId": "user_new",
            "email": "new@example.com",
            "name": "Nia New",
            "organizations": [{"id": "org_1", "role": "org:admin", "slug": "studio"}],
        },
    )

    body = answer.json()
    assert (answer.status_code, body["userId"]) == (200, "user_new")
    identity = verifier(http).verify(body["token"])
    assert identity == Identity(
        clerk_id="user_new",
        session_id=identity.session_id,
        email="new@example.com",
        email_verified=True,
        name="Nia New",
        organization=OrganizationClaim("org_1", "admin", "studio"),
    )


def test_tokens_are_clerks_version_2_and_live_for_a_minute(http: httpx.Client) -> None:
    body = http.post("/v1/sign-in", json={"userId": "user_chiara"}).json()

    claims = claims_of(body["token"])
    header = jwt.get_unverified_header(body["token"])
    issued = claims["iat"]
    assert abs(issued - time.time()) < 30
    assert claims == {
        "azp": APP,
        "exp": issued + 60,
        "fva": [0, -1],
        "iat": issued,
        "iss": str(http.base_url).rstrip("/"),
        "jti": claims["jti"],
        "name": "Chiara Conti",
        "nbf": issued - 10,
        "sid": claims["sid"],
        "sts": "active",
        "sub": "user_chiara",
        "v": 2,
    }
    assert header["alg"] == "RS256"
    assert header["kid"] == http.get("/.well-known/jwks.json").json()["keys"][0]["kid"]
    assert datetime.fromisoformat(body["expiresAt"]) == datetime.fromtimestamp(issued + 60, UTC)


def test_version_1_tokens_are_made_on_demand_and_read_the_same(http: httpx.Client) -> None:
    asked = {"userId": "user_ben", "organizations": ["org_1"], "version": 1}

    token = http.post("/v1/sign-in", json=asked).json()["token"]

    claims = claims_of(token)
    assert (claims["org_id"], claims["org_role"]) == ("org_1", "org:member")
    assert {"v", "o", "sts"}.isdisjoint(claims)
    assert verifier(http).verify(token).organization == OrganizationClaim(
        "org_1", "member", "org_1"
    )


def test_what_a_script_leaves_out_stays_and_null_takes_away(http: httpx.Client) -> None:
    def email(**document: Any) -> Any:
        answer = http.post("/v1/sign-in", json={"userId": "user_ben", **document})
        return claims_of(answer.json()["token"]).get("email")

    assert email() == "ben@example.com"
    assert email(email="b@example.com") == "b@example.com"
    assert email() == "b@example.com"
    assert email(email=None) is None
    assert email() is None


@pytest.mark.parametrize(
    ("document", "field"),
    [
        ([], "body"),
        ({}, "userId"),
        ({"userId": ""}, "userId"),
        ({"userId": 5}, "userId"),
        ({"userId": "user#1"}, "userId"),
        ({"userId": "u" * 65}, "userId"),
        ({"userId": "user_1\n"}, "userId"),
        ({"userId": "u", "email": "nobody"}, "email"),
        ({"userId": "u", "email": 5}, "email"),
        ({"userId": "u", "emailVerified": "yes"}, "emailVerified"),
        ({"userId": "u", "name": "a\nb"}, "name"),
        ({"userId": "u", "imageUrl": "javascript:1"}, "imageUrl"),
        ({"userId": "u", "organizations": "org_1"}, "organizations"),
        ({"userId": "u", "organizations": ["org_1", 5]}, "organizations[1]"),
        ({"userId": "u", "organizations": [{}]}, "organizations[0].id"),
        ({"userId": "u", "organizations": [{"id": "o", "role": 5}]}, "organizations[0].role"),
        ({"userId": "u", "organizations": [{"id": "o", "slug": "a b"}]}, "organizations[0].slug"),
        ({"userId": "u", "version": 3}, "version"),
        ({"userId": "u", "version": True}, "version"),
        ({"userId": "u", "password": "x"}, "password"),
    ],
    ids=str,
)
def test_a_sign_in_that_cannot_be_is_refused_by_field(
    http: httpx.Client, document: Any, field: str
) -> None:
    answer = http.post("/v1/sign-in", json=document)

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["meta"] == {"param_name": field}


@pytest.mark.parametrize("body", [b"", b"{", b"[" * 100_000, b"\xff"])
def test_a_sign_in_that_is_not_json_is_refused(http: httpx.Client, body: bytes) -> None:
    assert http.post("/v1/sign-in", content=body).status_code == 400


def test_foreign_pages_sign_nobody_in_or_out(http: httpx.Client) -> None:
    foreign = {"Origin": "https://evil.example"}

    assert http.post("/v1/sign-in", json={"userId": "u"}, headers=foreign).status_code == 403
    assert http.post("/sign-in", data={"userId": "user_ben"}, headers=foreign).status_code == 403
    assert http.post("/v1/client/sign-out", headers=foreign).status_code == 403


def test_the_page_says_what_it_is_and_offers_the_people(http: httpx.Client) -> None:
    answer = http.get("/sign-in", params={"redirect_url": f"{APP}/?step=2"})

    assert answer.status_code == 200
    assert "stand-in for Clerk" in answer.text
    for name in ("Ada Admin", "Ben Baker", "Chiara Conti", "Somebody new"):
        assert name in answer.text
    assert f'value="{html.escape(f"{APP}/?step=2")}"' in answer.text
    assert "$" not in answer.text


def test_choosing_a_person_goes_back_and_gives_the_page_fresh_tokens(http: httpx.Client) -> None:
    answer = choose(http, userId="user_admin", redirect_url=f"{APP}/?step=2")

    assert (answer.status_code, answer.headers["location"]) == (303, f"{APP}/?step=2")
    cookie = answer.headers["set-cookie"]
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))

    tokens = [http.post("/v1/client/sessions/token", headers=PAGE).json()["jwt"] for _ in range(2)]
    identities = {verifier(http).verify(token) for token in tokens}
    assert {identity.clerk_id for identity in identities} == {"user_admin"}
    assert len(identities) == 1  # one session
    assert tokens[0] != tokens[1]
    who = http.get("/v1/client", headers=PAGE).json()
    assert (who["signedIn"], who["userId"], who["name"]) == (True, "user_admin", "Ada Admin")


def test_somebody_new_is_made_signed_in_and_offered_from_then_on(http: httpx.Client) -> None:
    answer = choose(http, name="<b>Eve & Co</b>", email="")

    assert (answer.status_code, answer.headers["location"]) == (303, f"{APP}/")
    who = http.get("/v1/client").json()
    assert re.fullmatch("user_[0-9a-f]{26}", who["userId"])
    assert (who["name"], who["email"]) == ("<b>Eve & Co</b>", None)
    page = http.get("/sign-in").text
    assert "&lt;b&gt;Eve &amp; Co&lt;/b&gt;" in page
    assert "<b>Eve" not in page


def test_somebody_new_may_be_the_admin_of_a_studio(http: httpx.Client) -> None:
    choose(http, name="Ines", studio=" Cedar Street, Studio! ", redirect_url=APP)

    token = http.post("/v1/client/sessions/token", headers={"Origin": APP}).json()["jwt"]
    claim = verifier(http).verify(token).organization
    assert claim == OrganizationClaim("org_cedar_street_studio", "admin", "cedar-street-studio")


@pytest.mark.parametrize(
    "form",
    [
        {"name": " "},
        {},
        {"name": "Eve", "email": "nobody"},
        {"name": "Eve", "studio": "?!"},
        {"userId": "user_ghost"},
    ],
)
def test_a_choice_that_cannot_be_is_explained_on_the_page(
    http: httpx.Client, form: dict[str, str]
) -> None:
    answer = choose(http, **form)

    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example/",
        "http://127.0.0.1:3001/",
        "https://127.0.0.1:3000/",
        "http://127.0.0.1:3000.evil.example/",
        "http://127.0.0.1:3000@evil.example/",
        "http://evil.example\\@127.0.0.1:3000/",
        "http://127.0.0.1:3000/\r\nSet-Cookie: a=b",
        "http://127.0.0.1:99999/",
        "javascript:alert(1)",
        "/relative",
        "http://[",
    ],
)
def test_nobody_is_sent_to_an_address_that_is_not_the_apps(http: httpx.Client, target: str) -> None:
    shown = http.get("/sign-in", params={"redirect_url": target})
    chosen = choose(http, userId="user_ben", redirect_url=target)

    assert (shown.status_code, chosen.status_code) == (400, 400)
    assert "location" not in chosen.headers
    assert "set-cookie" not in chosen.headers


def test_the_app_may_be_opened_under_either_name_of_this_machine(http: httpx.Client) -> None:
    answer = choose(http, userId="user_ben", redirect_url="http://localhost:3000/")
    page = {"Origin": "http://localhost:3000"}

    token = http.post("/v1/client/sessions/token", headers=page).json()["jwt"]

    assert answer.status_code == 303
    assert claims_of(token)["azp"] == "http://localhost:3000"


def test_without_an_app_url_the_app_is_two_ports_below(folder: Path) -> None:
    with running(ClerkStandIn(folder)) as address, httpx.Client(base_url=address) as http:
        token = http.post("/v1/sign-in", json={"userId": "user_ben"}).json()["token"]

        assert claims_of(token)["azp"] == f"http://127.0.0.1:{(http.base_url.port or 0) - 2}"


def test_only_pages_of_the_app_get_tokens(http: httpx.Client) -> None:
    choose(http, userId="user_ben")

    other = http.post("/v1/client/sessions/token", headers={"Origin": "http://127.0.0.1:8080"})

    assert other.status_code == 403


def test_signing_out_ends_the_session_and_not_only_the_cookie(http: httpx.Client) -> None:
    choose(http, userId="user_ben")
    secret = http.cookies[COOKIE]

    assert http.post("/v1/client/sign-out", headers=PAGE).json() == {"signedIn": False}

    http.cookies.set(COOKIE, secret)
    assert http.post("/v1/client/sessions/token", headers=PAGE).status_code == 401
    assert http.get("/v1/client", headers=PAGE).json() == {"signedIn": False}


def test_choosing_another_person_ends_the_session_before(http: httpx.Client) -> None:
    choose(http, userId="user_ben")
    before = http.cookies[COOKIE]
    choose(http, userId="user_chiara")

    answer = httpx.get(http.base_url.join("/v1/client"), cookies={COOKIE: before})

    assert answer.json() == {"signedIn": False}
    assert http.get("/v1/client").json()["userId"] == "user_chiara"


def test_people_sessions_and_the_key_survive_a_restart(tmp_path: Path) -> None:
    with running(ClerkStandIn(tmp_path, app_url=APP)) as address:
        first = httpx.Client(base_url=address)
        with first:
            choose(first, name="Eve", email="eve@example.com")
            cookie = first.cookies[COOKIE]
            document = first.get("/.well-known/jwks.json").json()

    with running(ClerkStandIn(tmp_path, app_url=APP)) as address:
        cookies = httpx.Cookies({COOKIE: cookie})
        with httpx.Client(base_url=address, cookies=cookies) as again:
            assert again.get("/v1/client").json()["email"] == "eve@example.com"
            assert again.get("/.well-known/jwks.json").json() == document


def test_a_reset_forgets_neither_people_nor_sessions(http: httpx.Client) -> None:
    choose(http, userId="user_ben")

    http.post("/_control/reset")

    assert http.get("/v1/client").json()["signedIn"] is True


def test_key_and_people_can_be_read_by_their_owner_alone(tmp_path: Path) -> None:
    with running(ClerkStandIn(tmp_path, app_url=APP)):
        modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()}

    assert modes["clerk-signing-key.pem"] == 0o600
    assert set(modes.values()) == {0o600}


def test_a_token_of_another_stand_ins_key_does_not_verify(
    http: httpx.Client, tmp_path: Path
) -> None:
    other = ClerkStandIn(made_folder(tmp_path, "other"), app_url=APP)
    with running(other) as address:
        token = httpx.post(f"{address}/v1/sign-in", json={"userId": "user_ben"}).json()["token"]

    with pytest.raises(Unauthenticated):
        verifier(http).verify(token)


def made_folder(parent: Path, name: str) -> Path:
    folder = parent / name
    folder.mkdir()
    return folder


def test_the_back_end_reads_users_with_the_secret_key(http: httpx.Client) -> None:
    user = http.get("/v1/users/user_ben", headers={"Authorization": "Bearer sk_test_x"}).json()

    assert (user["id"], user["first_name"], user["last_name"]) == ("user_ben", "Ben", "Baker")
    primary = user["email_addresses"][0]
    assert primary["id"] == user["primary_email_address_id"]
    assert primary["email_address"] == "ben@example.com"
    assert primary["verification"]["status"] == "verified"


def test_the_back_end_without_the_secret_key_reads_nothing(folder: Path) -> None:
    clerk = ClerkStandIn(folder, app_url=APP, secret_key="sk_test_right")
    with running(clerk) as address:
        statuses = [
            httpx.get(f"{address}/v1/users/{user}", headers={"Authorization": given}).status_code
            for user, given in [
                ("user_ben", ""),
                ("user_ben", "Bearer sk_test_wrong"),
                ("user_ben", "Basic sk_test_right"),
                ("user_ghost", "Bearer sk_test_right"),
                ("user_ben", "Bearer sk_test_right"),
            ]
        ]

    assert statuses == [401, 401, 401, 404, 200]


def test_a_database_of_a_killed_stand_in_opens_again(folder: Path) -> None:
    with running(ClerkStandIn(folder, app_url=APP)) as address:
        httpx.post(f"{address}/v1/sign-in", json={"userId": "user_eve", "name": "Eve"})
        # Copied while it is open: what a kill would leave.
        left = made_folder(folder, "left")
        for file in folder.glob("clerk*"):
            (left / file.name).write_bytes(file.read_bytes())

    database = sqlite3.connect(left / "clerk.sqlite3")
    assert database.execute("select count(*) from person").fetchone() == (4,)
    database.close()
