"""What each use case costs at DynamoDB and at the provider: counted, so the same on any machine."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from greenroom.kernel import limits
from greenroom.table import item
from greenroom.table import table as of_rows
from tests.fakes.provider import OFFER
from tests.reliability import faults
from tests.world import World

SHARDS = 8  # of the work index in a deployment; tests look at two
READS = {"GetItem", "Query", "BatchGetItem", "TransactGetItems"}


@dataclass(frozen=True, kw_only=True)
class Cost:
    """The calls of one use case; units of DynamoDB, index entries included."""

    name: str
    reads: int
    transactions: int
    items: int
    updates: int
    write_units: float
    read_units: float
    provider_calls: int


def measure(world: World) -> list[Cost]:
    """Walk through an interview, counting each step as a deployment has it."""
    with _all_shards():
        return _walk(world)


def _walk(world: World) -> list[Cost]:
    ada = world.person()
    costs = [_cost("first look at a person", lambda: ada.call("GET /api/user"))]
    started = []
    costs.append(_cost("start", lambda: started.append(ada.start({"jobTitle": "Welder"}))))
    costs.append(_cost("exchange", lambda: ada.exchange(started[0], OFFER)))
    session_id = started[0].body["sessionId"]
    connected = f"POST /api/sessions/{session_id}/connected"
    costs.append(_cost("connected", lambda: ada.call(connected)))
    turns = [
        {"role": "assistant" if n % 2 else "user", "content": f"Turn {n}.", "timestamp": 1000 * n}
        for n in range(40)
    ]
    body = {"sessionId": session_id, "messages": turns}
    costs.append(_cost("save", lambda: ada.call("POST /api/interviews", body)))
    costs.append(_cost("save again", lambda: ada.call("POST /api/interviews", body)))
    costs.append(_cost("feedback", world.feedback))
    costs.append(_cost("detail", lambda: ada.call(f"GET /api/interviews/{session_id}")))
    costs.append(_cost("history", lambda: ada.call("GET /api/interviews")))
    abandoned = ada.start({"jobTitle": "Welder"})
    cancel = f"POST /api/sessions/{abandoned.body['sessionId']}/cancel"
    costs.append(_cost("cancel", lambda: ada.call(cancel)))
    return costs


def table(costs: Sequence[Cost]) -> str:
    """The costs as a table in Markdown."""
    head = ("use case", "reads", "transactions (items)", "updates", "write units", "read units")
    lines = ["| " + " | ".join((*head, "provider")) + " |", "|---" * (len(head) + 1) + "|"]
    lines += [
        f"| {cost.name} | {cost.reads} | {cost.transactions} ({cost.items}) | {cost.updates} "
        f"| {cost.write_units:g} | {cost.read_units:g} | {cost.provider_calls} |"
        for cost in costs
    ]
    return "\n".join(lines)


@contextmanager
def _all_shards() -> Iterator[None]:
    modules = (limits, item, of_rows)
    before = [vars(module)["INDEX_SHARDS"] for module in modules]
    for module in modules:
        vars(module)["INDEX_SHARDS"] = SHARDS
    try:
        yield
    finally:
        for module, shards in zip(modules, before, strict=True):
            vars(module)["INDEX_SHARDS"] = shards


def _cost(name: str, run: Callable[[], object]) -> Cost:
    with faults.plan() as plan:
        run()
    dynamodb = [call for call in plan.calls if call.service == "dynamodb"]
    transactions = [call for call in dynamodb if call.operation == "TransactWriteItems"]
    capacities = [call.capacity for call in dynamodb if call.capacity]
    return Cost(
        name=name,
        reads=sum(call.operation in READS for call in dynamodb),
        transactions=len(transactions),
        items=sum(len(call.request["TransactItems"]) for call in transactions),
        updates=sum(call.operation in {"UpdateItem", "BatchWriteItem"} for call in dynamodb),
        write_units=sum(capacity.write for capacity in capacities),
        read_units=sum(capacity.read for capacity in capacities),
        provider_calls=sum(call.service not in {"dynamodb", "sqs"} for call in plan.calls),
    )
