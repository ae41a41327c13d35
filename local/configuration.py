"""The settings of a laptop: what is set, what ``.env`` says, what is made here.

An earlier source wins: the environment, ``.env``, the keys in the data folder, the defaults.
"""

import base64
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from local.cloudformation import REGION

DEFAULT_PORT = 3000
ADDRESSES_FILE = "environment.json"

# What other programs need to find this cloud (``python -m ops``); no secret is among them.
_ADDRESSES = (
    "TABLE_NAME",
    "GREENROOM_DYNAMODB_ENDPOINT",
    "SQS_ENDPOINT",
    "GREENROOM_API_URL",
    "ALLOWED_ORIGINS",
    "GREENROOM_ADMINS",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "OPENAI_BASE_URL",
    "STRIPE_API_BASE",
    "CLERK_ISSUER",
    "CLERK_API_BASE",
)


class ConfigurationRefused(Exception):
    """A setting of the laptop cloud itself is wrong; the text names it."""


@dataclass(frozen=True, kw_only=True)
class StandIn:
    """A server that stands in for an outside party until ``moved_by`` names another address."""

    name: str
    title: str
    moved_by: str
    offset: int

    @property
    def module(self) -> str:
        """What runs it."""
        return f"local.standins.{self.name}"


STAND_INS = (
    StandIn(name="openai", title="OpenAI", moved_by="OPENAI_BASE_URL", offset=1),
    StandIn(name="clerk", title="Clerk", moved_by="CLERK_ISSUER", offset=2),
    StandIn(name="stripe", title="Stripe", moved_by="STRIPE_API_BASE", offset=3),
)


@dataclass(frozen=True, kw_only=True)
class Configuration:
    """Everything that is decided before anything starts."""

    port: int
    data_dir: Path
    environ: Mapping[str, str]
    stand_ins: tuple[StandIn, ...]
    notices: tuple[str, ...]

    def address(self, stand_in: StandIn) -> str:
        """Where a stand-in listens."""
        return f"http://127.0.0.1:{self.port + stand_in.offset}"


def configure(root: Path, environ: Mapping[str, str]) -> Configuration:
    """Join all sources; makes the data folder and its keys at the first run.

    Raises:
        ConfigurationRefused: the port is no port.
    """
    given = {**read_dotenv(root / ".env"), **{key: text for key, text in environ.items() if text}}
    try:
        port = int(given.get("GREENROOM_PORT", DEFAULT_PORT))
    except ValueError:
        port = 0
    if not 1024 <= port <= 65_000:
        raise ConfigurationRefused("GREENROOM_PORT must be a number from 1024 to 65000")
    data_dir = Path(given.get("GREENROOM_DATA_DIR") or root / ".local").expanduser().absolute()
    # Keys, sessions and transcripts live here: nobody else on this machine may read them.
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    stand_ins = tuple(each for each in STAND_INS if each.moved_by not in given)
    merged = {**_defaults(given, port, stand_ins), **local_keys(data_dir), **given}
    for party in ("STRIPE", "CLERK"):
        alias, name = f"{party}_WEBHOOK_SECRET", f"{party}_WEBHOOK_SECRETS"
        if alias in given and name not in given:
            del merged[name]
    if not any(each.name == "clerk" for each in stand_ins) and "CLERK_SECRET_KEY" not in given:
        del merged["CLERK_SECRET_KEY"]  # ours opens nothing at the real Clerk
    if "LLM_BASE_URL" not in given:
        # The key goes nowhere but to the party that it belongs to.
        merged["LLM_BASE_URL"] = merged["OPENAI_BASE_URL"]
        merged.setdefault("LLM_API_KEY", merged["OPENAI_API_KEY"])
    return Configuration(
        port=port,
        data_dir=data_dir,
        environ=_for_aws(merged),
        stand_ins=stand_ins,
        notices=tuple(_notices(given)),
    )


def read_dotenv(file: Path) -> dict[str, str]:
    """``KEY=VALUE`` lines; comments, ``export`` and quotes around the value are understood."""
    values: dict[str, str] = {}
    if not file.is_file():
        return values
    for line in file.read_text(encoding="utf-8").splitlines():
        name, equals, value = line.strip().removeprefix("export ").partition("=")
        if not equals or name.startswith("#"):
            continue
        value = value.strip()
        if value[:1] in {'"', "'"} and value.find(value[0], 1) > 0:
            value = value[1 : value.index(value[0], 1)]
        else:
            value = "" if value.startswith("#") else value.split(" #")[0].rstrip()
        if value:
            values[name.strip()] = value
    return values


def local_keys(data_dir: Path) -> dict[str, str]:
    """The keys of this data folder (``keys.env``, readable by its owner only), made once."""
    file = data_dir / "keys.env"
    known = read_dotenv(file)
    sealing, signing = (base64.b64encode(secrets.token_bytes(32)).decode() for _ in range(2))
    fresh = {
        "TOKEN_SEALING_KEYS": f"k1:{sealing}",
        "WIDGET_SIGNING_KEYS": f"k1:{signing}",
        "FINGERPRINT_KEY": secrets.token_hex(32),
        "TURN_SECRET": secrets.token_hex(32),
        "OPENAI_API_KEY": f"sk-local-{secrets.token_urlsafe(24)}",
        "STRIPE_SECRET_KEY": f"sk_test_local_{secrets.token_hex(16)}",
        "STRIPE_WEBHOOK_SECRETS": f"whsec_local_{secrets.token_hex(16)}",
        "CLERK_WEBHOOK_SECRETS": f"whsec_{base64.b64encode(secrets.token_bytes(24)).decode()}",
        "CLERK_SECRET_KEY": f"sk_test_local_{secrets.token_hex(16)}",
    }
    keys = {**fresh, **known}
    if keys != known:
        _write_private(file, "".join(f"{name}={value}\n" for name, value in keys.items()))
    return keys


def write_addresses(data_dir: Path, environ: Mapping[str, str]) -> Path:
    """Say in the data folder where this cloud is: the file, to be removed when it stops."""
    file = data_dir / ADDRESSES_FILE
    found = {name: environ[name] for name in _ADDRESSES if environ.get(name)}
    _write_private(file, json.dumps(found, indent=2) + "\n")
    return file


def _write_private(file: Path, text: str) -> None:
    """Replace the file in one step, so that a kill leaves the old keys or the new ones."""
    draft = file.with_suffix(".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    draft.replace(file)


def _defaults(
    given: Mapping[str, str], port: int, stand_ins: tuple[StandIn, ...]
) -> dict[str, str]:
    own = f"http://127.0.0.1:{port}"
    app_url = given.get("APP_URL", own)
    origins = dict.fromkeys([_origin(app_url), own, f"http://localhost:{port}"])
    values = {
        "APP_URL": app_url,
        "ALLOWED_ORIGINS": ",".join(origins),
        "CLERK_AUTHORIZED_PARTIES": ",".join(origins),
        "GREENROOM_ADMINS": "user_admin",
        "EXPERT_SIGNUP": "open",
        "TABLE_NAME": "greenroom",
        "SQS_ENDPOINT": f"{own}/_sqs",
        "GREENROOM_API_URL": f"{own}/api",
    }
    addresses = {each.name: f"http://127.0.0.1:{port + each.offset}" for each in stand_ins}
    if openai := addresses.get("openai"):
        values["OPENAI_BASE_URL"] = f"{openai}/v1"
    if clerk := addresses.get("clerk"):
        values |= {
            "CLERK_ISSUER": clerk,
            "CLERK_API_BASE": clerk,
            "CLERK_PUBLISHABLE_KEY": "pk_local_greenroom",
            "CLERK_SIGN_IN_URL": f"{clerk}/sign-in",
            "CLERK_SIGN_UP_URL": f"{clerk}/sign-in",
        }
    if stripe := addresses.get("stripe"):
        values["STRIPE_API_BASE"] = stripe
    issuer = given.get("CLERK_ISSUER") or values.get("CLERK_ISSUER", "")
    if "CLERK_JWKS" not in given:
        values["CLERK_JWKS_URL"] = f"{issuer.rstrip('/')}/.well-known/jwks.json"
    return values


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _for_aws(settings: Mapping[str, str]) -> dict[str, str]:
    """Region and credentials: harmless ones, unless the table is somewhere else."""
    result = dict(settings)
    if "GREENROOM_DYNAMODB_ENDPOINT" not in settings:
        real = {"AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN"}
        for name in [key for key in result if key in real or key.startswith("AWS_ENDPOINT_URL")]:
            del result[name]
        result |= {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local"}
        result |= {"AWS_REGION": REGION, "AWS_DEFAULT_REGION": REGION}
    elif ".amazonaws.com" not in settings["GREENROOM_DYNAMODB_ENDPOINT"]:
        result.setdefault("AWS_ACCESS_KEY_ID", "local")
        result.setdefault("AWS_SECRET_ACCESS_KEY", "local")
    region = result.get("AWS_REGION") or result.get("AWS_DEFAULT_REGION") or REGION
    result |= {"AWS_REGION": region, "AWS_DEFAULT_REGION": region}
    result["AWS_EC2_METADATA_DISABLED"] = "true"
    # A proxy for the world must not be asked for this machine.
    for name in ("NO_PROXY", "no_proxy"):
        listed = [*filter(None, [result.get(name)]), "127.0.0.1", "localhost"]
        result[name] = ",".join(listed)
    return result


def _notices(given: Mapping[str, str]) -> list[str]:
    parties = (
        ("OpenAI", "OPENAI_API_KEY", "OPENAI_BASE_URL", "https://api.openai.com/v1"),
        ("Stripe", "STRIPE_SECRET_KEY", "STRIPE_API_BASE", "https://api.stripe.com"),
    )
    return [
        f"{key} is set but {base} is not: the local stand-in is used."
        f" To talk to {title}, set {base}={address}"
        for title, key, base, address in parties
        if key in given and base not in given
    ]
