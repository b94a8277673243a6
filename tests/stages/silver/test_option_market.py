"""The options' MARKET table on a sample day: against a slow reference, and without look-ahead."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from src.data_eng.catalogue.datasets import dataset
from src.data_eng.sample import SampleFuture, SampleOptions, write_option_day
from src.data_eng.stages.outcome import Status
from src.data_eng.vendor.dbn.reader import DbnReader
from tests.dbn_files import Records, encode_header, write_dbn
from tests.lakes import run_request
from tests.stages.silver.option_reference import SlowMarket

DATE = dt.date(2025, 5, 6)
OPEN_NS = 1_746_538_200_000_000_000  # 09:30 New York
SAMPLE = SampleOptions(SampleFuture(date=DATE), quotes=250_000, strikes=15, spreads=5)


def build(lake: Path) -> pl.DataFrame:
    outcomes = run_request("future_option", "all", [DATE], lake)
    assert {o.status for o in outcomes} == {Status.WRITTEN}, outcomes
    return table(lake, "gold.future_option.market_first3h")


def table(lake: Path, key: str) -> pl.DataFrame:
    return pl.read_parquet(lake / dataset(key).folder("ESM5") / "**/*.parquet")


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    whole, lake = (tmp_path_factory.mktemp(name) for name in ("whole", "lake"))
    write_option_day(whole / "raw", SAMPLE)
    rewritten(whole, lake, _late_quotes)
    build(lake)
    return lake


def _late_quotes(records: Records, schema: str) -> Records:
    # The slow reference walks through every step that has quotes.
    is_late = records["ts_recv"] >= OPEN_NS - 1_800 * 10**9
    return records[is_late] if schema == "mbp-1" else records


@pytest.fixture(scope="module")
def market(lake: Path) -> pl.DataFrame:
    return table(lake, "gold.future_option.market_first3h")


def test_rows_and_names(market: pl.DataFrame, shared_data: Path) -> None:
    assert market.height == 10_801
    times = market["ts"].dt.epoch("ns").to_numpy()
    assert (times == OPEN_NS + np.arange(10_801) * 10**9).all()
    assert (market["ts_est"].dt.epoch("ns") == market["ts"].dt.epoch("ns")).all()
    with (shared_data.parent / "features_2.csv").open() as file:
        wanted = [
            row["name"]
            for row in csv.DictReader(file)
            if row["table"] == "market" and row["group"] == "options"
        ]
    assert {name for name in market.columns if not name.startswith("ts")} == set(wanted)
    assert len(wanted) == 26


def test_silver_and_gold_are_the_same_rows(lake: Path, market: pl.DataFrame) -> None:
    assert table(lake, "silver.future_option.market").equals(market)


def test_values_change_every_five_seconds_only(market: pl.DataFrame) -> None:
    values = market.drop("ts", "ts_est")
    carried = values[np.arange(10_801) // 5 * 5]
    assert values.equals(carried)


def records_of(lake: Path) -> dict[str, Records]:
    """Return the raw records of calls and puts on the front month, by table."""
    found = {}
    for path in (lake / "raw").rglob("*.dbn.zst"):
        with DbnReader(path) as reader:
            records = np.concatenate([np.zeros(0, reader.dtype), *reader.blocks()])
        found[path.parent.name.removeprefix("table=")] = records
    terms = found["definition"]
    is_kept = np.isin(terms["instrument_class"], [b"C", b"P"]) & (terms["underlying"] == b"ESM5")
    ids = terms["instrument_id"][is_kept]
    return {name: rows[np.isin(rows["instrument_id"], ids)] for name, rows in found.items()}


@pytest.fixture(scope="module")
def slow(lake: Path) -> SlowMarket:
    return SlowMarket(records_of(lake), DATE)


@pytest.mark.parametrize("seconds", [0, 605, 3_600, 7_210, 10_800])
def test_features_equal_a_slow_reference(
    market: pl.DataFrame, slow: SlowMarket, seconds: int
) -> None:
    row = market.row(seconds, named=True)
    wanted = slow.row(OPEN_NS + seconds * 10**9)
    assert {name for name in market.columns if not name.startswith("ts")} == wanted.keys()
    for name, value in wanted.items():
        assert row[name] == (None if value is None else pytest.approx(value, abs=1e-7)), name


def rewritten(lake: Path, to: Path, change: Any) -> None:
    """Write the raw files of a lake again, their records changed."""
    for path in (lake / "raw").rglob("*.dbn.zst"):
        with DbnReader(path) as reader:
            meta = reader.metadata
            records = np.concatenate([np.zeros(0, reader.dtype), *reader.blocks()])
        header = encode_header(
            schema=meta.schema,
            date=DATE,
            query=meta.symbols,
            mappings=[(m.symbol_in, m.symbol_out, m.start, m.end) for m in meta.mappings],
        )
        write_dbn(to / path.relative_to(lake), header, change(records, str(meta.schema)))


CUT_S = 2_000


def test_truncation_changes_no_row_before(lake: Path, market: pl.DataFrame, tmp_path: Path) -> None:
    cut_ns = OPEN_NS + CUT_S * 10**9

    def cut(records: Records, _schema: str) -> Records:
        return records[records["ts_recv"] < cut_ns]

    rewritten(lake, tmp_path, cut)
    assert build(tmp_path)[: CUT_S + 1].equals(market[: CUT_S + 1])


def test_what_comes_later_changes_no_row_before(
    lake: Path, market: pl.DataFrame, tmp_path: Path
) -> None:
    cut_ns = OPEN_NS + CUT_S * 10**9

    def perturb(records: Records, schema: str) -> Records:
        late = records["ts_recv"] >= cut_ns
        if schema == "mbp-1":
            records["bid_px_00"][late] //= 2
        elif schema == "trades":
            records["size"][late] += 7
            records["side"][late] = b"B"
        elif schema == "statistics":
            records["quantity"][late & (records["stat_type"] == 9)] = 1
        return records

    rewritten(lake, tmp_path, perturb)
    changed = build(tmp_path)
    assert changed[: CUT_S + 1].equals(market[: CUT_S + 1])
    after = {
        name
        for name in market.columns
        if not changed[name][CUT_S + 5 :].equals(market[name][CUT_S + 5 :])
    }
    # The change is no empty one: it reaches every family of features.
    assert {"atm_implied_volatility_front", "option_volume_300s"} <= after
    assert {"net_put_premium_to_put_premium_300s", "put_call_open_interest_ratio"} <= after


def test_without_a_quote_there_are_nulls_not_errors(lake: Path, tmp_path: Path) -> None:
    def silent(records: Records, schema: str) -> Records:
        return records if schema == "definition" else records[:0]

    rewritten(lake, tmp_path, silent)
    # A file without a record of the date is still the day's file.
    market = build(tmp_path)
    for name in market.columns[2:]:
        if name == "option_volume_300s":
            assert market[name].to_list() == [0.0] * 10_801
        else:
            assert market[name].null_count() == 10_801, name


def test_the_first_three_hours_have_the_definitions_in_force(lake: Path) -> None:
    kept = table(lake, "gold.future_option.definition_first3h")
    listed = table(lake, "silver.future_option.definition_clean")
    wanted = []
    for _, rows in listed.with_row_index().group_by("instrument_id", maintain_order=True):
        received, expiration = (
            rows[name].dt.epoch("ns").to_list() for name in ("ts_recv", "expiration")
        )
        assert "D" not in rows["security_update_action"]
        until = [*received[1:], 2**63 - 1]
        for index, row in enumerate(rows["index"]):
            begins = received[index] < OPEN_NS + 10_800 * 10**9
            if begins and min(until[index], expiration[index]) > OPEN_NS:
                wanted.append(row)
    assert kept.equals(listed[sorted(wanted)])
    # Most definitions arrive at midnight, and would be missed by a window on their receipt.
    assert np.mean(kept["ts_recv"].dt.epoch("ns").to_numpy() < OPEN_NS) > 0.9
