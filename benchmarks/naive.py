"""A section: the start of a paid interview as the product's first documents have it, and ours.

Theirs is written here as it is there, on the same table: the user is read and looked at, an active
session is looked for, then session, participant, event, debit and ledger entry are written one
after another, and a library keeps repeats apart in an item of its own (Powertools' idempotency).
It is here to be counted, and used nowhere: whatever happens between two of its calls stays half
done, and of two starts at once both find no active session.
"""

import uuid
from collections.abc import Callable, Sequence
from typing import Any, Final

import httpx
from aws_lambda_powertools.utilities.idempotency import (
    DynamoDBPersistenceLayer,
    IdempotencyConfig,
    idempotent_function,
)

from benchmarks.counting import Cost, cost
from benchmarks.counts import table
from benchmarks.worlds import a_world
from greenroom.kernel.clock import to_text
from tests.reliability import faults
from tests.world import Context, Person, World, client_of

TITLE: Final = "A start in one transaction, and in the naive shape"
COST: Final = 100  # hundredths of a credit
SESSION: Final = {
    "session": {"type": "realtime", "model": "gpt-realtime-2.1-mini"},
    "expires_after": {"anchor": "created_at", "seconds": 600},
}

TEXT: Final = """\
The same use case, a start that is paid with credits and whose answer was lost and may be asked for
again, on the same engine with the same counter. The naive shape is that of the product's first
documents (`benchmarks/naive.py`): separate reads and writes, and a library for repeats beside them.

{table}

Ours makes {ratio:g} times fewer round trips. It dies whole, or is given back by the sweeper; the
naive one has {places} places to die in, and leaves a debit without a session, or a session without
a debit. Of two at once it charges both; of ours one is refused. It costs fewer units, since each
item in a transaction is charged twice: that is the price. Tests hold the ratio to at least five,
and show the two that are charged (tests/counts/test_naive.py).

By `python -m benchmarks naive`."""


def section(say: Callable[[str], None]) -> str:
    """Count one start of either shape."""
    say("starting an interview in either shape")
    with a_world() as world:
        return text(measure(world))


def measure(world: World) -> list[Cost]:
    """One start of ours, one of the naive shape, each with a key that makes it repeatable."""
    ada, bob = world.person(), world.person()
    for person in (ada, bob):
        person.credits()
    naive = Naive(world)
    body = {"jobTitle": "Welder"}
    return [
        cost("ours", lambda: ada.start(body, key="k")),
        cost("naive", lambda: naive.start(bob, body, key="k")),
    ]


def text(measured: Sequence[Cost]) -> str:
    """The section."""
    ours, naive = measured
    return TEXT.format(
        table=table(measured),
        ratio=naive.round_trips / ours.round_trips,
        places=naive.round_trips - 1,
    )


class Naive:
    """Starts interviews in separate reads and writes."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._client = client_of(world.endpoint)
        self._table = {"TableName": world.table_name}
        self._provider = httpx.Client(
            base_url="https://api.openai.com", transport=faults.Transport(world.provider)
        )
        layer = DynamoDBPersistenceLayer(
            world.table_name,
            key_attr="PK",
            sort_key_attr="SK",
            static_pk_value="IDEMPOTENCY",
            boto3_client=self._client,
        )
        self._once = idempotent_function(
            self._start,
            data_keyword_argument="asked",
            persistence_store=layer,
            config=IdempotencyConfig(
                event_key_jmespath="[user, key]",
                lambda_context=Context(),  # type: ignore[arg-type]  # all that it reads
            ),
        )

    def start(self, person: Person, body: Any, *, key: str) -> Any:
        """Start one, or answer what was answered to the same key."""
        asked = {"user": person.user_id, "key": key, "body": body}
        return self._once(asked=asked)

    def _start(self, *, asked: Any) -> Any:
        user_id = asked["user"]
        user = self._client.get_item(
            **self._table, Key=_key(f"USER#{user_id}", "ACCOUNT"), ConsistentRead=True
        )["Item"]
        if int(user["credits"]["N"]) < COST:
            raise ValueError("not enough credits")
        if self._has_active_session(user_id):
            raise ValueError("there is an active session")
        session_id, now = str(uuid.uuid4()), to_text(self._world.clock())
        own = f"SESSION#{session_id}"
        listed = {"GSI1PK": f"USER#{user_id}", "GSI1SK": f"SESSION#{session_id}"}
        self._put(own, "SESSION", user_id=user_id, status="pending", started_at=now, **listed)
        self._put(own, f"PARTICIPANT#{user_id}", role="customer", created_at=now)
        self._put(own, f"EVENT#{now}", event_type="created", user_id=user_id)
        self._client.update_item(
            **self._table,
            Key=_key(f"USER#{user_id}", "ACCOUNT"),
            UpdateExpression="SET credits = credits - :cost",
            ConditionExpression="credits >= :cost",
            ExpressionAttributeValues={":cost": {"N": str(COST)}},
        )
        self._put(f"USER#{user_id}", f"LEDGER#{now}", amount=str(-COST), session_id=session_id)
        minted = self._provider.post("/v1/realtime/client_secrets", json=SESSION).json()
        self._client.update_item(
            **self._table,
            Key=_key(own, "SESSION"),
            UpdateExpression="SET secret = :secret",
            ExpressionAttributeValues={":secret": {"S": minted["value"]}},
        )
        return {"sessionId": session_id, "token": minted["value"]}

    def _has_active_session(self, user_id: str) -> bool:
        found = self._client.query(
            **self._table,
            IndexName="GSI1",
            KeyConditionExpression="GSI1PK = :owner AND begins_with(GSI1SK, :sessions)",
            ExpressionAttributeValues={
                ":owner": {"S": f"USER#{user_id}"},
                ":sessions": {"S": "SESSION#"},
            },
            ScanIndexForward=False,
            Limit=1,
        )["Items"]
        return any(one["status"]["S"] in {"pending", "live"} for one in found)

    def _put(self, pk: str, sk: str, **values: str) -> None:
        item = {**_key(pk, sk), **{name: {"S": value} for name, value in values.items()}}
        self._client.put_item(**self._table, Item=item)


def _key(pk: str, sk: str) -> dict[str, dict[str, str]]:
    return {"PK": {"S": pk}, "SK": {"S": sk}}
