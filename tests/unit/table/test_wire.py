"""Answers that are none of DynamoDB's, and credentials wherever they are."""

from collections.abc import Callable
from pathlib import Path

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    EndpointConnectionError,
    NoCredentialsError,
)

from greenroom.table.pool import Answer
from greenroom.table.table import Table
from greenroom.table.wire import Wire, WireConnection
from tests import aws
from tests.aws import Asked, Way

ASKED = {"TableName": "any", "Key": {"PK": {"S": "a"}, "SK": {"S": "b"}}}
CREDENTIALS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")


@pytest.fixture
def wire() -> Wire:
    """A client to where nobody listens."""
    made: Wire = WireConnection(region="eu-central-1", host="http://127.0.0.1:1").client
    return made


def saying(answer: Answer) -> Callable[[Asked, Way], Answer]:
    return lambda _asked, _way: answer


@pytest.mark.parametrize("body", [b"<html>", b"", b"null", b'["Item"]'])
def test_an_answer_that_is_none_is_as_if_it_had_been_lost(wire: Wire, body: bytes) -> None:
    """It may have had its effect, so it is neither nothing nor an error of ours."""
    with aws.watched(saying(Answer(200, {}, body))), pytest.raises(ConnectionClosedError):
        wire._make_api_call("GetItem", ASKED)


@pytest.mark.parametrize("body", [b"<html>", b"", b"[]", b"{}"])
def test_an_error_without_a_name_has_its_status_for_one(wire: Wire, body: bytes) -> None:
    with aws.watched(saying(Answer(503, {}, body))), pytest.raises(ClientError) as told:
        wire._make_api_call("GetItem", ASKED)

    assert told.value.response["Error"]["Code"] == "503"
    assert told.value.response["ResponseMetadata"]["HTTPStatusCode"] == 503


def test_an_error_may_be_named_by_a_header(wire: Wire) -> None:
    headers = {"x-amzn-errortype": "ThrottlingException:http://internal/", "x-amzn-requestid": "r1"}

    with aws.watched(saying(Answer(400, headers, b"{}"))), pytest.raises(ClientError) as told:
        wire._make_api_call("GetItem", ASKED)

    assert told.value.response["Error"]["Code"] == "ThrottlingException"
    assert told.value.response["ResponseMetadata"]["RequestId"] == "r1"


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An environment without credentials; where a file may have some."""
    for name in CREDENTIALS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    return tmp_path / "credentials"


@pytest.mark.usefixtures("bare")
def test_without_credentials_nothing_is_sent(wire: Wire) -> None:
    with pytest.raises(NoCredentialsError):
        wire._make_api_call("GetItem", ASKED)


def test_credentials_that_come_later_or_from_a_file_are_found(bare: Path, wire: Wire) -> None:
    with pytest.raises(NoCredentialsError):
        wire._make_api_call("GetItem", ASKED)

    bare.write_text("[default]\naws_access_key_id = AKID\naws_secret_access_key = secret\n")

    with pytest.raises(EndpointConnectionError):
        wire._make_api_call("GetItem", ASKED)


def test_in_aws_the_regions_own_endpoint_is_asked() -> None:
    connection = WireConnection(region="eu-central-1", host=None)

    made: Wire = connection.client
    assert made.pool.url == "https://dynamodb.eu-central-1.amazonaws.com"
    assert repr(connection) == f"WireConnection<{made.pool.url}>"


def test_a_table_is_reached_by_the_short_way_unless_another_is_wanted() -> None:
    table = Table.open("t", endpoint="http://127.0.0.1:1", region="eu-central-1")

    assert isinstance(table.connection, WireConnection)
