"""What a thousand sessions cost: counted calls times stated prices, as docs/costs.md.

What our code does is counted by ``benchmarks.counts``, so it cannot drift from the code. Prices
and how long people talk are inputs: they stand here, dated, from memory, and have to be verified.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from benchmarks.counting import Cost

SESSIONS: Final = 1000
AS_OF: Final = "2026-11-26"
# One interview from a page that was just opened: these use cases, as often as it does them.
INTERVIEW: Final = {
    "first look at a person": 1,
    "start": 1,
    "exchange": 1,
    "connected": 1,
    "save": 1,
    "feedback": 1,
    "detail": 2,  # while the feedback is written, and with it
    "history": 1,
}
BY_SCHEDULE: Final = frozenset({"feedback"})  # no request of a client


@dataclass(frozen=True, slots=True)
class Price:
    """What ``per`` of something cost, in US dollars, and where that is said."""

    what: str
    usd: Decimal
    per: int
    source: str


@dataclass(frozen=True, slots=True)
class Assumed:
    """Something that no code of ours decides."""

    what: str
    value: Decimal
    unit: str


def _usd(what: str, usd: str, per: int, source: str) -> Price:
    return Price(what, Decimal(usd), per, source)


MILLION: Final = 1_000_000
AWS: Final = "aws.amazon.com/{}/pricing, us-east-1"
PRICES: Final = {
    "write": _usd("DynamoDB, write request unit", "0.625", MILLION, AWS.format("dynamodb")),
    "read": _usd("DynamoDB, read request unit", "0.125", MILLION, AWS.format("dynamodb")),
    "request": _usd("API Gateway, HTTP API request", "1.00", MILLION, AWS.format("api-gateway")),
    "invocation": _usd("Lambda, invocation", "0.20", MILLION, AWS.format("lambda")),
    "gb_s": _usd("Lambda arm64, GB-second", "0.0000133334", 1, AWS.format("lambda")),
    "queue": _usd("SQS, request", "0.40", MILLION, AWS.format("sqs")),
    "log_gb": _usd("CloudWatch Logs, GB taken in", "0.50", 1, AWS.format("cloudwatch")),
    "audio_in": _usd("voice model, audio token in", "10.00", MILLION, "openai.com/api/pricing"),
    "audio_out": _usd("voice model, audio token out", "20.00", MILLION, "openai.com/api/pricing"),
    "text_in": _usd("language model, token in", "0.25", MILLION, "openai.com/api/pricing"),
    "text_out": _usd("language model, token out", "2.00", MILLION, "openai.com/api/pricing"),
}
ASSUMED: Final = {
    "memory": Assumed("memory of a function (template.yaml)", Decimal(1), "GB"),
    "request_s": Assumed("a request, on average", Decimal("0.15"), "s"),
    "provider_s": Assumed("a request that waits for the voice provider", Decimal("1.2"), "s"),
    "feedback_s": Assumed("one feedback", Decimal(15), "s"),
    "queue": Assumed("SQS requests for one feedback: send, receive, delete", Decimal(3), ""),
    "log_kb": Assumed("lines of one invocation", Decimal(2), "KB"),
    "minutes": Assumed("an interview", Decimal(15), "min"),
    "heard": Assumed("audio tokens in, a minute, with what is heard again", Decimal(1200), ""),
    "spoken": Assumed("audio tokens out, a minute", Decimal(500), ""),
    "prompt": Assumed("tokens of one feedback in", Decimal(4500), ""),
    "answer": Assumed("tokens of one feedback out", Decimal(1800), ""),
}


@dataclass(frozen=True, slots=True)
class Line:
    """How much of something a thousand sessions use."""

    what: str
    amount: Decimal
    price: Price

    @property
    def usd(self) -> Decimal:
        """What that costs."""
        return self.amount * self.price.usd / self.price.per


def lines_of(costs: Sequence[Cost]) -> tuple[list[Line], list[Line]]:
    """What a thousand interviews use of AWS, and of the models."""
    by_name = {cost.name: cost for cost in costs}
    used = {name: (by_name[name], times) for name, times in INTERVIEW.items()}
    writes = sum(Decimal(str(cost.write_units)) * times for cost, times in used.values())
    reads = sum(Decimal(str(cost.read_units)) * times for cost, times in used.values())
    requests = sum(times for name, (_, times) in used.items() if name not in BY_SCHEDULE)
    invocations = sum(times for _, times in used.values())
    waiting = sum(
        cost.provider_calls * times
        for name, (cost, times) in used.items()
        if name not in BY_SCHEDULE
    )
    seconds = (
        (requests - waiting) * _of("request_s") + waiting * _of("provider_s") + _of("feedback_s")
    )
    ours = [
        _line("write units", writes, "write"),
        _line("read units", reads, "read"),
        _line("requests", Decimal(requests), "request"),
        _line("invocations", Decimal(invocations), "invocation"),
        _line("GB-seconds", seconds * _of("memory"), "gb_s"),
        _line("queue requests", _of("queue"), "queue"),
        _line("GB of logs", invocations * _of("log_kb") / MILLION, "log_gb"),
    ]
    models = [
        _line("audio tokens in", _of("minutes") * _of("heard"), "audio_in"),
        _line("audio tokens out", _of("minutes") * _of("spoken"), "audio_out"),
        _line("tokens in", _of("prompt"), "text_in"),
        _line("tokens out", _of("answer"), "text_out"),
    ]
    return ours, models


def page(costs: Sequence[Cost]) -> str:
    """docs/costs.md."""
    ours, models = lines_of(costs)
    counted = {cost.name: cost for cost in costs}
    sums = [sum((line.usd for line in some), Decimal()) for some in (ours, models)]
    return TEXT.format(
        sessions=SESSIONS,
        as_of=AS_OF,
        ours=_usd_text(sums[0]),
        models=_usd_text(sums[1]),
        all=_usd_text(sum(sums)),
        share=f"{100 * sums[1] / sum(sums):.1f}",
        sheet="\n".join(_sheet([*ours, *models])),
        counted="\n".join(
            f"| {name} | {times} | {counted[name].write_units:g} | {counted[name].read_units:g} "
            f"| {counted[name].provider_calls} |"
            for name, times in INTERVIEW.items()
        ),
        prices="\n".join(
            f"| {one.what} | {one.usd} | {one.per:,} | {one.source} | {AS_OF}, verify |"
            for one in PRICES.values()
        ),
        assumed="\n".join(
            f"| {one.what} | {one.value} {one.unit}".rstrip() + " |" for one in ASSUMED.values()
        ),
    )


def _sheet(lines: Sequence[Line]) -> Iterator[str]:
    for line in lines:
        yield f"| {line.what} | {line.amount:,.2f} | {line.price.what} | {_usd_text(line.usd)} |"


def _of(name: str) -> Decimal:
    return ASSUMED[name].value


def _line(what: str, each: Decimal | int, price: str) -> Line:
    return Line(what, Decimal(each) * SESSIONS, PRICES[price])


def _usd_text(usd: Decimal | int) -> str:
    return f"{usd:,.4f}" if usd < 1 else f"{usd:,.2f}"


TEXT: Final = """\
# Costs

What {sessions:,} interviews cost, from calls that are counted and prices that are stated.
`make bench` writes this page; a test holds it to what the handlers do now. The prices were
noted on {as_of} from memory, and looked up nowhere: **verify them
before you rely on a sum**, in `benchmarks/costs.py`.

Of AWS: **{ours} USD**. Of the models: **{models} USD**, {share} % of the **{all} USD** in all. So
the length of an interview and the choice of the voice model decide, and hardly
anything else; a session that never connects costs its start alone.

| of {sessions:,} interviews | amount | price | USD |
|---|---|---|---|
{sheet}

## What is counted

Through the real handlers ([performance](performance.md)); units of DynamoDB include indexes and
transactions.

| use case | times in an interview | write units | read units | calls of providers |
|---|---|---|---|---|
{counted}

## Prices

| of | USD | for | source | as of |
|---|---|---|---|---|
{prices}

## What is assumed

| what | value |
|---|---|
{assumed}

Not in the sheet: what is paid by the month and not by the session (the ticks of the sweeper and of
feedback, some 90,000 invocations; alarms, dashboard and metrics; one secret; point-in-time recovery
and storage by the gigabyte), what is free at this size, TURN traffic, Sentry, Clerk, and Stripe's
share of what people pay.
"""
