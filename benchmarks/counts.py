"""What each step of an interview costs at DynamoDB and outside: counted, so the same everywhere."""

from collections.abc import Sequence
from typing import Final

from benchmarks.counting import Cost, as_deployed, cost
from tests.fakes.provider import OFFER
from tests.world import World

COLUMNS: Final = {
    "reads": "reads",
    "transactions": "transactions",
    "updates": "updates",
    "items read": "items_read",
    "items written": "items_written",
    "read units": "read_units",
    "write units": "write_units",
    "messages": "messages",
    "provider": "provider_calls",
}
"""Of a table, with the members of ``Cost``."""


def measure(world: World) -> list[Cost]:
    """Walk through an interview, counting each step as a deployment has it."""
    with as_deployed():
        return _walk(world)


def _walk(world: World) -> list[Cost]:
    ada = world.person()
    costs = [cost("first look at a person", lambda: ada.call("GET /api/user"))]
    started = []
    costs.append(cost("start", lambda: started.append(ada.start({"jobTitle": "Welder"}))))
    costs.append(cost("exchange", lambda: ada.exchange(started[0], OFFER)))
    session_id = started[0].body["sessionId"]
    connected = f"POST /api/sessions/{session_id}/connected"
    costs.append(cost("connected", lambda: ada.call(connected)))
    turns = [
        {"role": "assistant" if n % 2 else "user", "content": f"Turn {n}.", "timestamp": 1000 * n}
        for n in range(40)
    ]
    body = {"sessionId": session_id, "messages": turns}
    costs.append(cost("save", lambda: ada.call("POST /api/interviews", body)))
    costs.append(cost("save again", lambda: ada.call("POST /api/interviews", body)))
    costs.append(cost("feedback", world.feedback))
    costs.append(cost("detail", lambda: ada.call(f"GET /api/interviews/{session_id}")))
    costs.append(cost("history", lambda: ada.call("GET /api/interviews")))
    abandoned = ada.start({"jobTitle": "Welder"})
    cancel = f"POST /api/sessions/{abandoned.body['sessionId']}/cancel"
    costs.append(cost("cancel", lambda: ada.call(cancel)))
    return costs


def table(costs: Sequence[Cost]) -> str:
    """The costs as a table in Markdown."""
    head = ("use case", *COLUMNS)
    lines = ["| " + " | ".join(head) + " |", "|---" * len(head) + "|"]
    for one in costs:
        cells = (one.name, *(f"{getattr(one, name):g}" for name in COLUMNS.values()))
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)
