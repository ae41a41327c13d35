"""Takes out of a text what nobody may read: a second line of defence for what leaves the platform.

The first is that such things are never written. Here go the secrets that this process has asked
for, by their value, and whatever looks like a key, a token, an address or a part of SDP.
"""

import re
from functools import cache
from typing import Any

REDACTED = "[redacted]"
REMEMBERED_CHARS_MIN = 12  # what is shorter, such as a key's id, is a word like any other
DEPTH_MAX = 20

_LOOKS_SECRET = r"""
      eyJ[\w-]{8,}(?:\.[\w-]*){1,2}                     # a JWT
    | \b(?:g1\.)?k\d+[.:][\w.+/=-]{24,}                 # our tokens, and their keys
    | \b(?:sk|rk|pk|ek|ss)[-_][\w-]{8,}                 # keys of OpenAI and Stripe
    | \bwhsec_[\w+/=]{8,}                               # what webhooks are signed with
    | \bBearer\s+\S+
    | [\w.+-]+@(?:[\w-]+\.)+[A-Za-z]{2,}                 # an e-mail address
    | (?:a|m|c|o|s)=(?:ice-|fingerprint|candidate|audio|IN\s|-\s)[^\r\n]*   # lines of SDP
    | \b[0-9a-fA-F]{64,}\b                              # a key in hexadecimal
    | (?<=://)[^/\s@]+@                                 # credentials in an address
    """
_known: set[str] = set()


def remember(secret: str) -> None:
    """Know a secret by its value from now on, and by its parts where it is a list."""
    if secret not in _known:
        parts = (part.strip() for part in (secret, *re.split(r"[,:]", secret)))
        _known.update(part for part in parts if len(part) >= REMEMBERED_CHARS_MIN)


def scrubbed(text: str) -> str:
    """The text with all that taken out."""
    for secret in sorted(_known, key=len, reverse=True):
        text = text.replace(secret, REDACTED)
    return _looks_secret().sub(REDACTED, text)


@cache
def _looks_secret() -> re.Pattern[str]:
    """Compiled when something is to be scrubbed, not at every start."""
    return re.compile(_LOOKS_SECRET, re.VERBOSE)


def scrubbed_all(value: Any, depth: int = 0) -> Any:
    """The same of every text in lists and objects; what lies too deep is left out."""
    if isinstance(value, str):
        return scrubbed(value)
    if isinstance(value, dict | list | tuple) and depth == DEPTH_MAX:
        return REDACTED
    if isinstance(value, dict):
        return {scrubbed(str(key)): scrubbed_all(one, depth + 1) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [scrubbed_all(one, depth + 1) for one in value]
    return value
