"""A plot of lines as SVG: the same figures give the same bytes."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

Points = Sequence[tuple[float, float]]
WIDTH, HEIGHT = 760, 280
LEFT, RIGHT, TOP, BOTTOM = 64, 30, 36, 40
KEY = 18
"""The height of a line's name; names stand below the drawing."""
COLOURS = ("#1b6ca8", "#d1495b", "#3f8f4f", "#b5791c", "#6a4c93", "#555555", "#3aa6b9", "#8c3b4a", "#9aa52a", "#c06c9e")
STEPS = (1, 2, 2.5, 5, 10)
MOST_TICKS = 5


@dataclass(frozen=True)
class Plot:
    """Lines over a common axis. `ticks` are what stands below the x axis, and where."""

    title: str
    y: str
    lines: Mapping[str, Points]
    ticks: Sequence[tuple[float, str]]
    rule: float | None = None
    """A height that matters, drawn across."""
    is_log: bool = False
    """Whether the x axis is logarithmic."""

    def svg(self) -> str:
        """The drawing."""
        scale, height = _Scale.of(self), HEIGHT + KEY * len(self.lines)
        parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif">',
            f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
            _text(LEFT, 14, self.title, size=13),
            _text(LEFT, TOP - 8, self.y, colour="#555555", size=11),
            *_grid(scale),
            *(_tick(scale.x(x), label) for x, label in self.ticks),
        ]
        if self.rule is not None:
            y = scale.y(self.rule)
            parts.append(
                f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="#000000" '
                'stroke-dasharray="5 4"/>'
            )
        for number, (name, points) in enumerate(self.lines.items()):
            parts += _line(scale, number, name, points)
        return "\n".join([*parts, "</svg>", ""])


@dataclass(frozen=True)
class _Scale:
    """From figures to places in the drawing."""

    low: float
    high: float
    top: float
    step: float
    is_log: bool

    @classmethod
    def of(cls, plot: Plot) -> "_Scale":
        xs = [x for points in plot.lines.values() for x, _ in points] + [x for x, _ in plot.ticks]
        ys = [y for points in plot.lines.values() for _, y in points] + [plot.rule or 0.0]
        step = step_of(max(ys))
        return cls(min(xs), max(xs), math.ceil(max(ys) / step + 1e-9) * step, step, plot.is_log)

    def x(self, value: float) -> float:
        low, high, at = (math.log10(one) if self.is_log else one for one in (self.low, self.high, value))
        return LEFT + (WIDTH - LEFT - RIGHT) * (0.03 + 0.94 * ((at - low) / (high - low) if high > low else 0.5))

    def y(self, value: float) -> float:
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * value / self.top


def step_of(most: float) -> float:
    """The distance of marks on an axis from 0 to `most`: few, and round."""
    least = (most or 1.0) / MOST_TICKS
    power = 10.0 ** math.floor(math.log10(least))
    return next(one * power for one in STEPS if one * power >= least * (1 - 1e-9))


def _grid(scale: _Scale) -> list[str]:
    out = []
    for number in range(round(scale.top / scale.step) + 1):
        value = number * scale.step
        y = scale.y(value)
        line = f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="#dddddd"/>'
        out += [line, _text(LEFT - 6, y + 4, f"{value:,.10g}", anchor="end")]
    return out


def _tick(x: float, label: str) -> str:
    return _text(x, HEIGHT - BOTTOM + 16, label, anchor="middle", size=11)


def _line(scale: _Scale, number: int, name: str, points: Points) -> list[str]:
    colour = COLOURS[number % len(COLOURS)]
    placed = [(scale.x(x), scale.y(y)) for x, y in points]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in placed)
    key = HEIGHT + number * KEY
    return [
        f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>',
        *(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in placed),
        f'<circle cx="{LEFT + 4}" cy="{key - 4}" r="4" fill="{colour}"/>',
        _text(LEFT + 14, key, name, size=11),
    ]


def _text(x: float, y: float, text: str, anchor: str = "start", colour: str = "#222222", size: int = 12) -> str:
    place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}" font-size="{size}"'
    return f"<text {place}>{escape(text)}</text>"
