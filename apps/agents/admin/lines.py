"""Line charts as SVG: told apart by dashes as well as by colour, in the theme's light and dark."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

WIDTH, HEIGHT = 1000.0, 100.0
# Colour and dash of each line in turn; the first, the agent's, is whole and strongest.
STYLES = (
    ("var(--color-primary-500)", "none", 2.25),
    ("var(--mtq-soft)", "none", 1.25),
    ("var(--mtq-l2)", "6 3", 1.5),
    ("var(--mtq-l0)", "2 3", 1.5),
    ("var(--mtq-l1)", "8 3 2 3", 1.5),
    ("var(--mtq-down)", "1 4", 1.5),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    name: str
    points: Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """Lines over one axis from `first` to `last`; `zero` keeps nought in sight, `percent` labels shares."""

    title: str
    lines: Sequence[Line]
    first: float
    last: float
    first_text: str
    last_text: str
    zero: bool = False
    percent: bool = False

    def draw(self) -> SafeString | str:
        """Return the chart with its legend; a sentence where there is nothing to draw yet."""
        values = [value for line in self.lines for _, value in line.points]
        if not values:
            return "nothing to draw yet"
        bottom, top = self._range(values)
        return format_html(
            '<figure class="mtq-chart"><figcaption>{}</figcaption><div class="mtq-plot mtq-plot-lines">'
            '<svg viewBox="0 0 1000 100" preserveAspectRatio="none" role="img" aria-label="{}">{}{}</svg>'
            '<span class="mtq-axis mtq-axis-top">{}</span>'
            '<span class="mtq-axis mtq-axis-bottom">{}</span></div>'
            '<p class="mtq-span"><span>{}</span><span>{}</span></p><p class="mtq-legend">{}</p></figure>',
            self.title,
            self.title,
            self._zero_line(bottom, top),
            format_html_join("", "{}", ((self._path(i, bottom, top),) for i in range(len(self.lines)))),
            self._label(top),
            self._label(bottom),
            self.first_text,
            self.last_text,
            format_html_join("", "{}", ((_key(index, line.name),) for index, line in enumerate(self.lines))),
        )

    def _range(self, values: Sequence[float]) -> tuple[float, float]:
        low, high = min(values), max(values)
        if self.zero:
            low, high = min(low, 0.0), max(high, 0.0)
        margin = (high - low) * 0.06 or abs(high) * 0.01 or 1.0
        return low - margin, high + margin

    def _path(self, index: int, bottom: float, top: float) -> SafeString:
        colour, dash, width = STYLES[index % len(STYLES)]
        span = self.last - self.first or 1.0
        points = " L".join(
            f"{(at - self.first) / span * WIDTH:.1f},{(top - value) / (top - bottom) * HEIGHT:.2f}"
            for at, value in self.lines[index].points
        )
        return format_html(
            '<path d="M{}" fill="none" vector-effect="non-scaling-stroke" style="stroke:{};stroke-width:{};'
            'stroke-dasharray:{}"/>',
            points,
            colour,
            width,
            dash,
        )

    def _zero_line(self, bottom: float, top: float) -> SafeString | str:
        if not self.zero:
            return ""
        at = f"{top / (top - bottom) * HEIGHT:.2f}"
        return format_html(
            '<path d="M0,{} L1000,{}" vector-effect="non-scaling-stroke" style="stroke:var(--mtq-line)"/>',
            at,
            at,
        )

    def _label(self, value: float) -> str:
        if self.percent:
            return f"{value * 100:.1f} %"
        return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def _key(index: int, name: str) -> SafeString:
    colour, dash, width = STYLES[index % len(STYLES)]
    return format_html(
        '<span><svg width="26" height="8" aria-hidden="true"><path d="M0,4 L26,4" fill="none"'
        ' style="stroke:{};stroke-width:{};stroke-dasharray:{}"/></svg> {}</span>',
        colour,
        width,
        dash,
        name,
    )
