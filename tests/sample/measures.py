"""What a day's records look like in numbers: one function for each subject."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

NEW_YORK = ZoneInfo("America/New_York")
TICK = 250_000_000
SECOND = 10**9
HALF_HOUR = 1_800 * SECOND
UNDEFINED = 2**63 - 1
LAST = 128
BAD = 4

Records = NDArray[Any]


def at(date: dt.date, hour: int, minute: int = 0) -> int:
    """Return a wall time of New York, ns since epoch."""
    local = dt.datetime(date.year, date.month, date.day, hour, minute, tzinfo=NEW_YORK)
    return int(local.timestamp()) * SECOND


def between(rows: Records, start: int, end: int) -> Records:
    """Return the records received in ``[start, end)``."""
    recv = rows["ts_recv"].astype(np.int64)
    return rows[(recv >= start) & (recv < end)]


def spread_and_queue(rows: Records) -> dict[str, float]:
    """Return the share of time with a spread of one tick, and what stands at the best prices."""
    books = rows[(rows["bid_px_00"] != UNDEFINED) & (rows["ask_px_00"] != UNDEFINED)]
    held = np.append(np.diff(books["ts_recv"].astype(np.int64)), 0).astype(float)
    one = books["ask_px_00"] - books["bid_px_00"] == TICK
    found = {"one-tick share of time": float(held[one].sum() / held.sum())}
    found["one-tick share of records"] = float(one.mean())
    for name, words in (("ct", "orders"), ("sz", "contracts")):
        both = (books[f"bid_{name}_00"].astype(float) + books[f"ask_{name}_00"]) / 2
        found[f"{words} at the best price"] = float(np.average(both, weights=held))
        found[f"{words} at the best price, median"] = float(np.median(both))
    return found


def trade_sizes(rows: Records) -> dict[str, float]:
    """Return the sizes of the T records, contracts."""
    size = rows["size"][rows["action"] == b"T"].astype(float)
    return {
        "mean trade": float(size.mean()),
        "one-lots": float((size == 1).mean()),
        "trade size, 99th percentile": float(np.quantile(size, 0.99)),
    }


def record_mix(rows: Records) -> dict[str, float]:
    """Return the shares of the actions among the records."""
    return {
        f"share of {code.decode()}": float((rows["action"] == code).mean())
        for code in (b"A", b"C", b"M", b"T", b"R")
    }


def mid_moves(rows: Records) -> NDArray[np.float64]:
    """Return the successive moves of the mid of complete books, ticks, without zeros."""
    books = rows[(rows["flags"] & LAST != 0) & (rows["flags"] & BAD == 0)]
    books = books[(books["bid_px_00"] != UNDEFINED) & (books["ask_px_00"] != UNDEFINED)]
    mid = (books["bid_px_00"] + books["ask_px_00"]) / (2 * TICK)
    moves = np.diff(mid)
    return np.asarray(moves[moves != 0.0])


def lag_one(moves: NDArray[np.float64]) -> float:
    """Return the correlation of a move with the one before it."""
    return float(np.corrcoef(moves[:-1], moves[1:])[0, 1])


def burstiness(rows: Records, start: int, end: int) -> NDArray[np.float64]:
    """Return, by half hour, the 99th percentile of the records a second over their mean."""
    found = []
    for begin in range(start, end, HALF_HOUR):
        part = between(rows, begin, begin + HALF_HOUR)
        second = (part["ts_recv"].astype(np.int64) - begin) // SECOND
        counts = np.bincount(second, minlength=1_800)
        found.append(np.quantile(counts, 0.99) / counts.mean())
    return np.array(found)


def volume(rows: Records, start: int, end: int, width: int = HALF_HOUR) -> NDArray[np.float64]:
    """Return the contracts traded by interval."""
    trades = between(rows[rows["action"] == b"T"], start, end)
    bins = (trades["ts_recv"].astype(np.int64) - start) // width
    contracts = np.bincount(bins, trades["size"].astype(float), (end - start) // width)
    return np.asarray(contracts, np.float64)
