"""Which route a request takes, whose path it is, and how often a route may be taken."""

import time
from collections.abc import Callable, Mapping, Sequence
from urllib.parse import unquote

from local.resources import Route, Throttling


class Router:
    """Chooses routes as HTTP APIs do: the full match first, then greedy, then ``$default``."""

    def __init__(self, routes: Sequence[Route]) -> None:
        """The order of the routes does not matter."""
        self._default = next((route for route in routes if route.path == "$default"), None)
        listed = [route for route in routes if route.path != "$default"]
        self._routes = sorted(listed, key=_precedence)

    def match(self, method: str, path: str) -> tuple[Route, dict[str, str]] | None:
        """The route of a path as sent (percent-encoded) and its decoded path parameters."""
        parts = path.split("/")
        for route in self._routes:
            if route.method in {method, "ANY"}:
                parameters = _parameters(route.path.split("/"), parts)
                if parameters is not None:
                    return route, parameters
        return (self._default, {}) if self._default else None

    def owner(self, method: str, path: str) -> str | None:
        """The API that a path belongs to: that of its route, else of a route of another method."""
        matched = self.match(method, path)
        if matched is not None:
            return matched[0].api
        parts = path.split("/")
        for route in self._routes:
            if _parameters(route.path.split("/"), parts) is not None:
                return route.api
        return None


def _precedence(route: Route) -> tuple[list[int], bool]:
    kinds = [
        (2 if part.endswith("+}") else 1) if part.startswith("{") else 0
        for part in route.path.split("/")
    ]
    return kinds, route.method == "ANY"


def _parameters(pattern: Sequence[str], parts: Sequence[str]) -> dict[str, str] | None:
    found: dict[str, str] = {}
    for index, wanted in enumerate(pattern):
        if wanted.startswith("{") and wanted.endswith("+}"):
            rest = "/".join(parts[index:])
            return {**found, wanted[1:-2]: unquote(rest)} if rest else None
        if index >= len(parts):
            return None
        if wanted.startswith("{"):
            if not parts[index]:
                return None
            found[wanted[1:-1]] = unquote(parts[index])
        elif wanted != unquote(parts[index]):
            return None
    return found if len(parts) == len(pattern) else None


class Throttle:
    """Token buckets by route key; a route without limits of its own shares ``$default``'s."""

    def __init__(
        self, limits: Mapping[str, Throttling], *, now_s: Callable[[], float] = time.monotonic
    ) -> None:
        """``now_s`` is any clock that does not go back, in seconds."""
        self._limits = limits
        self._now_s = now_s
        self._levels: dict[str, tuple[float, float]] = {}

    def admits(self, route_key: str) -> bool:
        """Take one token if there is one."""
        key = route_key if route_key in self._limits else "$default"
        limit = self._limits.get(key)
        if limit is None:
            return True
        now_s = self._now_s()
        level, since_s = self._levels.get(key, (float(limit.burst), now_s))
        level = min(float(limit.burst), level + (now_s - since_s) * limit.rate)
        admitted = level >= 1
        self._levels[key] = (level - 1 if admitted else level, now_s)
        return admitted
