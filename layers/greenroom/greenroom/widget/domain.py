"""Keys of public widgets. Pure but for the randomness of a new key."""

import re
import secrets

_KEY = re.compile(r"wk_[A-Za-z0-9_-]{24}")


def new_key() -> str:
    """A public key that nobody can guess: 144 random bits."""
    return f"wk_{secrets.token_urlsafe(18)}"


def is_key(text: str) -> bool:
    """Whether the text is spelled as our keys are."""
    return _KEY.fullmatch(text) is not None
