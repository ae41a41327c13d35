"""A key that somebody commits is found; what only looks like one is left alone."""

import pytest

from scripts.scan import PATTERNS, PUBLISHED, ROOT, findings, scan
from tests.figures import Figure

_MIXED = "aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bC1dF3gH5"
# Each is put together here, so that the scan of this file finds nothing.
PLANTED = {
    "AWS access key": ["AKIA" + "Q3EGRIZ7K2MWXN5P", "ASIA" + "Q3EGRIZ7K2MWXN5P"],
    "AWS secret": ["aws_secret_access_" + f"key = '{_MIXED}/+aB'"],
    "OpenAI key": ["sk-" + _MIXED, "sk-proj-" + _MIXED, "sk-svcacct-" + _MIXED, "sk-ant-" + _MIXED],
    "Stripe or Clerk key": [f"{kind}_" + _MIXED for kind in ("sk_live", "rk_live", "sk_test")],
    "webhook secret": ["whsec_" + _MIXED],
    "session token": ["eyJ" + f"{_MIXED}.ey" + f"J{_MIXED}.{_MIXED * 3}"],
    "private key": ["-----BEGIN " + f"{kind}PRIVATE KEY-----" for kind in ("", "RSA ", "EC ")],
    "GitHub token": ["ghp_" + _MIXED, "ghs_" + _MIXED, "github_pat_" + _MIXED * 2],
    "Google key": ["AIza" + _MIXED[:35]],
    "Slack token": ["xoxb-" + "1234567890-" + _MIXED],
    "package token": ["npm_" + _MIXED, "pypi-" + _MIXED * 2],
    "address with a password": ["postgres" + f"://greenroom:{_MIXED}@db.example.com/main"],
    "home of a person": ["/ho" + "me/ada/greenroom", "/Us" + "ers/ada/greenroom"],
}


def test_each_kind_of_key_is_planted() -> None:
    assert PLANTED.keys() == PATTERNS.keys()


@pytest.mark.parametrize("kind", PLANTED)
def test_a_planted_key_is_found(figure: Figure, kind: str) -> None:
    """In code, in JSON, in an address and at the end of a line."""
    lines = [
        around.format(one)
        for one in PLANTED[kind]
        for around in ('key = "{}"', '{{"key": "{}"}}', "export KEY={}", "x\ny: {}")
    ]
    found = [kind in {name for _, name in findings(line)} for line in lines]

    figure("hostile input", "planted keys found", good=sum(found), of=len(found))
    assert all(found)


@pytest.mark.parametrize(
    "text",
    [
        "sk_test_canary_0123456789",
        "sk-canary-standard-key",
        "whsec_canary_stripe_0123456789",
        "https://example.com/a:b@c",
        "arn:aws:secretsmanager:eu-central-1:123456789012:secret:greenroom",
        "sha256:5558a7f5a05af9ecf744af91e5baefc436f93c9333e656c27ec253f9a6bbe178",
        "AKIAIOSFODNN7",
    ],
)
def test_what_is_no_key_is_left_alone(text: str) -> None:
    assert findings(text) == []


@pytest.mark.parametrize(("where", "name"), sorted(PUBLISHED))
def test_only_what_is_there_is_let_pass(where: str, name: str) -> None:
    """Keys that their makers have published for tests, each in its file."""
    text = (ROOT / where).read_text(encoding="utf-8")

    assert name in {found for _, found in findings(text)}
    assert not [one for one in scan(ROOT / where) if one.endswith(name)]
