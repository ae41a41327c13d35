"""The words of the command: which there are, and what each is told."""

import argparse
from datetime import UTC, datetime, timedelta

from greenroom.kernel.clock import from_text
from greenroom.kernel.limits import MIGRATION_PER_S_DEFAULT, MIGRATION_PER_S_MAX
from ops import deploy_check, dlq, drill, sweep, tenants, usage

SINCE_DAYS = 3  # Stripe repeats a delivery for three days
EVENTS_DAYS = 90  # how long events are kept


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
    sweep.add_words(
        commands.add_parser(
            "sweep",
            help="do what is due now",
            description="Shows what is due, and does what the schedules do each minute, until "
            "nothing more is done. Feedback is left to its own function.",
        )
    )
    deploy_check.add_words(
        commands.add_parser(
            "deploy-check",
            help="whether a deployment is as it should be",
            description="To run after each deployment: health, database, providers, secrets, "
            "identity, webhooks, origins, and the table's settings. Each line says what was seen.",
        )
    )
    drill.add_words(
        commands.add_parser(
            "restore-drill",
            help="practise a restore, into a new table",
            description="Restores the table into a new one, compares and reconciles that, says how "
            "long it took, and deletes it. The live table is only read.",
        ),
        _moment,
    )
    dlq.add_words(commands.add_parser("dlq", help="messages that could not be worked on"))
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
    acts.add_parser(
        "check",
        help="whether this version may be deployed",
        description="To run before a deployment, with the version that is to be deployed: what the "
        "table has been through has to be known to it, be finished, and hold. Changes nothing.",
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
