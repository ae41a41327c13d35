"""What is kept of an event for replay: all of it but what tells who the payer is.

Events are kept for 90 days, longer than a deleted account may be known. No rule reads these
members, so a replay does the same without them.
"""

import json
from typing import Any

PERSONAL = frozenset(
    {
        "address",
        "billing_details",
        "card",
        "collected_information",
        "customer_address",
        "customer_details",
        "customer_email",
        "customer_name",
        "customer_phone",
        "customer_shipping",
        "customer_tax_ids",
        "email",
        "evidence",
        "name",
        "payment_method_details",
        "phone",
        "receipt_email",
        "receipt_url",
        "hosted_invoice_url",
        "invoice_pdf",
        "shipping",
        "shipping_details",
        "url",
    }
)


def without_person(raw: bytes) -> bytes:
    """The event without its personal members; what is no JSON is kept as nothing at all."""
    try:
        event = json.loads(raw)
    except (ValueError, RecursionError):
        return b"{}"
    return json.dumps(_without(event), ensure_ascii=False, separators=(",", ":")).encode()


def _without(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without(held) for name, held in value.items() if name not in PERSONAL}
    return [_without(held) for held in value] if isinstance(value, list) else value
