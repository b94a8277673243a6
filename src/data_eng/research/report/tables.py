"""The parts of the page that are tables: levels, quality, lineage."""

from __future__ import annotations

import datetime as dt
from typing import Final

import numpy as np

from ...catalogue.tables import LEVEL
from ...catalogue.vectors import OUTCOME
from ...features.level.levels import level_names, level_words
from ..web.tables import html_table
from .day import ReportDay, new_york, numbers, times_ns
from .quality import Quality

_LONG_GAP_NS: Final = 60 * 10**9


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
        note = (
            f"then {len(at) - 1:,} steps, {day.price_words(price[at[-1]])} at 12:30"
            if len(at) > 1
            else ""
        )
        first = at[0]
        clocks = [_clock(times[first], date=day.date) for times in (known, set_at)]
        rows.append([level_words(level), day.price_words(price[first]), *clocks, note])
    return html_table(["level", "price", "known at", "set at", "note"], rows, [1, 2, 3], "Levels")


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
        html_table(["data", "value"], rows, [1], "Data")
        + _raw_data_table(day)
        + html_table(
            ["missing values", "all rows", "before known", "after known"],
            missing,
            [1, 2, 3],
            "Missing values",
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
            "; ".join(filter(None, (one.shortfall, one.long_silences)))
            or "the product's times are covered",
        ]
        for one in day.raw_data
    ]
    if not rows:
        return "<p>What the raw files cover is not known: Bronze is not in the lake.</p>"
    head = [
        "raw data", "files cover", "records, New York", "silences over 60 s",
        "steps back in time", "dropped", "cover",
    ]  # fmt: skip
    return html_table(head, rows, [], "Raw data")


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
    return html_table(head, rows, [1], "Lineage")


def parameter_table(day: ReportDay) -> str:
    """Return the settings that the levels and outcomes were made with."""
    rows = [
        [key, name, str(value)]
        for key in (LEVEL, OUTCOME)
        for name, value in day.manifests[key][0].parameters.items()
    ]
    return html_table(["dataset", "parameter", "value"], rows, [], "Parameters")


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


def _percent(share: float) -> str:
    return "" if np.isnan(share) else f"{100 * share:.1f} %"
