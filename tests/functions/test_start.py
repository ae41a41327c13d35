"""Starting an interview."""

from tests.fakes.provider import ANSWER, OFFER
from tests.world import World


def test_the_whole_way_of_an_interview(world: World) -> None:
    """Sign in, start, exchange, end, save, feedback: one debit, one interview."""
    ada = world.person()

    assert ada.credits() == 3.0
    world.clock.move(1)
    started = ada.start({"jobTitle": "Welder"})
    assert started.status == 201, started.text
    assert ada.credits() == 2.0
    answered = ada.exchange(started, OFFER)
    assert answered.status == 201, answered.text
    assert answered.text.encode() == ANSWER
    session_id = started.body["sessionId"]
    assert ada.call(f"GET /api/sessions/{session_id}").body["status"] == "live"
    turns = [
        {"role": "assistant" if n % 2 else "user", "content": f"Turn {n}.", "timestamp": 1000 * n}
        for n in range(10)
    ]
    saved = ada.call(
        "POST /api/interviews",
        {"sessionId": session_id, "messages": turns, "status": "completed"},
    )
    assert saved.status == 201, saved.text
    assert saved.body["feedbackStatus"] == "pending"
    assert world.feedback() == {"worked": 1, "failed": 0}
    detail = ada.call(f"GET /api/interviews/{session_id}").body
    assert detail["feedbackStatus"] == "completed"
    assert detail["feedback"]["overallScore"] == 70
    assert len(detail["messages"]) == 10
    assert ada.call("GET /api/sessions/active").status == 204
    assert [entry["kind"] for entry in ada.ledger()] == ["debit", "grant"]
