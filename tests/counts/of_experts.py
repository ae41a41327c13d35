"""What experts and their customers do: intake, queue, offers."""

from tests.counts.walk import Walk
from tests.expertise import accept, claim, offer_of, session_of
from tests.intakes import begin, intake_of, pay, sign, signed


def intake(walk: Walk) -> None:
    """From the question to a paid session."""
    ada = walk.person()
    ada.credits()
    walk.ask(walk.call, "GET /api/waivers/current")
    begun = walk.ask(begin, ada, "standard", concern="It rattles.", vehicle="A van")
    intake_id = begun.body["intakeId"]
    walk.ask(ada.call, f"GET /api/intake/{intake_id}")
    walk.ask(sign, ada, intake_id)
    bob = walk.person()
    bob.credits()
    paid = signed(bob)
    walk.ask(pay, bob, paid)
    cleo = walk.person()
    cleo.credits()
    free = intake_of(cleo, "trial")
    walk.case("the waiver of what is free, which opens the session", sign, cleo, free)


def desk(walk: Walk) -> None:
    """Of the expert: coming, taking, giving back."""
    eve = walk.person()
    eve.credits()
    online = {"status": "online", "name": "Eve", "skills": ["brakes"]}
    walk.ask(eve.call, "PUT /api/experts/me", online)
    walk.ask(eve.call, "GET /api/experts/me")
    ada, bob, cleo = (walk.person() for _ in range(3))
    for person in (ada, bob, cleo):
        person.credits()
    walk.ask(ada.call, "GET /api/experts")
    asked = session_of(ada)
    walk.case("route a session to an expert, by the sweeper", walk.sweep)
    walk.ask(ada.call, f"GET /api/sessions/{asked.session_id}/position")
    walk.ask(eve.call, "GET /api/offers")
    offered = offer_of(eve, asked.session_id)
    walk.ask(accept, eve, offered)
    walk.ask(eve.call, f"POST /api/sessions/{asked.session_id}/release")
    declined = session_of(bob)
    walk.sweep()
    another = offer_of(eve, declined.session_id)
    walk.ask(eve.call, f"POST /api/offers/{another}/decline")
    waits = session_of(cleo)
    walk.ask(eve.call, "GET /api/queue")
    walk.ask(claim, eve, waits.session_id)
    walk.ask(eve.call, "GET /api/experts/me/sessions")
