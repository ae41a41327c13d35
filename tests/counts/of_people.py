"""What people do: their account, a practice interview, their sessions."""

import httpx

from tests.counts.walk import Walk
from tests.expertise import claim, expert, session_of
from tests.fakes.provider import OFFER
from tests.practice import Practice, live, saved, turns


def account(walk: Walk) -> None:
    """Who a person is, from the first look to the deletion."""
    ada = walk.person(email="ada@example.com", name="Ada")
    walk.case("first look at a person", ada.call, "GET /api/user")
    walk.ask(walk.call, "GET /api/config")
    walk.ask(ada.call, "GET /api/user")
    walk.ask(ada.call, "PATCH /api/user", {"name": "Ada L."})
    walk.ask(ada.call, "GET /api/user/ledger")
    walk.ask(ada.call, "GET /api/user/export")
    walk.ask(walk.call, "POST /api/client-errors", {"message": "It broke"})
    walk.ask(ada.call, "DELETE /api/user")


def interview(walk: Walk) -> None:
    """A practice interview, from the start to the feedback, and what stays of it."""
    ada = walk.person()
    walk.case("first start, of a person not yet known", ada.start)
    bob = walk.person()
    bob.credits()
    walk.ask(bob.call, "GET /api/ice-servers")
    started = walk.ask(bob.start, {"jobTitle": "Welder", "company": "Acme"})
    walk.ask(bob.call, "GET /api/sessions/active")
    fresh = f"POST /api/realtime-session/{started.body['sessionId']}/token"
    token = walk.ask(bob.call, fresh)
    walk.ask(bob.exchange, token, OFFER)
    practice = Practice(bob, token.body["sessionId"])
    here = f"/api/sessions/{practice.session_id}"
    walk.ask(bob.call, f"POST {here}/connected")
    walk.ask(practice.save, turns(40))
    walk.case("save again, what is saved already", practice.save, turns(40))
    walk.case("feedback, by its schedule", walk.feedback)
    _what_stays(walk, practice)
    _ways_out(walk)


def _what_stays(walk: Walk, practice: Practice) -> None:
    bob, there = practice.person, f"/api/interviews/{practice.session_id}"
    walk.ask(bob.call, "GET /api/interviews")
    walk.ask(bob.call, f"GET {there}")
    walk.ask(bob.call, f"GET {there}/messages")
    walk.ask(bob.call, "GET /api/sessions")
    walk.ask(bob.call, f"GET /api/sessions/{practice.session_id}")
    walk.ask(_failed(walk).request_feedback)
    walk.ask(bob.call, f"DELETE {there}")


def _failed(walk: Walk) -> Practice:
    """An interview whose feedback has failed for good."""
    practice = saved(walk, walk.person())
    walk.provider.script("/chat/completions", *[httpx.Response(500)] * 3)
    for _ in range(3):
        walk.feedback()
        walk.clock.move(300)
    assert practice.detail()["feedbackStatus"] == "failed"
    return practice


def _ways_out(walk: Walk) -> None:
    first, second, third = (live(walk, walk.person()) for _ in range(3))
    walk.ask(first.person.call, f"POST /api/sessions/{first.session_id}/connect-failed")
    walk.ask(second.person.call, f"POST /api/sessions/{second.session_id}/end")
    cancelled = third.person.call(f"POST /api/sessions/{third.session_id}/end")
    assert cancelled.status == 200
    begun = third.person.start({"jobTitle": "Cook"})
    walk.ask(third.person.call, f"POST /api/sessions/{begun.body['sessionId']}/cancel")


def chat(walk: Walk) -> None:
    """A session with an expert, who begins it, and what is said in it."""
    bob = expert(walk)
    ada = walk.person()
    ada.credits()
    asked = session_of(ada)
    assert claim(bob, asked.session_id).status == 200
    walk.ask(asked.move, "start", by=bob)
    here = f"/api/sessions/{asked.session_id}"
    walk.ask(ada.call, f"POST {here}/messages", {"text": "My brakes squeal."})
    walk.ask(bob.call, f"GET {here}/messages")
