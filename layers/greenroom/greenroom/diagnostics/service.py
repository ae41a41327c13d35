"""Readiness, and a look at the configuration as the provider sees it."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Protocol

from greenroom.diagnostics.schema import ConfigReport, Readiness, Warned
from greenroom.kernel.clock import Clock, Deadline
from greenroom.kernel.errors import GreenroomError
from greenroom.kernel.limits import MODELS_TIMEOUT_S, Limits
from greenroom.kernel.settings import RealtimeSettings, SettingsRefused

Models = Mapping[str, date | None]

NEEDED_SECRETS = ("OPENAI_API_KEY", "TOKEN_SEALING_KEYS", "FINGERPRINT_KEY")


class Provider(Protocol):
    """What diagnostics ask of the voice provider."""

    def models(self, *, timeout_s: float) -> Models:
        """The models, each with the day on which it ends where one is published."""
        ...


class Diagnostics:
    """Looks at things; changes nothing. ``report`` hears why something is not ready."""

    def __init__(
        self,
        *,
        probe: Callable[[], object],
        secret: Callable[[str], str | None],
        provider: Callable[[], Provider],
        settings: RealtimeSettings,
        limits: Limits,
        clock: Clock,
        report: Callable[[Exception], None],
    ) -> None:
        self._probe = probe
        self._secret = secret
        self._provider = provider
        self._settings = settings
        self._limits = limits
        self._clock = clock
        self._report = report

    def readiness(self) -> Readiness:
        """Whether the store answers and the secrets are there."""
        checks = {"store": self._works(self._probe), "secrets": self._works(self._secrets)}
        return Readiness(ready=all(checks.values()), checks=checks)

    def config(self, *, deadline: Deadline) -> ConfigReport:
        """The configuration with warnings; a provider that fails is a warning, too."""
        settings = self._settings
        models, warnings = self._models(deadline)
        ends_on = models.get(settings.realtime_model) if models else None
        return ConfigReport(
            dialect=settings.realtime_dialect,
            exchange=settings.realtime_exchange,
            model=settings.realtime_model,
            model_listed=None if models is None else settings.realtime_model in models,
            model_ends_on=None if ends_on is None else ends_on.isoformat(),
            transcription_model=settings.realtime_transcription_model,
            voice=settings.realtime_voice,
            limits={name: getattr(self._limits, name) for name in Limits.model_fields},
            warnings=[*self._of_the_dialect(), *warnings, *self._of_the_model(models, ends_on)],
        )

    def _models(self, deadline: Deadline) -> tuple[Models | None, list[Warned]]:
        """The provider's models, or None and why they are not known."""
        timeout_s = deadline.remaining_s(at_most_s=MODELS_TIMEOUT_S)
        try:
            return self._provider().models(timeout_s=timeout_s), []
        except GreenroomError as error:
            text = "The provider's list of models could not be read."
            return None, [Warned(code=error.code, message=text)]
        except SettingsRefused:
            text = "The provider's key is missing."
            return None, [Warned(code="SECRETS_MISSING", message=text)]

    def _of_the_dialect(self) -> Iterator[Warned]:
        settings = self._settings
        if settings.realtime_dialect == "beta" and "://api.openai.com" in settings.openai_base_url:
            text = "OpenAI retired the beta dialect on 2026-05-07. Use ga."
            yield Warned(code="DIALECT_RETIRED", message=text)

    def _of_the_model(self, models: Models | None, ends_on: date | None) -> Iterator[Warned]:
        model = self._settings.realtime_model
        if models is not None and model not in models:
            text = f"The provider does not list the model {model}."
            yield Warned(code="MODEL_UNKNOWN", message=text)
        if ends_on is not None:
            days = (ends_on - self._clock().date()).days
            over = Warned(code="MODEL_ENDED", message=f"The model {model} ended on {ends_on}.")
            text = f"The model {model} ends on {ends_on}, in {days} days."
            yield over if days < 0 else Warned(code="MODEL_ENDS", message=text)

    def _secrets(self) -> None:
        missing = [name for name in NEEDED_SECRETS if not self._secret(name)]
        if missing:
            raise SettingsRefused(", ".join(missing))

    def _works(self, check: Callable[[], object]) -> bool:
        try:
            check()
        except Exception as fault:  # noqa: BLE001 (whatever it is, it is not ready)
            self._report(fault)
            return False
        return True
