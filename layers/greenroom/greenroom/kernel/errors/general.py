"""What may happen in any room, and the bases of all errors."""

from typing import Any, ClassVar, Self


class GreenroomError(Exception):
    """Base of everything that we raise on purpose.

    ``detail`` is one sentence that is safe to show to a person. ``facts`` are safe members
    that stand beside it in the answer (camelCase, JSON values). ``log`` holds facts for
    our log only: nothing of it is ever sent.
    """

    status: ClassVar[int] = 500
    code: str = "INTERNAL_ERROR"
    title: ClassVar[str] = "Internal error"
    default_detail: ClassVar[str] = "Something went wrong on our side."

    def __init__(
        self,
        detail: str | None = None,
        *,
        code: str | None = None,
        retry_after_s: int | None = None,
        log: dict[str, Any] | None = None,
        **facts: Any,
    ) -> None:
        self.detail = detail or self.default_detail
        self.code = code or type(self).code
        self.retry_after_s = retry_after_s
        self.log = log or {}
        self.facts = facts
        super().__init__(self.detail)


class Refused(GreenroomError):
    """The caller's fault: never retried unchanged."""

    status = 400
    code = "INVALID_REQUEST"
    title = "Invalid request"
    default_detail = "The request is not valid."


class InvalidRequest(Refused):
    """The request cannot be read: broken JSON, a bad header, an impossible cursor."""


class InvalidSignature(Refused):
    """A webhook whose signature does not verify: forged, changed, stale, or no secret is set."""

    code = "INVALID_SIGNATURE"
    title = "Invalid signature"
    default_detail = "The webhook's signature is not valid."


class Unauthenticated(Refused):
    """No session token, or one that does not verify."""

    status = 401
    code = "UNAUTHENTICATED"
    title = "Not signed in"
    default_detail = "Sign in to do this."


class Forbidden(Refused):
    """The caller is known and may not do this."""

    status = 403
    code = "FORBIDDEN"
    title = "Not allowed"
    default_detail = "You are not allowed to do this."


class AccountDeleted(Forbidden):
    """The person's account was deleted; the token outlived it."""

    code = "ACCOUNT_DELETED"
    title = "Account deleted"
    default_detail = "This account was deleted."


class Impersonated(Forbidden):
    """Somebody acts for the person, and this is the person's own to do."""

    code = "IMPERSONATED"
    title = "Only in person"
    default_detail = "Only the person themselves may do this; you are signed in on their behalf."


class NotFound(Refused):
    """Unknown, or somebody else's: the two look the same from outside."""

    status = 404
    code = "NOT_FOUND"
    title = "Not found"
    default_detail = "There is nothing here."


class Conflict(Refused):
    """What was asked for does not fit the present state."""

    status = 409
    code = "CONFLICT"
    title = "Conflict"
    default_detail = "This does not fit the present state."


class BalanceTooLow(Conflict):
    """An adjustment would take more credits than the person has."""

    code = "BALANCE_TOO_LOW"
    title = "Balance too low"
    default_detail = "This would take more credits than the person has."


class IdempotencyInProgress(Conflict):
    """The first request with this key is still being worked on."""

    code = "IDEMPOTENCY_IN_PROGRESS"
    title = "Still being worked on"
    default_detail = "The first request with this Idempotency-Key is still being worked on."


class InvalidTransition(Conflict):
    """The session's state does not allow this move; facts name ``from``, ``to``, ``allowed``."""

    code = "INVALID_TRANSITION"
    title = "Invalid transition"
    default_detail = "The session's state does not allow this."


class BodyTooLarge(Refused):
    """The body is over the route's limit; nothing of it was parsed."""

    status = 413
    code = "BODY_TOO_LARGE"
    title = "Body too large"
    default_detail = "The request's body is too large."


class UnsupportedMediaType(Refused):
    """The route does not read bodies of this content type."""

    status = 415
    code = "UNSUPPORTED_MEDIA_TYPE"
    title = "Unsupported media type"
    default_detail = "This content type is not read here."


class ValidationFailed(Refused):
    """A field is missing, unknown or out of range; ``errors`` names each one."""

    status = 422
    code = "VALIDATION_FAILED"
    title = "Validation failed"
    default_detail = "A field is not valid."

    def __init__(self, detail: str | None = None, **facts: Any) -> None:
        """Without ``errors``, it is the request as a whole that breaks a rule."""
        super().__init__(detail, **facts)
        whole = {"field": "request", "message": self.detail, "type": "value_error"}
        self.facts.setdefault("errors", [whole])

    @classmethod
    def of(cls, field: str, detail: str) -> Self:
        """The refusal of one field, whose value is never told."""
        return cls(detail, errors=[{"field": field, "message": detail, "type": "value_error"}])


class IdempotencyMismatch(Refused):
    """The Idempotency-Key was used before with another body."""

    status = 422
    code = "IDEMPOTENCY_MISMATCH"
    title = "Idempotency-Key was used for another request"
    default_detail = "This Idempotency-Key was used with another body."


class TooManyRequests(Refused):
    """A limit on how often was reached; ``Retry-After`` says when it opens."""

    status = 429
    code = "RATE_LIMITED"
    title = "Too many requests"
    default_detail = "That was too often. Try again later."


class Unavailable(GreenroomError):
    """Not the caller's fault, and safe to try again.

    ``may_have_acted`` says that the outside call may have had its effect although no usable
    answer came (a timeout after sending, a broken answer): the caller must not assume that
    nothing happened.
    """

    status = 503
    code = "UNAVAILABLE"
    title = "Unavailable"
    default_detail = "This is not available right now. Try again."

    def __init__(
        self, detail: str | None = None, *, may_have_acted: bool = False, **kwargs: Any
    ) -> None:
        self.may_have_acted = may_have_acted
        super().__init__(detail, **kwargs)


class ProviderFailed(Unavailable):
    """The provider answered badly, or could not be reached at all."""

    status = 502
    code = "PROVIDER_ERROR"
    title = "The provider failed"
    default_detail = "The AI provider failed. Try again."


class AnswerMalformed(ProviderFailed):
    """A language model's answer is not what was asked for; nothing of it is given out."""

    code = "LLM_ANSWER_MALFORMED"
    title = "The AI answered badly"
    default_detail = "The AI's answer was not what was asked for. Try again."


class StoreUnavailable(Unavailable):
    """The table did not answer, or conflicts did not clear inside the time budget."""

    code = "STORE_UNAVAILABLE"
    title = "The store is unavailable"
    default_detail = "Our store is busy. Try again in a moment."

    def __init__(self, detail: str | None = None, **kwargs: Any) -> None:
        kwargs.setdefault("retry_after_s", 1)
        super().__init__(detail, **kwargs)


class ProviderThrottled(Unavailable):
    """The provider throttles us."""

    code = "PROVIDER_THROTTLED"
    title = "The provider is busy"
    default_detail = "The AI provider is busy. Try again in a moment."

    def __init__(self, detail: str | None = None, **kwargs: Any) -> None:
        kwargs.setdefault("retry_after_s", 1)
        super().__init__(detail, **kwargs)


class ProviderDown(Unavailable):
    """The provider has not answered several times in a row; nobody was asked, nothing was done."""

    code = "PROVIDER_DOWN"
    title = "The provider is down"
    default_detail = "The provider does not answer at the moment. Try again shortly."


class ProviderTimedOut(Unavailable):
    """The provider did not answer inside our deadline."""

    status = 504
    code = "PROVIDER_TIMEOUT"
    title = "The provider timed out"
    default_detail = "The AI provider did not answer in time. Try again."


class Broken(GreenroomError):
    """A bug of ours: logged with its trace, answered without it."""
