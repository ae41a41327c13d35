"""The waiver that a customer signs before a session with an expert. One version is current."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiver:
    """A text and its version. A changed text is a new version: what was signed stays signed."""

    version: str
    title: str
    text: str


CURRENT: Final = Waiver(
    version="2026-11-01",
    title="Before you talk to an expert",
    text="""\
An expert advises you remotely, by what you tell and show them. They cannot see or test \
everything, so their advice may be incomplete or wrong, and it replaces no inspection on the spot.

You decide what you do with the advice, and you do it at your own risk. Stop at once if \
something looks unsafe, and call emergency services where people are in danger.

No result is promised. As far as the law allows, neither the expert nor we are liable for damage \
that follows from the advice. Rights that the law does not let you give up stay yours.

What you write in the session is kept with it and shown to its expert. By signing you confirm \
that you are of age and have read this.""",
)
