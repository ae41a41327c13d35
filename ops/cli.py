"""The words of the command: arguments, exit codes, and what a failure says.

Exit codes: 0 done and nothing wrong; 1 something is wrong, or was refused; 2 the words were not
understood; 3 the table or an outside party did not answer, so try again.
"""

import argparse
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TextIO

from greenroom.kernel.clock import Clock, from_text, utc_now
from greenroom.kernel.errors import GreenroomError, Unavailable
from greenroom.kernel.limits import MIGRATION_PER_S_DEFAULT, MIGRATION_PER_S_MAX
from greenroom.kernel.settings import SettingsRefused
from greenroom.wiring import OPERATOR, Wiring
from ops import events, migrate, people, tenants, usage
from ops.environment import NoDeployment, environment
from ops.output import Output
from ops.reconcile import reconcile

ROOT = Path(__file__).parents[1]
SINCE_DAYS = 3  # Stripe repeats a delivery for three days
EVENTS_DAYS = 90  # how long events are kept


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
    "migrate verify": lambda words, wired, out: migrate.verify(wired, words.number, out),
    "reconcile": _reconcile,
    **{f"tenant {name}": command for name, command in tenants.COMMANDS.items()},
    **{f"usage {name}": command for name, command in usage.COMMANDS.items()},
    "user export": lambda words, wired, out: people.export(wired, words.user, out),
    "user erase": lambda words, wired, out: people.erase(
        wired, words.user, really=words.yes, out=out
    ),
}


def parser(now: datetime) -> argparse.ArgumentParser:
    """The command's arguments; moments without a word of their own count back from ``now``."""
    top = argparse.ArgumentParser(
        prog="python -m ops",
        description="Look at, repair and replay what is in a deployment's table.",
        epilog="Works on the running laptop cloud, or on the table that TABLE_NAME names.",
    )
    top.add_argument("--json", action="store_true", help="one JSON document instead of lines")
    commands = top.add_subparsers(dest="command", required=True, metavar="command")
    _events_words(commands.add_parser("events", help="Stripe's events"), now)
    shown = commands.add_parser("ledger", help="a person's entries and balance")
    shown.add_subparsers(dest="action", required=True).add_parser(
        "show", help="all entries, newest first"
    ).add_argument("user", help="our id of the person, or Clerk's")
    for name, text in (
        ("grant", "give credits"),
        ("adjust", "give or take credits: a new entry, never a change of an old one"),
    ):
        _credit_words(commands.add_parser(name, help=text))
    compared = commands.add_parser(
        "reconcile",
        help="compare everybody's books, and fetch what Stripe told in vain",
        description="Scans the table and compares; changes nothing without --fix.",
    )
    compared.add_argument("--fix", action="store_true", help="repair what may be repaired")
    compared.add_argument(
        "--user", help="only this person (our id, or Clerk's); asks Stripe nothing"
    )
    compared.add_argument("--no-stripe", action="store_true", help="ask Stripe nothing")
    _since(compared, now - timedelta(days=SINCE_DAYS), "Stripe's events since then")
    _migrate_words(commands.add_parser("migrate", help="change stored rows to a newer shape"))
    tenants.add_words(commands.add_parser("tenant", help="tenants of the AI proxy, their quotas"))
    usage.add_words(commands.add_parser("usage", help="the usage log"))
    expert = commands.add_parser("expert", help="who may take sessions")
    acts = expert.add_subparsers(dest="action", required=True, metavar="action")
    for act, text in (
        ("approve", "let an expert take sessions"),
        ("suspend", "let them take no new ones; what they have goes on"),
    ):
        acts.add_parser(act, help=text).add_argument(
            "user", help="our id of the person, or Clerk's"
        )
    person = commands.add_parser("user", help="export or erase a person")
    acts = person.add_subparsers(dest="action", required=True, metavar="action")
    exported = acts.add_parser("export", help="everything that is stored of them, as JSON")
    erased = acts.add_parser("erase", help="delete them for ever; the ledger stays, without names")
    for each in (exported, erased):
        each.add_argument("user", help="our id of the person, or Clerk's")
    erased.add_argument("--yes", action="store_true", help="do it; without it, only say whom")
    return top


def _events_words(under: argparse.ArgumentParser, now: datetime) -> None:
    acts = under.add_subparsers(dest="action", required=True, metavar="action")
    listed = acts.add_parser("list", help="which came, and what became of them")
    listed.add_argument("--outcome", help="applied, duplicate, ignored, banked or unmatched")
    listed.add_argument("--type", help="checkout.session.completed, ...")
    _since(listed, now - timedelta(days=EVENTS_DAYS), "events that happened since then")
    acts.add_parser("show", help="one event, whole").add_argument("event", help="evt_...")
    replayed = acts.add_parser("replay", help="apply kept events once more")
    replayed.add_argument("event", nargs="+", help="evt_...")


def _migrate_words(under: argparse.ArgumentParser) -> None:
    acts = under.add_subparsers(dest="action", required=True, metavar="action")
    acts.add_parser("list", help="all migrations, and how far each has come")
    run = acts.add_parser(
        "run",
        help="run a migration, or go on with it",
        description="Without a number: all that have yet to run, up to one that takes away what "
        "older readers use. That one has to be named.",
    )
    run.add_argument("number", nargs="?", type=int)
    undone = acts.add_parser("undo", help="the way back of a migration")
    undone.add_argument("number", type=int)
    for each in (run, undone):
        each.add_argument(
            "--dry-run", action="store_true", help="count and show examples; write nothing"
        )
        each.add_argument(
            "--rate",
            type=_rate,
            default=MIGRATION_PER_S_DEFAULT,
            metavar="N",
            help=f"at most so many rows changed in a second (default: {MIGRATION_PER_S_DEFAULT})",
        )
    verified = acts.add_parser("verify", help="find rows that are not as they should be")
    verified.add_argument("number", nargs="?", type=int, help="without it: all that were run")


def _rate(text: str) -> int:
    rate = int(text)
    if not 1 <= rate <= MIGRATION_PER_S_MAX:
        raise argparse.ArgumentTypeError(f"from 1 to {MIGRATION_PER_S_MAX}")
    return rate


def _credit_words(under: argparse.ArgumentParser) -> None:
    under.add_argument("user", help="our id of the person, or Clerk's")
    under.add_argument("credits", help="such as 3 or 0.50 (adjust: also -3 or +3)")
    under.add_argument("--reason", required=True, help="why; the person can read it")
    under.add_argument("--id", help="names the operation, so that a repeat changes nothing")


def _since(under: argparse.ArgumentParser, default: datetime, text: str) -> None:
    under.add_argument(
        "--since",
        type=_moment,
        default=default,
        metavar="WHEN",
        help=f"{text}: 2026-11-21 or 2026-11-21T12:00Z (default: {default:%Y-%m-%d})",
    )


def _moment(text: str) -> datetime:
    if len(text) == len("2026-11-21"):
        return datetime.fromisoformat(text).replace(tzinfo=UTC)
    return from_text(text)
