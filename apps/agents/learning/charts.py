"""Lines over time as inline SVG, in the colours of the page's style."""

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from html import escape

from apps.agents.learning.evaluated import Series

WIDTH, LEFT, RIGHT, TOP, BOTTOM = 880, 64, 12, 10, 26
COLOURS = {
    "agent": "var(--agent)",
    "flat": "var(--flat)",
    "buy-and-hold": "var(--hold)",
    "ma-cross": "var(--cross)",
    "random": "var(--random)",
}
TICKS = 5


def day(at: int) -> str:
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d}"


def legend(names: Sequence[str]) -> str:
    """Name the colours of the lines."""
    items = (f'<span><i style="background:{_colour(name)}"></i>{escape(name)}</span>' for name in names)
    return f'<div class="legend">{"".join(items)}</div>'


def lines(
    series: Mapping[str, Series], *, base: float, text: str, share: bool = False, down: bool = False
) -> str:
    """Draw one line per name. `base` is drawn as a rule; `down` hangs the values from the top."""
    height = 180 if down else 300
    values = [value for _, ys in series.values() for value in ys]
    low, high = min(*values, base), max(*values, base)
    room = (high - low or 1.0) * (0.0 if down else 0.04)
    low, high = low - room, high + room if high > low else low + 1.0
    times = [at for xs, _ in series.values() for at in xs]
    first, last = min(times), max(*times, min(times) + 1)

    def across(at: float) -> float:
        return LEFT + (at - first) / (last - first) * (WIDTH - LEFT - RIGHT)

    def along(value: float) -> float:
        part = (value - low) / (high - low)
        return TOP + (part if down else 1 - part) * (height - TOP - BOTTOM)

    drawn = [
        *(_rule(along(value), _label(value, share=share, down=down)) for value in _round(low, high)),
        *(_stamp(across(at), height, day(int(at))) for at in _steps(first, last)),
        _level(along(base)),
        # The agent last, so that it lies on top.
        *(
            _path(name, [(across(at), along(value)) for at, value in zip(*series[name], strict=True)])
            for name in sorted(series, key=lambda name: name == "agent")
        ),
    ]
    return (
        f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(text)}">'
        f"<title>{escape(text)}</title>{''.join(drawn)}</svg>"
    )


def _colour(name: str) -> str:
    return COLOURS.get(name, "var(--ink)")


def _steps(low: float, high: float) -> list[float]:
    return [low + (high - low) * k / (TICKS - 1) for k in range(TICKS)]


def _round(low: float, high: float) -> list[float]:
    """Return the round values between, three to six of them."""
    rough = (high - low) / TICKS
    unit = 10.0 ** math.floor(math.log10(rough))
    step = next(unit * k for k in (1, 2, 2.5, 5, 10) if unit * k >= rough)
    first = math.ceil(low / step - 1e-9)
    return [step * k for k in range(first, math.floor(high / step + 1e-9) + 1)]


def _label(value: float, *, share: bool, down: bool) -> str:
    if share:
        return f"{'−' if down and value > 0 else ''}{value:.1%}"
    return f"{value:,.0f}"


def _rule(y: float, label: str) -> str:
    return (
        f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="var(--line)"/>'
        f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{label}</text>'
    )


def _level(y: float) -> str:
    return (
        f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="var(--dim)" '
        'stroke-dasharray="4 4"/>'
    )


def _stamp(x: float, height: int, label: str) -> str:
    anchor = "start" if x < LEFT + 1 else "end" if x > WIDTH - RIGHT - 1 else "middle"
    return f'<text x="{x:.1f}" y="{height - 8}" text-anchor="{anchor}">{label}</text>'


def _path(name: str, points: Sequence[tuple[float, float]]) -> str:
    steps = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    width = 2.4 if name == "agent" else 1.3
    return (
        f'<polyline points="{steps}" fill="none" stroke="{_colour(name)}" stroke-width="{width}" '
        'stroke-linejoin="round"/>'
    )
