"""Settings: one frozen object per function, read once from the environment.

Each class here is a group that a function may need; ``wiring`` joins the groups of one
function into its settings. A field ``clerk_issuer`` is the variable ``CLERK_ISSUER``; an empty
variable counts as not set. Secrets are no settings: see ``kernel.secrets``.
"""

from typing import Any, Literal, NamedTuple

from greenroom.kernel.limits import DAILY_STARTS_MAX, Limits
from greenroom.kernel.variables import (
    Group,
    comma_list,
    document,
    flag,
    needed,
    number,
    one_of,
    text,
    whole,
)


class Settings(Group):
    """Base of the groups of settings."""


class MonitorSettings(Settings):
    """What metrics and reported errors say of where they come from, and who is told of errors.

    Read by ``kernel.metrics`` and ``kernel.monitor`` from the environment itself, as Powertools
    reads its own.
    """

    stage: str = text("dev")
    sentry_dsn: str | None = text(None, like=r"https?://[^@/]+@[^@]+/\d+")
    sentry_release: str | None = text(None)
    sentry_traces_sample_rate: float = number(0.0, at_least=0, at_most=1)


class CommonSettings(MonitorSettings):
    """What every function needs: where the table is, who may call, what it is called."""

    table_name: str = text("greenroom")
    table_client: Literal["wire", "botocore"] = one_of("wire", "botocore")
    greenroom_dynamodb_endpoint: str | None = text(None)
    greenroom_secret_arn: str | None = text(None)
    allowed_origins: tuple[str, ...] = comma_list()
    credits_name: str = text("VocahireCredits")


class IdentitySettings(Settings):
    """How session tokens are verified, and who is an admin."""

    clerk_issuer: str = needed()
    clerk_jwks: str | None = text(None)
    clerk_jwks_url: str | None = text(None)
    clerk_authorized_parties: tuple[str, ...] = comma_list()
    greenroom_admins: tuple[str, ...] = comma_list()


class ExpertSettings(Settings):
    """Whether whoever makes an expert's profile takes sessions at once, or once approved."""

    expert_signup: Literal["open", "approval"] = one_of("approval", "open")


class ClerkApiSettings(Settings):
    """Where Clerk's Backend API is; it is called with ``CLERK_SECRET_KEY`` only."""

    clerk_api_base: str = text("https://api.clerk.com")


class PageSettings(Settings):
    """What the public configuration tells a front end."""

    clerk_publishable_key: str = text()
    clerk_sign_in_url: str = text()
    clerk_sign_up_url: str = text()
    clerk_user_profile_url: str = text()
    app_url: str = text()
    fallback_path: str = text("/interview")


class FrontEndSettings(Settings):
    """Where the front end lives, for whoever makes links to it."""

    app_url: str = text()


_GA_DEFAULTS = {
    "realtime_model": "gpt-realtime-2.1-mini",
    "realtime_transcription_model": "gpt-transcribe",
}
_BETA_DEFAULTS = {
    "realtime_model": "gpt-4o-mini-realtime-preview",
    "realtime_transcription_model": "whisper-1",
}


def _servers(told: Any) -> tuple[dict[str, Any], ...]:
    if not isinstance(told, list) or not all(isinstance(one, dict) for one in told):
        raise ValueError("must be a list of objects")
    return tuple(told)


class RealtimeSettings(Settings):
    """Which provider speaks, in which dialect, with which voice."""

    openai_base_url: str = text("https://api.openai.com/v1")
    realtime_dialect: Literal["ga", "beta"] = one_of("ga", "beta")
    realtime_exchange: Literal["ephemeral", "unified"] = one_of("ephemeral", "unified")
    realtime_model: str = text()
    realtime_transcription_model: str = text()
    realtime_voice: str = text("alloy")
    realtime_allow_retired: bool = flag(default=False)
    ice_servers: tuple[dict[str, Any], ...] = document((), _servers)
    turn_ttl_s: int = whole(3600, at_least=1)

    @classmethod
    def completed(cls, given: dict[str, Any]) -> dict[str, Any]:
        """The models of the dialect."""
        beta = given.get("realtime_dialect") == "beta"
        return super().completed((_BETA_DEFAULTS if beta else _GA_DEFAULTS) | given)

    def check(self) -> None:
        """Refuse what cannot work."""
        super().check()
        if self.realtime_dialect == "beta" and self.realtime_exchange == "unified":
            raise ValueError("REALTIME_EXCHANGE=unified needs REALTIME_DIALECT=ga")
        at_openai = "://api.openai.com" in self.openai_base_url.lower()
        retired = self.realtime_dialect == "beta" and at_openai
        if retired and not self.realtime_allow_retired:
            raise ValueError(
                "REALTIME_DIALECT=beta was retired by api.openai.com on 2026-05-07. Use ga, "
                "name a compatible endpoint in OPENAI_BASE_URL, or set REALTIME_ALLOW_RETIRED=1"
            )


class ModelPrice(NamedTuple):
    """What a million tokens of a model cost, in millionths of the currency of its bill."""

    input: int
    output: int


def _prices(told: Any) -> dict[str, ModelPrice]:
    if not isinstance(told, dict):
        raise ValueError("must be an object")  # noqa: TRY004 (a refusal of the variable)
    for price in told.values():
        if not isinstance(price, dict) or price.keys() != {"input", "output"}:
            raise ValueError("must be of objects with input and output")
    return {name: ModelPrice(**_amounts(price)) for name, price in told.items()}


def _amounts(told: Any) -> dict[str, int]:
    """Whole numbers from 0 by name."""
    if not isinstance(told, dict) or any(
        type(amount) is not int or amount < 0 for amount in told.values()
    ):
        raise ValueError("must be an object of whole numbers, each at least 0")
    return told


class LlmSettings(Settings):
    """Which language model writes, and what models cost."""

    llm_base_url: str = text("https://api.openai.com/v1")
    llm_model: str = text("gpt-5-mini")
    llm_prices: dict[str, ModelPrice] = document({}, _prices)


class AiSettings(Settings):
    """How the AI proxy asks: a person waits, so that models that reason do little of it."""

    ai_reasoning_effort: Literal["none", "minimal", "low", "medium", "high"] = one_of(
        "low", "none", "minimal", "medium", "high"
    )


class PaymentSettings(Settings):
    """Where payments go, what they are for, and where people come back to."""

    stripe_api_base: str = text("https://api.stripe.com")
    stripe_price_id: str = text()
    stripe_price_id_3_credits: str = text()
    stripe_price_id_5_credits: str = text()
    stripe_price_id_monthly: str = text()
    stripe_price_id_quarterly: str = text()
    stripe_price_id_annual: str = text()
    app_url: str = text()

    def price_variables(self) -> dict[str, str]:
        """The variables that name prices, as the environment has them."""
        named = {name: value for name, value in vars(self).items() if "_price_id" in name}
        return {name.upper(): value for name, value in named.items()}


class QueueSettings(Settings):
    """Where feedback jobs are announced; without a queue the schedule alone finds them."""

    feedback_queue_url: str | None = text(None)
    sqs_endpoint: str | None = text(None)


class UsageLogSettings(Settings):
    """Where rows of the usage log wait that the table did not take at once."""

    usage_log_queue_url: str | None = text(None)
    sqs_endpoint: str | None = text(None)


class LimitSettings(Settings, Limits):
    """The limits that a deployment may set.

    ``daily_limits`` is how many calls of a service a person may make in a day (UTC), by service:
    ``{"exam_generation": 30, "interview": 5}``. Nobody is limited whose service it does not name.
    """

    daily_limits: dict[str, int] = document({}, _amounts)

    def check(self) -> None:
        """Refuse more starts a day than are kept on a person."""
        super().check()
        if not 1 <= self.daily_limits.get("interview", 1) <= DAILY_STARTS_MAX:
            raise ValueError(f"DAILY_LIMITS: interview is from 1 to {DAILY_STARTS_MAX}")
