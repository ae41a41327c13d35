"""What tests do with people's accounts below HTTP."""

from dataclasses import dataclass
from typing import Any

from greenroom.accounts.domain import Charge
from greenroom.accounts.service import Accounts
from greenroom.kernel.ids import new_id
from tests.world import Person, World, client_of


def accounts_of(world: World) -> Accounts:
    """The accounts room as the function that starts interviews has it."""
    return world.wiring("realtime_session").accounts


def charge(person: Person, *, cost: int = 100, session_id: str | None = None) -> Charge:
    """A charge for a session of that person."""
    return Charge(user_id=person.user_id, session_id=session_id or new_id(), attempt=1, cost=cost)


def debit(person: Person, taken: Charge) -> None:
    """Pay for a session; raises what the refusal means."""
    tx = person.world.table.transaction()
    accounts_of(person.world).add_debit(tx, taken)
    tx.commit()


def void(person: Person, taken: Charge, *, counted: bool = False) -> None:
    """Give a debit back; raises what the refusal means."""
    tx = person.world.table.transaction()
    accounts_of(person.world).add_void(tx, taken, reason="test", counted=counted)
    tx.commit()


def rows_of(person: Person, kind: str) -> list[dict[str, Any]]:
    """The person's rows of a kind, raw."""
    return [
        row
        for row in person.world.rows()
        if row["kind"]["S"] == kind and row["PK"]["S"] == f"USER#{person.user_id}"
    ]


def set_raw(person: Person, **attributes: dict[str, Any]) -> None:
    """Overwrite attributes of the person's row, as an import or a later release would."""
    names = {f"#{name}": name for name in attributes}
    client_of(person.world.endpoint).update_item(
        TableName=person.world.table_name,
        Key={"PK": {"S": f"USER#{person.user_id}"}, "SK": {"S": "ACCOUNT"}},
        UpdateExpression="SET " + ", ".join(f"#{name} = :{name}" for name in attributes),
        ExpressionAttributeNames=names,
        ExpressionAttributeValues={f":{name}": value for name, value in attributes.items()},
    )


def set_credits(person: Person, centicredits: int) -> None:
    """Make the person exist with that balance."""
    person.credits()
    set_raw(person, credits={"N": str(centicredits)})


@dataclass(frozen=True)
class Books:
    """A person's balance and ledger as they stood at one instant, in centicredits."""

    balance: int
    entries: dict[str, int]

    @property
    def agree(self) -> bool:
        """Whether the balance is the sum of the entries."""
        return self.balance == sum(self.entries.values())


def books_at_one_instant(person: Person, keys: list[str]) -> Books:
    """Balance and the entries of these business keys, by one consistent TransactGetItems."""
    pk = {"S": f"USER#{person.user_id}"}
    places = [{"S": "ACCOUNT"}, *({"S": f"LEDGER#{key}"} for key in keys)]
    answer = client_of(person.world.endpoint).transact_get_items(
        TransactItems=[
            {"Get": {"TableName": person.world.table_name, "Key": {"PK": pk, "SK": sk}}}
            for sk in places
        ]
    )
    user, *found = [response.get("Item") for response in answer["Responses"]]
    entries = {item["key"]["S"]: int(item["amount"]["N"]) for item in found if item}
    return Books(balance=int(user["credits"]["N"]), entries=entries)
