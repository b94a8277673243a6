from __future__ import annotations

import datetime as dt
import math
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from src.data_eng.sample import SampleFuture, SampleOptions, reference_path
from src.data_eng.sample.options.pricing import RATE, value_all
from src.data_eng.sample.options.surface import market_at

from ..conftest import SUMMER
from .conftest import NICKEL, SAMPLE, UNDEFINED, Recorded, midnight, recorded

HOUR = 3_600 * 10**9


def points(prices: NDArray[Any]) -> NDArray[np.float64]:
    return np.where(prices == UNDEFINED, np.nan, prices / 1e9)


def test_book_is_never_locked_or_crossed(options: Recorded) -> None:
    bid, ask = points(options.nbbo["bid_px_00"]), points(options.nbbo["ask_px_00"])
    assert not (bid >= ask).any()
    assert np.isnan(bid).any()  # worthless options have no bid
    assert not np.isnan(ask).any()


def test_size_and_count_go_with_the_price(options: Recorded) -> None:
    for side in ("bid", "ask"):
        there = options.nbbo[f"{side}_px_00"] != UNDEFINED
        size, count = options.nbbo[f"{side}_sz_00"], options.nbbo[f"{side}_ct_00"]
        assert ((count >= 1) & (size >= count))[there].all()
        assert ((count == 0) & (size == 0))[~there].all()


def test_prices_are_on_the_tick(options: Recorded) -> None:
    outright = options.outright_rows(options.nbbo)
    for name in ("bid_px_00", "ask_px_00", "price"):
        price = options.nbbo[name][options.nbbo[name] != UNDEFINED]
        assert (price % NICKEL == 0).all(), name
        high = outright & (options.nbbo[name] != UNDEFINED) & (options.nbbo[name] > 10 * 10**9)
        assert (options.nbbo[name][high] % (5 * NICKEL) == 0).all(), name
        assert high.any()
    assert (options.nbbo["bid_px_00"][outright] >= NICKEL).all()
    low = options.nbbo["ask_px_00"][outright & (options.nbbo["ask_px_00"] < 10 * 10**9)]
    assert (low % (5 * NICKEL) != 0).any()


def test_flags_and_actions(options: Recorded) -> None:
    rows = options.nbbo
    trade = rows["action"] == b"T"
    assert set(np.unique(rows["action"]).tolist()) == {b"A", b"C", b"M", b"T"}
    assert (rows["flags"][trade] == 0).all()
    assert set(np.unique(rows["flags"][~trade]).tolist()) == {128, 130, 168}
    assert (rows["flags"][~trade] == 128).mean() > 0.8
    snapshot = rows["flags"] == 168
    assert (rows["ts_recv"][snapshot] == midnight(SUMMER)).all()
    assert (rows["ts_recv"][~snapshot] > rows["ts_event"][~snapshot] + 77_000 - 1).all()
    first = rows[: int(snapshot.sum())]
    assert (first["flags"] == 168).all()
    assert np.isin(options.day.chain.instrument_id, first["instrument_id"]).all()


def test_side_names_what_changed(options: Recorded) -> None:
    rows = options.nbbo[np.argsort(options.nbbo["instrument_id"], kind="stable")]
    before, after = rows[:-1], rows[1:]
    pair = before["instrument_id"] == after["instrument_id"]
    # At a session's opening what was there before is gone.
    opening = midnight(SUMMER) + 22 * HOUR
    pair &= (before["ts_recv"] < opening) == (after["ts_recv"] < opening)
    changed = {
        side: np.any(
            [before[f"{side}_{what}_00"] != after[f"{side}_{what}_00"] for what in ("px", "sz")],
            axis=0,
        )
        for side in ("bid", "ask")
    }
    trade = after["action"] == b"T"
    assert not (changed["bid"] | changed["ask"])[pair & trade].any()
    only_bid, only_ask = pair & ~trade, pair & ~trade
    only_bid &= after["side"] == b"B"
    only_ask &= after["side"] == b"A"
    assert not changed["ask"][only_bid].any()
    assert not changed["bid"][only_ask].any()
    assert (pair & ~trade & (after["side"] == b"N")).any()


def test_trades_are_the_trade_rows_at_the_quote(options: Recorded) -> None:
    rows = options.nbbo[options.nbbo["action"] == b"T"]
    assert options.trades.size == rows.size > 300
    for name in ("instrument_id", "ts_event", "ts_recv", "price", "size", "side", "sequence"):
        assert (options.trades[name] == rows[name]).all(), name
    buy, sell = rows["side"] == b"B", rows["side"] == b"A"
    assert (buy | sell).all()
    assert 0.4 < buy.mean() < 0.65  # where there is no bid one can only buy
    assert (rows["price"][buy] == rows["ask_px_00"][buy]).all()
    assert (rows["price"][sell] == rows["bid_px_00"][sell]).all()
    assert (rows["size"][buy] <= rows["ask_sz_00"][buy]).all()
    assert (rows["size"][sell] <= rows["bid_sz_00"][sell]).all()


def test_an_execution_is_taken_out_of_the_book_by_the_next_row(options: Recorded) -> None:
    at = np.flatnonzero(options.nbbo["action"] == b"T")
    trade, after = options.nbbo[at], options.nbbo[at + 1]
    assert (after["instrument_id"] == trade["instrument_id"]).all()
    assert (after["ts_event"] == trade["ts_event"]).all()
    assert np.isin(after["action"], [b"C", b"M"]).all()
    buy = trade["side"] == b"B"
    assert (after["side"] == np.where(buy, b"A", b"B")).all()
    for chosen, side in ((buy, "ask"), (~buy, "bid")):
        same = chosen & (trade[f"{side}_px_00"] == after[f"{side}_px_00"])
        left = trade[f"{side}_sz_00"].astype(np.int64) - trade["size"]
        assert (after[f"{side}_sz_00"][same] == left[same]).all()
        gone = chosen & (trade[f"{side}_sz_00"] == trade["size"])
        assert gone.any()
        assert (trade[f"{side}_px_00"] != after[f"{side}_px_00"])[gone].all()


@pytest.fixture(scope="module")
def dense() -> Recorded:
    """Return a day with few strikes, so that calls and puts are quoted within seconds."""
    return recorded(SampleOptions(SampleFuture(SUMMER), quotes=300_000, strikes=7, spreads=0))


def last_quotes(rows: NDArray[Any], ids: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return bid and ask of each instrument's last row, NaN where it has none."""
    last = {int(row["instrument_id"]): n for n, row in enumerate(rows)}
    quotes = np.full((ids.size, 2), np.nan)
    for n, number in enumerate(ids.tolist()):
        if number in last:
            row = rows[last[number]]
            quotes[n] = points(np.array([row["bid_px_00"], row["ask_px_00"]]))
    return quotes


@pytest.mark.parametrize("hour", [9.0, 13.6, 14.5, 19.0])
def test_put_call_parity_holds_within_the_quotes(dense: Recorded, hour: float) -> None:
    # For quotes of the last half minute, between the future's low and high in it.
    end = midnight(SUMMER) + int(hour * HOUR)
    start = end - 30 * 10**9
    rows = dense.nbbo[(dense.nbbo["ts_event"] >= start) & (dense.nbbo["ts_event"] < end)]
    day, chain = dense.day, dense.day.chain
    quotes = last_quotes(rows, chain.instrument_id).reshape(-1, 2, 2)
    seconds = slice((start - midnight(SUMMER)) // 10**9, (end - midnight(SUMMER)) // 10**9)
    checked = 0
    for n, ((call_bid, call_ask), (put_bid, put_ask)) in enumerate(quotes.tolist()):
        expiry, strike = chain.expiries[int(chain.expiry[2 * n])], chain.strike[2 * n]
        if expiry.american or np.isnan(quotes[n]).any():
            continue
        path = day.second["front"][seconds] + expiry.underlying.near * day.second["carry"][seconds]
        years = (expiry.expiration_ns - end) / (365 * 86_400e9)
        parity = math.exp(-RATE * years) * (path - strike)
        # What volatility may change in half a minute is worth less than two ticks.
        assert call_bid - put_ask <= parity.max() + 0.1, chain.symbol[2 * n]
        assert call_ask - put_bid >= parity.min() - 0.1, chain.symbol[2 * n]
        checked += 1
    assert checked > 5


def test_quotes_follow_the_future(dense: Recorded) -> None:
    # Every complete update brackets the value at the future's price of its second.
    day, rows = dense.day, dense.nbbo
    ts, future = reference_path(SampleFuture(SUMMER))
    assert (day.second["front"] == future).all()
    complete = np.append(rows["ts_event"][1:] != rows["ts_event"][:-1], True)
    chosen = rows[complete & (rows["flags"] != 168)][::200]
    index = {number: n for n, number in enumerate(day.instruments["id"].tolist())}
    for row in chosen:
        at = int(np.searchsorted(ts, int(row["ts_event"]), side="right")) - 1
        item = day.instruments[index[int(row["instrument_id"])] :][:1]
        now = day.second[at : at + 1]
        value = value_all(item, day.spreads.leg, now, int(row["ts_event"]))[0, 0]
        bid, ask = points(np.array([row["bid_px_00"], row["ask_px_00"]]))
        # Time passes within the second for which a value stands.
        assert np.isnan(bid) or bid <= value + 1e-2
        assert ask >= value - 1e-2
    assert len(chosen) > 300


def test_prices_of_one_expiry_are_ordered_by_strike(options: Recorded) -> None:
    day = options.day
    for hour in (1, 14, 20):
        now = market_at("ES", midnight(SUMMER) + hour * HOUR, SAMPLE.future.seed).copy()
        ts = midnight(SUMMER) + hour * HOUR
        price = value_all(day.instruments[: len(day.chain)], day.spreads.leg, now, ts)[:, 0]
        by_expiry = price.reshape(len(day.chain.expiries), day.chain.strikes, 2)
        strikes = day.chain.strike.reshape(by_expiry.shape)
        slope = np.diff(by_expiry, axis=1) / np.diff(strikes, axis=1)
        assert (slope[..., 0] <= 1e-9).all()
        assert (slope[..., 0] >= -1 - 1e-9).all()
        assert (slope[..., 1] >= -1e-9).all()
        assert (slope[..., 1] <= 1 + 1e-9).all()
        # No butterfly costs less than nothing.
        assert (np.diff(slope, axis=1) >= -1e-9).all()


def test_value_is_black_76() -> None:
    # Hand-checked: F = K = 6000, vol as the smile's middle, one year.
    sample = SampleOptions(SampleFuture(SUMMER), quotes=6_000, strikes=7, spreads=0)
    day = recorded(sample).day
    item = day.instruments[:2].copy()
    now = market_at("ES", midnight(SUMMER), 7).copy()
    now["front"], now["level"], item["quarter"], item["strike"] = 6_000.0, 1.0, 0, 6_000.0
    item["expiration"] = midnight(SUMMER) + 365 * 24 * HOUR
    values = value_all(item, day.spreads.leg, now, midnight(SUMMER))
    volatility = 0.14 + 0.03 * (1 - math.exp(-3.0))
    expected = math.exp(-0.04) * 6_000 * math.erf(volatility / math.sqrt(8))
    assert values[:, 0] == pytest.approx([expected, expected])
    assert values[:, 2] == pytest.approx([volatility, volatility])
    assert values[0, 1] - values[1, 1] == pytest.approx(math.exp(-0.04))


def test_number_and_shares_of_records(options: Recorded) -> None:
    assert options.nbbo.size == pytest.approx(SAMPLE.quotes, rel=0.01)
    outright = options.outright_rows(options.nbbo)
    flow = options.nbbo["flags"] != 168
    assert 1 - outright[flow].mean() == pytest.approx(SAMPLE.spread_share, abs=0.01)
    many = SampleOptions(
        SampleFuture(SUMMER), quotes=40_000, strikes=11, spreads=3_000, spread_share=0.8
    )
    crowded = recorded(many)
    assert crowded.nbbo.size == pytest.approx(40_000, rel=0.01)
    assert (~crowded.outright_rows(crowded.nbbo)).mean() > 0.75


def test_closed_hours_are_empty_and_a_session_opens_with_empty_books(options: Recorded) -> None:
    received = options.nbbo["ts_recv"].astype(np.int64) - midnight(SUMMER)
    assert not ((received >= 21 * HOUR) & (received < 22 * HOUR)).any()
    evening = options.nbbo[received >= 22 * HOUR]
    _, first = np.unique(evening["instrument_id"], return_index=True)
    assert np.isin(evening["action"][first], [b"A"]).all()


def test_sunday_has_no_snapshot() -> None:
    sunday = SampleFuture(dt.date(2025, 6, 8))
    records = recorded(SampleOptions(sunday, quotes=6_000, strikes=7, spreads=20))
    assert not (records.nbbo["flags"] == 168).any()
    assert records.nbbo["ts_recv"].min() >= midnight(dt.date(2025, 6, 8)) + 22 * HOUR
