"""The options' MARKET table on a sample day: against a slow reference, and without look-ahead."""

from __future__ import annotations

import csv
import datetime as dt
import math
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import pytest
from vollib.black.implied_volatility import implied_volatility

from src.data_eng.catalogue.datasets import dataset
from src.data_eng.options.chain import NS_A_YEAR
from src.data_eng.sample import SampleFuture, SampleOptions, write_option_day
from src.data_eng.stages.outcome import Status
from src.data_eng.vendor.dbn.reader import DbnReader
from tests.dbn_files import Records, encode_header, write_dbn
from tests.lakes import run_request

DATE = dt.date(2025, 5, 6)
OPEN_NS = 1_746_538_200_000_000_000  # 09:30 New York
STEP_NS = 5 * 10**9
RATE = 0.04
SAMPLE = SampleOptions(SampleFuture(date=DATE), quotes=250_000, strikes=15, spreads=5)
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
NEW_YORK = ZoneInfo("America/New_York")


def build(lake: Path) -> pl.DataFrame:
    outcomes = run_request("future_option", "all", [DATE], lake)
    assert {o.status for o in outcomes} == {Status.WRITTEN}, outcomes
    return table(lake, "gold.future_option.market_first3h")


def table(lake: Path, key: str) -> pl.DataFrame:
    return pl.read_parquet(lake / dataset(key).folder("ESM5") / "**/*.parquet")


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    lake = tmp_path_factory.mktemp("lake")
    write_option_day(lake / "raw", SAMPLE)
    build(lake)
    return lake


@pytest.fixture(scope="module")
def market(lake: Path) -> pl.DataFrame:
    return table(lake, "gold.future_option.market_first3h")


def test_rows_and_names(market: pl.DataFrame, shared_data: Path) -> None:
    assert market.height == 10_801
    times = market["ts"].dt.epoch("ns").to_numpy()
    assert (times == OPEN_NS + np.arange(10_801) * 10**9).all()
    assert (market["ts_est"].dt.epoch("ns") == market["ts"].dt.epoch("ns")).all()
    with (shared_data.parent / "features.csv").open() as file:
        wanted = [
            row["name"]
            for row in csv.DictReader(file)
            if row["table"] == "market" and row["group"] == "options"
        ]
    assert [name for name in market.columns if not name.startswith("ts")] == wanted


def test_silver_and_gold_are_the_same_rows(lake: Path, market: pl.DataFrame) -> None:
    assert table(lake, "silver.future_option.market").equals(market)


def test_values_change_every_five_seconds_only(market: pl.DataFrame) -> None:
    values = market.drop("ts", "ts_est")
    carried = values[np.arange(10_801) // 5 * 5]
    assert values.equals(carried)


class Reference:
    """The features at one moment, one option after the other, from the Silver tables."""

    def __init__(self, lake: Path, at_ns: int) -> None:
        self.at_ns = at_ns
        names = ("definition", "trades", "nbbo", "statistics")
        silver = {n: table(lake, f"silver.future_option.{n}_clean") for n in names}
        before = pl.col("ts_recv").dt.epoch("ns") < at_ns
        terms = silver["definition"].unique("instrument_id", keep="last")
        self.terms = {row["instrument_id"]: row for row in terms.to_dicts()}
        self.quotes = {
            row["instrument_id"]: row for row in silver["nbbo"].filter(before).to_dicts()
        }
        is_interest = pl.col("stat_type") == 9
        self.interest = {
            row["instrument_id"]: row["quantity"] if row["update_action"] == "NEW" else None
            for row in silver["statistics"].filter(before & is_interest).to_dicts()
        }
        self.trades = silver["trades"].filter(before).to_dicts()

    def ns(self, value: Any) -> int:
        return int((value - EPOCH) // dt.timedelta(microseconds=1)) * 1000

    def mid(self, instrument: int) -> float | None:
        quote = self.quotes.get(instrument)
        if quote is None or quote["bid_px_00"] is None or quote["ask_px_00"] is None:
            return None
        bid, ask = quote["bid_px_00"], quote["ask_px_00"]
        age = self.at_ns - self.ns(quote["ts_recv"])
        mid = (bid + ask) / 2
        is_fresh = age <= 60 * 10**9
        is_tight = ask - bid <= max(1.0, 0.25 * mid)
        return mid if bid > 0 and ask > bid and is_fresh and is_tight else None

    def expirations(self) -> list[int]:
        found = {self.ns(row["expiration"]) for row in self.terms.values()}
        return sorted(ns for ns in found if ns - self.at_ns > 30 * 60 * 10**9)

    def smile(self, expiration: int) -> tuple[float, float, dict[float, float], dict[Any, float]]:
        """Return years, forward, volatility by strike, and mids by (strike, right)."""
        years = (expiration - self.at_ns) / NS_A_YEAR
        mids: dict[Any, float] = {}
        for instrument, row in self.terms.items():
            mid = self.mid(instrument)
            if self.ns(row["expiration"]) == expiration and mid is not None:
                mids[row["strike_price"], row["instrument_class"]] = mid
        growth = math.exp(RATE * years)
        pairs = [k for k, right in mids if right == "C" and (k, "P") in mids]
        pairs.sort(key=lambda k: (abs(mids[k, "C"] - mids[k, "P"]), k))
        forwards = [k + growth * (mids[k, "C"] - mids[k, "P"]) for k in pairs[:5]]
        forward = float(np.median(forwards)) if forwards else math.nan
        sigma = {}
        for (strike, right), mid in sorted(mids.items()):
            if forwards and (strike >= forward) == (right == "C"):
                try:
                    sigma[strike] = implied_volatility(
                        mid * growth, forward, strike, 0.0, years, right.lower()
                    )
                except Exception:  # noqa: BLE001 - below intrinsic: no volatility
                    continue
        return years, forward, sigma, mids

    def atm(self, expiration: int) -> float | None:
        _, forward, sigma, _ = self.smile(expiration)
        below = [k for k in sigma if k <= forward]
        above = [k for k in sigma if k >= forward]
        if not below or not above:
            return None
        low, high = max(below), min(above)
        if low == high:
            return sigma[low]
        return sigma[low] + (forward - low) / (high - low) * (sigma[high] - sigma[low])

    def straddle(self, expiration: int) -> float | None:
        _, forward, _, mids = self.smile(expiration)
        listed = {
            row["strike_price"]
            for row in self.terms.values()
            if self.ns(row["expiration"]) == expiration
        }
        nearest = min(sorted(listed), key=lambda k: abs(k - forward))
        if (nearest, "C") not in mids or (nearest, "P") not in mids:
            return None
        return 1e4 * (mids[nearest, "C"] + mids[nearest, "P"]) / forward

    def volumes(self, since_ns: int) -> tuple[int, int, int]:
        """Return contracts in calls, in puts, and in options that expire on the date."""
        calls = puts = today = 0
        for trade in self.trades:
            if self.ns(trade["ts_recv"]) < since_ns:
                continue
            size = trade["size"]
            calls += size * (trade["instrument_class"] == "C")
            puts += size * (trade["instrument_class"] == "P")
            today += size * (trade["expiration"].astimezone(NEW_YORK).date() == DATE)
        return calls, puts, today

    def premium(self, right: str) -> float | None:
        signed = sided = 0.0
        for trade in self.trades:
            is_in = self.ns(trade["ts_recv"]) >= self.at_ns - 300 * 10**9
            if not is_in or trade["instrument_class"] != right:
                continue
            sign = {"B": 1, "A": -1, "N": 0}[trade["side"]]
            signed += sign * trade["size"] * trade["price"]
            sided += abs(sign) * trade["size"] * trade["price"]
        return signed / sided if sided else None


@pytest.mark.parametrize("seconds", [0, 605, 3_600, 7_210, 10_800])
def test_features_equal_a_slow_reference(lake: Path, market: pl.DataFrame, seconds: int) -> None:
    row = market.row(seconds, named=True)
    at_ns = OPEN_NS + seconds * 10**9
    slow = Reference(lake, at_ns)
    calls, puts, _ = slow.volumes(at_ns - 300 * 10**9)
    assert row["option_volume_300s"] == calls + puts
    assert row["put_call_volume_ratio_300s"] == (puts / calls if calls else None)
    calls, puts, today = slow.volumes(OPEN_NS)
    assert row["option_volume_rth"] == calls + puts
    assert row["zero_dte_volume_share_rth"] == (
        pytest.approx(today / (calls + puts)) if calls + puts else None
    )
    assert_near(row["signed_call_premium_imbalance_300s"], slow.premium("C"))
    assert_near(row["signed_put_premium_imbalance_300s"], slow.premium("P"))
    front, following = slow.expirations()[:2]
    assert_near(row["atm_implied_volatility_front"], slow.atm(front))
    assert_near(row["atm_straddle_implied_move_bps_front"], slow.straddle(front))
    near, far = slow.atm(front), slow.atm(following)
    slope = None if near is None or far is None else 100 * (far - near)
    assert_near(row["implied_volatility_term_slope"], slope)
    limit = at_ns + 90 * 86_400 * 10**9
    known = [
        (slow.terms[i]["instrument_class"], quantity)
        for i, quantity in slow.interest.items()
        if quantity is not None and at_ns < slow.ns(slow.terms[i]["expiration"]) <= limit
    ]
    sums = {right: sum(q for r, q in known if r == right) for right in "CP"}
    assert row["put_call_open_interest_ratio"] == pytest.approx(sums["P"] / sums["C"])


def assert_near(got: float | None, wanted: float | None) -> None:
    if wanted is None:
        assert got is None
    else:
        assert got == pytest.approx(wanted, abs=1e-7)


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
    assert {"signed_put_premium_imbalance_300s", "put_call_open_interest_ratio"} <= after


def test_without_a_quote_there_are_nulls_not_errors(lake: Path, tmp_path: Path) -> None:
    def silent(records: Records, schema: str) -> Records:
        return records if schema == "definition" else records[:0]

    rewritten(lake, tmp_path, silent)
    # A file without a record of the date is still the day's file.
    market = build(tmp_path)
    for name in market.columns[2:]:
        if name.startswith("option_volume"):
            assert market[name].to_list() == [0.0] * 10_801
        else:
            assert market[name].null_count() == 10_801, name
