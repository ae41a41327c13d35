"""The command: which words lead where, exit codes, and what a failure says.

Exit codes: 0 done and nothing wrong; 1 something is wrong, or was refused; 2 the words were not
understood; 3 the table or an outside party did not answer, so try again.
"""

import argparse
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TextIO

from greenroom.kernel.clock import Clock, utc_now
from greenroom.kernel.errors import GreenroomError, Unavailable
from greenroom.kernel.variables import SettingsRefused
from greenroom.wiring import OPERATOR, Wiring
from ops import (
    deploy_check,
    dlq,
    drill,
    events,
    migrate,
    migrate_check,
    people,
    sweep,
    tenants,
    usage,
)
from ops.environment import NoDeployment, environment
from ops.output import Output
from ops.reconcile import reconcile
from ops.words import parser

ROOT = Path(__file__).parents[1]


def main(
    arguments: Sequence[str],
    *,
    environ: Mapping[str, str],
    clock: Clock = utc_now,
    stdout: TextIO | None = None,
) -> int:
    """Run one command; the exit code."""
    words = parser(clock()).parse_args(arguments)
    out = Output(as_json=words.json, out=stdout or sys.stdout)
    try:
        given = environment(environ, root=ROOT)
        for name in given:
            if name.startswith("AWS_"):  # the library asks nobody else for credentials
                os.environ.setdefault(name, given[name])
        wired = Wiring(OPERATOR, environ=given, clock=clock)
        with ExitStack() as stack:
            stack.callback(_hang_up, wired)
            return _COMMANDS[_named(words)](words, wired, out)
    except Unavailable as failure:
        reason = failure.log.get("reason", failure.code)
        out.refusal(f"{failure.detail} ({failure.code}: {reason})")
        return 3
    except GreenroomError as refusal:
        out.refusal(f"{refusal.detail} ({refusal.code})")
        return 1
    except KeyboardInterrupt:
        out.refusal("stopped; what was done is done, and the same command goes on")
        return 1
    except (NoDeployment, SettingsRefused, ValueError) as refusal:
        out.refusal(str(refusal))
        return 1


def _named(words: argparse.Namespace) -> str:
    return " ".join(filter(None, (words.command, getattr(words, "action", None))))


def _hang_up(wired: Wiring) -> None:
    """Let go of Stripe, if anybody asked it something."""
    if "stripe" in vars(wired):
        wired.stripe.close()


def _adjust(words: argparse.Namespace, wired: Wiring, out: Output) -> int:
    if words.command == "grant" and words.credits.startswith("-"):
        raise ValueError("a grant gives; adjust takes")
    return people.adjust(
        wired, words.user, words.credits, reason=words.reason, operation=words.id, out=out
    )


def _reconcile(words: argparse.Namespace, wired: Wiring, out: Output) -> int:
    stripe = not words.no_stripe and words.user is None
    return reconcile(
        wired, since=words.since, user=words.user, stripe=stripe, fix=words.fix, out=out
    )


def _list_events(words: argparse.Namespace, wired: Wiring, out: Output) -> int:
    return events.listed(
        wired, outcome=words.outcome, event_type=words.type, since=words.since, out=out
    )


_COMMANDS: dict[str, Callable[[argparse.Namespace, Wiring, Output], int]] = {
    "deploy-check": deploy_check.command,
    **{f"dlq {name}": command for name, command in dlq.COMMANDS.items()},
    "events list": _list_events,
    "events show": lambda words, wired, out: events.show(wired, words.event, out),
    "events replay": lambda words, wired, out: events.replay(wired, words.event, out),
    "ledger show": lambda words, wired, out: people.ledger(wired, words.user, out),
    "expert approve": lambda words, wired, out: people.approve(
        wired, words.user, approved=True, out=out
    ),
    "expert suspend": lambda words, wired, out: people.approve(
        wired, words.user, approved=False, out=out
    ),
    "grant": _adjust,
    "adjust": _adjust,
    "migrate list": lambda _, wired, out: migrate.listed(wired, out),
    "migrate run": lambda words, wired, out: migrate.run(
        wired, words.number, dry_run=words.dry_run, per_s=words.rate, out=out
    ),
    "migrate undo": lambda words, wired, out: migrate.undo(
        wired, words.number, dry_run=words.dry_run, per_s=words.rate, out=out
    ),
    "migrate check": lambda _, wired, out: migrate_check.check(wired, out),
    "migrate verify": lambda words, wired, out: migrate.verify(wired, words.number, out),
    "reconcile": _reconcile,
    "restore-drill": lambda words, wired, out: drill.drill(
        wired, out, at=words.at, name=words.name, keep=words.keep
    ),
    "sweep": lambda words, wired, out: sweep.sweep(wired, out, dry_run=words.dry_run),
    **{f"tenant {name}": command for name, command in tenants.COMMANDS.items()},
    **{f"usage {name}": command for name, command in usage.COMMANDS.items()},
    "user export": lambda words, wired, out: people.export(wired, words.user, out),
    "user erase": lambda words, wired, out: people.erase(
        wired, words.user, really=words.yes, out=out
    ),
}
