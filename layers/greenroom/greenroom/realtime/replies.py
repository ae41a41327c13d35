"""What a provider's replies mean to us. No IO.

    provider says                        we raise
    401, 403                             ProviderFailed, alarm: our key
    429 insufficient_quota               ProviderFailed, alarm: our account
    429                                  ProviderThrottled with its Retry-After, 1..60 s
    400 that names the offer *           InvalidSdp SDP_REFUSED_BY_PROVIDER
    401 to an ephemeral secret *         TokenExpired
    408, 5xx, or a broken success        ProviderFailed, may_have_acted
    anything else                        ProviderFailed

* only when an offer is exchanged.
"""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from greenroom.kernel.errors import (
    GreenroomError,
    InvalidSdp,
    ProviderFailed,
    ProviderThrottled,
    TokenExpired,
)
from greenroom.kernel.limits import PROVIDER_RETRY_AFTER_MAX_S
from greenroom.realtime.sdp import answer_fault
from greenroom.realtime.wire import Answer, Minted, ProviderReply, SessionSpec, is_bearer

_MESSAGE_CHARS_MAX = 300
_NAME_CHARS_MAX = 128
_CALL_ID = re.compile(r"/calls/([A-Za-z0-9][A-Za-z0-9_-]{0,127})/?(?:[?#]|$)")
# A provider may echo a key or a piece of the offer; neither belongs in a log.
_KEY = re.compile(r"\b(?:sk|ek|eyJ)[-_A-Za-z0-9][-_.*A-Za-z0-9]{5,}")
_SDP = re.compile(r"[\r\n]|\\[rn]|\b[a-z]=")


def mint_object(reply: ProviderReply, *, now: datetime) -> dict[str, Any]:
    """The JSON object of a mint that succeeded; raises as the table says."""
    if not reply.succeeded:
        raise refusal(reply, now=now)
    if reply.media_type != "application/json":
        raise broken(reply, "the mint's reply is not JSON by its content type")
    return reply.json_object()


def minted(
    reply: ProviderReply, secret: Any, session: Any, *, spec: SessionSpec, now: datetime
) -> Minted:
    """A minted session out of the object with the secret and the one with the session."""
    secret = secret if isinstance(secret, dict) else {}
    session = session if isinstance(session, dict) else {}
    value = secret.get("value")
    if not is_bearer(value):
        raise broken(reply, "the mint's reply holds no usable secret")
    seconds = secret.get("expires_at")
    if not isinstance(seconds, int | float):
        raise broken(reply, "the mint's reply holds no expiry")
    try:
        expires_at = datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError) as impossible:
        raise broken(reply, "the mint's expiry is no moment") from impossible
    if expires_at <= now:
        raise broken(reply, "the minted secret has already expired")
    return Minted(
        secret=value,
        expires_at=expires_at,
        provider_session_id=_name(session.get("id")),
        model=_name(session.get("model")) or spec.model,
    )


def answer(reply: ProviderReply, *, ephemeral: bool, now: datetime) -> Answer:
    """The answer in the reply and the call that ``Location`` names; raises as the table says."""
    if not reply.succeeded:
        raise _exchange_refusal(reply, ephemeral=ephemeral, now=now)
    if reply.media_type != "application/sdp":
        raise broken(reply, "the exchange's reply is no SDP by its content type")
    fault = answer_fault(reply.body)
    if fault:
        raise broken(reply, fault)
    call = _CALL_ID.search(reply.headers.get("location", ""))
    return Answer(sdp=reply.body, call_id=call[1] if call else None)


def error_object(reply: ProviderReply) -> dict[str, Any]:
    """The member ``error`` of a provider's error body, or an empty object."""
    error = reply.json_object().get("error")
    return error if isinstance(error, dict) else {}


def facts(reply: ProviderReply) -> dict[str, Any]:
    """What our log may hold of a refusal: never a secret, never a piece of SDP."""
    error = error_object(reply)
    said = {
        "provider_error_code": _loggable(error.get("code") or error.get("type")),
        "provider_error_message": _loggable(error.get("message")),
    }
    return _origin(reply) | {name: text for name, text in said.items() if text}


def broken(reply: ProviderReply, what: str) -> ProviderFailed:
    """The error of a reply that claims success and is none; ``what`` goes to the log.

    Nothing of its body does: it may hold a working secret.
    """
    return ProviderFailed(may_have_acted=True, log={**_origin(reply), "provider_fault": what})


def refusal(reply: ProviderReply, *, now: datetime) -> GreenroomError:
    """The error that this reply, which is no success, means for any call."""
    log = facts(reply)
    if reply.status in (401, 403):
        return ProviderFailed(log={**log, "alarm": "PROVIDER_CREDENTIALS"})
    if reply.status == 429:
        error = error_object(reply)
        if "insufficient_quota" in (error.get("code"), error.get("type")):
            return ProviderFailed(log={**log, "alarm": "PROVIDER_QUOTA"})
        return ProviderThrottled(retry_after_s=_retry_after_s(reply, now=now), log=log)
    return ProviderFailed(may_have_acted=reply.status == 408 or reply.status >= 500, log=log)


def _exchange_refusal(reply: ProviderReply, *, ephemeral: bool, now: datetime) -> GreenroomError:
    raised = refusal(reply, now=now)
    if reply.status == 401 and ephemeral:
        raised.log.pop("alarm", None)  # the secret ran out, our key is well
        return TokenExpired(log=raised.log)
    error = error_object(reply)
    names_offer = error.get("code") == "invalid_offer" or error.get("param") in ("sdp", "offer")
    if reply.status in (400, 422) and names_offer:
        detail = "The AI provider refused the WebRTC offer. Make a new one and try again."
        return InvalidSdp(detail, code="SDP_REFUSED_BY_PROVIDER", log=raised.log)
    return raised


def _origin(reply: ProviderReply) -> dict[str, Any]:
    request_id = _name(reply.headers.get("x-request-id"))
    status = {"provider_status": reply.status}
    return status | ({"provider_request_id": request_id} if request_id else {})


def _name(text: object) -> str | None:
    """The provider's name of something, or None where it is none that we could keep."""
    return text if isinstance(text, str) and 0 < len(text) <= _NAME_CHARS_MAX else None


def _loggable(text: object) -> str | None:
    if not isinstance(text, str) or not text:
        return None
    head = _SDP.split(_KEY.sub("[redacted]", text), maxsplit=1)[0]
    return head[:_MESSAGE_CHARS_MAX]


def _retry_after_s(reply: ProviderReply, *, now: datetime) -> int:
    """Whole seconds of ``Retry-After``, which is a number or a date (RFC 9110 §10.2.3)."""
    text = reply.headers.get("retry-after", "").strip()
    if re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", text):
        wanted = float(text)
    else:
        try:
            moment = parsedate_to_datetime(text)
        except (ValueError, OverflowError, IndexError):
            return 1
        # A date without a zone is UTC in HTTP.
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        wanted = (moment - now).total_seconds()
    whole = int(wanted) + (wanted > int(wanted))
    return max(1, min(whole, PROVIDER_RETRY_AFTER_MAX_S))
