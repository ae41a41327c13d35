"""Two containers and one customer: one act runs whole between any two calls of the other."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from tests.expertise import audit
from tests.intakes import begin, pay, sign
from tests.reliability.every_call import sampled
from tests.reliability.schedules import between_calls
from tests.reliability.snapshots import Snapshot
from tests.reliability.test_intake_crashes import Story
from tests.world import World

CALLS_MAX = 60
OPEN = {"pending", "waiting", "live"}

Act = Callable[[Story], Any]


def is_due(story: Story) -> None:
    """A returned payment whose day is over."""
    story.may_redeem()
    story.world.clock.move(86_400)


def is_unsigned_and_late(story: Story) -> None:
    story.has_free_session()
    story.world.clock.move(1800)


def signs(story: Story) -> Any:
    return sign(story.ada, story.intake_id)


def pays(story: Story) -> Any:
    return pay(story.ada, story.intake_id)


def news(story: Story) -> Any:
    return story.till.deliver(story.event)


def begins(story: Story) -> Any:
    return begin(story.ada, "free")


def begins_with_a_key(story: Story) -> Any:
    return begin(story.ada, "free", key="k")


def sweeps(story: Story) -> Any:
    return story.world.sweep()


def leaves(story: Story) -> Any:
    return story.ada.call("DELETE /api/user")


PAIRS: list[tuple[Act, Act, Act]] = [
    (Story.has_paid_by_card, news, pays),
    (Story.has_paid_by_card, pays, news),
    (Story.has_paid_by_card, news, begins),
    (Story.has_paid_by_card, begins, news),
    (Story.has_paid_by_card, news, news),
    (Story.has_paid_by_card, news, leaves),
    (Story.has_paid_by_card, leaves, news),
    (Story.has_signed, pays, pays),
    (Story.has_signed, pays, leaves),
    (Story.has_signed, leaves, pays),
    (Story.has_signed, leaves, begins),
    (Story.has_paid_with_credits, Story.cancel, pays),
    (Story.has_paid_with_credits, pays, Story.cancel),
    (lambda _: None, begins_with_a_key, begins_with_a_key),
    (lambda _: None, begins, leaves),
    (Story.has_intake, signs, signs),
    (Story.has_intake, signs, leaves),
    (Story.has_intake, leaves, signs),
    (is_unsigned_and_late, signs, sweeps),
    (is_unsigned_and_late, sweeps, signs),
    (Story.is_served_by_nobody, sweeps, Story.cancel),
    (Story.is_served_by_nobody, Story.cancel, sweeps),
    (is_due, sweeps, Story.redeem),
    (is_due, Story.redeem, sweeps),
    (is_due, Story.redeem, Story.redeem),
    (is_due, Story.redeem, pays),
    (is_due, pays, Story.redeem),
]


def rows_of(world: World, kind: str) -> list[dict[str, Any]]:
    plain = [{name: next(iter(v.values())) for name, v in row.items()} for row in world.rows()]
    return [row for row in plain if row["kind"] == kind]


def money_is_right(story: Story) -> None:
    """Every payment and every intake is one session's or nobody's, and every debit is explained."""
    user_id = story.ada.user_id
    sessions = {
        row["PK"].removeprefix("SESSION#"): row
        for row in rows_of(story.world, "session")
        if row["user_uuid"] == user_id
    }
    assert sum(row["status"] in OPEN for row in sessions.values()) <= 1
    for purchase in rows_of(story.world, "purchase"):
        if purchase["user_id"] != user_id:
            continue
        purchase_id = purchase["PK"].removeprefix("PURCHASE#")
        own = {name for name, row in sessions.items() if row.get("purchase_id") == purchase_id}
        unused = {name for name in own if sessions[name].get("given_back")}
        if purchase["standing"] == "fulfilled":
            assert own - unused == {purchase["session_id"]}
            assert not purchase["refund_asked"], "either it is a session, or it goes back"
        else:
            assert own == unused
            assert "session_id" not in purchase
        assert int(purchase.get("returns", 0)) == len(unused)
        assert ("GSI2PK" in purchase) is ("refund_due_at" in purchase)
    for intake in rows_of(story.world, "intake"):
        if intake["user_id"] == user_id and intake["status"] == "consumed":
            assert not sessions[intake["session_id"]].get("given_back")
    entries = [
        row for row in rows_of(story.world, "ledger_entry") if row["PK"] == f"USER#{user_id}"
    ]
    (user,) = [row for row in rows_of(story.world, "user") if row["PK"] == f"USER#{user_id}"]
    assert int(user["credits"]) == sum(int(row["amount"]) for row in entries)
    debits = [row for row in entries if row["entry"] == "debit"]
    charged = [row for row in sessions.values() if row.get("charged")]
    assert len(debits) == len(charged)


@pytest.mark.parametrize(
    ("prepare", "one", "other"),
    PAIRS,
    ids=[f"{one.__name__}-{other.__name__}-{at}" for at, (_, one, other) in enumerate(PAIRS)],
)
def test_two_acts_at_once_leave_money_and_sessions_right(
    world: World,
    prepare: Act,
    one: Act,
    other: Act,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("greenroom.payments.gateway.STRIPE_RETRIES", 0)  # nobody is there
    story = Story(world)
    prepare(story)
    begun = Snapshot(world)
    for point in sampled(CALLS_MAX):
        begun.restore()

        reached, answers = between_calls(partial(one, story), partial(other, story), point)

        assert all(getattr(reply, "status", 200) < 500 for reply in answers), answers
        audit(story.world)
        money_is_right(story)
        if not reached:
            assert point > 1
            return
    pytest.fail("the act makes more calls than that")
