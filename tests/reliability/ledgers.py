"""What holds of everybody's money at every instant, told from the raw rows."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from tests.world import Person, World, client_of

# TransactGetItems takes a hundred: the person and so many entries.
ENTRIES_MAX = 99


def ledgers_that_do_not_add_up(world: World) -> list[str]:
    """Everybody whose balance is not the sum of their ledger; nobody may be writing."""
    balances: dict[str, int] = {}
    sums: Counter[str] = Counter()
    for row in world.rows():
        kind, owner = row["kind"]["S"], row["PK"]["S"]
        if kind == "user":
            balances[owner] = int(row["credits"]["N"])
        elif kind == "ledger_entry":
            sums[owner] += amount_of(row)
    return [
        f"{owner} has {balance}, their ledger says {sums[owner]}"
        for owner, balance in balances.items()
        if balance != sums[owner]
    ]


def amount_of(row: Any) -> int:
    """What one raw ledger row moved, in centicredits."""
    return int(row["amount"]["N"])


@dataclass(frozen=True)
class Books:
    """A person's balance and their whole ledger as they stood at one instant, in centicredits."""

    balance: int
    entries: dict[str, int]

    @property
    def agree(self) -> bool:
        """Whether the balance is the sum of the entries."""
        return self.balance == sum(self.entries.values())


def books_while_others_write(person: Person) -> Books | None:
    """Balance and ledger at one instant; None where the ledger was written meanwhile.

    DynamoDB isolates TransactGetItems from transactions, but no query, and one takes a hundred
    items by their keys. So the keys are queried, the person and these entries are read at one
    instant, and the keys are queried again. Entries are never removed: whatever stood at that
    instant is among the keys of the second query. Where these are the first ones, all of the
    ledger was read at that instant.
    """
    keys = _entry_keys(person)
    assert len(keys) <= ENTRIES_MAX, "the test writes more than can be read at one instant"
    pk, table = {"S": f"USER#{person.user_id}"}, person.world.table_name
    answer = client_of(person.world.endpoint).transact_get_items(
        TransactItems=[
            {"Get": {"TableName": table, "Key": {"PK": pk, "SK": {"S": sk}}}}
            for sk in ("ACCOUNT", *keys)
        ]
    )
    if _entry_keys(person) != keys:
        return None
    user, *entries = [response["Item"] for response in answer["Responses"]]
    return Books(
        balance=int(user["credits"]["N"]),
        entries={row["key"]["S"]: amount_of(row) for row in entries},
    )


def _entry_keys(person: Person) -> list[str]:
    answer = client_of(person.world.endpoint).query(
        TableName=person.world.table_name,
        KeyConditionExpression="PK = :pk AND begins_with(SK, :ledger)",
        ExpressionAttributeValues={
            ":pk": {"S": f"USER#{person.user_id}"},
            ":ledger": {"S": "LEDGER#"},
        },
        ProjectionExpression="SK",
        ConsistentRead=True,
    )
    assert "LastEvaluatedKey" not in answer
    return [row["SK"]["S"] for row in answer["Items"]]
