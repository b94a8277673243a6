"""Small charts of the evaluation's page, as SVG: intervals on an axis, and calibration."""

from __future__ import annotations

import html
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from ...features.book.day_seconds import F64

WIDTH: Final = 220
_EDGE: Final = 18
_ROW: Final = 22
_SIDE: Final = 220
_FRAME: Final = 34


@dataclass(frozen=True)
class Axis:
    """An axis from ``low`` to ``high``; ``zero`` is marked where it lies between them."""

    low: float
    high: float

    def x(self, value: float) -> float:
        """Return where a value stands, within the axis."""
        part = (value - self.low) / (self.high - self.low)
        return _EDGE + min(max(part, 0.0), 1.0) * (WIDTH - 2 * _EDGE)

    def header(self) -> str:
        """Return the axis with its numbers, with signs where it goes below 0."""
        form = "+.2f" if self.low < 0 else ".2f"
        marks = "".join(
            f'<text x="{self.x(value):.1f}" y="13">{value:{form}}</text>' for value in self.ticks()
        )
        return _svg(WIDTH, 18, "axis", f'<g class="numbers">{marks}</g>')

    def ticks(self) -> list[float]:
        """Return five values at equal distances."""
        return [float(value) for value in np.linspace(self.low, self.high, 5)]


def symmetric(values: Sequence[float]) -> Axis:
    """Return an axis about 0 that holds all values, to a tenth."""
    known = [abs(value) for value in values if not math.isnan(value)]
    reach = max(1, math.ceil(10 * max(known, default=0.0))) / 10
    return Axis(-reach, reach)


@dataclass(frozen=True)
class Interval:
    """A value with its interval, and what stands beside it; NaN is not drawn.

    Attributes
    ----------
    value : float
    bounds : (float, float)
    wide : (float, float)
        A wider interval, drawn thin.
    beside : float
        Drawn hollow.
    band : float
        Half the width of a band about 0.
    words : str
        What is drawn, for those who hear the page.
    """

    value: float
    bounds: tuple[float, float]
    words: str
    wide: tuple[float, float] = (math.nan, math.nan)
    beside: float = math.nan
    band: float = math.nan

    def svg(self, axis: Axis) -> str:
        """Return it on an axis."""
        return _svg(WIDTH, _ROW, self.words, "".join(self._parts(axis)))

    def _parts(self, axis: Axis) -> Iterator[str]:
        middle = _ROW / 2
        if not math.isnan(self.band):
            left, right = axis.x(-self.band), axis.x(self.band)
            size = f'width="{right - left:.1f}" height="{_ROW}"'
            yield f'<rect class="band" x="{left:.1f}" y="0" {size}/>'
        for value in axis.ticks():
            x = axis.x(value)
            name = "zero" if abs(value) < 1e-9 else "grid"
            yield f'<line class="{name}" x1="{x:.1f}" x2="{x:.1f}" y1="0" y2="{_ROW}"/>'
        for name, (low, high) in (("wide-line", self.wide), ("line", self.bounds)):
            if not (math.isnan(low) or math.isnan(high)):
                yield (
                    f'<line class="{name}" x1="{axis.x(low):.1f}" x2="{axis.x(high):.1f}" '
                    f'y1="{middle}" y2="{middle}"/>'
                )
        if not math.isnan(self.beside):
            x = axis.x(self.beside)
            yield (f'<path class="beside-mark" d="M{x:.1f} {middle - 6}l6 6l-6 6l-6 -6z"/>')
        if not math.isnan(self.value):
            yield f'<circle class="dot" cx="{axis.x(self.value):.1f}" cy="{middle}" r="5"/>'


def calibration_svg(foretold: F64, happened: F64, words: str) -> str:
    """Return foretold probabilities against what happened, both from 0 to 1, with the diagonal."""

    def at(p: float, q: float) -> tuple[float, float]:
        return _FRAME + p * (_SIDE - _FRAME - 8), 8 + (1 - q) * (_SIDE - _FRAME - 8)

    left, bottom = at(0, 0)
    right, top = at(1, 1)
    points = [at(float(p), float(q)) for p, q in zip(foretold, happened, strict=True)]
    numbers = "".join(
        f'<text x="{at(value, 0)[0]:.1f}" y="{bottom + 14:.1f}">{value:.1f}</text>'
        f'<text class="left" x="{left - 5:.1f}" y="{at(0, value)[1] + 4:.1f}">{value:.1f}</text>'
        for value in (0.0, 0.5, 1.0)
    )
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    dots = "".join(f'<circle class="dot" cx="{x:.1f}" cy="{y:.1f}" r="4"/>' for x, y in points)
    body = (
        f'<rect class="frame" x="{left:.1f}" y="{top:.1f}" width="{right - left:.1f}" '
        f'height="{bottom - top:.1f}"/>'
        f'<line class="zero" x1="{left:.1f}" y1="{bottom:.1f}" x2="{right:.1f}" y2="{top:.1f}"/>'
        f'<polyline class="joined" points="{path}"/>{dots}<g class="numbers">{numbers}</g>'
    )
    return _svg(_SIDE, _SIDE, words, body)


def _svg(width: int, height: int, words: str, body: str) -> str:
    return (
        f'<svg width="{width}" height="{height}" viewBox="0 0 {width} {height}" role="img" '
        f'aria-label="{html.escape(words)}">{body}</svg>'
    )
