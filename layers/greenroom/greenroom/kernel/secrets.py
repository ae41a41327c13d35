"""Secrets: by name, from one Secrets Manager secret in AWS, from the environment locally."""

import json
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, Self

from greenroom.kernel.errors import Unavailable
from greenroom.kernel.limits import SECRETS_CACHE_S, SECRETS_RETRY_PAUSE_S, SECRETS_TIMEOUT_S
from greenroom.kernel.scrub import remember
from greenroom.kernel.variables import SettingsRefused

# Every secret there is: members of the one secret in AWS, variables on a laptop.
NAMES = (
    "CLERK_SECRET_KEY",
    "CLERK_WEBHOOK_SECRETS",
    "FINGERPRINT_KEY",
    "LLM_API_KEY",
    "OPENAI_API_KEY",
    "STRIPE_SECRET_KEY",
    "STRIPE_WEBHOOK_SECRETS",
    "TOKEN_SEALING_KEYS",
    "TURN_SECRET",
    "WIDGET_SIGNING_KEYS",
)

# Other names under which a value may stand, asked in this order when the first is missing.
ALIASES: Mapping[str, tuple[str, ...]] = {
    "STRIPE_WEBHOOK_SECRETS": ("STRIPE_WEBHOOK_SECRET",),
    "CLERK_WEBHOOK_SECRETS": ("CLERK_WEBHOOK_SECRET",),
}

Load = Callable[[], Mapping[str, str]]


class Secrets:
    """The secrets of one deployment, kept for 300 s.

    After that they are loaded again by the first caller who needs one. While loading fails,
    the old values serve on and each failure is handed to ``report``. Safe to use from several
    threads; only the first load of all is waited for.
    """

    def __init__(
        self,
        load: Load,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        report: Callable[[Exception], None] = lambda _failure: None,
    ) -> None:
        self._load = load
        self._monotonic = monotonic
        self._report = report
        self._lock = threading.Lock()
        self._values: Mapping[str, str] | None = None
        self._due_at_s = 0.0

    @classmethod
    def read(
        cls,
        environ: Mapping[str, str],
        *,
        report: Callable[[Exception], None] = lambda _failure: None,
    ) -> Self:
        """From the secret that ``GREENROOM_SECRET_ARN`` names, otherwise from ``environ``."""
        arn = environ.get("GREENROOM_SECRET_ARN")
        return cls(SecretsManager(arn) if arn else lambda: environ, report=report)

    def get(self, name: str) -> str:
        """The secret's value.

        Raises:
            SettingsRefused: nobody set it, or the stored secret cannot be read.
            Unavailable: Secrets Manager did not answer, and never did before.
        """
        value = self.find(name)
        if value is None:
            raise SettingsRefused(f"{name}: is needed")
        return value

    def find(self, name: str) -> str | None:
        """The secret's value, or None where it is missing or empty.

        Raises:
            SettingsRefused: the stored secret cannot be read.
            Unavailable: Secrets Manager did not answer, and never did before.
        """
        values = self._current()
        for known in (name, *ALIASES.get(name, ())):
            if values.get(known):
                remember(values[known])
                return values[known]
        return None

    def _current(self) -> Mapping[str, str]:
        values = self._values
        if values is not None and self._monotonic() < self._due_at_s:
            return values
        if not self._lock.acquire(blocking=values is None):
            return values or {}  # somebody is loading already
        try:
            return self._loaded()
        finally:
            self._lock.release()

    def _loaded(self) -> Mapping[str, str]:
        if self._values is not None and self._monotonic() < self._due_at_s:
            return self._values
        try:
            self._values = self._load()
            self._due_at_s = self._monotonic() + SECRETS_CACHE_S
        except (Unavailable, SettingsRefused) as failure:
            if self._values is None:
                raise
            self._report(failure)
            self._due_at_s = self._monotonic() + SECRETS_RETRY_PAUSE_S
        return self._values


class SecretsManager:
    """Loads one secret of AWS Secrets Manager: a JSON object, one member a name."""

    def __init__(self, arn: str) -> None:
        self._arn = arn
        self._client: Any = None

    def __call__(self) -> Mapping[str, str]:
        """All values of the secret; one that is not text is given as its JSON.

        Raises:
            SettingsRefused: the secret's text is not a JSON object.
            Unavailable: ``SECRETS_UNAVAILABLE``; no answer, or not allowed to read it.
        """
        # Only a function in AWS pays for this import.
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

        try:
            text = self._connected().get_secret_value(SecretId=self._arn).get("SecretString", "")
        except (BotoCoreError, ClientError) as failure:
            raise Unavailable(
                code="SECRETS_UNAVAILABLE", log={"reason": type(failure).__name__}
            ) from failure
        try:
            document = json.loads(text)
        except ValueError:
            document = None  # its text may hold a secret: it is not chained
        if not isinstance(document, dict):
            raise SettingsRefused("GREENROOM_SECRET_ARN: the secret must be a JSON object")
        return {
            name: value if isinstance(value, str) else json.dumps(value)
            for name, value in document.items()
        }

    def _connected(self) -> Any:
        if self._client is None:
            import boto3  # noqa: PLC0415
            from botocore.config import Config  # noqa: PLC0415

            self._client = boto3.client(
                "secretsmanager",
                config=Config(
                    connect_timeout=SECRETS_TIMEOUT_S,
                    read_timeout=SECRETS_TIMEOUT_S,
                    retries={"mode": "standard", "total_max_attempts": 2},
                ),
            )
        return self._client
