"""What is left of a browser's error: where it happened, and nothing that opens anything."""

from datetime import UTC, datetime

import pytest

from greenroom.reports.domain import FRAMES_LOGGED_MAX, Report, cleaned, frames

AT = datetime(2026, 11, 21, 12, tzinfo=UTC)
JWT = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ1c2VyXzEifQ.c2lnbmF0dXJl"
SECRETS = [
    JWT,
    "sk_test_canary_0123456789",
    "sk-canary-standard-key-0123456789",
    "ek_canary_provider_secret_0123456789",
    "whsec_canary_stripe_0123456789",
    "g1.k1." + "A" * 80,
    "w1.k1.abcdefghijklmnop.qrstuvwxyz",
    "ada.lovelace+x@example.org",
    "ada%40example.org",
    "Bearer abcdefgh",
    "a" * 64,
    "a=ice-pwd:abcdefghijklmnop",
]


def report(message: str = "It broke.", **more: str) -> Report:
    return Report(report_id="r", at=AT, message=message, **more)


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("where", ["message", "stack", "user_agent", "release", "request_id"])
def test_what_looks_like_a_secret_is_left_of_no_text(secret: str, where: str) -> None:
    told = cleaned(report(**{"message": "x", where: f"before {secret} after"}))

    text = str(getattr(told, where))
    assert secret not in text
    assert secret.removeprefix("Bearer ") not in text
    assert text.startswith("before ")


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://app.test/#/account", "app.test/#/account"),
        ("https://app.test/?token=abc&x=1", "app.test/"),
        ("https://app.test/a/b?x#/classes/paid?booking_id=1&key=2", "app.test/a/b#/classes/paid"),
        ("https://app.test/manage.html#w1.k1.abcdefghijklmnopq", "app.test/manage.html"),
        ("https://ada:pass@app.test/x", "app.test/x"),
        ("http://[broken", "[redacted]"),
        ("", ""),
    ],
)
def test_of_an_address_the_page_is_kept(url: str, kept: str) -> None:
    assert cleaned(report(url=url)).url == kept


def test_frames_keep_file_line_and_column_without_queries() -> None:
    stack = "draw@https://app.test/js/a.js?v=secret:41:17\n  at go (https://app.test/b.js:1:2)"

    told = cleaned(report(stack=stack)).stack

    assert told == "draw@https://app.test/js/a.js:41:17\n  at go (https://app.test/b.js:1:2)"


def test_parameters_outside_of_addresses_go_too() -> None:
    told = cleaned(report("GET /api/x?code=abc&state=def failed")).message

    assert "abc" not in told
    assert "def" not in told


def test_ids_and_ordinary_words_stay() -> None:
    text = "TypeError: session 01a213cb-f359-75f5-86ef-29d6dbd62385 is undefined (reading 'id')"

    assert cleaned(report(text)).message == text


def test_the_log_has_the_first_frames() -> None:
    assert frames(None) == []
    assert frames("a\n\n  b  ") == ["a", "b"]
    assert len(frames("x\n" * 100)) == FRAMES_LOGGED_MAX
