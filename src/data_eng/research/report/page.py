"""The page of a day: one HTML file with everything in it."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from ...catalogue.vectors import OUTCOME
from ...errors import UsageError
from ..web.document import asset, document, section
from ..web.level_style import level_colours
from ..web.payload import json_script
from .data import day_data
from .day import ReportDay
from .gaps import Gap, gaps
from .levels import (
    arming_rule,
    counts_words,
    level_cards,
    outcome_counts,
    outcome_key,
)
from .quality import measure_quality
from .tables import level_table, lineage_table, parameter_table, quality_table
from .touch_table import clock, touch_table
from .touches import touch_rows

_ASSETS: Final = Path(__file__).parent / "assets"
_SCRIPTS: Final = (
    "data.js",
    "ink.js",
    "chart.js",
    "day_chart.js",
    "markers.js",
    "touch_lines.js",
    "book_chart.js",
    "readout.js",
    "track_chart.js",
    "touch_panel.js",
    "report.js",
)

_ZOOMS: Final = {
    "to the outcome": -1, "1 min": 60, "4 min": 240, "15 min": 900, "1 h": 3600, "all": 0,
}  # fmt: skip


@dataclass(frozen=True)
class Neighbours:
    """The pages beside a day's, None where there is none.

    Attributes
    ----------
    before, after : tuple of str
        File name, and the words of the link.
    index : str
        File name.
    """

    before: tuple[str, str] | None = None
    after: tuple[str, str] | None = None
    index: str | None = None


def report_page(
    day: ReportDay,
    *,
    touch: int | None = None,
    features: Sequence[str] | None = None,
    neighbours: Neighbours | None = None,
) -> str:
    """Return the page.

    Parameters
    ----------
    day : ReportDay
    touch : int, optional
        ``episode_id`` of the touch that is shown first; by default the first that was
        decided, or the first.
    features : sequence of str, optional
        Tracks; by default some of the level of the touch that is shown, and of MARKET.
    neighbours : Neighbours, optional
        Pages that it links to.

    Raises
    ------
    UsageError
        A touch or feature that the day does not have.
    """
    touches, found = touch_rows(day), gaps(day)
    values, arrays = day_data(day, touches, found, touch=_chosen(day, touch), features=features)
    title = f"{day.symbol} {day.date}"
    parts = [
        '<a class="skip" href="#touches">To the touches</a>' if touches else "",
        f"<h1>{html.escape(day.symbol)} <small>{day.date:%A}, {day.date}</small></h1>",
        _lead(day, found),
        level_cards(day),
        _day_section(day),
        _touch_section(day, touch_table(touches, day.decimals), any_touch=bool(touches)),
        section("Levels", "", level_table(day)),
        section(
            "Data quality",
            "",
            f'<div class="beside">{quality_table(day, measure_quality(day))}</div>',
        ),
        f"<details><summary>Lineage</summary>{lineage_table(day)}{parameter_table(day)}</details>",
        json_script("day-data", values),
        arrays.script("day-series"),
    ]
    return document(
        title,
        "".join(parts),
        nav=_nav(neighbours or Neighbours()),
        styles=[asset(_ASSETS / "report.css"), level_colours()],
        scripts=[asset(_ASSETS / name) for name in _SCRIPTS],
    )


def failed_page(title: str, error: str, neighbours: Neighbours) -> str:
    """Return a page that says why a day cannot be shown, with the links of its neighbours."""
    body = (
        f"<h1>{html.escape(title)}</h1>"
        f'<p class="lead">This day cannot be shown: {html.escape(error)}</p>'
    )
    return document(title, body, nav=_nav(neighbours))


def _chosen(day: ReportDay, touch: int | None) -> int | None:
    table = day.tables[OUTCOME]
    numbered = table["episode_id"].to_pylist()
    if touch is not None:
        if touch not in numbered:
            there = f"touches 1 to {len(numbered)}" if numbered else "no touches"
            raise UsageError(f"--touch {touch}: {day.symbol} {day.date} has {there}")
        return touch
    decided = np.flatnonzero(~np.array(table["censored"].combine_chunks(), np.bool_))
    if len(decided):
        return int(numbered[int(decided[0])])
    return int(numbered[0]) if numbered else None


def _lead(day: ReportDay, found: Sequence[Gap]) -> str:
    counts = outcome_counts(day)
    total = counts.total()
    words = f"{total} touch{'' if total == 1 else 'es'} of the levels between 09:30 and 12:30"
    told = counts_words(counts)
    lead = f"<b>{words}</b>{': ' + html.escape(told) if told else ''}."
    notes = [f"<p>{html.escape(_gap_words(day, found))}</p>"] if found else []
    return f'<p class="lead">{lead}</p>{"".join(notes)}'


def _gap_words(day: ReportDay, found: Sequence[Gap]) -> str:
    told = []
    for gap in found[:4]:
        first, last = day.clock_seconds(np.array([gap.start_ns, gap.end_ns]))
        told.append(f"{clock(first)} to {clock(last)} {gap.what}")
    more = f", and {len(found) - 4} more stretches" if len(found) > 4 else ""
    return f"Partial data, shaded in the charts: {'; '.join(told)}{more}."


def _nav(neighbours: Neighbours) -> str:
    def link(to: tuple[str, str] | None, rel: str, before: str, after: str) -> str:
        if to is None:
            return ""
        file, words = (html.escape(text) for text in to)
        return f'<a rel="{rel}" href="{file}">{before}{words}{after}</a>'

    index = neighbours.index
    links = [
        link(neighbours.before, "prev", "← ", ""),
        f'<a href="{html.escape(index)}">All days</a>' if index else "",
        link(neighbours.after, "next", "", " →"),
    ]
    shown = "".join(links)
    return f'<nav aria-label="Days">{shown}</nav>' if shown else ""


def _day_section(day: ReportDay) -> str:
    body = (
        '<div class="legend" id="legend" role="group" aria-label="Levels shown"></div>'
        + _chart("day-chart", "The day: price, levels, touches and volume")
        + f'<ul class="key">{outcome_key()}'
        "<li>below its level: came from below; above: from above</li>"
        '<li><span class="hatch"></span>partial data</li></ul>'
        f"<p>{html.escape(arming_rule(day))}</p>"
    )
    words = (
        "Two-minute bars from the pre-market to 12:30, New York time; each level from the moment "
        "it is known. Choose a touch by its marker, its row, or the arrow keys."
    )
    return section("The day", words, body)


def _touch_section(day: ReportDay, table: str, *, any_touch: bool) -> str:
    heading = '<h2 id="chosen" tabindex="-1">Touches</h2>'
    zoom = "".join(
        f'<button type="button" data-zoom="{seconds}">{words}</button>'
        for words, seconds in _ZOOMS.items()
    )
    step = (
        '<button type="button" id="previous-touch">&lsaquo; Previous</button>'
        '<button type="button" id="next-touch">Next &rsaquo;</button>'
        if any_touch
        else ""
    )
    focus = (
        f'<div class="focus"><div class="tools" role="group" aria-label="Time shown">{step}'
        f"<span>Show</span>{zoom}</div>"
        '<p class="readout" id="readout"></p>'
        + _chart("book-chart", "Displayed size by price, and trades")
        + _chart("track-chart", "Features")
        + "<p>Displayed size of the ten best prices of each side at every whole second: bids "
        "blue, asks brown; circles are trades by price and second, filled bought, hollow sold. "
        "Where a pixel holds several seconds it shows the largest size, and of a feature the "
        "range from the smallest to the largest value. Blank: not displayed, or not known.</p>"
        "</div>"
    )
    return (
        f'<section id="touch-section">{heading}'
        '<p class="lead" id="verdict" aria-live="polite"></p>'
        f'<div class="split{"" if any_touch else " bare"}">'
        f'<div class="list">{table}</div>{focus}</div>'
        '<div class="panel" id="panel" role="region" '
        'aria-label="The chosen touch"></div></section>'
    )


def _chart(name: str, words: str) -> str:
    return (
        f'<div class="chart" id="{name}" tabindex="0" role="group" '
        f'aria-label="{html.escape(words)}">'
        f'<canvas role="img" aria-label="{html.escape(words)}"></canvas>'
        '<canvas class="cross" aria-hidden="true"></canvas>'
        '<div class="over"></div><div class="tip" hidden></div></div>'
    )
