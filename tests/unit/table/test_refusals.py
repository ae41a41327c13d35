"""What is tried again, what is told to the caller, and what is a bug: by DynamoDB's own words."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    ReadTimeoutError,
)
from pynamodb.attributes import UnicodeAttribute
from pynamodb.connection import Connection
from pynamodb.exceptions import VerboseClientError

from greenroom.kernel.errors import Conflict, StoreUnavailable
from greenroom.table.item import Item
from greenroom.table.patience import Patience
from greenroom.table.table import Table
from greenroom.table.transaction import Transaction

Answer = dict[str, Any] | Exception


class Row(Item):
    """An item without a kind, for transactions that nobody answers."""

    colour = UnicodeAttribute(null=True)


class Client:
    """The part of a botocore client that PynamoDB uses: gives answers one after the other."""

    _request_signer = None

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.requests: list[dict[str, Any]] = []

    def _make_api_call(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        self.requests.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def table_of(client: Client) -> Table:
    connection = Connection(region="eu-central-1", host="http://127.0.0.1:1")
    connection._client = client  # type: ignore[assignment]
    return Table("t", connection, patience=Patience(sleep=lambda _: None))


def refusal(code: str, *, status: int = 400, reasons: tuple[str, ...] = ()) -> ClientError:
    response: Any = {
        "Error": {"Code": code, "Message": "scripted"},
        "ResponseMetadata": {"HTTPStatusCode": status, "HTTPHeaders": {}},
        "CancellationReasons": [{"Code": reason} for reason in reasons],
    }
    return ClientError(response, "TransactWriteItems")


def cancelled(*reasons: str) -> ClientError:
    return refusal("TransactionCanceledException", reasons=reasons)


def two_steps(table: Table) -> Transaction:
    tx = table.transaction()
    tx.put("first", Row("a", "a"), otherwise=Conflict("first"))
    tx.put("second", Row("b", "b"), otherwise=Conflict("second"))
    return tx


@pytest.mark.parametrize(
    "passing",
    [
        cancelled("TransactionConflict", "None"),
        cancelled("None", "ThrottlingError"),
        cancelled("ProvisionedThroughputExceeded", "None"),
        refusal("TransactionConflictException"),
        refusal("TransactionInProgressException"),
        refusal("ThrottlingException"),
        refusal("ProvisionedThroughputExceededException"),
        refusal("RequestLimitExceeded"),
        refusal("InternalServerError", status=500),
        refusal("", status=503),
        EndpointConnectionError(endpoint_url="x"),
        ConnectTimeoutError(endpoint_url="x"),
        ReadTimeoutError(endpoint_url="x"),
        ConnectionClosedError(endpoint_url="x"),
    ],
    ids=str,
)
def test_what_passes_is_tried_again_with_the_same_token(passing: Exception) -> None:
    client = Client(passing, {})

    two_steps(table_of(client)).commit()

    assert len({request["ClientRequestToken"] for request in client.requests}) == 1
    assert len(client.requests) == 2


@pytest.mark.parametrize("other", ["TransactionConflict", "ThrottlingError"])
def test_a_broken_condition_beside_a_conflict_decides_nothing_yet(other: str) -> None:
    client = Client(cancelled("ConditionalCheckFailed", other), {})

    two_steps(table_of(client)).commit()

    assert len(client.requests) == 2


def test_a_broken_condition_is_told_at_once() -> None:
    client = Client(cancelled("None", "ConditionalCheckFailed"))

    with pytest.raises(Conflict, match="second"):
        two_steps(table_of(client)).commit()


@pytest.mark.parametrize(
    "bug",
    [
        cancelled("ValidationError", "None"),
        cancelled("ConditionalCheckFailed", "ValidationError"),
        cancelled("ItemCollectionSizeLimitExceeded", "None"),
        cancelled("SomethingNew", "ConditionalCheckFailed"),
        cancelled("None", "None"),
        refusal("ValidationException"),
        refusal("AccessDeniedException"),
        refusal("IdempotentParameterMismatchException"),
        refusal("ResourceNotFoundException"),
        refusal("SomethingNew"),
    ],
    ids=str,
)
def test_any_other_reason_is_neither_retried_nor_taken_for_a_refusal(bug: Exception) -> None:
    client = Client(bug)

    with pytest.raises(VerboseClientError):
        two_steps(table_of(client)).commit()

    assert len(client.requests) == 1


@pytest.mark.parametrize(
    ("silence", "may_have_acted"),
    [
        (lambda: ReadTimeoutError(endpoint_url="x"), True),
        (lambda: refusal("ThrottlingException"), False),
    ],
)
def test_without_calm_the_store_is_unavailable_and_says_whether_it_may_have_acted(
    silence: Callable[[], Exception], may_have_acted: bool
) -> None:
    ticks = iter(range(1000))
    table = table_of(Client(*(silence() for _ in range(20))))
    table.patience = Patience(sleep=lambda _: None, monotonic=lambda: next(ticks))

    with pytest.raises(StoreUnavailable) as told:
        two_steps(table).commit()

    assert told.value.may_have_acted is may_have_acted
    assert told.value.retry_after_s == 1


def test_a_table_without_credentials_is_unavailable_at_once() -> None:
    client = Client(NoCredentialsError())

    with pytest.raises(StoreUnavailable) as told:
        two_steps(table_of(client)).commit()

    assert told.value.log == {"operation": "TransactWriteItems", "reason": "NoCredentialsError"}
    assert len(client.requests) == 1


def test_a_refused_single_update_that_is_no_broken_condition_is_a_bug() -> None:
    table = table_of(Client(refusal("ValidationException")))
    key = two_steps(table).steps[0].key

    with pytest.raises(VerboseClientError):
        table.update(key, when=Row.pk.exists(), otherwise=Conflict())


def test_batches_that_are_never_taken_make_the_store_unavailable() -> None:
    ticks = iter(range(1000))
    left: Answer = {"UnprocessedItems": {"t": [{"PutRequest": {}}]}}
    table = table_of(Client(*(left for _ in range(20))))
    table.patience = Patience(sleep=lambda _: None, monotonic=lambda: next(ticks))

    with pytest.raises(StoreUnavailable):
        table.put_all([Row("a", "a")])


def test_only_what_was_left_over_of_a_batch_is_sent_again() -> None:
    left = {"t": [{"PutRequest": {"Item": {"PK": {"S": "b"}}}}]}
    client = Client({"UnprocessedItems": left}, {})

    table_of(client).put_all([Row("a", "a"), Row("b", "b")])

    assert [len(request["RequestItems"]["t"]) for request in client.requests] == [2, 1]
    assert client.requests[1]["RequestItems"] == left


def test_an_open_table_never_lets_the_connection_retry_by_itself() -> None:
    table = Table.open("t", endpoint="http://127.0.0.1:1", region="eu-central-1", client="botocore")

    config: Any = table.connection.client.meta.config

    assert config.retries["total_max_attempts"] == 1
    assert (config.connect_timeout, config.read_timeout) == (1.0, 1.5)
