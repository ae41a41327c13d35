"""What is sent to DynamoDB is signed as botocore signs it."""

from datetime import UTC, datetime

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import given
from hypothesis import strategies as st

from greenroom.table.signature import Signer

HOSTS = ["dynamodb.eu-central-1.amazonaws.com", "127.0.0.1:4566", "localhost"]
REGION = "eu-central-1"
ASKED = {"content-type": "application/x-amz-json-1.0", "x-amz-target": "DynamoDB_20120810.GetItem"}


def theirs(credentials: Credentials, host: str, body: bytes) -> dict[str, str]:
    request = AWSRequest("POST", f"https://{host}/", headers=dict(ASKED), data=body)
    SigV4Auth(credentials, "dynamodb", REGION).add_auth(request)
    return {name.lower(): value for name, value in request.headers.items()}


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("token", [None, "a token of a role"])
def test_a_request_is_signed_as_botocore_signs_it(host: str, token: str | None) -> None:
    credentials = Credentials("AKID", "secret", token)
    signer = Signer(credentials, region=REGION, service="dynamodb", host=host)

    @given(st.binary(max_size=300))
    def signed_alike(body: bytes) -> None:
        wanted = theirs(credentials, host, body)
        now = datetime.strptime(wanted["x-amz-date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        assert signer.headers(ASKED, body, now=now) == wanted

    signed_alike()


def test_a_key_is_of_its_day_and_of_its_credentials() -> None:
    credentials = Credentials("AKID", "secret")
    signer = Signer(credentials, region=REGION, service="dynamodb", host=HOSTS[0])

    def signature(day: int) -> str:
        now = datetime(2026, 11, day, 23, 59, tzinfo=UTC)
        return signer.headers(ASKED, b"{}", now=now)["authorization"].rpartition("=")[2]

    first, second = signature(1), signature(2)
    credentials.secret_key = "another"

    assert len({first, second, signature(1), signature(2)}) == 4
    credentials.secret_key = "secret"
    assert signature(1) == first
