"""Whether everything that this deployment stands on answers: many checks at once, one deadline.

A check runs in a thread of its own, because most of its time is waiting. One that outlives the
deadline is left behind and told as such.
"""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, wait
from dataclasses import dataclass
from threading import Thread

from greenroom.diagnostics.schema import Checked, ConnectionReport
from greenroom.kernel.clock import Deadline
from greenroom.kernel.errors import GreenroomError
from greenroom.kernel.variables import SettingsRefused

Report = Callable[[Exception], None]


class Amiss(Exception):
    """What was looked at is not as it should be; the text is a word for it, and no secret."""


class NotConfigured(Exception):
    """There is nothing to look at in this deployment."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing to look at. ``run`` raises unless all is well; it is given its seconds."""

    name: str
    run: Callable[[float], object]


def connections_of(
    checks: Sequence[Check], *, deadline: Deadline, report: Report
) -> ConnectionReport:
    """Run all checks at once; whatever is not done at the deadline has failed.

    ``report`` hears of failures that have no name of ours.
    """
    began_s = time.monotonic()
    running = [_start(check, deadline.remaining_s(), report) for check in checks]
    wait(running, timeout=deadline.remaining_s())
    elapsed_ms = _ms_since(began_s)
    told = [
        future.result()
        if future.done()
        else Checked(name=check.name, ok=False, ms=elapsed_ms, reason="TIMED_OUT")
        for check, future in zip(checks, running, strict=True)
    ]
    return ConnectionReport(
        ok=all(one.ok is not False for one in told), elapsed_ms=elapsed_ms, checks=told
    )


def _start(check: Check, timeout_s: float, report: Report) -> "Future[Checked]":
    future: Future[Checked] = Future()

    def run() -> None:
        began_s = time.monotonic()
        ok, reason = _outcome(check, timeout_s, report)
        future.set_result(Checked(name=check.name, ok=ok, ms=_ms_since(began_s), reason=reason))

    Thread(target=run, name=f"check-{check.name}", daemon=True).start()
    return future


def _outcome(check: Check, timeout_s: float, report: Report) -> tuple[bool | None, str | None]:
    try:
        check.run(timeout_s)
    except NotConfigured:
        return None, "NOT_CONFIGURED"
    except Amiss as amiss:
        return False, str(amiss)
    except SettingsRefused:
        return False, "SECRETS_MISSING"
    except GreenroomError as error:
        # The alarm says more than the code: a key that is refused, an account that is used up.
        return False, str(error.log.get("alarm", error.code))
    except BaseException as fault:  # noqa: BLE001 (a thread's end: it must tell something)
        if isinstance(fault, Exception):
            report(fault)
        return False, "INTERNAL_ERROR"
    return True, None


def _ms_since(began_s: float) -> float:
    return round((time.monotonic() - began_s) * 1000, 1)
