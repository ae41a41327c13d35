"""The settings of each function: the groups of the kernel that it needs, and no others."""

from greenroom.kernel.settings import (
    AiSettings,
    ClerkApiSettings,
    CommonSettings,
    ExpertSettings,
    FrontEndSettings,
    IdentitySettings,
    LimitSettings,
    LlmSettings,
    PageSettings,
    PaymentSettings,
    QueueSettings,
    RealtimeSettings,
    Settings,
    UsageLogSettings,
)


class PersonSettings(CommonSettings, IdentitySettings, LimitSettings):
    """Of a function that people call."""


class RealtimeFunctionSettings(PersonSettings, RealtimeSettings):
    """Of a function that talks to the voice provider for people."""


class AccountSettings(PersonSettings, PageSettings):
    """Of the function that shows people themselves."""


class AdminSettings(PersonSettings, PaymentSettings):
    """Of the function that admins look and decide with."""


class AiFunctionSettings(PersonSettings, LlmSettings, AiSettings, UsageLogSettings):
    """Of the AI proxy."""


class ExpertFunctionSettings(PersonSettings, ExpertSettings):
    """Of the function that experts work with."""


class InterviewsSettings(PersonSettings, QueueSettings):
    """Of the function that saves interviews."""


class FeedbackWorkerSettings(CommonSettings, LlmSettings, UsageLogSettings, LimitSettings):
    """Of the feedback worker."""


class SweeperSettings(
    CommonSettings,
    RealtimeSettings,
    PaymentSettings,
    ClerkApiSettings,
    UsageLogSettings,
    LimitSettings,
):
    """Of the sweeper, which also ends what a deleted person has at Stripe and Clerk."""


class ClerkWebhookSettings(CommonSettings, LimitSettings):
    """Of the function that Clerk tells its news."""


class CheckoutSettings(PersonSettings, PaymentSettings):
    """Of the function where people buy."""


class StripeWebhookSettings(CommonSettings, LimitSettings):
    """Of the function that Stripe tells its news."""


class WidgetSettings(CommonSettings, FrontEndSettings, LimitSettings):
    """Of the public widget."""


class DiagnosticsSettings(
    RealtimeFunctionSettings, LlmSettings, PaymentSettings, ClerkApiSettings, QueueSettings
):
    """Of the function that looks at everything."""


class ReconcileSettings(CommonSettings, LimitSettings):
    """Of the function that compares books."""


class UsageLogFunctionSettings(CommonSettings, LimitSettings):
    """Of the function that stores late rows of the usage log."""


class OperatorSettings(SweeperSettings):
    """Of the operators' command: what any function may do to a person."""


FUNCTION_SETTINGS: dict[str, type[Settings]] = {
    "account": AccountSettings,
    "admin": AdminSettings,
    "ai": AiFunctionSettings,
    "bookings": CheckoutSettings,
    "checkout": CheckoutSettings,
    "classes": PersonSettings,
    "clerk_webhook": ClerkWebhookSettings,
    "diagnostics": DiagnosticsSettings,
    "experts": ExpertFunctionSettings,
    "feedback": FeedbackWorkerSettings,
    "intake": PersonSettings,
    "interviews": InterviewsSettings,
    "organizations": CheckoutSettings,
    "realtime_session": RealtimeFunctionSettings,
    "reconcile": ReconcileSettings,
    "sessions": RealtimeFunctionSettings,
    "stripe_webhook": StripeWebhookSettings,
    "sweeper": SweeperSettings,
    "usage_log": UsageLogFunctionSettings,
    "webrtc_exchange": RealtimeFunctionSettings,
    "widget": WidgetSettings,
}
OPERATOR = "ops"  # no function: the command ``python -m ops``
