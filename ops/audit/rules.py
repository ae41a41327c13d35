"""All rules that are looked at in rows, by name."""

from typing import Final

RULES: Final = (
    *("what_belongs_is_not_alone", "what_is_due_is_in_the_work_index", "held_units_are_due"),
    *("class_to_come_is_due", "what_is_due_is_swept", "row_is_in_its_list"),
    *("session_has_its_customer", "session_has_its_expert", "open_session_has_its_guard"),
    *("guard_says_the_sessions_status", "live_session_was_charged"),
    *("queue_has_only_open_sessions", "transcript_has_its_chunks", "orphan_chunk_is_forgotten"),
    *("chunk_that_counts_stays", "feedback_status_is_the_jobs"),
    *("completed_feedback_has_its_result", "booking_is_of_one_customer", "booking_has_its_seat"),
    *("seat_is_its_booking", "who_waits_is_waitlisted", "booked_time_is_taken"),
    *("package_counts_its_bookings", "membership_counts_its_bookings"),
    *("deleted_person_is_erased", "intake_leads_to_its_session"),
    *("pending_offer_is_of_an_open_round", "customer_has_their_link"),
    *("widget_key_leads_to_the_studio", "sums_are_the_rows", "rows_can_be_read"),
    # counted by the rules of `GET /api/admin/invariants`
    *("active_is_the_sessions", "quota_is_the_reservations", "capacity_is_divided"),
    *("booked_is_the_seats", "held_is_the_seats", "waitlist_is_the_rows", "a_seat_has_a_status"),
)
