from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from src.data_eng.sample import SampleFuture, SampleOptions, front_symbol

from .conftest import UNDEFINED, Recorded, midnight, recorded

HOUR = 3_600 * 10**9


def small_day(date: dt.date) -> Recorded:
    sample = SampleOptions(SampleFuture(date), quotes=8_000, strikes=11, spreads=60)
    return recorded(sample)


@pytest.mark.parametrize(
    "date",
    [
        dt.date(2025, 3, 9),  # the clocks change, a Sunday
        dt.date(2025, 6, 6),  # a Friday: no evening session
        dt.date(2025, 6, 16),  # the roll
        dt.date(2025, 6, 19),  # Juneteenth: Globex only
        dt.date(2025, 12, 15),  # winter
        dt.date(2025, 12, 31),  # month end
    ],
    ids=str,
)
def test_any_session_day_is_sound(date: dt.date) -> None:
    day = small_day(date)
    start = midnight(date)
    for records in (day.definition, day.nbbo, day.trades, day.statistics):
        received = records["ts_recv"].astype(np.int64)
        assert (np.diff(received) >= 0).all()
        assert start <= received[0] <= received[-1] < start + 24 * HOUR
    bid, ask = day.nbbo["bid_px_00"], day.nbbo["ask_px_00"]
    assert (ask != UNDEFINED).all()
    assert (bid < ask)[bid != UNDEFINED].all()
    assert (day.definition["activation"] < day.definition["expiration"]).all()
    assert (day.definition["expiration"] > start).all()
    assert front_symbol("ES", date).encode() in day.definition["underlying"]


def test_quarterly_options_trade_until_their_morning_expiry() -> None:
    date = dt.date(2025, 6, 20)
    day = small_day(date)
    chain = day.day.chain
    last = {}
    for e in (0, 1):
        ids = chain.instrument_id[chain.expiry == e]
        rows = day.nbbo[np.isin(day.nbbo["instrument_id"], ids)]
        last[chain.expiries[e].symbol] = (int(rows["ts_recv"].max()) - midnight(date)) / HOUR
    assert 13.0 < last["ESM5"] < 13.5
    assert 19.5 < last["EW3M5"] < 20.0
