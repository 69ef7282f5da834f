"""Draws an equity curve and its drawdown as SVG paths. Pure: figures in, text out.

Both pictures are 1000 wide and 100 high and are stretched by the page, so no text stands inside them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

WIDTH, HEIGHT = 1000.0, 100.0
LEVELS = (0.05, 0.10, 0.15)
DEEPEST_SHOWN = 0.16


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """`line` goes through the means, `band` between the extremes; `top` and `bottom` label the axis."""

    line: str
    band: str
    top: float
    bottom: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    label: str
    top_percent: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Depth:
    """Drawdown from the highest equity so far, drawn downwards, with the breaker's levels as lines."""

    area: str
    levels: tuple[Level, ...]
    worst: float


def curve(*, means: Sequence[float], lows: Sequence[float], highs: Sequence[float]) -> Curve | None:
    """Draw equity over its own range. None for fewer than two points."""
    if len(means) < 2:
        return None
    low, high = min(lows), max(highs)
    margin = max((high - low) * 0.08, abs(high) * 1e-5, 1e-9)
    bottom, top = low - margin, high + margin
    upper = _points(highs, bottom=bottom, top=top)
    lower = _points(lows, bottom=bottom, top=top)
    return Curve(
        line="M" + " L".join(_points(means, bottom=bottom, top=top)),
        band="M" + " L".join([*upper, *reversed(lower)]) + " Z",
        top=top,
        bottom=bottom,
    )


def depth(*, lows: Sequence[float], highs: Sequence[float]) -> Depth | None:
    """Draw how far equity fell below its highest point so far. None for fewer than two points."""
    if len(lows) < 2:
        return None
    peaks = list(accumulate(highs, max))
    falls = [max(0.0, 1 - low / peak) if peak > 0 else 0.0 for low, peak in zip(lows, peaks, strict=True)]
    deepest = max(DEEPEST_SHOWN, max(falls) * 1.05)
    points = _points([-fall for fall in falls], bottom=-deepest, top=0.0)
    return Depth(
        area="M0,0 L" + " L".join(points) + f" L{WIDTH:.0f},0 Z",
        levels=tuple(Level(label=f"{level:.0%}", top_percent=100 * level / deepest) for level in LEVELS),
        worst=max(falls),
    )


def _points(values: Sequence[float], *, bottom: float, top: float) -> list[str]:
    step = WIDTH / (len(values) - 1)
    scale = HEIGHT / (top - bottom)
    return [f"{index * step:.1f},{(top - value) * scale:.2f}" for index, value in enumerate(values)]
