"""The page over several days: what became of the levels on each, with a link to the day."""

from __future__ import annotations

import datetime as dt
import html
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from ...catalogue.tables import BARS
from ...features.level.levels import level_names, level_words
from ...words import counted
from ..web.document import asset, document
from ..web.level_style import level_colours
from .day import ReportDay, numbers, times_ns
from .gaps import gaps
from .levels import counts_words, outcome_counts, outcome_key, outcome_marks

_ASSETS: Final = Path(__file__).parent / "assets"
_WIDTH, _HEIGHT = 132, 30


@dataclass(frozen=True)
class DaySummary:
    """A day in a row of the index.

    Attributes
    ----------
    date : datetime.date
    symbol, page : str
        The contract, and the file name of its page.
    closes : list of float
        Of the two-minute bars from 09:30 to 12:30, dollars.
    volume : int
        Of the same, contracts.
    counts : dict of Counter
        Touches by outcome of each level.
    partial : str
        What of the data is partial, in words; empty where nothing is.
    """

    date: dt.date
    symbol: str
    page: str
    closes: list[float]
    volume: int
    counts: dict[str, Counter[str]]
    partial: str


def summary(day: ReportDay, page: str) -> DaySummary:
    """Return the row of a day."""
    bars = day.tables[BARS]
    begin = times_ns(bars, "ts_start")
    rows = np.flatnonzero((begin >= day.window_ns[0]) & (begin < day.window_ns[1]))
    found = gaps(day)
    minutes = sum(one.end_ns - one.start_ns for one in found) / 60e9
    return DaySummary(
        date=day.date,
        symbol=day.symbol,
        page=page,
        closes=numbers(bars, "close")[rows].tolist(),
        volume=int(numbers(bars, "volume")[rows].sum()),
        counts={level: outcome_counts(day, level) for level in level_names()},
        partial=f"{minutes:,.0f} min without data" if found else "",
    )


def index_page(
    symbol: str,
    days: Sequence[DaySummary],
    absent: Sequence[dt.date],
    failed: Mapping[dt.date, str],
) -> str:
    """Return the page.

    Parameters
    ----------
    symbol : str
        As it was asked for.
    days : sequence of DaySummary
    absent : sequence of datetime.date
        Trading days of the range of which the lake has no outcomes.
    failed : mapping of datetime.date to str
        Why a day cannot be shown.
    """
    total = sum((one for day in days for one in day.counts.values()), Counter[str]())
    ends = dict.fromkeys(str(day.date) for day in (*days[:1], *days[-1:]))
    span = " to ".join(ends) or "no day"
    title = f"{symbol}, {span}"
    told = counts_words(total)
    lead = f"<b>{counted(len(days), 'day')}, {counted(total.total(), 'touch', 'touches')}</b>"
    body = (
        f"<h1>{html.escape(symbol)} <small>{html.escape(span)}</small></h1>"
        f'<p class="lead">{lead}{": " + html.escape(told) if told else ""}.</p>'
        "<p>Each cell counts the touches of a level by what became of them. "
        "Days without a row of figures are trading days that the lake does not have.</p>"
        f'<ul class="key">{outcome_key()}</ul>{_table(days, absent, failed)}'
    )
    return document(title, body, styles=[asset(_ASSETS / "index.css"), level_colours()])


def _table(
    days: Sequence[DaySummary], absent: Sequence[dt.date], failed: Mapping[dt.date, str]
) -> str:
    head = "".join(
        f'<th scope="col" class="level-{n}"><i class="swatch"></i>'
        f"{html.escape(level_words(level))}</th>"
        for n, level in enumerate(level_names())
    )
    width = len(level_names()) + 4
    rows = {day.date: _row(day) for day in days}
    rows |= {date: _bare(date, "not in the lake", width) for date in absent}
    rows |= {date: _bare(date, error, width) for date, error in failed.items()}
    body = "".join(rows[date] for date in sorted(rows))
    return (
        '<div class="wide" tabindex="0" role="region" aria-label="Days">'
        '<table><caption class="unseen">Days</caption><thead><tr><th scope="col">day</th>'
        f'<th scope="col">09:30 to 12:30</th><th scope="col" class="number">contracts</th>{head}'
        f'<th scope="col">data</th></tr></thead><tbody>{body}</tbody></table></div>'
    )


def _row(day: DaySummary) -> str:
    cells = "".join(f"<td>{_marks(day.counts[level])}</td>" for level in level_names())
    return (
        f'<tr><th scope="row"><a href="{html.escape(day.page)}">{day.date:%a} {day.date}</a> '
        f"<span>{html.escape(day.symbol)}</span></th><td>{_line(day.closes)}</td>"
        f'<td class="number">{day.volume:,}</td>{cells}'
        f"<td>{html.escape(day.partial)}</td></tr>"
    )


def _bare(date: dt.date, words: str, width: int) -> str:
    return (
        f'<tr class="bare"><th scope="row">{date:%a} {date}</th>'
        f'<td colspan="{width - 1}">{html.escape(words)}</td></tr>'
    )


def _marks(counts: Counter[str]) -> str:
    words = counts_words(counts) or "no touch"
    shown = outcome_marks(counts) or '<span aria-hidden="true">-</span>'
    return f'{shown}<span class="unseen">{html.escape(words)}</span>'


def _line(closes: Sequence[float]) -> str:
    if len(closes) < 2:
        return ""
    low, high = min(closes), max(closes)
    scale = (_HEIGHT - 4) / (high - low or 1)
    points = " ".join(
        f"{i * (_WIDTH - 2) / (len(closes) - 1) + 1:.1f},{_HEIGHT - 2 - (close - low) * scale:.1f}"
        for i, close in enumerate(closes)
    )
    return (
        f'<svg width="{_WIDTH}" height="{_HEIGHT}" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" '
        f'aria-label="from {closes[0]:,.2f} to {closes[-1]:,.2f}, low {low:,.2f}, high '
        f'{high:,.2f}"><polyline points="{points}" fill="none" stroke="currentColor" '
        'stroke-width="1.4"/></svg>'
    )
