"""Statistics that the exchange publishes at fixed times: settlements, open interest.

Times of the UTC day, as in real files: the final settlement of the trade date before at
00:31, some of them corrected at 01:46; open interest and cleared volume at 02:23, revised
at 14:20; the day's preliminary settlement at 22:38. ``ts_ref`` is midnight UTC of the trade
date that a value belongs to.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ...elementary import exp, log
from ...exchange.calendar import is_trading_day
from ...exchange.sessions import session_ns
from ..clock import midnight_ns
from ..layout import PUBLISHER_ID, UNDEFINED_PRICE
from .day import OptionDay
from .expiries import CLOSE_TIME
from .layout import NICKEL_NANOS, RTYPE_STATISTICS, STATISTICS_DTYPE, WORD_BYTES
from .market import SECOND
from .pricing import value_all
from .quoting import TICK_THRESHOLD
from .surface import market_at

UNDEFINED_QUANTITY: Final = 2**63 - 1
UNDEFINED_TIMESTAMP: Final = 2**64 - 1

SETTLEMENT_PRICE: Final = 3
CLEARED_VOLUME: Final = 6
OPEN_INTEREST: Final = 9
VOLATILITY: Final = 14
DELTA: Final = 15

UPDATE_NEW: Final = 1
UPDATE_DELETE: Final = 2

FLAGS_PRELIMINARY: Final = 2  # actual, not final
FLAGS_FINAL: Final = 3  # final and actual
FLAGS_NONE: Final = 255
FLAGS_QUANTITY: Final = 128

_MINUTE_NS: Final = 60_000_000_000
FINAL_AT: Final = 31 * _MINUTE_NS
CORRECTED_AT: Final = (60 + 46) * _MINUTE_NS
INTEREST_AT: Final = (2 * 60 + 23) * _MINUTE_NS
REVISED_AT: Final = (14 * 60 + 20) * _MINUTE_NS
PRELIMINARY_AT: Final = (22 * 60 + 38) * _MINUTE_NS

STATISTICS_STREAM: Final = 9
_CORRECTED: Final = 0.02  # of the settlements
_REVISED: Final = 0.15  # of open interest and cleared volume
_CHANNEL: Final = 1
_GOLDEN: Final = np.uint64(0x9E3779B97F4A7C15)


def trade_date_before(date: dt.date) -> dt.date:
    """Return the last trading day before a date."""
    day = date - dt.timedelta(days=1)
    while not is_trading_day(day):
        day -= dt.timedelta(days=1)
    return day


def _records(ids: NDArray[Any], sent: NDArray[Any], stat_type: int) -> NDArray[Any]:
    records = np.zeros(ids.size, STATISTICS_DTYPE)
    records["length"] = STATISTICS_DTYPE.itemsize // WORD_BYTES
    records["rtype"] = RTYPE_STATISTICS
    records["publisher_id"] = PUBLISHER_ID
    records["instrument_id"] = ids
    records["ts_event"] = sent
    records["ts_recv"] = sent + 105_000
    records["ts_ref"] = UNDEFINED_TIMESTAMP
    records["price"] = UNDEFINED_PRICE
    records["quantity"] = UNDEFINED_QUANTITY
    records["ts_in_delta"] = 18_500
    records["stat_type"] = stat_type
    records["channel_id"] = _CHANNEL
    records["update_action"] = UPDATE_NEW
    records["stat_flags"] = FLAGS_NONE
    return records


def _spaced(rng: np.random.Generator, at: int, count: int) -> NDArray[np.int64]:
    # One message after the other, some microseconds apart.
    return at + np.cumsum(rng.integers(2_000, 60_000, count))


def settlement_nickels(points: NDArray[np.float64]) -> NDArray[np.int64]:
    """Round premiums to the nearest tick: 0.05 up to 10 points, 0.25 above."""
    nickels = np.round(points * 20.0).astype(np.int64)
    wide = (np.round(points * 4.0) * 5.0).astype(np.int64)
    return np.asarray(np.where(nickels > TICK_THRESHOLD, wide, nickels))


def settlement_values(day: OptionDay, trade_date: dt.date) -> NDArray[np.float64]:
    """Return price, delta and volatility of all options at 16:00 New York of a date.

    Returns
    -------
    float64 array, shape (number of options, 3)
    """
    future = day.sample.future
    ts = session_ns(trade_date, CLOSE_TIME)
    now = market_at(future.root, ts, future.seed).astype(SECOND)
    return value_all(day.instruments[: len(day.chain)], day.spreads.leg, now, ts)


def _settlements(
    day: OptionDay, trade_date: dt.date, sent: NDArray[np.int64], flags: int
) -> NDArray[Any]:
    values = settlement_values(day, trade_date)
    prices = settlement_nickels(values[:, 0]) * NICKEL_NANOS
    columns = [(SETTLEMENT_PRICE, prices)]
    if flags == FLAGS_FINAL:
        columns.append((VOLATILITY, np.round(values[:, 2] * 1e9).astype(np.int64)))
        columns.append((DELTA, np.round(values[:, 1] * 1e9).astype(np.int64)))
    parts = []
    for n, (stat_type, price) in enumerate(columns):
        records = _records(day.chain.instrument_id, sent + 500 * n, stat_type)
        records["price"] = price
        records["stat_flags"] = flags
        records["ts_ref"] = midnight_ns(trade_date)
        parts.append(records)
    return np.stack(parts, axis=1).reshape(-1)


def _corrections(final: NDArray[Any], at: int, rng: np.random.Generator) -> NDArray[Any]:
    # A wrong settlement is deleted and published again, a tick lower. Where nothing lower
    # is possible it is right.
    prices = final[(final["stat_type"] == SETTLEMENT_PRICE) & (final["price"] > NICKEL_NANOS)]
    deleted = prices[rng.random(prices.size) < _CORRECTED]
    deleted["ts_event"] = _spaced(rng, at, deleted.size)
    deleted["update_action"] = UPDATE_DELETE
    again = deleted.copy()
    again["ts_event"] += np.uint64(1_000)
    again["update_action"] = UPDATE_NEW
    tick = np.where(deleted["price"] > TICK_THRESHOLD * NICKEL_NANOS, 5, 1) * NICKEL_NANOS
    again["price"] -= tick
    both = np.stack([deleted, again], axis=1).reshape(-1)
    both["ts_recv"] = both["ts_event"] + np.uint64(105_000)
    return both


def _uniform_of(ids: NDArray[np.int64], salt: int) -> NDArray[np.float64]:
    # A number in (0, 1) that stays with the contract over the days.
    mixed = (ids.astype(np.uint64) + np.uint64(salt)) * _GOLDEN
    mixed ^= mixed >> np.uint64(29)
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    mixed ^= mixed >> np.uint64(32)
    return np.asarray(((mixed >> np.uint64(11)).astype(np.float64) + 0.5) / 2.0**53)


def open_interest(day: OptionDay) -> NDArray[np.int64]:
    """Return the open interest of all options at the end of the trade date before, contracts.

    High near the price, at round strikes and on month ends and quarterlies.
    """
    chain = day.chain
    distance = log(chain.strike / day.forwards[chain.expiry]) / 0.05
    scale = 2_500.0 * exp(-0.5 * distance**2) + 30.0
    for spacing in (25.0, 50.0, 100.0):
        scale *= np.where(chain.strike % spacing == 0.0, 1.7, 1.0)
    kept = [2.5 if item.week is None else 1.0 for item in chain.expiries]
    uniform = _uniform_of(chain.instrument_id, 1)
    return np.asarray(-log(uniform) * scale * np.array(kept)[chain.expiry], np.int64)


def _quantities(
    day: OptionDay, trade_date: dt.date, start: int, rng: np.random.Generator
) -> list[NDArray[Any]]:
    interest = open_interest(day)
    volume = (interest * 0.4 * rng.random(interest.size) ** 2).astype(np.int64)
    ids = day.chain.instrument_id
    sent = _spaced(rng, start + INTEREST_AT, ids.size)
    revised_sent = _spaced(rng, start + REVISED_AT, ids.size)
    revised = rng.random(ids.size) < _REVISED
    change = rng.integers(-40, 60, ids.size)
    parts = []
    for n, (stat_type, quantity) in enumerate(
        ((CLEARED_VOLUME, volume), (OPEN_INTEREST, interest))
    ):
        first = _records(ids, sent + 500 * n, stat_type)
        first["quantity"] = quantity
        second = _records(ids, revised_sent + 500 * n, stat_type)
        second["quantity"] = np.maximum(0, quantity + change)
        parts += [first, second[revised & (second["quantity"] != first["quantity"])]]
    for records in parts:
        records["ts_ref"] = midnight_ns(trade_date)
        records["stat_flags"] = FLAGS_QUANTITY
    return parts


def scheduled_statistics(day: OptionDay) -> NDArray[Any]:
    """Return the statistics of fixed times in file order; sequences are not set yet.

    On a Sunday, which has but the opening hours of the next trade date, there are none.

    Returns
    -------
    STATISTICS_DTYPE array
    """
    date = day.sample.future.date
    if date.weekday() == 6:
        return np.zeros(0, STATISTICS_DTYPE)
    rng = np.random.default_rng(day.stream(STATISTICS_STREAM))
    start = day.clock.start_ns
    before = trade_date_before(date)
    options = len(day.chain)
    final = _settlements(day, before, _spaced(rng, start + FINAL_AT, options), FLAGS_FINAL)
    parts = [final, _corrections(final, start + CORRECTED_AT, rng)]
    parts += _quantities(day, before, start, rng)
    if is_trading_day(date) and date.weekday() < 5:
        sent = _spaced(rng, start + PRELIMINARY_AT, options)
        parts.append(_settlements(day, date, sent, FLAGS_PRELIMINARY))
    records = np.concatenate(parts)
    return records[np.argsort(records["ts_recv"], kind="stable")]


def flow_statistics(events: NDArray[Any]) -> NDArray[Any]:
    """Return the records of statistics that follow from the order flow.

    Parameters
    ----------
    events : STATISTIC_EVENT array
    """
    records = _records(events["id"], events["ts_event"], 0)
    records["ts_recv"] = events["ts_recv"]
    records["price"] = events["price"] * NICKEL_NANOS
    records["sequence"] = events["sequence"]
    records["stat_type"] = events["stat_type"]
    return records
