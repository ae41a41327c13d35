"""What the Stripe stand-in refuses, in Stripe's own words and codes.

Source: https://docs.stripe.com/api/errors and https://docs.stripe.com/error-codes.
"""

from typing import Any

NOT_FOUND = 404


class StripeRefused(Exception):
    """A request that Stripe would refuse.

    ``early`` marks a refusal before anything was executed: it is not kept under the request's
    idempotency key, so that the repaired request may use the same key.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        kind: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        decline_code: str | None = None,
        early: bool = False,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.early = early
        facts = {"code": code, "decline_code": decline_code, "param": param}
        self._facts = {name: value for name, value in facts.items() if value is not None}
        self._kind = kind

    @property
    def document(self) -> dict[str, Any]:
        """The body of the answer."""
        error: dict[str, Any] = {**self._facts, "message": str(self), "type": self._kind}
        if code := self._facts.get("code"):
            error["doc_url"] = f"https://stripe.com/docs/error-codes/{code.replace('_', '-')}"
        return {"error": error}


def unknown_parameter(path: str) -> StripeRefused:
    """A parameter that the endpoint does not have."""
    text = f"Received unknown parameter: {path}"
    return StripeRefused(text, code="parameter_unknown", param=path, early=True)


def missing_parameter(path: str) -> StripeRefused:
    """A parameter that the endpoint needs."""
    text = f"Missing required param: {path}."
    return StripeRefused(text, code="parameter_missing", param=path, early=True)


def invalid_parameter(path: str, message: str, code: str | None = None) -> StripeRefused:
    """A parameter whose value cannot be."""
    return StripeRefused(message, code=code, param=path, early=True)


def no_such(thing: str, identifier: str, *, param: str | None = None) -> StripeRefused:
    """An object that does not exist: 404 for the address itself, 400 for a parameter."""
    return StripeRefused(
        f"No such {thing}: '{identifier}'",
        status=NOT_FOUND if param is None else 400,
        code="resource_missing",
        param=param or "id",
    )
