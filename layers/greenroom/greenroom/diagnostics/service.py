"""Readiness, and a look at the configuration as the providers see it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from greenroom.diagnostics.schema import ConfigReport, Readiness, Warned
from greenroom.kernel.clock import Clock, Deadline
from greenroom.kernel.errors import GreenroomError, Unavailable
from greenroom.kernel.limits import MODELS_TIMEOUT_S, Limits
from greenroom.kernel.secrets import NAMES
from greenroom.kernel.settings import RealtimeSettings
from greenroom.kernel.variables import SettingsRefused

Models = Mapping[str, date | None]

NEEDED_SECRETS = ("OPENAI_API_KEY", "TOKEN_SEALING_KEYS", "FINGERPRINT_KEY")


class Provider(Protocol):
    """What diagnostics ask of a provider of models."""

    def models(self, *, timeout_s: float) -> Models:
        """The models, each with the day on which it ends where one is published."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class TextModel:
    """The language model; ``provider`` is None where the voice provider serves it, too."""

    name: str
    provider: Callable[[], Provider] | None


class Diagnostics:
    """Looks at things; changes nothing. ``report`` hears why something is not ready."""

    def __init__(
        self,
        *,
        probe: Callable[[], object],
        secret: Callable[[str], str | None],
        provider: Callable[[], Provider],
        text: TextModel,
        settings: RealtimeSettings,
        present: Mapping[str, bool],
        limits: Limits,
        clock: Clock,
        report: Callable[[Exception], None],
    ) -> None:
        self._probe = probe
        self._secret = secret
        self._provider = provider
        self._text = text
        self._settings = settings
        self._present = present
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
        models, warnings = self._models(self._provider, deadline)
        texts, text_warnings = models, list[Warned]()
        if self._text.provider is not None:
            texts, text_warnings = self._models(self._text.provider, deadline)
        secrets, secret_warnings = self._secrets_present()
        model, text = settings.realtime_model, self._text.name
        return ConfigReport(
            dialect=settings.realtime_dialect,
            exchange=settings.realtime_exchange,
            model=model,
            model_listed=_listed(model, models),
            model_ends_on=_day(model, models),
            transcription_model=settings.realtime_transcription_model,
            voice=settings.realtime_voice,
            text_model=text,
            text_model_listed=_listed(text, texts),
            text_model_ends_on=_day(text, texts),
            limits={name: getattr(self._limits, name) for name in Limits.fields},
            settings=dict(sorted(self._present.items())),
            secrets=secrets,
            warnings=[
                *self._of_the_dialect(),
                *warnings,
                *text_warnings,
                *secret_warnings,
                *self._of_a_model(model, models),
                *self._of_an_end(settings.realtime_transcription_model, models),
                *self._of_a_model(text, texts),
            ],
        )

    def _models(
        self, provider: Callable[[], Provider], deadline: Deadline
    ) -> tuple[Models | None, list[Warned]]:
        """A provider's models, or None and why they are not known."""
        timeout_s = deadline.remaining_s(at_most_s=MODELS_TIMEOUT_S)
        try:
            return provider().models(timeout_s=timeout_s), []
        except GreenroomError as error:
            text = "The provider's list of models could not be read."
            return None, [Warned(code=error.code, message=text)]
        except SettingsRefused:
            text = "The provider's key is missing."
            return None, [Warned(code="SECRETS_MISSING", message=text)]

    def _secrets_present(self) -> tuple[dict[str, bool], list[Warned]]:
        try:
            return {name: self._secret(name) is not None for name in NAMES}, []
        except (SettingsRefused, Unavailable):
            text = "The secrets could not be looked at."
            return {}, [Warned(code="SECRETS_UNAVAILABLE", message=text)]

    def _of_the_dialect(self) -> Iterator[Warned]:
        settings = self._settings
        if settings.realtime_dialect == "beta" and "://api.openai.com" in settings.openai_base_url:
            text = "OpenAI retired the beta dialect on 2026-05-07. Use ga."
            yield Warned(code="DIALECT_RETIRED", message=text)

    def _of_a_model(self, model: str, models: Models | None) -> Iterator[Warned]:
        if models is not None and model not in models:
            text = f"The provider does not list the model {model}."
            yield Warned(code="MODEL_UNKNOWN", message=text)
        yield from self._of_an_end(model, models)

    def _of_an_end(self, model: str, models: Models | None) -> Iterator[Warned]:
        ends_on = (models or {}).get(model)
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


def _listed(model: str, models: Models | None) -> bool | None:
    return None if models is None else model in models


def _day(model: str, models: Models | None) -> str | None:
    ends_on = (models or {}).get(model)
    return None if ends_on is None else ends_on.isoformat()
