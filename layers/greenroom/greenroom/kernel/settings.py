"""Settings: one frozen object per function, read once from the environment.

Each class here is a group that a function may need; ``wiring`` joins the groups of one
function into its settings. A field ``clerk_issuer`` is the variable ``CLERK_ISSUER``; an empty
variable counts as not set. Secrets are no settings: see ``kernel.secrets``.
"""

import json
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from greenroom.kernel.limits import DAILY_STARTS_MAX, Limits


class SettingsRefused(ValueError):
    """The environment does not make valid settings; the text names each variable."""


def _comma_list(value: Any) -> Any:
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value


def _json(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value


CommaList = Annotated[tuple[str, ...], BeforeValidator(_comma_list)]


class Settings(BaseModel):
    """Base of the groups: how variables become fields."""

    # Built when it is read: a function imports the groups of all, and reads one.
    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> Self:
        """The settings that these variables make.

        Raises:
            SettingsRefused: a variable is missing or out of range; each one is named.
        """
        names = {name: name.upper() for name in cls.model_fields}
        given = {name: environ[var] for name, var in names.items() if environ.get(var)}
        try:
            return cls.model_validate(given)
        except ValidationError as refusal:
            # Neither the values nor the cause: a setting may hold what nobody should read.
            lines = [
                f"{'.'.join(map(str, error['loc'])).upper() or 'settings'}: {error['msg']}"
                for error in refusal.errors()
            ]
            raise SettingsRefused("; ".join(lines)) from None

    @classmethod
    def variables(cls) -> frozenset[str]:
        """The names of all variables that these settings read."""
        return frozenset(name.upper() for name in cls.model_fields)


class MonitorSettings(Settings):
    """What metrics and reported errors say of where they come from, and who is told of errors.

    Read by ``kernel.metrics`` and ``kernel.monitor`` from the environment itself, as Powertools
    reads its own.
    """

    stage: str = "dev"
    sentry_dsn: Annotated[str, Field(pattern=r"^https?://[^@/]+@[^@]+/\d+$")] | None = None
    sentry_release: str | None = None
    sentry_traces_sample_rate: Annotated[float, Field(ge=0, le=1)] = 0.0


class CommonSettings(MonitorSettings):
    """What every function needs: where the table is, who may call, what it is called."""

    table_name: str = "greenroom"
    greenroom_dynamodb_endpoint: str | None = None
    greenroom_secret_arn: str | None = None
    allowed_origins: CommaList = ()
    credits_name: str = "VocahireCredits"


class IdentitySettings(Settings):
    """How session tokens are verified, and who is an admin."""

    clerk_issuer: str
    clerk_jwks: str | None = None
    clerk_jwks_url: str | None = None
    clerk_authorized_parties: CommaList = ()
    greenroom_admins: CommaList = ()


class ExpertSettings(Settings):
    """Whether whoever makes an expert's profile takes sessions at once, or once approved."""

    expert_signup: Literal["open", "approval"] = "approval"


class ClerkApiSettings(Settings):
    """Where Clerk's Backend API is; it is called with ``CLERK_SECRET_KEY`` only."""

    clerk_api_base: str = "https://api.clerk.com"


class PageSettings(Settings):
    """What the public configuration tells a front end."""

    clerk_publishable_key: str = ""
    clerk_sign_in_url: str = ""
    clerk_sign_up_url: str = ""
    clerk_user_profile_url: str = ""
    app_url: str = ""
    fallback_path: str = "/interview"


class FrontEndSettings(Settings):
    """Where the front end lives, for whoever makes links to it."""

    app_url: str = ""


_GA_DEFAULTS = {
    "realtime_model": "gpt-realtime-2.1-mini",
    "realtime_transcription_model": "gpt-transcribe",
}
_BETA_DEFAULTS = {
    "realtime_model": "gpt-4o-mini-realtime-preview",
    "realtime_transcription_model": "whisper-1",
}


class RealtimeSettings(Settings):
    """Which provider speaks, in which dialect, with which voice."""

    openai_base_url: str = "https://api.openai.com/v1"
    realtime_dialect: Literal["ga", "beta"] = "ga"
    realtime_exchange: Literal["ephemeral", "unified"] = "ephemeral"
    realtime_model: str = ""
    realtime_transcription_model: str = ""
    realtime_voice: str = "alloy"
    realtime_allow_retired: bool = False
    ice_servers: Annotated[tuple[dict[str, Any], ...], BeforeValidator(_json)] = ()
    turn_ttl_s: int = 3600

    @model_validator(mode="before")
    @classmethod
    def _defaults_of_the_dialect(cls, values: Any) -> Any:
        if not isinstance(values, dict):
            return values
        beta = values.get("realtime_dialect") == "beta"
        return (_BETA_DEFAULTS if beta else _GA_DEFAULTS) | values

    @model_validator(mode="after")
    def _refuse_what_cannot_work(self) -> Self:
        if self.realtime_dialect == "beta" and self.realtime_exchange == "unified":
            raise ValueError("REALTIME_EXCHANGE=unified needs REALTIME_DIALECT=ga")
        at_openai = "://api.openai.com" in self.openai_base_url.lower()
        retired = self.realtime_dialect == "beta" and at_openai
        if retired and not self.realtime_allow_retired:
            raise ValueError(
                "REALTIME_DIALECT=beta was retired by api.openai.com on 2026-05-07. Use ga, "
                "name a compatible endpoint in OPENAI_BASE_URL, or set REALTIME_ALLOW_RETIRED=1"
            )
        return self


class ModelPrice(BaseModel):
    """What a million tokens of a model cost, in millionths of the currency of its bill."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    input: int = Field(ge=0)
    output: int = Field(ge=0)


class LlmSettings(Settings):
    """Which language model writes, and what models cost."""

    llm_base_url: str = "https://api.openai.com/v1"
    llm_model: str = "gpt-5-mini"
    llm_prices: Annotated[dict[str, ModelPrice], BeforeValidator(_json)] = {}


class AiSettings(Settings):
    """How the AI proxy asks: a person waits, so that models that reason do little of it."""

    ai_reasoning_effort: Literal["none", "minimal", "low", "medium", "high"] = "low"


class PaymentSettings(Settings):
    """Where payments go, what they are for, and where people come back to."""

    stripe_api_base: str = "https://api.stripe.com"
    stripe_price_id: str = ""
    stripe_price_id_3_credits: str = ""
    stripe_price_id_5_credits: str = ""
    stripe_price_id_monthly: str = ""
    stripe_price_id_quarterly: str = ""
    stripe_price_id_annual: str = ""
    app_url: str = ""

    def price_variables(self) -> dict[str, str]:
        """The variables that name prices, as the environment has them."""
        named = {name: str(value) for name, value in self.model_dump().items()}
        return {name.upper(): text for name, text in named.items() if "_price_id" in name}


class QueueSettings(Settings):
    """Where feedback jobs are announced; without a queue the schedule alone finds them."""

    feedback_queue_url: str | None = None
    sqs_endpoint: str | None = None


class UsageLogSettings(Settings):
    """Where rows of the usage log wait that the table did not take at once."""

    usage_log_queue_url: str | None = None
    sqs_endpoint: str | None = None


class LimitSettings(Settings, Limits):
    """The limits that a deployment may set.

    ``daily_limits`` is how many calls of a service a person may make in a day (UTC), by service:
    ``{"exam_generation": 30, "interview": 5}``. Nobody is limited whose service it does not name.
    """

    daily_limits: Annotated[dict[str, Annotated[int, Field(ge=0)]], BeforeValidator(_json)] = {}

    @model_validator(mode="after")
    def _refuse_more_starts_than_are_kept(self) -> Self:
        if not 1 <= self.daily_limits.get("interview", 1) <= DAILY_STARTS_MAX:
            raise ValueError(f"DAILY_LIMITS: interview is from 1 to {DAILY_STARTS_MAX}")
        return self
