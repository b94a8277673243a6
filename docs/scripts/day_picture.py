"""Draw the picture of the demo's day that README and docs show.

    uv run python -m src.data_eng.demo --lake-root /tmp/lake
    uv run python -m docs.scripts.day_picture --lake-root /tmp/lake

It reads published tables alone and writes ``docs/images/day.svg``: the two-minute bars, the levels
from the moment each is known, and the touches with what came of them. The same lake gives the same
picture byte for byte.
"""

from __future__ import annotations

import argparse
import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import polars as pl

from src.data_eng import scan
from src.data_eng.features.level.levels import levels

NEW_YORK: Final = ZoneInfo("America/New_York")
WIDTH: Final = 1200
HEIGHT: Final = 520
LEFT, RIGHT, TOP, BOTTOM = 64, 232, 56, 40
STYLE: Final = """\
  svg { --paper: #ffffff; --ink: #1f2d3a; --soft: #5f6b76; --grid: #e4e8eb; --shade: #f4f5f0;
        --up: #8a97a3; --down: #3c4a57 }
  @media (prefers-color-scheme: dark) {
    svg { --paper: #14191f; --ink: #e6ebef; --soft: #a3afba; --grid: #2a323a; --shade: #1b2128;
          --up: #c3ccd4; --down: #74828f }
  }
  text { font: 13px system-ui, -apple-system, "Segoe UI", sans-serif; fill: var(--soft) }
  .title { font-size: 16px; font-weight: 600; fill: var(--ink) }
  .level { font-weight: 600; fill: var(--ink) }
  .mark { stroke: var(--ink); stroke-width: 2; fill: none }
  .bounce { fill: var(--ink) }
  .halo { stroke: var(--paper); stroke-width: 5; fill: var(--paper) }"""
OUTCOMES: Final = ("bounce", "break", "timeout")


@dataclass(frozen=True)
class Scale:
    """Where an instant and a price lie on the picture.

    Attributes
    ----------
    start, end : datetime
        Of the picture.
    low, high : float
        Prices at its lower and upper edge, dollars.
    """

    start: dt.datetime
    end: dt.datetime
    low: float
    high: float

    def x(self, at: dt.datetime) -> float:
        """Return the distance from the left, px."""
        part = (at - self.start) / (self.end - self.start)
        return LEFT + (WIDTH - LEFT - RIGHT) * min(max(part, 0.0), 1.0)

    def y(self, price: float) -> float:
        """Return the distance from the top, px."""
        return TOP + (HEIGHT - TOP - BOTTOM) * (self.high - price) / (self.high - self.low)


def main(argv: Sequence[str] | None = None) -> None:
    """Draw the picture."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--lake-root", type=Path, default=Path("lake"))
    parser.add_argument("--symbol", default="ES")
    parser.add_argument("--dt", type=dt.date.fromisoformat, default=dt.date(2025, 5, 6))
    parser.add_argument("--output", type=Path, default=Path("docs/images/day.svg"))
    args = parser.parse_args(argv)
    args.output.write_text(picture(args.lake_root, args.symbol, args.dt))


def picture(lake: Path, symbol: str, date: dt.date) -> str:
    """Return the SVG of a day."""
    start, open_, end = (
        dt.datetime.combine(date, dt.time(*at), NEW_YORK).astimezone(dt.UTC)
        for at in ((6, 0), (9, 30), (12, 30))
    )

    def rows(key: str) -> pl.DataFrame:
        return scan(key, symbol=symbol, dates=str(date), lake_root=lake).collect()

    bars = rows("silver.future.ohlcv_2m").filter(
        pl.col("ts_start").is_between(start, end, closed="left")
    )
    steps = rows("silver.future.level").filter(pl.col("known_at") <= end)
    touches = rows("gold.future.level_outcome").filter(pl.col("touch_ts") < end)
    edge = 2.0
    low, high = float(bars["low"].min()), float(bars["high"].max())  # type: ignore[arg-type]
    scale = Scale(start, end, low - edge, high + edge)
    words = f"{bars['symbol'][0]}, {date:%A} {date.day} {date:%B %Y}: the sample day"
    parts = [
        *_ground(scale, open_, words),
        *_bars(scale, bars),
        *_levels(scale, steps),
        *_touches(scale, touches),
    ]
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-label="{words}: price, levels and touches">'
    )
    return "\n".join([head, "<style>", STYLE, "</style>", *parts, "</svg>", ""])


def _ground(scale: Scale, open_: dt.datetime, words: str) -> Iterator[str]:
    right, bottom = WIDTH - RIGHT, HEIGHT - BOTTOM
    yield f'<rect width="{WIDTH}" height="{HEIGHT}" rx="8" style="fill:var(--paper)"/>'
    yield (
        f'<rect x="{LEFT}" y="{TOP}" width="{scale.x(open_) - LEFT:.1f}" '
        f'height="{bottom - TOP}" style="fill:var(--shade)"/>'
    )
    yield f'<text class="title" x="{LEFT}" y="26">{words}</text>'
    yield f'<text x="{LEFT + 8}" y="{bottom - 8}">pre-market</text>'
    yield f'<text x="{scale.x(open_) + 8:.1f}" y="{bottom - 8}">regular session</text>'
    for price in range(int(scale.low) // 10 * 10 + 10, int(scale.high) + 1, 10):
        y = scale.y(price)
        yield f'<path d="M{LEFT} {y:.1f}H{right}" style="stroke:var(--grid)"/>'
        yield f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{price:,}</text>'
    hours = int((scale.end - scale.start) / dt.timedelta(hours=1))
    for hour in range(hours + 1):
        at = scale.start + dt.timedelta(hours=hour)
        words = f"{at.astimezone(NEW_YORK):%H:%M}"
        yield f'<text x="{scale.x(at):.1f}" y="{bottom + 22}" text-anchor="middle">{words}</text>'
    yield f'<text x="{right + 8}" y="{bottom + 22}">New York time</text>'


def _bars(scale: Scale, bars: pl.DataFrame) -> Iterator[str]:
    # A path of all wicks and one of all bodies of each colour.
    half = dt.timedelta(seconds=60)
    for colour, rose in (("up", True), ("down", False)):
        shown = bars.filter((pl.col("close") >= pl.col("open")) == rose)
        wicks, bodies = [], []
        for bar in shown.iter_rows(named=True):
            x = scale.x(bar["ts_start"] + half)
            wicks.append(f"M{x:.1f} {scale.y(bar['high']):.1f}V{scale.y(bar['low']):.1f}")
            y, y_end = sorted((scale.y(bar["open"]), scale.y(bar["close"])))
            bodies.append(f"M{x:.1f} {y:.1f}V{max(y_end, y + 1):.1f}")
        yield f'<path d="{"".join(wicks)}" style="stroke:var(--{colour});stroke-width:1"/>'
        yield f'<path d="{"".join(bodies)}" style="stroke:var(--{colour});stroke-width:3"/>'


def _levels(scale: Scale, steps: pl.DataFrame) -> Iterator[str]:
    labels: list[tuple[float, str]] = []
    for level in levels():
        own = steps.filter(pl.col("level") == level.name).drop_nulls("price").sort("known_at")
        if own.is_empty():
            continue
        steps_before = int((own["known_at"] < scale.start).sum())
        own = own.slice(max(steps_before - 1, 0))  # the last of them is in force at the start
        points = list(zip(own["known_at"], own["price"], strict=True))
        path = f"M{scale.x(points[0][0]):.1f} {scale.y(points[0][1]):.1f}"
        path += "".join(f"H{scale.x(at):.1f}V{scale.y(price):.1f}" for at, price in points[1:])
        path += f"H{WIDTH - RIGHT}"
        colour = f"stroke:{level.colour};stroke-width:2.2;fill:none"
        yield f'<path d="{path}" style="{colour}"/>'
        last = points[-1][1]
        labels.append((scale.y(last), f"{level.words} {last:,.2f}"))
    at = 0.0
    for y, text in sorted(labels):  # labels stand under each other where lines are close
        at = max(y + 4, at + 17)
        yield f'<text class="level" x="{WIDTH - RIGHT + 8}" y="{at:.1f}">{text}</text>'


def _touches(scale: Scale, touches: pl.DataFrame) -> Iterator[str]:
    for row in touches.iter_rows(named=True):
        yield from _mark(row["outcome"], scale.x(row["touch_ts"]), scale.y(row["level_price"]))
    x = float(WIDTH - RIGHT - 330)
    for words in OUTCOMES:
        if words not in touches["outcome"]:
            continue
        yield from _mark(words, x, 21)
        yield f'<text x="{x + 12:.1f}" y="26">{words}</text>'
        x += 82
    yield f'<text x="{x - 4:.1f}" y="26">of a touch</text>'


def _mark(outcome: Any, x: float, y: float) -> Iterator[str]:
    yield f'<circle class="halo" cx="{x:.1f}" cy="{y:.1f}" r="4"/>'
    if outcome == "break":
        corners = f"M{x - 4.5:.1f} {y - 4.5:.1f}l9 9m0 -9l-9 9"
        yield f'<path class="mark" d="{corners}"/>'
        return
    kind = "mark bounce" if outcome == "bounce" else "mark"
    yield f'<circle class="{kind}" cx="{x:.1f}" cy="{y:.1f}" r="4"/>'


if __name__ == "__main__":
    main()
