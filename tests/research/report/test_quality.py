"""The figures of the data."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from src.data_eng.catalogue.datasets import dataset
from src.data_eng.research.report.day import ReportDay
from src.data_eng.research.report.quality import measure_quality
from src.data_eng.research.report.tables import quality_table
from src.data_eng.vendor.delivered_date import DeliveredDate
from tests.stages.silver.market_lake import CLEAN, DATE, rows


def test_the_quality_figures_are_those_of_a_query(lake: Path, day: ReportDay) -> None:
    found = measure_quality(day)
    start, end = (pl.lit(t).cast(pl.Datetime("ns", "UTC")) for t in day.window_ns)
    records = rows(lake, CLEAN, "ESM5", DATE)
    inside = records.filter((pl.col("ts_recv") >= start) & (pl.col("ts_recv") < end))
    books = inside.filter(pl.col("f_last") & (pl.col("action") != "T"))
    start_ns, end_ns = day.window_ns
    gaps = np.diff([start_ns, *inside["ts_recv"].dt.epoch("ns"), end_ns])
    assert (found.records, found.window_records) == (records.height, inside.height)
    assert found.longest_gap_ns == gaps.max()
    assert found.books == books.height
    assert found.crossed == books.filter(pl.col("ask_px_00") < pl.col("bid_px_00")).height
    table = rows(lake, dataset("gold.future.level_or_high_first3h"), "ESM5", DATE)[:, 2:]
    _, before, after = found.missing["Opening Range High"]
    assert before == 1.0
    known = table[1800:]
    assert after == pytest.approx(sum(known.null_count().row(0)) / known.height / known.width)


def test_what_the_raw_data_cover_is_told(lake: Path, day: ReportDay) -> None:
    (there,) = day.raw_data
    quality = measure_quality(day)
    assert there.dropped_words in quality_table(day, quality)
    bare = quality_table(replace(day, raw_data=()), quality)
    assert "is not known: Bronze is not in the lake" in bare
    raw = DeliveredDate(
        "bronze.future.market_by_price_10",
        "ESM5",
        str(DATE),
        "available",
        ("09:00:00-10:00:00",),
        "09:00:01-09:59:59",
        "does not cover <04:00>",
        1,
        61.0,
        61.0,
        2,
        1_000_000,
        {"other contracts": 5},
    )
    shown = quality_table(replace(day, raw_data=(raw,)), quality)
    for words in (
        "09:00:00-10:00:00",
        "1, 61 s in all, longest 61 s",
        "2, up to 1 ms",
        "5 other contracts",
        "does not cover &lt;04:00&gt;",
    ):
        assert words in shown


def test_the_longest_gap_may_be_at_an_end_of_the_window(
    lake: Path, day: ReportDay, monkeypatch: pytest.MonkeyPatch
) -> None:
    times = rows(lake, CLEAN, "ESM5", DATE)["ts_recv"].dt.epoch("ns").to_numpy()
    first, last = int(times[0]), int(times[-1])
    hour, second = 3600 * 10**9, 10**9
    for window in ((first - hour, first + second), (last - second, last + hour)):
        monkeypatch.setattr(ReportDay, "window_ns", window)
        found = measure_quality(day)
        assert found.longest_gap_ns == hour
        assert found.gap_start_ns in (first - hour, last)
