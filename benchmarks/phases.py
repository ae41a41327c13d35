"""Which part of a request a module belongs to, and which of them a stack is spending time in."""

import sys
from collections.abc import Iterable
from typing import Final

CLIENT: Final = "DynamoDB client"
SHAPES: Final = "serialisation"
PARTIES: Final = "other parties"
LOG: Final = "log and metrics"
KEYS: Final = "signatures"
LIBRARY: Final = "library, for us"
OURS: Final = "our own code"
PHASES: Final = (CLIENT, SHAPES, PARTIES, LOG, KEYS, LIBRARY, OURS)

OWNERS: Final = {
    "botocore": CLIENT,
    "boto3": CLIENT,
    "jmespath": CLIENT,
    "s3transfer": CLIENT,
    "urllib3": CLIENT,
    "pynamodb.connection": CLIENT,
    "greenroom.table.wire": CLIENT,
    "greenroom.table.pool": CLIENT,
    "greenroom.table.signature": CLIENT,
    "pydantic": SHAPES,
    "pydantic_core": SHAPES,
    "pynamodb": SHAPES,
    "greenroom.table": SHAPES,
    "httpx": PARTIES,
    "httpcore": PARTIES,
    "h11": PARTIES,
    "anyio": PARTIES,
    "sniffio": PARTIES,
    "stripe": PARTIES,
    "logging": LOG,
    "aws_lambda_powertools": LOG,
    "sentry_sdk": LOG,
    "greenroom.kernel.log": LOG,
    "greenroom.kernel.metrics": LOG,
    "greenroom.kernel.monitor": LOG,
    "greenroom.kernel.telemetry": LOG,
    "_cffi_backend": KEYS,
    "cryptography": KEYS,
    "greenroom.accounts.jwks": KEYS,
    "greenroom.accounts.jws": KEYS,
    "greenroom.accounts.keys": KEYS,
    "greenroom.accounts.svix": KEYS,
    "greenroom.accounts.tokens": KEYS,
    "greenroom.payments.signature": KEYS,
    "greenroom.realtime.sealing": KEYS,
    "greenroom.widget.tokens": KEYS,
    "greenroom": OURS,
    "functions": OURS,
}
"""By the beginning of a module's name; the longest one decides."""

NEUTRAL: Final = frozenset(
    {
        "annotated_types",
        "certifi",
        "dateutil",
        "idna",
        "six",
        "typing_extensions",
        "typing_inspection",
        # What stands around the product here.
        "benchmarks",
        "tests",
    }
)
"""Packages that work for whoever calls them, as the standard library does, but for ``logging``."""

_ITEMS: Final = ("items", ".attributes")
"""How the names of those modules of ours end that say what a row looks like."""


def owner_of(module: str) -> str | None:
    """The phase of a module; None if it works for its caller.

    Raises:
        LookupError: nobody has said what the module is for.
    """
    if module.startswith("greenroom.") and module.endswith(_ITEMS):
        return SHAPES
    name = module
    while name:
        if name in OWNERS:
            return OWNERS[name]
        name = name.rpartition(".")[0]
    package = module.partition(".")[0]
    # A named tuple's own methods are in a module that is named after it.
    if package in NEUTRAL | sys.stdlib_module_names or package.startswith("namedtuple_"):
        return None
    raise LookupError(f"no phase: {module}")


def phase_of(modules: Iterable[str]) -> str:
    """The phase of a stack, told from the innermost module outwards.

    JSON that our own code asks for is serialisation; a client's, or the log's, is theirs.
    """
    lent = encodes = False
    for module in modules:
        owner = owner_of(module)
        if owner is None:
            lent = True
            encodes |= module.partition(".")[0] == "json"
        elif owner == OURS and lent:
            return SHAPES if encodes else LIBRARY
        else:
            return owner
    return LIBRARY
