"""Fixtures of the edge tests, which these share."""

from tests.functions.conftest import ada, edge, shared

__all__ = ["ada", "edge", "shared"]
