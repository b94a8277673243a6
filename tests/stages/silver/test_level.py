"""The level table: trades named one by one, the sample day, a real day."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path
from typing import Any

import databento
import numpy as np
import polars as pl
import pytest
import talib

from src.data_eng.catalogue import contract as contract_module
from src.data_eng.catalogue.derive import derived_contracts
from src.data_eng.catalogue.feature_tables import is_feature_table
from src.data_eng.catalogue.tables import TRADES
from src.data_eng.errors import ContractError
from src.data_eng.exchange.products import PRODUCTS, Product
from src.data_eng.features.level.level_path import LevelPath
from src.data_eng.features.level.levels import level_names, with_levels
from src.data_eng.lake.paths import Partition
from src.data_eng.lake.table import open_table
from src.data_eng.records.levels import read_levels
from src.data_eng.stages.outcome import Outcome, Status
from tests.features.level.previous_day import PD_HIGH
from tests.lakes import build, run
from tests.stages.silver.level_lake import LEVEL, add_levels
from tests.stages.silver.market_lake import (
    BARS,
    CLEAN,
    DATE,
    SHIFTED,
    SHIFTED_DATE,
    manifest,
    partition,
    rows,
    sample_day,
    shifted_day,
)
from tests.stages.silver.trade_lake import SYMBOL, Trade, at, trades_day

TIMES = ("known_at", "known_at_est", "set_at", "window_start", "window_end")
SNAPSHOT = 0x20
MINUTE = 60 * 10**9


def level_stage(lake: Path, symbol: str = SYMBOL, date: dt.date = DATE, **settings: Any) -> Outcome:
    return run(LEVEL.key, lake, symbol, date, **settings)


def table(lake: Path, symbol: str = SYMBOL, date: dt.date = DATE) -> pl.DataFrame:
    return rows(lake, LEVEL, symbol, date).with_columns(
        pl.col(*TIMES).cast(pl.Int64), pl.col("level").cast(pl.String)
    )


def fixed(lake: Path, date: dt.date = DATE) -> dict[str, dict[str, Any]]:
    found = table(lake, SYMBOL, date).filter(pl.col("level") != "sma_90")
    return {row["level"]: row for row in found.iter_rows(named=True)}


def missing(lake: Path, date: dt.date = DATE) -> Any:
    return manifest(lake, LEVEL, SYMBOL, date)["facts"]["missing"]


def paths(lake: Path, date: dt.date = DATE) -> dict[str, LevelPath]:
    with open_table(lake, Partition(LEVEL, SYMBOL, date)) as table:
        found = read_levels(table, 0.25)
    assert [path.name for path in found] == list(level_names())
    return {path.name: path for path in found}


@pytest.fixture(scope="module")
def sample_lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    lake = tmp_path_factory.mktemp("sample")
    sample_day(lake)
    add_levels(lake, SYMBOL, DATE)
    return lake


def copied(lake: Path, tmp_path: Path) -> Path:
    shutil.copytree(lake, tmp_path / "lake")
    return tmp_path / "lake"


@pytest.mark.parametrize(
    "date",
    [
        pytest.param(dt.date(2025, 1, 15), id="standard time"),
        pytest.param(dt.date(2025, 6, 5), id="daylight time"),
        pytest.param(dt.date(2025, 3, 10), id="day after the clock went forward"),
        pytest.param(dt.date(2025, 11, 3), id="day after the clock went back"),
    ],
)
def test_windows_have_their_start_and_not_their_end(tmp_path: Path, date: dt.date) -> None:
    four, open_ns, ten = (at(date, clock) for clock in ("04:00", "09:30", "10:00"))
    trades: list[Trade] = [
        (four - 1, 9_999),
        (four, 110),
        (four + 5, 110),
        (open_ns - 1, 90),
        (open_ns, 200),
        (open_ns + 9, 200),
        (ten - 1, 100),
        (ten, 1),
    ]
    trades_day(tmp_path, date, trades)
    add_levels(tmp_path, SYMBOL, date)
    expected = {
        "pm_high": (110, four, open_ns, four),
        "pm_low": (90, four, open_ns, open_ns - 1),
        "or_high": (200, open_ns, ten, open_ns),
        "or_low": (100, open_ns, ten, ten - 1),
    }
    found, read = fixed(tmp_path, date), paths(tmp_path, date)
    for name, (ticks, start, end, set_at) in expected.items():
        row = found[name]
        assert row["price"] == ticks * 0.25
        assert (row["window_start"], row["window_end"], row["set_at"]) == (start, end, set_at)
        assert row["known_at"] == row["known_at_est"] == end
        assert read[name].times.tolist() == [end]
        assert read[name].ticks.tolist() == [ticks]
        assert (read[name].set_ns, read[name].window) == (set_at, (start, end))


def test_trades_of_a_snapshot_are_not_extremes(tmp_path: Path) -> None:
    start = at(DATE, "05:00")
    trades = [(start, 100), (start + 1, 150), (start + 2, 50), (start + 3, 101)]
    trades_day(tmp_path, DATE, trades, [0, SNAPSHOT, SNAPSHOT, 0])
    add_levels(tmp_path, SYMBOL, DATE)
    found = fixed(tmp_path)
    assert (found["pm_high"]["price"], found["pm_low"]["price"]) == (101 * 0.25, 25.0)


def test_a_trade_received_out_of_order_is_as_late_as_the_one_before(tmp_path: Path) -> None:
    open_ns = at(DATE, "09:30")
    trades_day(tmp_path, DATE, [(open_ns - 9, 100), (open_ns + 5, 100), (open_ns - 3, 120)])
    add_levels(tmp_path, SYMBOL, DATE)
    found = fixed(tmp_path)
    assert found["pm_high"]["price"] == 25.0
    assert (found["or_high"]["price"], found["or_high"]["set_at"]) == (30.0, open_ns + 5)


def test_windows_without_a_trade_say_so(tmp_path: Path) -> None:
    trades_day(tmp_path, DATE, [(at(DATE, "03:59"), 100), (at(DATE, "10:00"), 101)])
    add_levels(tmp_path, SYMBOL, DATE)
    found = table(tmp_path)
    assert found["level"].to_list() == list(level_names())
    assert found["price"].null_count() == found["set_at"].null_count() == 5
    known = [at(DATE, clock) for clock in ("09:30", "09:30", "10:00", "10:00")]
    assert found["known_at"].to_list() == [*known, None]
    assert missing(tmp_path) == {
        **dict.fromkeys(level_names()[:4], "no trade in the window"),
        "sma_90": "fewer than 90 bars",
    }
    for path in paths(tmp_path).values():
        assert (len(path.times), path.known_ns, path.set_ns, path.window) == (0, None, None, None)


def test_a_price_off_the_grid_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.stages.silver.trade_lake.TICK_FIXED", 125_000_000)
    with pytest.raises(ContractError, match=r"field price, row 1: 25\.125 is no whole number"):
        trades_day(tmp_path, DATE, [(at(DATE, "05:00"), 200), (at(DATE, "05:01"), 201)])
    with pytest.raises(ContractError, match=r"trades .*field price, row 1: 25\.125 is no whole"):
        build([BARS.key, LEVEL.key], tmp_path, SYMBOL, DATE)
    assert not partition(tmp_path, LEVEL, SYMBOL, DATE).exists()


def test_the_average_lapses_over_a_gap_and_comes_back(tmp_path: Path) -> None:
    start = at(DATE, "02:00")
    minutes = [*range(0, 200, 2), *range(262, 462, 2)]  # 62 minutes without a bar
    trades_day(tmp_path, DATE, [(start + m * MINUTE, 100 + m % 7) for m in minutes])
    add_levels(tmp_path, SYMBOL, DATE)
    found = table(tmp_path).filter(pl.col("level") == "sma_90")
    is_null = [False] * 11 + [True] * 89 + [False] * 11
    assert found["price"].is_null().to_list() == is_null
    assert found["known_at"].to_list() == [start + (m + 2) * MINUTE for m in minutes[89:]]
    assert found["window_start"].to_list() == [start + m * MINUTE for m in minutes[:111]]
    assert found["window_end"].equals(found["known_at"], check_names=False)
    assert "sma_90" not in missing(tmp_path)
    path = paths(tmp_path)["sma_90"]
    assert np.isnan(path.ticks).tolist() == is_null
    assert path.known_ns == found["known_at"][0]


def test_an_average_that_never_holds_is_missing(tmp_path: Path) -> None:
    start = at(DATE, "02:00")
    trades_day(tmp_path, DATE, [(start + 4 * n * MINUTE, 100) for n in range(91)])
    add_levels(tmp_path, SYMBOL, DATE)
    assert table(tmp_path).filter(pl.col("level") == "sma_90")["price"].to_list() == [None, None]
    assert missing(tmp_path)["sma_90"] == "90 bars span more than 240 minutes"


def test_a_date_without_a_session_has_five_rows_without_values(tmp_path: Path) -> None:
    holiday = dt.date(2025, 6, 19)
    clocks = ("05:00", "09:45")
    trades_day(tmp_path, holiday, [(at(holiday, clock), 100) for clock in clocks])
    assert level_stage(tmp_path, date=holiday).status is Status.WRITTEN
    found = table(tmp_path, SYMBOL, holiday)
    assert found["level"].to_list() == list(level_names())
    assert found.drop("level").null_count().row(0) == (5,) * 6
    reasons = missing(tmp_path, holiday)
    assert set(reasons) == set(level_names())
    assert all("Juneteenth" in reason for reason in reasons.values())


def test_the_average_of_the_sample_day_is_that_of_talib(sample_lake: Path) -> None:
    found = table(sample_lake).filter(pl.col("level") == "sma_90")
    bars = rows(sample_lake, BARS, SYMBOL, DATE).with_columns(pl.col("ts_end").cast(pl.Int64))
    expected = talib.SMA(bars["close"].to_numpy(), 90)[89:]
    is_known = found["price"].is_not_null().to_numpy()
    assert is_known.sum() > 100
    assert found["price"].to_numpy()[is_known] == pytest.approx(expected[is_known], rel=1e-12)
    assert found["known_at"].to_list() == bars["ts_end"][89:].to_list()
    ninety = paths(sample_lake)["sma_90"].ticks * 90
    sums = np.convolve(np.rint(bars["close"].to_numpy() / 0.25), np.ones(90), "valid")
    assert np.rint(ninety[is_known]).tolist() == sums[is_known].tolist()


@pytest.mark.parametrize("minutes", [5, 15, 30, 60])
def test_the_opening_range_is_as_long_as_asked(
    sample_lake: Path, tmp_path: Path, minutes: int
) -> None:
    lake = copied(sample_lake, tmp_path)
    level_stage(lake, opening_range_minutes=minutes, refresh_stale=True)
    start = at(DATE, "09:30")
    end = start + minutes * MINUTE
    trades = rows(lake, CLEAN, SYMBOL, DATE).filter(
        (pl.col("action") == "T") & pl.col("ts_recv").cast(pl.Int64).is_between(start, end, "left")
    )
    found = fixed(lake)
    for name, extreme in (("or_high", trades["price"].max()), ("or_low", trades["price"].min())):
        first = trades.filter(pl.col("price") == extreme)["ts_recv"].cast(pl.Int64)[0]
        row = found[name]
        assert (row["price"], row["set_at"], row["known_at"]) == (extreme, first, end)
    assert found["pm_high"] == fixed(sample_lake)["pm_high"]


def test_the_manifest_has_the_parameters_and_the_inputs(sample_lake: Path) -> None:
    body = manifest(sample_lake, LEVEL, SYMBOL, DATE)
    assert body["parameters"] == {
        "pre_market": {"start": "04:00", "end": "09:30", "time_zone": "America/New_York"},
        "opening_range_minutes": 30,
        "sma": {"bars": 90, "bar_seconds": 120, "max_span_minutes": 240},
        "tick_size": 0.25,
    }
    assert [entry["dataset"] for entry in body["inputs"]] == [TRADES, BARS.key]
    assert body["facts"]["missing"] == {}


@pytest.mark.parametrize("change", [{"opening_range_minutes": 15}, {"pre_market_start": "07:00"}])
def test_levels_are_stale_when_a_window_changes(
    sample_lake: Path, tmp_path: Path, change: dict[str, Any]
) -> None:
    lake = copied(sample_lake, tmp_path)
    assert level_stage(lake).status is Status.COMPLETE
    outcome = level_stage(lake, **change)
    assert outcome.status is Status.STALE
    assert next(iter(change)).removesuffix("_start") in outcome.reason
    assert level_stage(lake, **change, refresh_stale=True).status is Status.WRITTEN
    assert level_stage(lake, **change).status is Status.COMPLETE


def test_a_rebuild_gives_the_same_bytes(sample_lake: Path, tmp_path: Path) -> None:
    lake = copied(sample_lake, tmp_path)
    folder = partition(lake, LEVEL, SYMBOL, DATE)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    shutil.rmtree(folder)
    add_levels(lake, SYMBOL, DATE)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_a_product_without_a_session_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(PRODUCTS, "HG", Product(0.0005, 25_000.0))
    outcome = level_stage(tmp_path, "HGM5")
    assert outcome.status is Status.SKIPPED
    assert "no regular session is known of HGM5" in outcome.reason


def test_levels_are_no_feature_table() -> None:
    assert not is_feature_table(LEVEL)


def test_the_levels_of_a_real_day(tmp_path: Path, shared_data: Path) -> None:
    symbol = shifted_day(tmp_path, shared_data)
    add_levels(tmp_path, symbol, SHIFTED_DATE)
    file = shared_data / "future_ES" / SHIFTED
    records = databento.DBNStore.from_bytes(file.read_bytes()).to_ndarray()
    trades = records[records["action"] == b"T"]
    times, price = trades["ts_recv"].astype(np.int64), trades["price"] / 1e9
    found = {row["level"]: row for row in table(tmp_path, symbol, SHIFTED_DATE).to_dicts()}
    clocks = {"pm": ("04:00", "09:30"), "or": ("09:30", "10:00")}
    for name in level_names()[:4]:
        start, end = (at(SHIFTED_DATE, clock) for clock in clocks[name[:2]])
        inside = (times >= start) & (times < end)
        assert inside.sum() > 100
        extreme = price[inside].max() if name.endswith("high") else price[inside].min()
        assert found[name]["price"] == extreme
        assert found[name]["set_at"] == times[inside & (price == extreme)][0]
        assert found[name]["known_at"] == end
    assert found["sma_90"]["price"] is None


def test_a_further_level_has_a_row_and_says_what_it_lacks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(contract_module.CONTRACTS, tmp_path / "contracts")
    monkeypatch.setattr(contract_module, "CONTRACTS", tmp_path / "contracts")
    lake = tmp_path / "lake"
    with with_levels(PD_HIGH):
        for path, text in derived_contracts().items():
            (tmp_path / "contracts" / path).write_text(text)
        trades_day(lake, DATE, [(at(DATE, "04:00"), 110)])
        assert level_stage(lake).status is Status.WRITTEN
        assert table(lake)["level"].to_list() == list(level_names())
        assert fixed(lake)["pd_high"]["price"] is None
        assert fixed(lake)["pm_high"]["price"] == 110 * 0.25
        assert missing(lake)["pd_high"] == "no bars of the session before"
        # Once the session before is there, the level is stale and then has its high.
        before = dt.date(2025, 6, 4)
        trades_day(lake, before, [(at(before, "04:00"), 120), (at(before, "11:00"), 118)])
        found = level_stage(lake)
        assert found.status is Status.STALE
        assert found.reason == f"its input {BARS.key} of {before} was absent and is there"
        assert level_stage(lake, refresh_stale=True).status is Status.WRITTEN
        assert fixed(lake)["pd_high"]["price"] == 120 * 0.25
