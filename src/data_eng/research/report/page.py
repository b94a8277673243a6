"""The page: one HTML file with everything in it."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from ...errors import UsageError
from ...features.level.levels import level_names, level_words
from .day import OUTCOME, ReportDay
from .depth_chart import depth_chart
from .feature_chart import default_features, feature_chart
from .price_chart import price_chart
from .quality import measure_quality
from .tables import (
    key_figures,
    level_table,
    lineage_table,
    parameter_table,
    quality_table,
    touch_table,
)

_STYLE: Final = """
:root { color-scheme: light; }
body { margin: 0 auto; max-width: 1560px; padding: 20px 28px 60px; color: #1f2d3a;
  font: 14px/1.5 system-ui, sans-serif; background: #fff; }
h1 { font-size: 24px; margin: 0 0 2px; } h2 { font-size: 17px; margin: 34px 0 4px; }
p { margin: 2px 0 8px; color: #55636f; max-width: 90ch; }
.figures { display: flex; flex-wrap: wrap; gap: 10px; margin: 14px 0 4px; }
.figure { border: 1px solid #e0e5e8; border-radius: 6px; padding: 8px 14px; min-width: 108px; }
.figure b { display: block; font-size: 18px; font-variant-numeric: tabular-nums; }
.figure span { color: #55636f; font-size: 12px; }
.wide { overflow-x: auto; }
.beside { display: flex; flex-wrap: wrap; gap: 12px 40px; align-items: flex-start; }
table { border-collapse: collapse; font-size: 13px; margin: 6px 0; }
th { text-align: left; font-weight: 600; color: #55636f; border-bottom: 1px solid #cfd6da; }
th, td { padding: 3px 14px 3px 0; vertical-align: top; }
td { border-bottom: 1px solid #eef1f3; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.touches td { white-space: nowrap; }
.plot { width: 100%; }
"""


def report_page(
    day: ReportDay, *, touch: int | None = None, features: Sequence[str] | None = None
) -> str:
    """Return the page.

    Parameters
    ----------
    day : ReportDay
    touch : int, optional
        ``episode_id`` of the touch whose book is shown; by default the first that was
        decided, or the first.
    features : sequence of str, optional
        Tracks; by default some of the level of that touch, and of MARKET.

    Raises
    ------
    UsageError
        A touch or feature that the day does not have, or Plotly is not installed.
    """
    try:
        from plotly.offline import get_plotlyjs  # noqa: PLC0415 - for reports alone
    except ImportError as error:
        raise UsageError("Plotly is not installed; install data-eng[research]") from error
    chosen = _chosen(day, touch)
    level = day.tables[OUTCOME]["level"][chosen].as_py() if chosen is not None else level_names()[0]
    quality = measure_quality(day)
    title = f"{day.symbol} {day.date}"
    depth = "<p>No level was touched.</p>"
    if chosen is not None:
        depth = _plot("depth", depth_chart(day, chosen))
    shown = features or default_features(level)
    lineage = lineage_table(day) + parameter_table(day)
    parts = [
        f"<h1>{html.escape(title)}</h1>",
        f"<p>{day.date:%A}; front-month contract of the date; all times New York.</p>",
        f'<div class="figures">{key_figures(day)}</div>',
        _section(
            "Price, levels, touches",
            "Two-minute bars from the pre-market to 12:30; each level from the moment it is known; "
            "touches by outcome against the primary barriers. Below: contracts a bar.",
            _plot("price", price_chart(day)),
        ),
        _section("Levels", "", level_table(day)),
        _section(
            "Touches",
            "Barriers about the level, 15 minutes, first passage in record order; excursions from "
            "the level, favourable back on the side that the price came from.",
            f'<div class="wide touches">{touch_table(day)}</div>',
        ),
        _section(
            "The book"
            if chosen is None
            else f"The book about touch {chosen + 1}: {level_words(level)}",
            "Displayed size of the ten best prices of each side, a second a column, two minutes "
            "before and after; dots are trades by aggressor. What the ten do not show is blank.",
            depth,
        ),
        _section(
            "Features",
            "Every fifth second; a gap is a missing value.",
            _plot("features", feature_chart(day, shown)),
        ),
        _section("Data quality", "", f'<div class="beside">{quality_table(day, quality)}</div>'),
        _section("Lineage", "", f'<div class="wide">{lineage}</div>'),
    ]
    return (
        "<!DOCTYPE html>\n<html lang=en><head><meta charset=utf-8>"
        '<meta name=viewport content="width=device-width, initial-scale=1">'
        '<link rel=icon href="data:,">'
        f"<title>{html.escape(title)}</title><style>{_STYLE}</style>"
        f"<script>{get_plotlyjs()}</script></head><body>{''.join(parts)}</body></html>\n"
    )


def _chosen(day: ReportDay, touch: int | None) -> int | None:
    table = day.tables[OUTCOME]
    identities = table["episode_id"].to_pylist()
    if touch is not None:
        if touch not in identities:
            there = f"touches 1 to {len(identities)}" if identities else "no touches"
            raise UsageError(f"--touch {touch}: {day.symbol} {day.date} has {there}")
        return int(identities.index(touch))
    decided = np.flatnonzero(~np.array(table["censored"].combine_chunks(), np.bool_))
    if len(decided):
        return int(decided[0])
    return 0 if identities else None


def _section(title: str, text: str, body: str) -> str:
    words = f"<p>{html.escape(text)}</p>" if text else ""
    return f"<section><h2>{html.escape(title)}</h2>{words}{body}</section>"


def _plot(name: str, figure: Any) -> str:
    drawn: str = figure.to_html(
        full_html=False,
        include_plotlyjs=False,
        div_id=name,
        config={"displaylogo": False, "responsive": True},
        default_width="100%",
    )
    return f'<div class="plot">{drawn}</div>'
