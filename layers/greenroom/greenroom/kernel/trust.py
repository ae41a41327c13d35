"""Whom clients of ours trust: the roots of certifi, as httpx does by itself."""

import ssl
from functools import cache
from pathlib import Path

import certifi


@cache
def trusted() -> ssl.SSLContext:
    """The one context of this container's clients.

    In the layer each root is a file of its own (layers/greenroom/roots.py), and is read when a
    server names it; elsewhere the bundle is read whole.
    """
    return trusting(Path(certifi.where()))


def trusting(bundle: Path) -> ssl.SSLContext:
    """A context that trusts the roots of the bundle."""
    roots = bundle.with_name("roots")
    if roots.is_dir():
        return ssl.create_default_context(capath=roots)
    return ssl.create_default_context(cafile=bundle)
