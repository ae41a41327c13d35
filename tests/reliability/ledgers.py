"""What holds of everybody's money at every instant, told from the raw rows."""

from collections import Counter
from typing import Any

from tests.world import World


def ledgers_that_do_not_add_up(world: World) -> list[str]:
    """Everybody whose balance is negative, or is not the sum of their ledger."""
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
        if balance < 0 or balance != sums[owner]
    ]


def amount_of(row: Any) -> int:
    """What one raw ledger row moved, in centicredits."""
    return int(row["amount"]["N"])
