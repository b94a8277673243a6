"""Two-minute candles with the levels from when they are known, touches by outcome, volume."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pyarrow as pa

from ...exchange.sessions import PRE_MARKET_START, session_ns
from ...features.level.levels import level_named, level_names, level_words
from .day import BARS, OUTCOME, ReportDay, level_steps, new_york, numbers, times_ns
from .style import DOWN, OUTCOME_MARKS, UP, axis, layout

_BAR_MS: Final = 120_000


def price_chart(day: ReportDay) -> Any:
    """Return the figure, from the pre-market to 12:30 America/New_York."""
    import plotly.graph_objects as go  # noqa: PLC0415 - for reports alone

    figure = go.Figure()
    start_ns, (_, end_ns) = session_ns(day.date, PRE_MARKET_START), day.window_ns
    bars = day.tables[BARS]
    begin = times_ns(bars, "ts_start")
    rows = np.flatnonzero((begin >= start_ns) & (begin < end_ns))
    at = new_york(begin[rows])
    prices = {name: numbers(bars, name)[rows] for name in ("open", "high", "low", "close")}
    figure.add_trace(
        go.Candlestick(
            x=at, **prices, name="2-minute bars", yaxis="y2", showlegend=False,
            increasing={"line": {"color": UP, "width": 1}, "fillcolor": UP},
            decreasing={"line": {"color": DOWN, "width": 1}, "fillcolor": DOWN},
            xperiod=_BAR_MS, xperiodalignment="middle",
        )
    )  # fmt: skip
    rose = prices["close"] >= prices["open"]
    figure.add_trace(
        go.Bar(
            x=at, y=numbers(bars, "volume")[rows], name="volume", showlegend=False,
            marker={"color": np.where(rose, UP, DOWN), "line": {"width": 0}},
            xperiod=_BAR_MS, xperiodalignment="middle",
        )
    )  # fmt: skip
    for level in level_names():
        _add_level(go, figure, day, level, end_ns)
    _add_touches(go, figure, day.tables[OUTCOME])
    figure.update_layout(
        **layout(
            640,
            xaxis=axis("New York time", range=[*new_york(np.array([start_ns, end_ns]))],
                       rangeslider={"visible": False}, tickformat="%H:%M"),
            yaxis=axis("contracts", domain=[0, 0.2], tickformat=",d"),
            yaxis2=axis("index points", domain=[0.25, 1], tickformat=",.2f"),
            shapes=[_shade(day, start_ns)],
            bargap=0.15,
        )
    )  # fmt: skip
    return figure


def _add_level(go: Any, figure: Any, day: ReportDay, level: str, end_ns: int) -> None:
    known, values = level_steps(day, level)
    if not len(known):
        return
    times = np.append(known, end_ns)
    figure.add_trace(
        go.Scatter(
            x=new_york(times), y=np.append(values, values[-1]), mode="lines", yaxis="y2",
            line={"color": level_named(level).colour, "width": 1.6, "shape": "hv"},
            name=level_words(level),
            hovertemplate="%{y:,.2f}<extra>" + level_words(level) + "</extra>",
        )
    )  # fmt: skip


def _add_touches(go: Any, figure: Any, outcomes: pa.Table) -> None:
    kinds = [outcome or "censored" for outcome in outcomes["outcome"].to_pylist()]
    touched, price = new_york(times_ns(outcomes, "touch_ts")), numbers(outcomes, "level_price")
    sides, barriers = numbers(outcomes, "approach_side"), numbers(outcomes, "barrier_ticks")
    levels = outcomes["level"].to_pylist()
    for kind, (colour, symbol) in OUTCOME_MARKS.items():
        rows = [i for i, found in enumerate(kinds) if found == kind]
        if not rows:
            continue
        texts = [
            f"{level_words(levels[i])}, from {'below' if sides[i] < 0 else 'above'}: {kind}"
            f"<br>barriers {barriers[i]:.0f} ticks"
            for i in rows
        ]
        figure.add_trace(
            go.Scatter(
                x=touched[rows], y=price[rows], mode="markers", yaxis="y2", name=kind,
                text=texts, hovertemplate="%{x|%H:%M:%S}<br>%{text}<extra></extra>",
                marker={"color": colour, "symbol": symbol, "size": 9,
                        "line": {"color": "white", "width": 1}},
            )
        )  # fmt: skip


def _shade(day: ReportDay, start_ns: int) -> dict[str, Any]:
    open_ns, _ = day.window_ns
    left, right = (str(x) for x in new_york(np.array([start_ns, open_ns])))
    return {
        "type": "rect", "xref": "x", "yref": "paper", "x0": left, "x1": right, "y0": 0, "y1": 1,
        "fillcolor": "#F6F7F4", "line": {"width": 0}, "layer": "below",
    }  # fmt: skip
