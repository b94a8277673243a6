from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.data_eng.sample import SampleFuture, sample_instruments
from src.data_eng.sample.options import OptionDay, SampleOptions, listed_expiries
from src.data_eng.sample.options.chain import strike_ladder

from ..conftest import SUMMER
from .conftest import Recorded


def test_expiries_of_a_thursday() -> None:
    listed = {item.symbol: item for item in listed_expiries("ES", SUMMER)}
    found = {key: (item.date.isoformat(), item.underlying.symbol) for key, item in listed.items()}
    assert found == {
        "E1DM5": ("2025-06-05", "ESM5"),
        "EW1M5": ("2025-06-06", "ESM5"),
        "E2AM5": ("2025-06-09", "ESM5"),
        "E2BM5": ("2025-06-10", "ESM5"),
        "E2CM5": ("2025-06-11", "ESM5"),
        "E2DM5": ("2025-06-12", "ESM5"),
        "EW2M5": ("2025-06-13", "ESM5"),
        "ESM5": ("2025-06-20", "ESM5"),
        # The future expires that morning: the afternoon's options are on the next one.
        "EW3M5": ("2025-06-20", "ESU5"),
        "EW4M5": ("2025-06-27", "ESU5"),
        "EWM5": ("2025-06-30", "ESU5"),
        "EWN5": ("2025-07-31", "ESU5"),
        # Serial months, whose third Friday is listed early.
        "EW3N5": ("2025-07-18", "ESU5"),
        "EW3Q5": ("2025-08-15", "ESU5"),
        "EWQ5": ("2025-08-29", "ESU5"),
        "EWU5": ("2025-09-30", "ESZ5"),
        "EW3V5": ("2025-10-17", "ESZ5"),
        "EWV5": ("2025-10-31", "ESZ5"),
        "EWX5": ("2025-11-28", "ESZ5"),
        "ESU5": ("2025-09-19", "ESU5"),
        "ESZ5": ("2025-12-19", "ESZ5"),
        "ESH6": ("2026-03-20", "ESH6"),
        "ESM6": ("2026-06-19", "ESM6"),
    }
    hours = {key: item.expiration_ns // 60_000_000_000 % 1440 for key, item in listed.items()}
    assert hours["ESM5"] == 13 * 60 + 30
    assert hours["ESZ5"] == 14 * 60 + 30  # winter
    assert hours["E1DM5"] == hours["EW3M5"] == 20 * 60


@pytest.mark.parametrize(
    ("date", "symbol", "listed"),
    [
        (dt.date(2025, 5, 30), "EWK5", True),  # a fifth Friday, the month's last trading day
        (dt.date(2025, 5, 30), "EW5K5", False),
        (dt.date(2025, 6, 18), "E3DM5", False),  # Juneteenth
        (dt.date(2025, 6, 18), "E3CM5", True),
        (dt.date(2026, 1, 2), "EW2F6", True),
    ],
)
def test_weeklies_on_special_days(date: dt.date, symbol: str, listed: bool) -> None:
    assert (symbol in {item.symbol for item in listed_expiries("ES", date)}) is listed


def test_the_week_of_the_roll_has_options_on_the_old_future() -> None:
    monday = dt.date(2025, 6, 16)
    near = {item.symbol: item.underlying.near for item in listed_expiries("ES", monday)}
    assert near["E3AM5"] == -1
    assert near["EW3M5"] == 0


def test_underlyings_are_the_sample_futures(options: Recorded) -> None:
    futures = {item.symbol: item.instrument_id for item in sample_instruments(SampleFuture(SUMMER))}
    for expiry in options.day.chain.expiries:
        if expiry.underlying.symbol in futures:
            assert expiry.underlying.instrument_id == futures[expiry.underlying.symbol]


@given(
    price=st.floats(500, 15_000),
    count=st.integers(5, 450),
    nearest=st.sampled_from([5, 10, 25, 50]),
)
def test_ladder_is_around_the_price_and_coarser_outwards(
    price: float, count: int, nearest: int
) -> None:
    strikes = np.array(strike_ladder(price, count, nearest))
    assert strikes.size == count
    assert strikes[0] > 0
    gaps = np.diff(strikes)
    assert (gaps > 0).all()
    assert (strikes % 5 == 0).all()
    middle = int(np.abs(strikes - price).argmin())
    assert abs(strikes[middle] - price) <= nearest
    assert set(gaps.tolist()) <= set(range(5, 101, 5))


def test_symbols_ids_and_order(options: Recorded) -> None:
    chain = options.day.chain
    assert len(chain) == 2 * chain.strikes * len(chain.expiries)
    assert len(set(chain.instrument_id.tolist())) == len(set(chain.symbol)) == len(chain)
    for e, k in ((0, 0), (7, 15), (16, 30)):
        call, put = chain.option(e, k, is_call=True), chain.option(e, k, is_call=False)
        strike = int(chain.strikes_of(e)[k])
        assert chain.symbol[call] == f"{chain.expiries[e].symbol} C{strike}"
        assert chain.symbol[put] == f"{chain.expiries[e].symbol} P{strike}"
        assert chain.strike[call] == chain.strike[put] == strike
    spread_ids = set(options.day.spreads.instrument_id.tolist())
    assert not spread_ids & set(chain.instrument_id.tolist())


def test_an_option_keeps_its_id_on_the_next_day(options: Recorded) -> None:
    friday = SampleFuture(dt.date(2025, 6, 6))
    later = OptionDay(SampleOptions(friday, quotes=10_000, strikes=31, spreads=0))
    first = dict(zip(options.day.chain.symbol, options.day.chain.instrument_id, strict=True))
    second = dict(zip(later.chain.symbol, later.chain.instrument_id, strict=True))
    common = first.keys() & second.keys()
    assert len(common) > 500
    assert all(first[key] == second[key] for key in common)
