"""Practice interviews for tests: somebody in a live call, what was said, and how it is saved."""

from dataclasses import dataclass
from typing import Any

from tests.fakes.provider import OFFER
from tests.world import Person, Reply, World, client_of

SAID_AT_MS = 1_795_000_000_000
WORDS = "I led the migration of our billing service and cut its cost by a third within a year."


@dataclass(frozen=True)
class Practice:
    """One interview of somebody."""

    person: Person
    session_id: str

    def save(self, messages: list[dict[str, Any]], **members: Any) -> Reply:
        """Save these messages."""
        body = {"sessionId": self.session_id, "messages": messages, **members}
        return self.person.call("POST /api/interviews", body)

    def detail(self) -> Any:
        """The interview as the API shows it."""
        answer = self.person.call(f"GET /api/interviews/{self.session_id}")
        assert answer.status == 200, answer.text
        return answer.body

    def said(self) -> list[tuple[int, str, str]]:
        """The whole transcript as the API shows it, page by page."""
        found: list[tuple[int, str, str]] = []
        cursor = ""
        while True:
            path = f"GET /api/interviews/{self.session_id}/messages{cursor}"
            page = self.person.call(path).body
            found += [(one["timestamp"], one["role"], one["content"]) for one in page["items"]]
            if page["nextCursor"] is None:
                return found
            cursor = f"?cursor={page['nextCursor']}"

    def request_feedback(self) -> Reply:
        """Ask for the feedback (again)."""
        return self.person.call("POST /api/generate-feedback", {"sessionId": self.session_id})


def pending(world: World, person: Person | None = None) -> Practice:
    """A started interview whose call was not answered yet."""
    person = person or world.person()
    started = person.start({"jobTitle": "Welder"})
    assert started.status == 201, started.text
    return Practice(person, started.body["sessionId"])


def live(world: World, person: Person | None = None) -> Practice:
    """An interview whose call is live."""
    person = person or world.person()
    started = person.start({"jobTitle": "Welder", "company": "Acme"})
    assert started.status == 201, started.text
    answered = person.exchange(started, OFFER)
    assert answered.status == 201, answered.text
    return Practice(person, started.body["sessionId"])


def saved(world: World, person: Person | None = None) -> Practice:
    """A saved interview whose feedback is pending."""
    practice = live(world, person)
    answer = practice.save(turns(8))
    assert answer.status == 201, answer.text
    assert answer.body["feedbackStatus"] == "pending"
    return practice


def turns(count: int, *, first: int = 0, **members: Any) -> list[dict[str, Any]]:
    """So many turns, interviewer first, ten seconds apart; number ``first`` and on."""
    return [turn(number) | members for number in range(first, first + count)]


def turn(number: int, content: str | None = None) -> dict[str, Any]:
    """The turn of that number."""
    role = "user" if number % 2 else "assistant"
    words = WORDS if number % 2 else "What did you do there?"
    return {
        "role": role,
        "content": f"{number}: {words}" if content is None else content,
        "timestamp": SAID_AT_MS + 10_000 * number,
    }


def rows(world: World, kind: str, practice: Practice) -> list[dict[str, Any]]:
    """The raw rows of that kind that belong to the interview, or to its person."""
    owner = {
        "session": f"SESSION#{practice.session_id}",
        "feedback": f"FEEDBACK#{practice.session_id}",
        "active_guard": f"USER#{practice.person.user_id}",
    }.get(kind, f"INTERVIEW#{practice.session_id}")
    query = client_of(world.endpoint).get_paginator("query")
    pages = query.paginate(
        TableName=world.table_name,
        KeyConditionExpression="PK = :pk",
        ExpressionAttributeValues={":pk": {"S": owner}},
        ConsistentRead=True,
    )
    return [row for page in pages for row in page["Items"] if row["kind"]["S"] == kind]
