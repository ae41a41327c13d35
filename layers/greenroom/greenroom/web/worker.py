"""The edge of a function that nobody calls: a schedule's ticks and the messages of a queue."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import wraps
from typing import Any

from greenroom.kernel import monitor
from greenroom.kernel.errors import Broken, GreenroomError
from greenroom.kernel.log import log_error, logger
from greenroom.kernel.metrics import invocation, part
from greenroom.kernel.telemetry import Record, plain_word

Event = dict[str, Any]
Tick = Callable[[Event, Any], dict[str, Any]]
Work = Callable[[Event, Any], Mapping[str, Any]]


class Worker:
    """One such function: each tick and each message leaves one canonical line and its metrics."""

    def __init__(self, name: str) -> None:
        self.name = name

    def tick(self, handler: Tick) -> Tick:
        """The handler of a schedule. What it answers is told as the ``counts`` of its line.

        Whatever goes wrong is logged and raised: the schedule is told, and comes again.
        """

        @wraps(handler)
        def on_tick(event: Event, context: Any) -> dict[str, Any]:
            with invocation(self.name) as record:
                theirs = event.get("id") if isinstance(event, dict) else None
                facts: dict[str, Any] = {}
                with self._line("schedule ran", record, facts, context, correlation_id=theirs):
                    answer = handler(event, context)
                    facts["counts"] = answer
                return answer

        return on_tick

    def batch(self, handler: Work) -> Tick:
        """The handler of one SQS message; what it answers are the facts of its line.

        The answer names the messages that have to come again: one bad message never fails its
        neighbours (Lambda, "Reporting batch item failures").
        """

        @wraps(handler)
        def on_batch(event: Event, context: Any) -> dict[str, Any]:
            failures = []
            with invocation(self.name) as whole:
                for message in event["Records"]:
                    message_id = str(message.get("messageId"))
                    try:
                        self._work(handler, message, context, whole)
                    except Exception:  # noqa: BLE001 (the edge, per message; its line says why)
                        failures.append({"itemIdentifier": message_id})
            return {"batchItemFailures": failures}

        return on_batch

    def _work(self, handler: Work, message: Event, context: Any, whole: Record) -> None:
        facts: dict[str, Any] = {"message_id": str(message.get("messageId"))}
        theirs = _correlation_id_of(message)
        with (
            part(whole) as record,
            self._line("message handled", record, facts, context, correlation_id=theirs),
        ):
            facts |= handler(message, context)

    @contextmanager
    def _line(
        self,
        message: str,
        record: Record,
        facts: dict[str, Any],
        context: Any,
        *,
        correlation_id: object,
    ) -> Iterator[None]:
        """The one canonical line of what happens inside."""
        began_s = time.monotonic()
        request_id = str(getattr(context, "aws_request_id", "unknown"))
        record.ids |= {
            "request_id": request_id,
            "correlation_id": plain_word(correlation_id) or request_id,
        }
        logger.set_correlation_id(record.ids["correlation_id"])
        log = logger.info
        try:
            yield
        except GreenroomError as error:
            log = logger.error
            cause = {"cause": type(error.__cause__).__qualname__} if error.__cause__ else {}
            facts |= {**error.log, **cause, "error_code": error.code}
            if "alarm" in error.log:
                monitor.capture(error, error.log)
            raise
        except Exception as bug:
            log = logger.error
            log_error("a schedule or message broke", bug, request_id=request_id)
            monitor.capture(bug, facts)
            facts["error_code"] = Broken.code
            raise
        finally:
            line = {
                **facts,
                "request_id": request_id,
                "function": self.name,
                **record.facts(),
                "elapsed_ms": round((time.monotonic() - began_s) * 1000, 1),
            }
            log(message, extra=line)


def _correlation_id_of(message: Event) -> object:
    """What the sender of a message was called by."""
    attributes = message.get("messageAttributes")
    one = attributes.get("correlation_id") if isinstance(attributes, dict) else None
    return one.get("stringValue") if isinstance(one, dict) else None
