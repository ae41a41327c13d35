"""The command that says, before a deployment, whether its version may meet this table."""

from greenroom.wiring import Wiring
from ops.migrate import state_of, telling
from ops.output import Output


def check(wired: Wiring, out: Output) -> int:
    """Whether this version may be deployed onto the table: 1 if something is under way or wrong.

    What the table has been through has to be known to this version, be finished, and hold.
    """
    migrations = wired.migrations
    progress = migrations.progress()
    wrong = [
        (number, "UNKNOWN", "a newer version has run it: undo it with that version first")
        for number, one in sorted(progress.items())
        if number not in migrations.known and one.in_force
    ]
    for number, one in sorted(progress.items()):
        if number not in migrations.known:
            continue
        if one.finished_at is None:
            wrong.append(
                (number, "UNFINISHED", f"{state_of(wired, one)}: run or undo it to its end")
            )
        elif one.is_done and (count := migrations.verify(number, told=telling(out)).count):
            wrong.append((number, "FAULTS", f"{count} rows; migrate verify {number} names them"))
    waits = [one.number for one in migrations.pending()]
    document = {
        "ok": not wrong,
        "wrong": [{"number": number, "state": state, "do": do} for number, state, do in wrong],
        "toRunAfterwards": waits,
    }
    lines = [f"{number:04} {state}: {do}" for number, state, do in wrong]
    lines += [f"{number:04} is to be run after the deployment" for number in waits]
    out.result(document, lines or ["nothing is under way, and all that was run holds"])
    return 1 if wrong else 0
