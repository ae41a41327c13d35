"""Stripe's request bodies: forms whose names carry brackets, read into a tree.

``line_items[0][price]=p`` becomes ``{"line_items": {"0": {"price": "p"}}}``; ``expand[]=a``
counts up by itself. Lists stay tables with numbers as names: only a parameter knows whether
``metadata[0]`` is a list.
"""

import re
from collections.abc import Iterable
from urllib.parse import parse_qsl

from local.standins.stripe_errors import StripeRefused

Tree = dict[str, "str | Tree"]

FIELDS_MAX = 1_000
DEPTH_MAX = 8

_NAME = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")
_PART = re.compile(r"\[([^\[\]]*)\]")


def parse_form(text: str) -> Tree:
    """The tree of a form or a query string.

    Raises:
        StripeRefused: a name is malformed, too deep, or both a value and a table.
    """
    try:
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=FIELDS_MAX, errors="strict")
    except (ValueError, UnicodeDecodeError):
        raise StripeRefused("Invalid form encoding.", early=True) from None
    return _tree(pairs)


def _tree(pairs: Iterable[tuple[str, str]]) -> Tree:
    tree: Tree = {}
    for name, value in pairs:
        *path, last = _path(name)
        table = tree
        for part in path:
            inner = table.setdefault(_counted(table, part), {})
            if isinstance(inner, str):
                raise StripeRefused(f"Invalid hash: {name}", param=name, early=True)
            table = inner
        last = _counted(table, last)
        if isinstance(table.get(last), dict):
            raise StripeRefused(f"Invalid hash: {name}", param=name, early=True)
        table[last] = value
    return tree


def _path(name: str) -> list[str]:
    matched = _NAME.fullmatch(name)
    path = [matched[1], *_PART.findall(matched[2])] if matched else []
    if not path or len(path) > DEPTH_MAX:
        raise StripeRefused(f"Invalid parameter name: {name}", param=name, early=True)
    return path


def _counted(table: Tree, part: str) -> str:
    return part or str(len(table))
