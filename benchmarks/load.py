"""A section: requests to the laptop cloud over HTTP, beside a handler that returns a constant."""

import asyncio
import re
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import aiohttp

from benchmarks.page import ROOT
from tests.golden.platforms import Platform, laptop

TITLE: Final = "End to end on the laptop cloud"
CLIENTS: Final = (1, 16)
ROUNDS: Final = 3
REQUESTS: Final = {1: 100, 16: 320}
"""In one round of one route, by the number of clients."""

CONSTANT: Final = "a constant"
START: Final = "POST /api/realtime-session"
ROUTES: Final = (CONSTANT, "GET /api/config", "GET /api/user", "GET /api/interviews", START)
TARGET: Final = 0.35

RESOURCE: Final = """\
Resources:
  ConstantFunction:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: constant/
      Events:
        Constant:
          Type: HttpApi
          Properties: { ApiId: !Ref Api, Method: GET, Path: "/api/constant" }
"""
CODE: Final = """\
def lambda_handler(event, context):
    return {"statusCode": 200, "headers": {"Content-Type": "application/json"}, "body": "{}"}
"""

TEXT: Final = """\
Over HTTP through the laptop's gateway, its processes of functions, its DynamoDB engine and its
stand-ins, all of them and the clients on the same cores, so that a request costs what all of these
cost together. The constant is a function without any of our code behind the same gateway. Routes
take turns in {rounds} rounds of one run, each start is a new person's, and the stand-in answers at
once. Compare within a table; the requests a second are those of whatever machine ran it.

{tables}

A start is to reach {target} of the constant's requests a second at 16 clients.

By `python -m benchmarks load`."""

Request = tuple[str, str, dict[str, str]]


@dataclass(slots=True)
class Measured:
    """One route with so many clients: requests a second of each round, seconds of each request."""

    rates: list[float] = field(default_factory=list)
    latencies: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Requests a second in the middle round."""
        return statistics.median(self.rates)

    def quantile_s(self, share: float) -> float:
        """The time within which this share of all requests was answered, in seconds."""
        ordered = sorted(self.latencies)
        return ordered[min(int(share * len(ordered)), len(ordered) - 1)]


def section(say: Callable[[str], None]) -> str:
    """Start the laptop cloud, and ask it."""
    with tempfile.TemporaryDirectory(prefix="greenroom-load-") as folder:
        data_dir = Path(folder)
        code = data_dir / "root" / "constant" / "app.py"
        code.parent.mkdir(parents=True)
        code.write_text(CODE)
        say("starting the laptop cloud")
        with laptop(data_dir, template=_template()) as platform:
            found = asyncio.run(_measure(platform, say))
    tables = "\n\n".join(_table(found, clients) for clients in CLIENTS)
    return TEXT.format(rounds=ROUNDS, tables=tables, target=TARGET)


def _template() -> str:
    """The product's template with the constant, and without limits on requests a second."""
    text = (ROOT / "template.yaml").read_text(encoding="utf-8")
    text = re.sub(r"(Throttling(Rate|Burst)Limit): .*", r"\1: 100000", text)
    return text.replace("Resources:\n", RESOURCE, 1)


async def _measure(
    platform: Platform, say: Callable[[str], None]
) -> dict[tuple[str, int], Measured]:
    found = {(route, clients): Measured() for route in ROUTES for clients in CLIENTS}
    names = (f"user_load{number}" for number in range(1_000_000))
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http:
        for route in ROUTES:  # until every process that will answer has been started
            await _ask(http, await _requests(http, platform, route, 64, names), 16)
        for number in range(ROUNDS):
            for clients in CLIENTS:
                say(f"round {number + 1} of {ROUNDS}, clients: {clients}")
                for route in ROUTES:
                    asked = await _requests(http, platform, route, REQUESTS[clients], names)
                    measured = found[route, clients]
                    began = time.perf_counter()
                    measured.latencies += await _ask(http, asked, clients)
                    measured.rates.append(len(asked) / (time.perf_counter() - began))
    return found


async def _requests(
    http: aiohttp.ClientSession, platform: Platform, route: str, count: int, names: Iterator[str]
) -> list[Request]:
    """So many requests of a route: all by one person, or each by another who never started."""
    if route == CONSTANT:
        return [("GET", f"{platform.app}/api/constant", {})] * count
    method, _, path = route.partition(" ")
    people = [next(names) for _ in range(count if route == START else 1)]
    tokens = [await _token(http, platform, person) for person in people]
    await asyncio.to_thread(platform.wait_for_news, "clerk")
    asked = [
        (method, f"{platform.app}{path}", {"Authorization": f"Bearer {token}"}) for token in tokens
    ]
    return asked if route == START else asked * count


async def _token(http: aiohttp.ClientSession, platform: Platform, person: str) -> str:
    """Sign somebody in at the stand-in for Clerk: a token that lives for a minute."""
    body = {"userId": person, "email": f"{person}@example.com", "name": "Lou Load"}
    async with http.post(f"{platform.parties['clerk']}/v1/sign-in", json=body) as answer:
        answer.raise_for_status()
        return str((await answer.json())["token"])


async def _ask(
    http: aiohttp.ClientSession, requests: Sequence[Request], clients: int
) -> list[float]:
    """Ask everything with so many clients, each waiting for its answer: the seconds of each."""
    waiting, latencies = iter(requests), list[float]()

    async def client() -> None:
        for method, url, headers in waiting:
            body: Any = {} if method == "POST" else None
            began = time.perf_counter()
            async with http.request(method, url, headers=headers, json=body) as answer:
                text = await answer.text()
            latencies.append(time.perf_counter() - began)
            if not answer.ok:
                raise RuntimeError(f"{method} {url}: {answer.status} {text[:200]}")

    await asyncio.gather(*(client() for _ in range(clients)))
    return latencies


def _table(found: dict[tuple[str, int], Measured], clients: int) -> str:
    constant = found[CONSTANT, clients]
    rows = [
        f"| clients: {clients} | requests a second | of the constant | p50 ms | p99 ms | p99/p50 |",
        "|---|---|---|---|---|---|",
    ]
    for route in ROUTES:
        one = found[route, clients]
        p50_s, p99_s = one.quantile_s(0.5), one.quantile_s(0.99)
        rows.append(
            f"| {route} | {one.rate:,.0f} | {one.rate / constant.rate:.2f} "
            f"| {p50_s * 1000:.1f} | {p99_s * 1000:.1f} | {p99_s / p50_s:.1f} |"
        )
    return "\n".join(rows)
