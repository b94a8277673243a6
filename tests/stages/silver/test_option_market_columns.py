"""Every column of the options' MARKET table: against slow loops over raw records, no look-ahead.

On a day by hand where every column has values; a sample day of few strikes leaves some null.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tests.dbn_files import DATE
from tests.option_files import OPEN_NS
from tests.stages.silver.option_lake import (
    DELISTED_NS,
    EARLIER,
    LISTED_NS,
    OTHER_PARENTS,
    SECOND_NS,
    SILENT_S,
    Day,
    build,
    earlier_trades,
    make_day,
    market_of,
    option_lake,
)
from tests.stages.silver.option_reference import SlowMarket

CUT_S = 5_000
"""Before two strikes are listed: a row before must not know of them."""


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> pl.DataFrame:
    return market_of(option_lake(tmp_path_factory))


@pytest.fixture(scope="module")
def slow() -> SlowMarket:
    alike = [date for date in EARLIER if date != OTHER_PARENTS]
    return SlowMarket(make_day(), DATE, {date: earlier_trades(date) for date in alike})


def columns(market: pl.DataFrame) -> list[str]:
    return [name for name in market.columns if not name.startswith("ts")]


def test_every_column_has_values_that_change(market: pl.DataFrame) -> None:
    """So that no test below compares nulls with nulls."""
    assert len(columns(market)) == 26
    for name in columns(market):
        assert market[name].null_count() < 0.6 * market.height, name
        for rows in (market[name][:CUT_S], market[name][CUT_S + 5 :]):
            assert rows.drop_nulls().n_unique() > 1, name


SECONDS = [
    0,
    604,
    3_333,
    (LISTED_NS - OPEN_NS) // SECOND_NS + 1,  # the step before the listing
    (LISTED_NS - OPEN_NS) // SECOND_NS + 2,  # and after it
    (DELISTED_NS - OPEN_NS) // SECOND_NS + 3,
    SILENT_S[0] + 55,
    SILENT_S[0] + 60,  # the first step without quotes
    SILENT_S[0] + 105,  # the first step after the next quote
    9_000,
    10_800,
]


@pytest.mark.parametrize("second", SECONDS)
def test_every_column_equals_slow_loops(
    market: pl.DataFrame, slow: SlowMarket, second: int
) -> None:
    row = market.row(second, named=True)
    wanted = slow.row(OPEN_NS + second // 5 * 5 * SECOND_NS)
    assert wanted.keys() == set(columns(market))
    for name, value in wanted.items():
        assert row[name] == (None if value is None else pytest.approx(value, abs=1e-8)), name


def test_the_slow_rows_hold_every_column(market: pl.DataFrame) -> None:
    rows = market[SECONDS]
    assert [name for name in columns(market) if rows[name].null_count() == len(SECONDS)] == []


def test_truncation_changes_no_row_before(market: pl.DataFrame, tmp_path: Path) -> None:
    cut_ns = OPEN_NS + CUT_S * SECOND_NS
    day = {name: rows[rows["ts_recv"] < cut_ns] for name, rows in make_day().items()}
    assert build(tmp_path, day)[: CUT_S + 1].equals(market[: CUT_S + 1])


def test_what_comes_later_changes_every_column_only_later(
    market: pl.DataFrame, tmp_path: Path
) -> None:
    changed = build(tmp_path, _perturbed(make_day(), OPEN_NS + CUT_S * SECOND_NS))
    assert changed[: CUT_S + 1].equals(market[: CUT_S + 1])
    for name in columns(market):
        assert not changed[name][CUT_S + 5 :].equals(market[name][CUT_S + 5 :]), name


def _perturbed(day: Day, cut_ns: int) -> Day:
    late = {name: rows["ts_recv"] >= cut_ns for name, rows in day.items()}
    quotes, trades, interest = day["nbbo"], day["trades"], day["statistics"]
    for name in ("bid_px_00", "ask_px_00"):
        quotes[name][late["nbbo"]] = quotes[name][late["nbbo"]] // 10 * 11
    trades["size"][late["trades"]] += 7
    trades["side"][late["trades"]] = b"B"
    revised = np.flatnonzero(late["statistics"])
    interest["quantity"][revised] = interest["quantity"][revised] ** 2 % 4_999
    definitions = day["definition"]
    definitions["strike_price"][definitions["ts_recv"] == LISTED_NS] += 1_250_000_000
    definitions["security_update_action"][late["definition"]] = b"A"  # nothing is delisted
    return day
