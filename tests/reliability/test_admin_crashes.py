"""An admin's adjustment dies or is refused at any of its calls: it is made once all the same."""

from typing import Any, get_args

import pytest

from tests.reliability.every_call import fail_at_every_call
from tests.reliability.faults import Kind
from tests.world import Person, World


class Adjustments:
    """One admin who gives somebody a credit."""

    def __init__(self, world: World) -> None:
        self.world = world

    def prepare(self) -> Person:
        ada = self.world.person()
        ada.credits()
        return ada

    def act(self, ada: Person) -> Any:
        body = {"userId": ada.user_id, "credits": 1, "reason": "Goodwill"}
        headers = {"idempotency-key": f"for {ada.user_id}"}
        admin = self.world.person("user_admin")
        return admin.call("POST /api/admin/credits", body, headers=headers)

    def audit(self, ada: Person) -> None:
        """Balance, ledger and trail agree at every instant."""
        given = [entry for entry in ada.ledger() if entry["kind"] == "adjustment"]
        entries = self.told(ada)
        assert len(given) == len(entries) <= 1
        assert ada.credits() == 3.0 + len(given)
        if given:
            assert entries[0]["after"] == {"credits": 4.0, "ledgerEntry": given[0]["id"]}

    def check(self, ada: Person) -> None:
        assert len(self.told(ada)) == 1

    def told(self, ada: Person) -> list[dict[str, Any]]:
        reply = self.world.person("user_admin").call("GET /api/admin/trail?limit=100")
        return [one for one in reply.body["items"] if one["target"] == f"user:{ada.user_id}"]


@pytest.mark.parametrize("kind", get_args(Kind))
def test_an_adjustment_that_fails_anywhere_is_made_once(world: World, kind: Kind) -> None:
    giving = Adjustments(world)

    met = fail_at_every_call(
        kind, prepare=giving.prepare, act=giving.act, audit=giving.audit, check=giving.check
    )

    assert met >= 1
