"""Ways in which rows can be wrong that no person's books tell, each with the rule that finds it.

Each is done to things of its own, by raw writes, after the product made the rest. What a
corruption returns is the partition in which the rule finds it.
"""

import uuid
from collections.abc import Callable
from typing import NamedTuple

from greenroom.usage.domain import Payer
from tests.contract.class_deeds import Front
from tests.expertise import Customer, claim, customer, expert
from tests.fakes.provider import OFFER
from tests.intakes import begin
from tests.quotas import Metered
from tests.studios import Class, Studio
from tests.unit.ops.corruptions import Scene
from tests.usage_log import FACTS
from tests.widgets import WidgetSite
from tests.world import Reply

LATER = "2027-01-01T00:00:00.000000Z"
LONG_AGO = "2026-11-21T01:00:00.000000Z"
NO_LIST = {"GSI1PK": None, "GSI1SK": None}
NOT_DUE = {"GSI2PK": None, "GSI2SK": None}
TURNS = [{"role": "user", "content": f"Turn {n}.", "timestamp": n} for n in range(8)]


class Rows(Scene):
    """Somebody, their studio and their school, and the hand that spoils their rows."""

    def kinds(self, kind: str, pk: str) -> list[str]:
        """The sort keys of a kind in a partition."""
        rows = [row for row in self.world.rows() if row["PK"]["S"] == pk]
        return [row["SK"]["S"] for row in rows if row["kind"]["S"] == kind]

    def session(self) -> str:
        """The partition of a session that was just started."""
        return f"SESSION#{self.started()}"

    def live(self) -> str:
        start = self.person.start()
        assert self.person.exchange(start, OFFER).status in {200, 201}
        return f"SESSION#{start.body['sessionId']}"

    def saved(self) -> str:
        pk = self.live()
        body = {"sessionId": pk.removeprefix("SESSION#"), "messages": TURNS}
        assert self.person.call("POST /api/interviews", body).status == 201
        return pk

    def record(self) -> str:
        return self.saved().replace("SESSION#", "INTERVIEW#")

    def chunk(self, pk: str) -> str:
        (sk,) = self.kinds("transcript_chunk", pk)
        return sk

    def taken(self) -> tuple[Customer, str]:
        """A session that an expert has, and who it is."""
        waiting = customer(self.world)
        somebody = expert(self.world)
        assert claim(somebody, waiting.session_id).status == 200
        return waiting, somebody.user_id

    def front(self) -> Front:
        return Front(self.world)

    def used(self, **facts: str) -> dict[str, str]:
        """A row of the usage log in a tenant of its own, with its sums."""
        own = {"user_id": str(uuid.uuid4()), "tenant_id": str(uuid.uuid4())}
        told = {**FACTS, **own, "request_id": str(uuid.uuid4()), "service_type": uuid.uuid4().hex}
        assert self.world.wiring("feedback").usage_log.write({**told, **facts}) == "stored"
        return told

    def metered(self) -> Metered:
        return Metered(self.world, payer=Payer(self.user_id))

    def preschool(self) -> str:
        tenant_id = str(uuid.uuid4())
        self.world.wiring("account").tenants.create(
            "preschool", "A school", tenant_id=tenant_id, members={self.user_id: "admin"}, actor="o"
        )
        return f"T#ps#{tenant_id}"


def class_pk(klass: Class) -> str:
    return f"T#org#{klass.studio.organization_id}#K#{klass.class_session_id}"


def booking_pk(studio: Studio, reply: Reply) -> str:
    return f"T#org#{studio.organization_id}#B#{reply.body['bookingId']}"


def customer_pk(front: Front) -> str:
    ref = front.client.ref
    return f"T#org#{front.studio.organization_id}#C#{ref.token}"


# --- Sessions ------------------------------------------------------------------------------------


def customer_not_there(scene: Rows) -> str:
    pk = scene.session()
    scene.vandal.remove(pk, f"PARTICIPANT#{scene.user_id}")
    return pk


def session_out_of_list(scene: Rows) -> str:
    pk = scene.session()
    scene.vandal.change(pk, "SESSION", **NO_LIST)
    return pk


def session_in_another_list(scene: Rows) -> str:
    pk = scene.session()
    scene.vandal.change(pk, "SESSION", GSI1PK=f"USER#{uuid.uuid4()}")
    return pk


def guard_lost(scene: Rows) -> str:
    pk = scene.live()
    scene.vandal.remove(scene.pk, "ACTIVE")
    return pk


def guard_of_another(scene: Rows) -> str:
    before = scene.cancelled()
    pk = scene.live()
    scene.vandal.change(scene.pk, "ACTIVE", session_id=before)
    return pk


def guard_behind(scene: Rows) -> str:
    scene.live()
    scene.vandal.change(scene.pk, "ACTIVE", status="pending")
    return scene.pk


def free_ride(scene: Rows) -> str:
    pk = scene.live()
    scene.vandal.change(pk, "SESSION", charged=False)
    scene.lose_entry("debit:")
    scene.change_account(credits=300)
    return pk


def session_never_due(scene: Rows) -> str:
    pk = scene.session()
    scene.vandal.change(pk, "SESSION", **NOT_DUE)
    return pk


def session_due_for_ever(scene: Rows) -> str:
    pk = f"SESSION#{scene.cancelled()}"
    scene.vandal.change(pk, "SESSION", GSI2PK="DUE#session#0", GSI2SK=f"{LATER}#x")
    return pk


def reservation_left(scene: Rows) -> str:
    pk = scene.session()
    sk = f"{LONG_AGO}#{pk.removeprefix('SESSION#')}"
    scene.vandal.change(pk, "SESSION", due_at=LONG_AGO, GSI2SK=sk)
    return pk


def session_gone(scene: Rows) -> str:
    pk = f"SESSION#{scene.cancelled()}"
    scene.vandal.remove(pk, "SESSION")
    return pk


def expert_not_there(scene: Rows) -> str:
    waiting, expert_id = scene.taken()
    scene.vandal.remove(f"SESSION#{waiting.session_id}", f"PARTICIPANT#{expert_id}")
    return f"SESSION#{waiting.session_id}"


def queue_of_the_ended(scene: Rows) -> str:
    waiting = customer(scene.world)
    assert waiting.move("cancel").status == 200
    pk = f"SESSION#{waiting.session_id}"
    sk = f"5#{LATER}#{waiting.session_id}"
    (number,) = scene.kinds("assignment", pk)
    scene.vandal.change(pk, number, GSI2PK="QUEUE#0", GSI2SK=sk)
    return pk


def offer_of_no_round(scene: Rows) -> str:
    waiting, _ = scene.taken()
    pk = f"SESSION#{waiting.session_id}"
    values = {"session_id": waiting.session_id, "expert_id": str(uuid.uuid4()), "round": 1}
    more = {"wave": 1, "type": "chat", "plan": "free", "urgent": False}
    times = {"offered_at": LONG_AGO, "expires_at": LATER}
    scene.vandal.put(pk, "OFFER#forged", "offer", status="pending", **values, **more, **times)
    return pk


def expert_counted_twice(scene: Rows) -> str:
    _, expert_id = scene.taken()
    scene.vandal.change(f"USER#{expert_id}", "EXPERT", active_count=2)
    return f"USER#{expert_id}"


# --- Interviews ----------------------------------------------------------------------------------


def chunk_lost(scene: Rows) -> str:
    pk = scene.record()
    scene.vandal.remove(pk, scene.chunk(pk))
    return pk


def chunk_orphaned(scene: Rows) -> str:
    pk = scene.record()
    scene.vandal.put(pk, f"CHUNK#{uuid.uuid4()}#0000", "transcript_chunk", data=b"x")
    return pk


def chunk_to_be_forgotten(scene: Rows) -> str:
    pk = scene.record()
    scene.vandal.change(pk, scene.chunk(pk), ttl=1_800_000_000)
    return pk


def record_gone(scene: Rows) -> str:
    pk = scene.saved()
    scene.vandal.remove(pk, "SESSION")
    return pk.replace("SESSION#", "FEEDBACK#")


def job_lost(scene: Rows) -> str:
    pk = scene.saved()
    scene.vandal.remove(pk.replace("SESSION#", "FEEDBACK#"), "FEEDBACK")
    return pk


def job_told_wrongly(scene: Rows) -> str:
    pk = scene.saved()
    scene.vandal.change(pk, "SESSION", feedback_status="completed")
    return pk


def job_never_due(scene: Rows) -> str:
    pk = scene.saved().replace("SESSION#", "FEEDBACK#")
    scene.vandal.change(pk, "FEEDBACK", **NOT_DUE)
    return pk


def job_without_result(scene: Rows) -> str:
    pk = scene.saved()
    job = pk.replace("SESSION#", "FEEDBACK#")
    scene.vandal.change(job, "FEEDBACK", status="completed", due_at=None, **NOT_DUE)
    scene.vandal.change(pk, "SESSION", feedback_status="completed")
    return job


# --- People --------------------------------------------------------------------------------------


def person_out_of_list(scene: Rows) -> str:
    scene.change_account(**NO_LIST)
    return scene.pk


def deletion_forgotten(scene: Rows) -> str:
    assert scene.person.call("DELETE /api/user").status == 202
    scene.vandal.remove(scene.pk, "ERASURE")
    return scene.pk


def erasure_never_due(scene: Rows) -> str:
    assert scene.person.call("DELETE /api/user").status == 202
    scene.vandal.change(scene.pk, "ERASURE", **NOT_DUE)
    return scene.pk


def profile_of_nobody(scene: Rows) -> str:
    pk = f"USER#{uuid.uuid4()}"
    scene.vandal.put(pk, "ACCOUNT#PROFILE", "user_profile")
    return pk


def refund_never_due(scene: Rows) -> str:
    pk = f"PURCHASE#{scene.bought().purchase_id}"
    scene.vandal.change(pk, "PURCHASE", refund_due_at=LATER)
    return pk


def intake_leads_nowhere(scene: Rows) -> str:
    reply = begin(scene.person, "free")
    assert reply.status == 200
    pk = f"INTAKE#{reply.body['intakeId']}"
    scene.vandal.change(pk, "INTAKE", session_id=str(uuid.uuid4()))
    return pk


def row_of_no_kind(scene: Rows) -> str:
    scene.vandal.put(f"ODD#{scene.user_id}", "ROW", "oddity")
    return f"ODD#{scene.user_id}"


# --- Studios -------------------------------------------------------------------------------------


def counter(name: str, value: int) -> Callable[[Rows], str]:
    def spoil(scene: Rows) -> str:
        front = scene.front().books()
        scene.vandal.change(class_pk(front.class_), "CLASS", **{name: value})
        return class_pk(front.class_)

    return spoil


def seat_sk(scene: Rows, pk: str) -> str:
    (sk,) = scene.kinds("seat", pk)
    return sk


def seat_lost(scene: Rows) -> str:
    front = scene.front().books()
    pk = class_pk(front.class_)
    scene.vandal.remove(pk, seat_sk(scene, pk))
    return booking_pk(front.studio, front.booking)


def seat_says_otherwise(scene: Rows) -> str:
    pk = class_pk(scene.front().books().class_)
    scene.vandal.change(pk, seat_sk(scene, pk), booking_status="attended")
    return pk


def seat_says_nonsense(scene: Rows) -> str:
    pk = class_pk(scene.front().books().class_)
    scene.vandal.change(pk, seat_sk(scene, pk), booking_status="asleep")
    return pk


def seat_of_no_booking(scene: Rows) -> str:
    front = scene.front().books()
    scene.vandal.remove(booking_pk(front.studio, front.booking), "BOOKING")
    return class_pk(front.class_)


def place_of_nobody(scene: Rows) -> str:
    front = scene.front().waits()
    pk = class_pk(front.class_)
    values = {"booking_id": front.booking.body["bookingId"]}
    scene.vandal.put(pk, f"WAIT#{LATER}#x", "waiting", **values)
    return pk


def booking_of_two(scene: Rows) -> str:
    front = scene.front().books()
    pk = booking_pk(front.studio, front.booking)
    scene.vandal.change(pk, "BOOKING", customer_id=str(uuid.uuid4()))
    return pk


def booking_out_of_list(scene: Rows) -> str:
    front = scene.front().books()
    pk = booking_pk(front.studio, front.booking)
    scene.vandal.change(pk, "BOOKING", **NO_LIST)
    return pk


def time_not_taken(scene: Rows) -> str:
    front = scene.front().books()
    pk = customer_pk(front)
    (day,) = scene.kinds("agenda", pk)
    scene.vandal.remove(pk, day)
    return booking_pk(front.studio, front.booking)


def class_never_due(scene: Rows) -> str:
    pk = class_pk(scene.front().class_)
    scene.vandal.change(pk, "CLASS", **NOT_DUE)
    return pk


def class_off_the_schedule(scene: Rows) -> str:
    pk = class_pk(scene.front().class_)
    scene.vandal.change(pk, "CLASS", **NO_LIST)
    return pk


def class_unreadable(scene: Rows) -> str:
    pk = class_pk(scene.front().class_)
    scene.vandal.change(pk, "CLASS", capacity="many")
    return pk


def class_gone(scene: Rows) -> str:
    front = scene.front().books()
    scene.vandal.remove(class_pk(front.class_), "CLASS")
    return booking_pk(front.studio, front.booking)


def uses_given(scene: Rows) -> str:
    front = scene.front()
    front.books(use=front.package)
    scene.vandal.change(customer_pk(front), f"PACKAGE#{front.package['packageId']}", remaining=10)
    return customer_pk(front)


def uses_of_a_month(scene: Rows) -> str:
    front = scene.front()
    front.books(use=front.membership)
    pk = customer_pk(front)
    (use,) = scene.kinds("membership_use", pk)
    scene.vandal.change(pk, use, used=2)
    return pk


def address_of_nobody(scene: Rows) -> str:
    pk = f"T#org#{Studio(scene.world).organization_id}#EMAIL#{uuid.uuid4().hex}"
    named = {"customer_kind": "lead", "customer_id": str(uuid.uuid4())}
    scene.vandal.put(pk, "EMAIL", "customer_email", **named)
    return pk


def link_lost(scene: Rows) -> str:
    studio = Studio(scene.world)
    ref, person = studio.client_who_signs_in()
    scene.vandal.remove(f"T#org#{studio.organization_id}", f"U#{person.user_id}")
    return f"T#org#{studio.organization_id}#C#{ref.token}"


def widget_key_lost(scene: Rows) -> str:
    site = WidgetSite(scene.world)
    scene.vandal.remove(f"WIDGET#{site.key}", "WIDGET")
    return f"T#org#{site.organization_id}"


# --- Tenants, quotas and the usage log -----------------------------------------------------------


def studio_out_of_list(scene: Rows) -> str:
    pk = f"T#org#{Studio(scene.world).organization_id}"
    scene.vandal.change(pk, "ORGANIZATION", **NO_LIST)
    return pk


def school_out_of_list(scene: Rows) -> str:
    pk = scene.preschool()
    scene.vandal.change(pk, "PRESCHOOL", **NO_LIST)
    return pk


def school_gone(scene: Rows) -> str:
    pk = scene.preschool()
    scene.vandal.remove(pk, "PRESCHOOL")
    return pk


def teacher_out_of_list(scene: Rows) -> str:
    pk = scene.preschool()
    scene.vandal.change(pk, f"M#{scene.user_id}", **NO_LIST)
    return pk


def quota_refilled(scene: Rows) -> str:
    scene.metered().held()
    (sk,) = scene.kinds("quota", scene.pk)
    scene.vandal.change(scene.pk, sk, available=99)
    return scene.pk


def units_never_back(scene: Rows) -> str:
    ticket = scene.metered().held()
    pk = f"{scene.pk}#R#{ticket.request_id}"
    scene.vandal.change(pk, "RESERVATION", **NOT_DUE)
    return pk


def sum_of_a_tenant(scene: Rows) -> str:
    told = scene.used()
    pk = f"T#ps#{told['tenant_id']}"
    (sk,) = scene.kinds("usage_tenant", pk)
    scene.vandal.change(pk, sk, calls=7)
    return pk


def sum_of_a_person(scene: Rows) -> str:
    pk = f"USER#{scene.used()['user_id']}"
    (sk,) = scene.kinds("usage_user", pk)
    scene.vandal.change(pk, sk, cost_micros=1)
    return pk


def sum_of_everybody(scene: Rows) -> str:
    told = scene.used()
    sums = [row for row in scene.world.rows() if row["kind"]["S"] == "usage_platform"]
    (row,) = [one for one in sums if one["SK"]["S"].endswith(str(told["service_type"]))]
    scene.vandal.remove(row["PK"]["S"], row["SK"]["S"])
    shard: str = row["PK"]["S"]
    return shard.rpartition("#")[0]


class RowCorruption(NamedTuple):
    """What is done, the rule that finds it, and whether the command repairs it."""

    do: Callable[[Rows], str]
    rule: str
    repaired: bool


def _repaired(rule: str, *doings: Callable[[Rows], str]) -> dict[str, RowCorruption]:
    return {do.__name__: RowCorruption(do, rule, repaired=True) for do in doings}


def _told(rule: str, *doings: Callable[[Rows], str]) -> dict[str, RowCorruption]:
    return {do.__name__: RowCorruption(do, rule, repaired=False) for do in doings}


def _counter(rule: str, name: str, value: int) -> dict[str, RowCorruption]:
    return {f"{name}_{value}": RowCorruption(counter(name, value), rule, repaired=False)}


ROW_CORRUPTIONS: dict[str, RowCorruption] = {
    **_repaired("session_has_its_customer", customer_not_there),
    **_repaired(
        "row_is_in_its_list",
        *(session_out_of_list, session_in_another_list, person_out_of_list, booking_out_of_list),
        *(class_off_the_schedule, studio_out_of_list, school_out_of_list, teacher_out_of_list),
    ),
    **_repaired("guard_says_the_sessions_status", guard_behind),
    **_repaired(
        "what_is_due_is_in_the_work_index",
        *(session_never_due, session_due_for_ever, job_never_due, refund_never_due),
        erasure_never_due,
    ),
    **_repaired("held_units_are_due", units_never_back),
    **_repaired("class_to_come_is_due", class_never_due),
    **_repaired("queue_has_only_open_sessions", queue_of_the_ended),
    **_repaired("orphan_chunk_is_forgotten", chunk_orphaned),
    **_repaired("chunk_that_counts_stays", chunk_to_be_forgotten),
    **_repaired("feedback_status_is_the_jobs", job_told_wrongly),
    **_repaired("sums_are_the_rows", sum_of_a_tenant, sum_of_a_person),
    **_told("sums_are_the_rows", sum_of_everybody),
    **_told("feedback_status_is_the_jobs", job_lost),
    **_told("open_session_has_its_guard", guard_lost, guard_of_another),
    **_told("live_session_was_charged", free_ride),
    **_told("what_is_due_is_swept", reservation_left),
    **_told(
        "what_belongs_is_not_alone",
        *(session_gone, record_gone, profile_of_nobody, class_gone, address_of_nobody),
        school_gone,
    ),
    **_told("session_has_its_expert", expert_not_there),
    **_told("pending_offer_is_of_an_open_round", offer_of_no_round),
    **_told("active_is_the_sessions", expert_counted_twice),
    **_told("transcript_has_its_chunks", chunk_lost),
    **_told("completed_feedback_has_its_result", job_without_result),
    **_told("deleted_person_is_erased", deletion_forgotten),
    **_told("intake_leads_to_its_session", intake_leads_nowhere),
    **_told("rows_can_be_read", row_of_no_kind, class_unreadable),
    **_counter("booked_is_the_seats", "booked", 3),
    **_counter("held_is_the_seats", "held", 2),
    **_counter("waitlist_is_the_rows", "waitlist_count", 4),
    **_counter("capacity_is_divided", "free", 9),
    **_told("a_seat_has_a_status", seat_says_nonsense),
    **_told("booking_has_its_seat", seat_lost),
    **_told("seat_is_its_booking", seat_says_otherwise, seat_of_no_booking),
    **_told("who_waits_is_waitlisted", place_of_nobody),
    **_told("booking_is_of_one_customer", booking_of_two),
    **_told("booked_time_is_taken", time_not_taken),
    **_told("package_counts_its_bookings", uses_given),
    **_told("membership_counts_its_bookings", uses_of_a_month),
    **_told("customer_has_their_link", link_lost),
    **_told("widget_key_leads_to_the_studio", widget_key_lost),
    **_told("quota_is_the_reservations", quota_refilled),
}
