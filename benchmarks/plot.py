"""Plots as SVG without a library: a few lines over a few places, with a legend."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

WIDTH: Final = 760
PLOT: Final = (60, 20, 420, 260)  # left, top, width, height
STYLE: Final = 'role="img" font-family="sans-serif" font-size="12"'
COLOURS: Final = ("#1b6ca8", "#c2410c", "#15803d", "#7e22ce", "#a16207", "#be185d", "#0f766e")


@dataclass(frozen=True)
class Line:
    """One line of a plot."""

    name: str
    values: Sequence[float]


def plot(title: str, places: Sequence[str], lines: Sequence[Line], *, below: str) -> str:
    """The plot: ``places`` along the bottom, named by ``below``; values from nothing upwards."""
    left, top, width, height = PLOT
    most = _round_up(max(value for line in lines for value in line.values))
    step = width / max(1, len(places) - 1)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height + 70}" {STYLE}>',
        f"<title>{escape(title)}</title>",
        f'<rect width="{WIDTH}" height="{height + 70}" fill="#ffffff"/>',
    ]
    for tick in range(5):
        y = top + height * (1 - tick / 4)
        parts.append(f'<path d="M{left} {y:.1f}h{width}" stroke="#d4d4d8"/>')
        parts.append(_text(left - 8, y + 4, f"{most * tick / 4:g}", "end"))
    for number, place in enumerate(places):
        parts.append(_text(left + step * number, top + height + 18, place, "middle"))
    parts.append(_text(left + width / 2, top + height + 38, below, "middle"))
    for number, line in enumerate(lines):
        colour = COLOURS[number % len(COLOURS)]
        points = " ".join(
            f"{left + step * at:.1f},{top + height * (1 - value / most):.1f}"
            for at, value in enumerate(line.values)
        )
        stroke = f'stroke="{colour}" stroke-width="2"'
        parts.append(f'<polyline points="{points}" fill="none" {stroke}/>')
        y = top + 8 + 18 * number
        parts.append(f'<path d="M{left + width + 20} {y}h24" {stroke}/>')
        parts.append(_text(left + width + 52, y + 4, line.name, "start"))
    return "\n".join([*parts, "</svg>", ""])


def _text(x: float, y: float, text: str, anchor: str) -> str:
    place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"'
    return f'<text {place} fill="#27272a">{escape(text)}</text>'


def _round_up(value: float) -> float:
    """A number that four ticks divide well."""
    size = 10.0 ** (len(str(int(value))) - 1)
    return next(size * one for one in (1, 2, 4, 8, 10, 20) if size * one >= value)
