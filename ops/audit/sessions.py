"""What sessions, their guard, their assignment, their transcript and their feedback obey."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Final

from greenroom.kernel.clock import epoch_s, to_text
from greenroom.kernel.limits import Limits
from greenroom.sessions.domain import OPEN
from ops.audit.rows import Check, Fault, Look, Make, Row, Set, fault_of


def _participant(row: Row, look: Look) -> Iterator[Fault]:
    values = row.values
    if row.kind != "session" or "erased_at" in values:
        return
    user_id = values["user_uuid"]
    if look.get(row.pk, f"PARTICIPANT#{user_id}") is None:
        made = (("user_id", user_id), ("role", "customer"))
        repair = Make(
            row.pk, f"PARTICIPANT#{user_id}", "participant", made, to_text(values["started_at"])
        )
        yield fault_of("session_has_its_customer", row, repair=repair, user_id=user_id)


def _expert(row: Row, look: Look) -> Iterator[Fault]:
    """Who has a session takes part in it. Their place in the own history is not made up."""
    expert_id = row.values.get("expert_id") if row.kind == "session" else None
    if not expert_id or "erased_at" in row.values or row.values["status"] not in OPEN:
        return
    if look.get(row.pk, f"PARTICIPANT#{expert_id}") is None:
        yield fault_of("session_has_its_expert", row, expert_id=expert_id)


def _guard(row: Row, look: Look) -> Iterator[Fault]:
    """While a session is open and nothing of it is overdue, nobody can start another."""
    values = row.values
    if row.kind != "session" or values["status"] not in OPEN or "erased_at" in values:
        return
    due_at = values.get("due_at")
    if due_at is None or due_at <= look.now:
        return
    guard = look.get(f"USER#{values['user_uuid']}", "ACTIVE")
    session_id = row.pk.removeprefix("SESSION#")
    named = guard.values.get("session_id") if guard else None
    if named != session_id:
        yield fault_of(
            "open_session_has_its_guard", row, status=values["status"], guard=named or "none"
        )


def _status(row: Row, look: Look) -> Iterator[Fault]:
    """What a guard says of its session is what people are told of it."""
    if row.kind != "active_guard":
        return
    session = look.get(f"SESSION#{row.values['session_id']}", "SESSION")
    status = session.values["status"] if session else None
    if status in OPEN and status != row.values["status"]:
        yield fault_of(
            "guard_says_the_sessions_status",
            row,
            repair=Set((("status", status),)),
            session=status,
            guard=row.values["status"],
        )


def _charged(row: Row, look: Look) -> Iterator[Fault]:
    """A live session that costs credits was charged, unless its person may have had premium."""
    values = row.values
    if row.kind != "session" or values["status"] != "live" or values["charged"]:
        return
    if values["payment_method"] != "credits" or not values["cost"]:
        return
    if not look.rows(f"USER#{values['user_uuid']}", prefix="SUBSCRIPTION#"):
        yield fault_of("live_session_was_charged", row, cost=values["cost"])


def _round(row: Row, look: Look) -> Iterator[Fault]:
    """A round that looks for an expert is of a session that waits."""
    if row.kind != "assignment" or row.due is None:
        return
    session = look.get(row.pk, "SESSION")
    if session is not None and session.values["status"] not in OPEN:
        gone = Set((("GSI2PK", None), ("GSI2SK", None)))
        yield fault_of(
            "queue_has_only_open_sessions", row, repair=gone, status=session.values["status"]
        )


def _transcript(row: Row, look: Look) -> Iterator[Fault]:
    """All chunks of the transcript that counts are there."""
    if row.kind != "interview":
        return
    generation, count = row.values["generation"], row.values["chunk_count"]
    wanted = [f"CHUNK#{generation}#{number:04}" for number in range(count)]
    missing = [sk for sk in wanted if look.get(row.pk, sk) is None]
    if missing:
        yield fault_of("transcript_has_its_chunks", row, missing=len(missing), of=count)


def _orphan(row: Row, look: Look) -> Iterator[Fault]:
    """A chunk that counts stays; one that does not is forgotten some day."""
    if row.kind != "transcript_chunk":
        return
    record = look.get(row.pk, "RECORD")
    _, generation, _ = row.sk.split("#")
    counts = record is not None and record.values["generation"] == generation
    if counts and "ttl" in row.values:
        repair = Set((("ttl", None),))
        yield fault_of("chunk_that_counts_stays", row, repair=repair)
    if not counts and "ttl" not in row.values:
        later = epoch_s(look.now + timedelta(seconds=Limits().orphan_chunks_s))
        yield fault_of("orphan_chunk_is_forgotten", row, repair=Set((("ttl", later),)))


def _job(row: Row, look: Look) -> Iterator[Fault]:
    """What a session says of its feedback is what the job says."""
    told = row.values.get("feedback_status") if row.kind == "session" else None
    if told is None or row.values.keys() & {"erased_at", "deleted_at"}:
        return
    job = look.get(f"FEEDBACK#{row.pk.removeprefix('SESSION#')}", "FEEDBACK")
    status = job.values["status"] if job else None
    if status != told:
        repair = Set((("feedback_status", status),)) if status else None
        yield fault_of(
            "feedback_status_is_the_jobs", row, repair=repair, session=told, job=status or "none"
        )


def _result(row: Row, look: Look) -> Iterator[Fault]:
    del look
    is_done = row.kind == "feedback" and row.values["status"] == "completed"
    if is_done and row.values.get("result") is None:
        yield fault_of("completed_feedback_has_its_result", row)


CHECKS: Final[Mapping[str, Check]] = {
    "session_has_its_customer": _participant,
    "session_has_its_expert": _expert,
    "open_session_has_its_guard": _guard,
    "guard_says_the_sessions_status": _status,
    "live_session_was_charged": _charged,
    "queue_has_only_open_sessions": _round,
    "transcript_has_its_chunks": _transcript,
    "orphan_chunk_is_forgotten": _orphan,
    "feedback_status_is_the_jobs": _job,
    "completed_feedback_has_its_result": _result,
}
