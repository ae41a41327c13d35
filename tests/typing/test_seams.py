"""What the seams of the table promise to mypy, and keep at run time."""

from typing import assert_type

from greenroom.accounts.items import UserItem
from greenroom.accounts.service import Accounts, LedgerPage
from greenroom.kernel.errors import Conflict
from greenroom.table.item import Key
from greenroom.table.paging import Page
from greenroom.table.transaction import Transaction, Violation
from tests.world import World


def test_reads_and_writes_are_of_the_keys_class(world: World) -> None:
    ada = world.person()
    ada.credits()
    table, key = world.table, UserItem.at(ada.user_id)

    assert_type(key, Key[UserItem])
    found = assert_type(table.get(key), UserItem | None)
    page = assert_type(table.query(UserItem, key.pk, limit=1), Page[UserItem])
    changed = assert_type(
        table.update(key, UserItem.credits.add(1), when=UserItem.pk.exists(), otherwise=Conflict()),
        UserItem | Violation,
    )

    assert isinstance(found, UserItem)
    assert [assert_type(item, UserItem).credits for item in page.items] == [300]
    assert isinstance(changed, UserItem)
    assert assert_type(changed.credits, int) == 301


def test_a_transaction_tells_violations_and_never_anything_else(world: World) -> None:
    tx = assert_type(world.table.transaction(), Transaction)
    tx.check("user", UserItem.at("x"), when=UserItem.pk.exists(), otherwise=Conflict())

    violations = assert_type(tx.attempt(), tuple[Violation, ...])

    assert assert_type(violations[0].step, str) == "user"


def test_a_ledger_page_is_of_entries(world: World) -> None:
    ada = world.person()
    ada.credits()
    accounts = assert_type(world.wiring("account").accounts, Accounts)

    page = assert_type(
        accounts.ledger(world.wiring("account").verify(ada.token()), limit=1, cursor=None),
        LedgerPage,
    )

    assert assert_type(page.entries[0].amount, int) == 300
