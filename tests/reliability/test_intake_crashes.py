"""Intakes and their payments while the store or the process fails at any call."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from greenroom.payments.domain import SessionFacts
from tests.expertise import Customer, audit
from tests.intakes import begin, intake_of, pay, shown, sign, signed
from tests.reliability.every_call import fail_at_every_call
from tests.till import Till
from tests.world import Person, World

KINDS = ["crash_before", "crash_after", "timeout_after", "conflict"]

Step = Callable[["Story"], Any]


class Story:
    """One customer, and what they are about to do."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.ada: Person = world.person()
        self.ada.credits()
        self.till = Till(world)
        self.intake_id = ""
        self.event: dict[str, Any] = {}

    def has_intake(self) -> None:
        self.intake_id = intake_of(self.ada, "quick")

    def has_signed(self) -> None:
        self.intake_id = signed(self.ada, "quick")

    def has_free_session(self) -> None:
        self.intake_id = begin(self.ada, "free", key="k").body["intakeId"]

    def has_paid_with_credits(self) -> None:
        self.has_signed()
        assert pay(self.ada, self.intake_id).status == 201

    def has_paid_by_card(self) -> None:
        """The purchase is written as a checkout would have, and its news is to come."""
        self.has_signed()
        facts = SessionFacts(type="chat", waived_at=self.world.clock())
        purchase = self.till.seed(self.ada, "quick", intake_id=self.intake_id, session=facts)
        self.purchase = replace(purchase)
        self.event = self.till.paid(purchase)

    def is_served_by_nobody(self) -> None:
        self.has_paid_by_card()
        assert self.till.outcome(self.event) == "applied"
        self.world.clock.move(1800)

    def may_redeem(self) -> None:
        self.is_served_by_nobody()
        self.world.sweep()

    def is_swept(self) -> Any:
        return self.world.wiring("sweeper").sweeper.sweep(self.world.clock())

    @property
    def sessions(self) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = self.ada.call("GET /api/sessions").body["items"]
        return items

    def cancel(self) -> Any:
        session_id = self.sessions[0]["sessionId"]
        return self.ada.call(f"POST /api/sessions/{session_id}/cancel")

    def redeem(self) -> Any:
        return self.ada.call(f"POST /api/purchases/{self.purchase.purchase_id}/redeem")


def one_free_session(story: Story) -> None:
    (session,) = story.sessions
    assert (session["paymentMethod"], session["status"]) == ("free", "pending")


def one_debited_session(story: Story) -> None:
    (session,) = story.sessions
    assert session["paymentMethod"] == "credits"
    assert story.ada.credits() == 1.0


def waived_once(story: Story) -> None:
    assert shown(story.ada, story.intake_id)["waiver"]["signedAt"] is not None
    rows = story.world.rows()
    signatures = [row for row in rows if row["PK"]["S"] == f"INTAKE#{story.intake_id}"]
    assert len(signatures) == 2  # the intake and its one signature
    for session in story.sessions:
        assert Customer(story.ada, session["sessionId"]).shown["waiverSignedAt"] is not None


def given_back_once(story: Story) -> None:
    assert story.ada.credits() == 3.0
    assert [one["kind"] for one in story.ada.ledger()].count("void") == 1
    assert shown(story.ada, story.intake_id)["status"] == "waived"


def one_card_session(story: Story) -> None:
    (session,) = story.sessions
    assert (session["paymentMethod"], session["status"]) == ("stripe", "pending")
    assert story.till.now(story.purchase).standing == "fulfilled"
    assert shown(story.ada, story.intake_id)["sessionId"] == session["sessionId"]


def banked_once(story: Story) -> None:
    (session,) = story.sessions
    now = story.till.now(story.purchase)
    assert (session["status"], now.standing, now.returns) == ("expired", "banked", 1)


def redeemed_once(story: Story) -> None:
    newest, older = story.sessions
    assert (newest["status"], older["status"]) == ("pending", "expired")
    now = story.till.now(story.purchase)
    assert (now.standing, now.session_id) == ("fulfilled", newest["sessionId"])


STORIES: dict[str, tuple[Step, Step, Step]] = {
    "free": (lambda _: None, lambda s: begin(s.ada, "free", key="k"), one_free_session),
    "waiver": (Story.has_intake, lambda s: sign(s.ada, s.intake_id), waived_once),
    "waiver of a free session": (
        Story.has_free_session,
        lambda s: sign(s.ada, s.intake_id),
        waived_once,
    ),
    "credits": (Story.has_signed, lambda s: pay(s.ada, s.intake_id), one_debited_session),
    "cancel": (Story.has_paid_with_credits, Story.cancel, given_back_once),
    "card": (Story.has_paid_by_card, lambda s: s.till.deliver(s.event), one_card_session),
    "nobody": (Story.is_served_by_nobody, Story.is_swept, banked_once),
    "redeem": (Story.may_redeem, Story.redeem, redeemed_once),
}


@pytest.mark.parametrize("name", STORIES)
@pytest.mark.parametrize("kind", KINDS)
def test_what_fails_at_any_call_and_is_tried_again_is_done_once(
    world: World, name: str, kind: Any
) -> None:
    prepare, act, check = STORIES[name]

    def prepared() -> Story:
        story = Story(world)
        prepare(story)
        return story

    fail_at_every_call(
        kind,
        prepare=prepared,
        act=act,
        audit=lambda story: audit(story.world),
        check=check,
        world=world,
    )
