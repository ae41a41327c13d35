"""Experts and customers as the tests play them."""

from dataclasses import dataclass
from typing import Any

from greenroom.kernel.ids import new_id
from greenroom.kernel.settings import LimitSettings
from greenroom.sessions.domain import SessionRequest
from greenroom.sessions.factory import plan
from tests.world import Person, Reply, World

OPEN_SIGNUP = {"EXPERT_SIGNUP": "open"}


def expert(
    world: World, *, online: bool = True, by: Person | None = None, **profile: Any
) -> Person:
    """Somebody who takes sessions; without ``by``, somebody new."""
    person = by or world.person()
    status = "online" if online else "offline"
    reply = person.call("PUT /api/experts/me", {"status": status, **profile})
    assert reply.status == 200, reply.text
    return person


@dataclass(frozen=True)
class Customer:
    """Somebody whose session looks for an expert, or has one."""

    person: Person
    session_id: str

    @property
    def shown(self) -> Any:
        """The session as the customer sees it."""
        return self.person.call(f"GET /api/sessions/{self.session_id}").body

    @property
    def status(self) -> str:
        """The session's status."""
        return str(self.shown["status"])

    @property
    def events(self) -> list[str]:
        """What happened, in order."""
        return [event["eventType"] for event in self.shown["events"]]

    def offer_statuses(self) -> dict[str, str]:
        """How the offers stand, by expert."""
        return {offer["expertId"]: offer["status"] for offer in self.shown["offers"]}

    def move(self, act: str, *, by: Person | None = None) -> Reply:
        """Start, end, cancel: by the customer, or somebody else."""
        return (by or self.person).call(f"POST /api/sessions/{self.session_id}/{act}")


def customer(world: World, *, waived: bool = True, **asked: Any) -> Customer:
    """Somebody new with a session that was just made by THE factory."""
    person = world.person()
    assert person.call("GET /api/user").status == 200
    return session_of(person, waived=waived, **asked)


def session_of(person: Person, *, waived: bool = True, **asked: Any) -> Customer:
    """A person's new session, made by THE factory."""
    world = person.world
    wiring = world.wiring("sessions")
    now = world.clock()
    request = SessionRequest(
        **{
            "user_id": person.user_id,
            "clerk_id": person.clerk_id,
            "type": "chat",
            "payment_method": "free",
            "plan": "free",
            "source": "intake",
            "waived_at": now if waived else None,
            **asked,
        }
    )
    limits = wiring.of(LimitSettings)
    planned = plan(request, session_id=new_id(), now=now, limits=limits)
    opened = wiring.session_factory.commit(planned)
    return Customer(person, opened.session.session_id)


def offers(person: Person) -> list[dict[str, Any]]:
    """What is offered to an expert."""
    items: list[dict[str, Any]] = person.call("GET /api/offers").body["items"]
    return items


def offer_of(person: Person, session_id: str) -> str:
    """The id of the expert's offer of that session."""
    return next(str(one["id"]) for one in offers(person) if one["sessionId"] == session_id)


def queue(person: Person) -> list[str]:
    """The sessions that an expert may claim, in order."""
    return [one["sessionId"] for one in person.call("GET /api/queue").body["items"]]


def accept(person: Person, offer_id: str) -> Reply:
    """Accept an offer."""
    return person.call(f"POST /api/offers/{offer_id}/accept")


def claim(person: Person, session_id: str) -> Reply:
    """Claim a session out of the queue."""
    return person.call(f"POST /api/sessions/{session_id}/claim")


def audit(world: World) -> None:
    """What holds at every instant between sessions, rounds, offers, experts and guards."""
    rows = [{name: _plain(value) for name, value in row.items()} for row in world.rows()]
    by_kind: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        by_kind.setdefault(row["kind"], []).append(row)
    held: dict[str, int] = {}
    guards = {row["session_id"]: row for row in by_kind.get("active_guard", [])}
    for session in by_kind.get("session", []):
        if session["type"] == "interview":
            continue
        own = [row for row in rows if row["PK"] == session["PK"]]
        _audit_session(session, own, guards)
        if session["status"] in {"waiting", "live"}:
            held[session["expert_id"]] = held.get(session["expert_id"], 0) + 1
    for expert_row in by_kind.get("expert", []):
        expert_id = expert_row["PK"].removeprefix("USER#")
        assert expert_row["active_count"] == held.get(expert_id, 0), expert_row


def _audit_session(
    session: dict[str, Any], own: list[dict[str, Any]], guards: dict[str, dict[str, Any]]
) -> None:
    rounds = sorted((row for row in own if row["kind"] == "assignment"), key=lambda row: row["SK"])
    newest, earlier = rounds[-1], rounds[:-1]
    pending = [row for row in own if row["kind"] == "offer" and row["status"] == "pending"]
    holders = [row["user_id"] for row in own if row.get("role") == "expert"]
    assert newest["round"] == session["round"]
    assert {row["status"] for row in earlier} <= {"released"}
    assert not [row for row in earlier if "GSI2PK" in row]
    assert ("GSI2PK" in newest) is (session["status"] == "pending")
    assert all(("GSI1PK" in row) is (row in pending) for row in own if row["kind"] == "offer")
    guard = guards.get(session["session_id"])
    if session["status"] == "pending":
        assert newest["status"] in {"queued", "offered"}
        assert (holders, session.get("expert_id")) == ([], None)
    elif session["status"] in {"waiting", "live"}:
        assert newest["status"] == "accepted"
        assert holders == [session["expert_id"]] == [newest["expert_id"]]
        assert not pending
    else:
        wanted = session["status"] if session["status"] != "failed" else "cancelled"
        assert newest["status"] == wanted
        assert not pending
        assert guard is None
    if guard is not None:
        assert guard["status"] == session["status"]


def _plain(value: dict[str, Any]) -> Any:
    ((kind, inner),) = value.items()
    return int(inner) if kind == "N" else inner
