"""What visitors of a studio's own site do."""

from tests.counts.walk import Walk
from tests.widgets import WidgetSite


def widget(walk: Walk) -> None:
    """Look, book, wait, confirm and cancel; and the preflights, which are answered alone."""
    site = WidgetSite(walk)
    class_id = site.make_class(capacity=1)
    walk.ask(site.call, "GET ")
    walk.ask(site.call, "GET /schedule?month=2026-11")
    booked = walk.ask(site.book, class_id).body["manageToken"]
    walk.ask(site.call, f"GET /bookings/{booked}")
    waits = site.booked(class_id, "vera@example.com", joinWaitlist=True)
    walk.ask(site.call, f"POST /bookings/{booked}/cancel")
    walk.ask(site.call, f"POST /bookings/{waits}/confirm")
    one = f"/bookings/{booked}"
    for path in ("", "/schedule", "/bookings", one, f"{one}/cancel", f"{one}/confirm"):
        headers = {"access-control-request-method": "POST"}
        walk.ask(site.call, f"OPTIONS {path}", headers=headers)
