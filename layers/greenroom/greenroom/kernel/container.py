"""This container: since when it runs, and how many invocations it has seen.

Lambda keeps a process for many invocations, one at a time. The first one pays for the start.
"""

import time

_born_s = time.monotonic()
_invocations = 0


def enter() -> bool:
    """Count an invocation that begins: whether it is the first of this container."""
    global _invocations  # noqa: PLW0603 (the process is what is counted)
    _invocations += 1
    return _invocations == 1


def invocations() -> int:
    """How many invocations have begun here."""
    return _invocations


def age_s() -> float:
    """Seconds since this module was imported, which is early in the start."""
    return time.monotonic() - _born_s
