"""A small options day by hand on which every MARKET column of options has values.

Quotes that can not be used, that no longer hold, and none at all for a while; a strike listed and
options delisted during the session, open interest that is revised and withdrawn, trades without an
aggressor, sessions before of which one was asked for otherwise: what the rules speak of.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from src.data_eng.catalogue.datasets import dataset
from src.data_eng.exchange.calendar import sessions_before
from src.data_eng.options.black76 import F64, black76_price
from src.data_eng.options.chain import I64
from src.data_eng.stages.outcome import Status
from src.data_eng.vendor.dbn.layout import UNDEF_PRICE
from tests.built_once import built_once
from tests.dbn_files import DATE, Records, day_ns
from tests.lakes import run, run_request
from tests.option_files import OPEN_NS, Option, definitions, events, statistics, write_table

SECOND_NS = 10**9
DAY_NS = 86_400 * SECOND_NS
LISTED_NS = OPEN_NS + 5_403 * SECOND_NS
DELISTED_NS = OPEN_NS + 7_202 * SECOND_NS
SILENT_S = (8_000, 8_101)
"""No quote of any option comes between these seconds after the open."""
SLEEPERS = 11
"""Every so many options is quoted until the open alone."""
EARLIER = sessions_before(DATE, 7)
OTHER_PARENTS = EARLIER[2]
"""A session whose files were asked for with other parents than those of the date."""
EXPIRATIONS = tuple(day_ns(DATE) + 20 * 3600 * SECOND_NS + days * DAY_NS for days in (0, 20, 45))
STRIKES = np.arange(5600.0, 6200.1, 15.0)
LATE_STRIKES = (5893.75, 5906.25)
SCHEMAS = {
    "definition": "definition",
    "trades": "trades",
    "nbbo": "mbp-1",
    "statistics": "statistics",
}
Day = dict[str, Records]


def options() -> list[Option]:
    """Return calls and puts of three expirations; two strikes of the first are listed late."""
    listed = [(e, k, day_ns(DATE)) for e in EXPIRATIONS for k in STRIKES.tolist()]
    listed += [(EXPIRATIONS[0], strike, LISTED_NS) for strike in LATE_STRIKES]
    both = [(*terms, right) for terms in listed for right in "CP"]
    return [
        Option(1000 + n, f"EW{n} {right}{k:g}", right, k, expiration=e, ts_recv=at)
        for n, (e, k, at, right) in enumerate(both)
    ]


def make_day(seed: int = 5) -> Day:
    """Return the records of the four tables, by table."""
    rng = np.random.default_rng(seed)
    every = options()
    gone = [option for option in every if option.strike in STRIKES[[3, -3]]]
    records = definitions([*every, *every[:20], *gone])
    records["ts_recv"][len(every) : len(every) + 20] = OPEN_NS + 600 * SECOND_NS  # sent again
    records["security_update_action"][len(every) : len(every) + 20] = b"M"
    records["ts_recv"][-len(gone) :] = DELISTED_NS
    records["security_update_action"][-len(gone) :] = b"D"
    made = {
        "definition": records,
        "trades": _trades(every, rng),
        "nbbo": _quotes(every, rng),
        "statistics": _statistics(every, rng),
    }
    return {table: rows[np.argsort(rows["ts_recv"], kind="stable")] for table, rows in made.items()}


def _premiums(every: list[Option], slots: I64, times: I64, rng: np.random.Generator) -> F64:
    seconds = (times - OPEN_NS) / SECOND_NS
    forward = 5900 + 15 * np.sin(seconds / 900) + rng.normal(0, 0.05, len(times))
    strike = np.array([option.strike for option in every], float)[slots]
    years = (np.array([o.expiration for o in every])[slots] - times) / (365 * DAY_NS)
    x = np.log(strike / forward) / np.sqrt(years)
    sigma = 0.16 + 0.01 * np.sin(seconds / 500) - 0.06 * x + 0.04 * x * x
    is_call = np.array([option.instrument_class == "C" for option in every])[slots]
    premium = black76_price(forward, strike, years, sigma, is_call)
    return np.asarray(premium * np.exp(-0.04 * years))


def _quotes(every: list[Option], rng: np.random.Generator) -> Records:
    count = 130_000
    slots = rng.integers(0, len(every), count)
    times = np.sort(rng.integers(OPEN_NS - 480 * SECOND_NS, OPEN_NS + 10_800 * SECOND_NS, count))
    # Every option at the very times of rows too: what is received at a row's time is not in it.
    times[::500] = times[::500] // (5 * SECOND_NS) * 5 * SECOND_NS
    listed = np.array([option.ts_recv for option in every])[slots] <= times
    silent = (times > OPEN_NS + SILENT_S[0] * SECOND_NS) & (
        times < OPEN_NS + SILENT_S[1] * SECOND_NS
    )
    asleep = (slots % SLEEPERS == 0) & (times > OPEN_NS)
    kept = listed & ~silent & ~asleep
    slots, times = slots[kept], times[kept]
    mid = _premiums(every, slots, times, rng)
    half = np.maximum(0.05, 0.01 * mid)
    bid, ask = _ticks(np.maximum(mid - half, 0)), _ticks(mid + half)
    fault = rng.random(len(times))
    bid[fault < 0.02] = 0
    ask[(fault > 0.02) & (fault < 0.04)] += 400 * 50_000_000  # wide
    bid[fault > 0.98] = ask[fault > 0.98]  # locked
    ids = [every[slot].instrument_id for slot in slots]
    bid[(fault > 0.05) & (fault < 0.055)] = UNDEF_PRICE
    ask[(fault > 0.055) & (fault < 0.06)] = UNDEF_PRICE
    records = events("mbp-1", ids, action=b"A", bid_px_00=bid, ask_px_00=ask)
    records["bid_sz_00"] = np.where((fault > 0.06) & (fault < 0.065), 0, 9)
    records["ask_sz_00"] = np.where((fault > 0.065) & (fault < 0.07), 0, 7)
    records["action"][(fault > 0.07) & (fault < 0.072)] = b"R"  # what it shows is of no meaning
    return _at(records, times)


def _trades(every: list[Option], rng: np.random.Generator) -> Records:
    count = 1_200
    slots = rng.integers(0, len(every), count)
    times = np.sort(rng.integers(OPEN_NS - 400 * SECOND_NS, OPEN_NS + 10_800 * SECOND_NS, count))
    times[::40] = times[::40] // (5 * SECOND_NS) * 5 * SECOND_NS
    listed = np.array([option.ts_recv for option in every])[slots] <= times
    slots, times = slots[listed], times[listed]
    ids = [every[slot].instrument_id for slot in slots]
    records = events("trades", ids, size=rng.integers(1, 40, len(ids)))
    records["price"] = _ticks(_premiums(every, slots, times, rng))
    records["side"] = rng.choice([b"A", b"B", b"N"], len(ids), p=[0.4, 0.45, 0.15])
    return _at(records, times)


def _statistics(every: list[Option], rng: np.random.Generator) -> Records:
    ids = np.array([option.instrument_id for option in every])
    listed = np.array([option.ts_recv for option in every])
    parts = []
    for at in (-30_000, 1_801, 5_500, 9_000):
        some = ids[(listed < OPEN_NS + at * SECOND_NS) & (rng.random(len(ids)) < 0.95)]
        records = statistics(some.tolist(), quantity=rng.integers(0, 3_000, len(some)))
        records["update_action"] = np.where(rng.random(len(some)) < 0.03, 2, 1)
        other = rng.random(len(some)) < 0.05
        records["stat_type"][other] = 6  # cleared volume: not open interest
        parts.append(_at(records, np.full(len(some), OPEN_NS + at * SECOND_NS)))
    return np.concatenate(parts)


def _ticks(premium: F64) -> I64:
    return np.asarray(np.round(premium / 0.05) * 50_000_000, np.int64)


def _at(records: Records, times: I64) -> Records:
    records["ts_recv"], records["ts_event"] = times, times - 500
    return records


def earlier_trades(date: dt.date) -> Records:
    """Return the trades of a session before, of the options of the date."""
    rng = np.random.default_rng(date.toordinal())
    count = 400
    times = np.sort(rng.integers(0, 11_500 * SECOND_NS, count)) - 300 * SECOND_NS
    times[::10] = times[::10] // (5 * SECOND_NS) * 5 * SECOND_NS
    times = np.sort(times)
    ids = [1000 + int(n) for n in rng.integers(0, 2 * 3 * len(STRIKES), count)]
    records = events("trades", ids, size=rng.integers(1, 40, count), price=5 * 10**9)
    return _at(records, OPEN_NS + times - (DATE - date).days * DAY_NS)


def _write_session(lake: Path, date: dt.date) -> None:
    query = ("ES.OPT", "EW.OPT") if date == OTHER_PARENTS else ("ES.OPT",)
    listed = definitions([replace(one, ts_recv=day_ns(date)) for one in options()])
    write_table(lake, "definition", "definition", listed, date=date, query=query)
    write_table(lake, "trades", "trades", earlier_trades(date), date=date, query=query)
    keys = [f"{layer}.future_option.trades" for layer in ("bronze", "silver")]
    for key, symbol in zip((keys[0], f"{keys[1]}_clean"), ("ES", "ESM5"), strict=True):
        outcome = run(key, lake, symbol, date)
        assert outcome.status is Status.WRITTEN, outcome


def build(lake: Path, day: Day) -> pl.DataFrame:
    """Write the records as files, run the pipeline, return Silver ``market``."""
    build_lake(lake, day)
    return market_of(lake)


def option_lake(factory: pytest.TempPathFactory) -> Path:
    """Return a lake of the day, built."""
    return built_once(factory, "options", lambda lake: build_lake(lake, make_day()))


def market_of(lake: Path) -> pl.DataFrame:
    """Return Silver ``market`` of a lake."""
    folder = lake / dataset("silver.future_option.market").folder("ESM5")
    return pl.read_parquet(folder / "**/*.parquet")


def build_lake(lake: Path, day: Day) -> None:
    """Write the records as files, and run the pipeline."""
    for table, schema in SCHEMAS.items():
        write_table(lake, table, schema, day[table])
    for date in EARLIER:
        _write_session(lake, date)
    outcomes = run_request("future_option", "all", [DATE], lake)
    assert {outcome.status for outcome in outcomes} == {Status.WRITTEN}, outcomes
