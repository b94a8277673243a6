"""The one-second table of a day's book: written from a scan, read back as sums by second."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ..arrays import arrow_array, string_array
from ..catalogue.contract import Contract
from ..features.book.record_chunk import BOOK_LEVELS, BOOK_VALUES, NO_PRICE
from ..features.book.second_sums import (
    FIELDS,
    FIRST,
    HIGH,
    KNOWN,
    LAST,
    LOW,
    MID_HIGH,
    MID_LOW,
    SECOND_NS,
    UNCHANGED,
    SecondSums,
)
from ..lake.table import Table
from .arrow_columns import codes_of, nulls, values
from .mbp10_arrays import LEVEL_COLUMNS, SIZES_FROM
from .ticks import dollars_of, ticks_of

SUMS: Final = (
    "volume", "trades", "buy_volume", "sell_volume", "price_volume", "price_squared_volume",
    "effective_spread_sum", "effective_spread_volume", "realized_spread_5s_sum",
    "realized_spread_5s_volume", "order_flow_best", "order_flow_ten_levels", "book_changes",
    "depth_best_sum", "depth_ten_levels_sum", "added_bid", "added_ask", "cancelled_bid",
    "cancelled_ask", "spread_ns", "valid_ns", "ten_levels_ns", "events", "orders", "records",
    "ten_level_books", "ten_level_books_size_sum", "unknown_ns",
)  # fmt: skip
"""Columns of `SecondSums.sums`, in their order."""
assert len(SUMS) == FIELDS

STATUS: Final = ("unchanged", "known", "lost", "unknown")

_PRICES: Final = {"first_trade": FIRST, "high_trade": HIGH, "low_trade": LOW, "last_trade": LAST}
_BEST_PRICES: Final = ("bid_px_00", "ask_px_00")
_MIDS: Final = {"high_mid": MID_HIGH, "low_mid": MID_LOW}


def second_batch(seconds: SecondSums, tick_size: float, contract: Contract) -> pa.RecordBatch:
    """Return the rows of the table, one a second; prices in dollars, sums in ticks."""
    columns = dict(_columns(seconds, tick_size))
    schema = contract.arrow_schema
    arrays = []
    for field in schema:
        found = columns[field.name]
        if field.name == "status":
            codes = arrow_array(found[0].astype(np.int32), pa.int32())
            arrays.append(pa.DictionaryArray.from_arrays(codes, string_array(STATUS)))
        else:
            arrays.append(arrow_array(np.ascontiguousarray(found[0]), field.type, found[1]))
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


_Column = tuple[npt.NDArray[Any], npt.NDArray[np.bool_] | None]


def _columns(seconds: SecondSums, tick_size: float) -> Iterator[tuple[str, _Column]]:
    count = seconds.seconds
    yield "ts", (seconds.start_ns + np.arange(count, dtype=np.int64) * SECOND_NS, None)
    yield "status", (seconds.status, None)
    yield "depth_ten_levels", _depth(standing_books(seconds))
    yield "last_ts_recv", (seconds.last_ns, seconds.last_ns == 0)
    for n, name in enumerate(SUMS):
        yield name, (seconds.sums[:, n], None)
    for name, at in _PRICES.items():
        yield name, dollars_of(seconds.prices[:, at], tick_size)
    for name, at in _MIDS.items():
        yield name, dollars_of(seconds.mids[:, at], tick_size / 2)
    books = standing_books(seconds)
    unknown = (books == NO_PRICE).all(axis=1)
    for name, row in LEVEL_COLUMNS.items():
        if row < SIZES_FROM:
            yield name, dollars_of(books[:, row], tick_size)
        else:
            yield name, (np.where(unknown, 0, books[:, row]).astype(np.int32), unknown)


def _depth(books: npt.NDArray[np.int32]) -> _Column:
    # Of both sides; null unless both show ten levels.
    is_missing = (books[:, :SIZES_FROM] == NO_PRICE).any(axis=1)
    sizes = books[:, SIZES_FROM : SIZES_FROM + 2 * BOOK_LEVELS]
    return np.where(is_missing, 0, sizes.sum(axis=1)).astype(np.int32), is_missing


def standing_books(seconds: SecondSums) -> npt.NDArray[np.int32]:
    """Return the book as it stands at the end of each second, shape (seconds, 60), ticks.

    All `NO_PRICE` where it is unknown.
    """
    changed = np.where(seconds.status != UNCHANGED, np.arange(seconds.seconds), -1)
    last = np.maximum.accumulate(changed)
    books: npt.NDArray[np.int32] = seconds.books[last]
    books[(last < 0) | (seconds.status[last] != KNOWN)] = NO_PRICE
    return books


def read_seconds(table: Table, tick_size: float, end_ns: int | None = None) -> SecondSums:
    """Return the sums by second up to a time, by default all.

    Parameters
    ----------
    table : Table
        Of seconds.
    tick_size : float, dollars
    end_ns : int, optional
        ns since epoch UTC, a whole second.
    """
    rows = table.read()
    start_ns = int(values(rows["ts"].slice(0, 1), np.int64)[0])
    count = len(rows) if end_ns is None else min(len(rows), (end_ns - start_ns) // SECOND_NS)
    rows = rows.slice(0, count)
    found = SecondSums(start_ns, start_ns + count * SECOND_NS)
    found.status[:] = codes_of(rows["status"], STATUS)
    last_ns = values(rows["last_ts_recv"], np.int64)
    found.last_ns[:] = np.where(nulls(rows["last_ts_recv"]), 0, last_ns)
    for n, name in enumerate(SUMS):
        found.sums[:, n] = values(rows[name], np.int64)
    where = (str(table.partition), 0)
    for name, at in _PRICES.items():
        found.prices[:, at] = ticks_of(rows[name], tick_size, name, where)
    for name, at in _MIDS.items():
        found.mids[:, at] = ticks_of(rows[name], tick_size / 2, name, where)
    books = np.full((count, BOOK_VALUES), NO_PRICE, np.int32)
    for name, row in LEVEL_COLUMNS.items():
        if row < SIZES_FROM:
            books[:, row] = ticks_of(rows[name], tick_size, name, where)
        else:
            books[:, row] = values(rows[name], np.int32)
    is_known = found.status == KNOWN
    found.books[is_known] = books[is_known]
    return found


def read_sum(table: Table, field: int) -> npt.NDArray[np.int64]:
    """Return one field of `SecondSums.sums` by second, shape (seconds,): one column is read."""
    name = SUMS[field]
    return values(table.read([name])[name], np.int64)


def read_depth(table: Table) -> npt.NDArray[np.float64]:
    """Return the depth of ten levels at the end of each second, shape (seconds,), contracts.

    NaN unless both sides show ten levels. One column is read.
    """
    column = table.read(["depth_ten_levels"])["depth_ten_levels"]
    return np.where(nulls(column), np.nan, values(column, np.int32))


def read_best_prices(
    table: Table, tick_size: float
) -> tuple[int, npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return when the seconds begin, and the best prices at each whole second from there on.

    Parameters
    ----------
    table : Table
        Of seconds.
    tick_size : float, dollars

    Returns
    -------
    tuple
        ns since epoch UTC, and bid and ask, float64 arrays of shape (seconds + 1,), ticks: of the
        last complete book before the second, both NaN without a valid quote.
    """
    rows = table.read(["ts", *_BEST_PRICES])
    where = (str(table.partition), 0)
    bid, ask = (ticks_of(rows[name], tick_size, name, where) for name in _BEST_PRICES)
    is_valid = (bid != NO_PRICE) & (ask != NO_PRICE) & (ask > bid)
    bids, asks = (np.append(np.nan, np.where(is_valid, one, np.nan)) for one in (bid, ask))
    return int(values(rows["ts"].slice(0, 1), np.int64)[0]), bids, asks
