"""One call of a language model, within a quota and on the record.

Units are reserved before the call, which somebody else has done with the meter, and settled or
given back after it; then, whatever came of it, a row is written into the usage log, which neither
fails nor holds up the answer.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from greenroom.ai.domain import AnswerOf, Done, Figures, Logged, Work
from greenroom.kernel.clock import Clock, to_text
from greenroom.kernel.errors import GreenroomError, StoreUnavailable, Unavailable
from greenroom.llm.domain import Price, Spent, spent_on
from greenroom.usage.domain import Facts, NoLongerHeld, Ticket, facts_of
from greenroom.usage.log import UsageLog
from greenroom.usage.meter import Meter

Value = TypeVar("Value")
Note = Callable[[str, dict[str, Any]], None]


@dataclass(slots=True)
class _Running:
    """A call that has begun."""

    ticket: Ticket
    told: Mapping[str, Any]
    began_s: float = field(default_factory=time.monotonic)

    @property
    def processing_ms(self) -> int:
        """Milliseconds since it began."""
        return round((time.monotonic() - self.began_s) * 1000)


class MeteredCalls:
    """Makes calls for which units were reserved."""

    def __init__(
        self,
        *,
        meter: Meter,
        log: UsageLog,
        prices: Mapping[str, Price],
        clock: Clock,
        note: Note,
    ) -> None:
        self._meter = meter
        self._log = log
        self._prices = prices
        self._clock = clock
        self._note = note

    def make(
        self,
        ticket: Ticket,
        ask: Callable[[], Work[Value]],
        *,
        answer: AnswerOf[Value],
        keep: bool,
        told: Mapping[str, Any],
    ) -> Done[Value]:
        """Make the call. ``keep``: its answer is kept for repeats of the request.

        ``told`` is what the log keeps besides what is known here.

        Raises:
            Unavailable: the model brought nothing of use; the units went back, or will.
            NoLongerHeld: it was cancelled meanwhile, so what it brought is not given out.
        """
        running = _Running(ticket, told)
        try:
            work = ask()
        except Unavailable as error:
            figures = self._figures(running, spent_on(error), 0)
            outcome = self._outcome("failed", figures, error)
            self._give_back(ticket, outcome)
            self._write(running, outcome)
            raise
        figures = self._figures(running, work.spent, ticket.units)
        made = answer(work.value, figures)
        outcome = self._outcome("ok", figures, None)
        try:
            self._settle(ticket, made if keep else None, outcome)
        except NoLongerHeld as error:
            status = "cancelled" if error.facts.get("reason") == "cancelled" else "failed"
            figures = self._figures(running, work.spent, 0)
            self._write(running, self._outcome(status, figures, error))
            raise
        logged = self._write(running, outcome)
        return Done(value=work.value, answer=made, figures=figures, logged=logged)

    def _settle(self, ticket: Ticket, answer: bytes | None, outcome: Facts) -> None:
        """Settle; where the store does not answer, the person has the answer all the same.

        It may have been settled, and nobody is charged for nothing; if it was not, the sweeper
        gives the units back.
        """
        try:
            self._meter.settle(ticket, answer=answer, outcome=outcome)
        except StoreUnavailable as failure:
            self._told("a call was not settled", ticket, failure)

    def _give_back(self, ticket: Ticket, outcome: Facts) -> None:
        """Give the units back; where the store does not answer, the sweeper does it."""
        try:
            self._meter.release(ticket, reason="failed", outcome=outcome)
        except StoreUnavailable as failure:
            self._told("a call's units were not given back", ticket, failure)

    def _told(self, message: str, ticket: Ticket, failure: GreenroomError) -> None:
        facts = {"usage_request_id": ticket.request_id, "error_code": failure.code}
        self._note(message, facts)

    def _figures(self, running: _Running, spent: Spent, units: int) -> Figures:
        return Figures(
            units=units,
            spent=spent,
            cost_micros=spent.cost_micros(self._prices),
            processing_ms=running.processing_ms,
        )

    def _outcome(
        self, status: str, figures: Figures, error: GreenroomError | None
    ) -> dict[str, Any]:
        """What came of a call: kept with its reservation, too, until the row is there."""
        return {
            "finished_at": to_text(self._clock()),
            "status": status,
            "error_code": error.code if error else None,
            "units": figures.units,
            "model": figures.spent.model,
            "input_tokens": figures.spent.input_tokens,
            "output_tokens": figures.spent.output_tokens,
            "cost_micros": figures.cost_micros,
            "processing_time_ms": figures.processing_ms,
        }

    def _write(self, running: _Running, outcome: Facts) -> Logged:
        """Write the row, and note with it that it was written."""
        ticket = running.ticket
        return self._log.write(
            {**running.told, **facts_of(ticket), **outcome},
            also=lambda tx: self._meter.add_told(tx, ticket),
        )
