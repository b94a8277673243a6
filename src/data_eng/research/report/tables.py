"""The parts of the page that are text: key figures, touches, quality, lineage."""

from __future__ import annotations

import datetime as dt
import html
from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np

from ...features.level.levels import level_names, level_words
from .day import BARS, LEVEL, OUTCOME, RECORDS, ReportDay, level_steps, new_york, numbers, times_ns
from .quality import Quality

_LONG_GAP_NS: Final = 60 * 10**9


def html_table(head: Sequence[str], rows: Iterable[Sequence[str]], numeric: Iterable[int]) -> str:
    """Return a table; every text is escaped, columns that hold numbers are set right."""
    right = set(numeric)

    def cells(row: Sequence[str], tag: str) -> str:
        return "".join(
            f"<{tag}{' class=number' if i in right else ''}>{html.escape(text)}</{tag}>"
            for i, text in enumerate(row)
        )

    body = "".join(f"<tr>{cells(row, 'td')}</tr>" for row in rows)
    return f"<table><thead><tr>{cells(head, 'th')}</tr></thead><tbody>{body}</tbody></table>"


def key_figures(day: ReportDay) -> str:
    """Return the figures at the top: records, volume, touches, and each level."""
    bars = day.tables[BARS]
    volume = int(numbers(bars, "volume").sum())
    figures = [
        ("records of the date", f"{day.manifests[RECORDS][0].rows:,}"),
        ("contracts traded", f"{volume:,}"),
        ("touches", f"{day.tables[OUTCOME].num_rows:,}"),
    ]
    for level in level_names():
        _, price = level_steps(day, level)
        name = f"{level_words(level)} at 12:30" if len(price) > 1 else level_words(level)
        figures.append((name, f"{price[-1]:,.2f}" if len(price) else "none"))
    return "".join(
        f"<div class=figure><b>{html.escape(value)}</b><span>{html.escape(name)}</span></div>"
        for name, value in figures
    )


def level_table(day: ReportDay) -> str:
    """Return the levels: price, when known, when set; of SMA 90 the first and the last value."""
    table = day.tables[LEVEL]
    reasons = day.manifests[LEVEL][0].facts["missing"]
    rows = []
    names = np.array(table["level"].to_pylist())
    known, set_at = times_ns(table, "known_at"), times_ns(table, "set_at")
    price = numbers(table, "price")
    for level in level_names():
        at = np.flatnonzero((names == level) & (known > 0) & (known <= day.window_ns[1]))
        at = at[~np.isnan(price[at])]
        if not len(at):
            rows.append([level_words(level), "none", "", "", reasons.get(level, "")])
            continue
        note = f"then {len(at) - 1:,} steps, {price[at[-1]]:,.2f} at 12:30" if len(at) > 1 else ""
        first = at[0]
        clocks = [_clock(times[first], date=day.date) for times in (known, set_at)]
        rows.append([level_words(level), f"{price[first]:,.2f}", *clocks, note])
    return html_table(["level", "price", "known at", "set at", ""], rows, [1, 2, 3])


def touch_table(day: ReportDay) -> str:
    """Return the touches of the day with their outcomes."""
    table = day.tables[OUTCOME]
    columns = table.to_pydict()
    touched, decided = times_ns(table, "touch_ts"), times_ns(table, "outcome_ts")
    rows = []
    for i in range(table.num_rows):
        rows.append(
            [
                str(columns["episode_id"][i]),
                _clock(touched[i], digits=3),
                level_words(columns["level"][i]),
                f"{columns['level_price'][i]:,.2f}" if columns["level_price"][i] else "",
                "below" if columns["approach_side"][i] < 0 else "above",
                columns["touch_cause"][i].replace("_", " "),
                f"{columns['barrier_ticks'][i]:.0f}",
                columns["outcome"][i] or "censored",
                _clock(decided[i], digits=3),
                _number(columns["max_favourable_excursion_ticks"][i]),
                _number(columns["max_adverse_excursion_ticks"][i]),
                columns["outcome_8_ticks_300s"][i] or "censored",
                columns["outcome_2_atr_1800s"][i] or "censored",
                str(columns["overlap_group_all_levels"][i] or ""),
            ]
        )
    head = [
        "", "touched", "level", "price", "from", "cause", "barriers, ticks", "outcome", "decided",
        "favourable, ticks", "adverse, ticks", "8 ticks, 5 min", "2 ATR, 30 min", "group",
    ]  # fmt: skip
    if not rows:
        return "<p>No level was touched.</p>"
    return html_table(head, rows, [0, 1, 3, 6, 8, 9, 10, 13])


def quality_table(day: ReportDay, quality: Quality) -> str:
    """Return the figures of the data, and the shares of missing values."""
    facts = day.manifests[OUTCOME][0].facts
    gap = f"{quality.longest_gap_ns / 1e9:,.3f} s from {_clock(quality.gap_start_ns, digits=3)}"
    if quality.longest_gap_ns >= _LONG_GAP_NS:
        gap += ": records are missing, or the market was halted"
    rows = [
        ["records of the date", f"{quality.records:,}"],
        ["records, 09:30 to 12:30", f"{quality.window_records:,}"],
        ["longest time without one", gap],
        ["complete books", f"{quality.books:,}"],
        ["crossed books", f"{quality.crossed:,}"],
        ["locked books", f"{quality.locked:,}"],
        ["records that clear the book or doubt it", f"{quality.unknown:,}"],
        ["early close of the session", "yes" if facts["early_close"] else "no"],
        ["condition of the delivery", str(facts.get("condition") or "not stated")],
    ]
    missing = [
        [name, *(_percent(share) for share in shares)] for name, shares in quality.missing.items()
    ]
    if "MARKET, options" not in quality.missing:
        missing.insert(1, ["MARKET, options", "not built", "", ""])
    return (
        html_table(["data", ""], rows, [1])
        + _raw_data_table(day)
        + html_table(
            ["missing values", "all rows", "before known", "after known"], missing, [1, 2, 3]
        )
    )


def _raw_data_table(day: ReportDay) -> str:
    rows = [
        [
            one.dataset.removeprefix("bronze."),
            one.cover_words,
            one.records,
            one.silence_words,
            one.step_back_words,
            one.dropped_words,
            one.shortfall or "the product's times are covered",
        ]
        for one in day.raw_data
    ]
    if not rows:
        return "<p>What the raw files cover is not known: Bronze is not in the lake.</p>"
    head = [
        "raw data", "files cover", "records, New York", "silences over 60 s",
        "steps back in time", "dropped", "cover",
    ]  # fmt: skip
    return html_table(head, rows, [])


def lineage_table(day: ReportDay) -> str:
    """Return what each table is and what it was made from, by SHA-256."""
    rows = []
    for key, (manifest, sha256) in day.manifests.items():
        inputs = ", ".join(_input(entry) for entry in manifest.inputs)
        rows.append(
            [key, f"{manifest.rows:,}", f"{manifest.stage} {manifest.stage_version}", sha256[:12],
             manifest.contract_sha256[:12], inputs]
        )  # fmt: skip
    head = ["dataset", "rows", "stage, version", "manifest", "contract", "made from"]
    return html_table(head, rows, [1])


def parameter_table(day: ReportDay) -> str:
    """Return the settings that the levels and outcomes were made with."""
    rows = [
        [key, name, str(value)]
        for key in (LEVEL, OUTCOME)
        for name, value in day.manifests[key][0].parameters.items()
    ]
    return html_table(["dataset", "parameter", "value"], rows, [])


def _input(entry: object) -> str:
    dataset, sha256 = getattr(entry, "dataset", None), getattr(entry, "manifest_sha256", "")
    return f"{dataset} {sha256[:12]}" if dataset else str(getattr(entry, "path", entry))


def _clock(time_ns: int, digits: int = 0, date: dt.date | None = None) -> str:
    # With the day where it is another one than ``date``.
    if not time_ns:
        return ""
    day, clock = str(new_york(np.array([time_ns]))[0]).split("T")
    words = clock if digits else clock[:8]
    return words if date is None or day == str(date) else f"{day} {words}"


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:,.1f}"


def _percent(share: float) -> str:
    return "" if np.isnan(share) else f"{100 * share:.1f} %"
