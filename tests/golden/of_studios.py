"""Golden requests: studios, classes, bookings and the widget."""

from typing import Final

from tests.golden.asks import Ask

STUDIO: Final = "https://studio.example"
_WIDGET_CORS = "ministack answers every preflight itself, also where an API has no CORS"

CLASSES: Final = (
    Ask(
        name="studios",
        route="GET /api/organizations",
        status=200,
        who="owner",
        keep={"studio": "items.0.organizationId"},
    ),
    Ask(name="nobody's studio", route="GET /api/organizations/{studio}", status=404, who="bob"),
    Ask(
        name="the widget's sites",
        route="PATCH /api/organizations/{studio}",
        status=200,
        who="owner",
        body={"allowedOrigins": [STUDIO], "widgetEnabled": True},
    ),
    Ask(
        name="the widget's key",
        route="POST /api/organizations/{studio}/widget-key",
        status=200,
        who="owner",
        keep={"key": "studio.widget.key"},
    ),
    Ask(
        name="a client",
        route="POST /api/organizations/{studio}/clients",
        status=201,
        who="owner",
        body={"name": "Cleo Client", "email": "cleo@example.com"},
        keep={"client": "clientId"},
    ),
    Ask(
        name="a class",
        route="POST /api/organizations/{studio}/classes",
        status=201,
        who="owner",
        body={
            "name": "Morning flow",
            "type": "yoga",
            "startsAt": "{in3days}",
            "durationMinutes": 60,
            "capacity": 1,
        },
        keep={"class": "classSessionId"},
    ),
    Ask(
        name="a class without seats",
        route="POST /api/organizations/{studio}/classes",
        status=422,
        who="owner",
        body={"name": "Flow", "type": "yoga", "startsAt": "{in3days}", "capacity": 0},
    ),
    Ask(
        name="how to pay",
        route="GET /api/organizations/{studio}/bookings/payment-options"
        "?classSessionId={class}&clientId={client}",
        status=200,
        who="owner",
    ),
    Ask(
        name="book",
        route="POST /api/organizations/{studio}/bookings",
        status=201,
        who="owner",
        body={"clientId": "{client}", "classSessionId": "{class}"},
        headers={"Idempotency-Key": "golden-book-1"},
        keep={"booking": "bookingId"},
    ),
    Ask(
        name="book twice",
        route="POST /api/organizations/{studio}/bookings",
        status=409,
        who="owner",
        body={"clientId": "{client}", "classSessionId": "{class}"},
    ),
    Ask(
        name="schedule",
        route="GET /api/organizations/{studio}/classes?month={month}",
        status=200,
        who="owner",
    ),
    Ask(name="the widget", route="GET /api/widget/{key}", status=200, headers={"Origin": STUDIO}),
    Ask(
        name="the widget on a foreign site",
        route="GET /api/widget/{key}",
        status=403,
        headers={"Origin": "https://evil.example"},
    ),
    Ask(
        name="the widget's preflight",
        route="OPTIONS /api/widget/{key}",
        status=204,
        headers={"Origin": STUDIO, "Access-Control-Request-Method": "GET"},
        unlike={"deployed": _WIDGET_CORS},
    ),
    Ask(
        name="the widget's schedule",
        route="GET /api/widget/{key}/schedule?month={month}",
        status=200,
        headers={"Origin": STUDIO},
    ),
    Ask(
        name="a visitor finds it full",
        route="POST /api/widget/{key}/bookings",
        status=409,
        headers={"Origin": STUDIO},
        body={"classSessionId": "{class}", "name": "Vera", "email": "vera@example.com"},
    ),
    Ask(
        name="a seat is given back",
        route="POST /api/organizations/{studio}/bookings/{booking}/cancel",
        status=200,
        who="owner",
        body={},
    ),
    Ask(
        name="a visitor books",
        route="POST /api/widget/{key}/bookings",
        status=201,
        headers={"Origin": STUDIO},
        body={"classSessionId": "{class}", "name": "Vera", "email": "vera@example.com"},
    ),
    Ask(
        name="roster",
        route="GET /api/organizations/{studio}/classes/{class}/roster",
        status=200,
        who="owner",
    ),
)
