"""What the compiled loops over blocks of MBP-10 records read and fill."""

from __future__ import annotations

from typing import Any, NamedTuple


class TimeRange(NamedTuple):
    """Which records count, in ns since epoch UTC.

    Attributes
    ----------
    start_ns, end_ns : int
        Records outside ``[start_ns, end_ns)`` are passed over.
    open_ns : int
        Volume before it is counted apart.
    """

    start_ns: int
    end_ns: int
    open_ns: int


class InstrumentCounts(NamedTuple):
    """Counts of every instrument.

    Attributes
    ----------
    table : int64 array, shape (size,), size a power of two
        Open-addressing table of instrument ids, -1 where free; more than half of it stays free
        even if every record brings a new id.
    counts : int64 array, shape (size, 3)
        Per slot: records, volume before ``open_ns``, volume; volume in contracts, of ``T`` records,
        an undefined size counting nothing.
    span : int64 array, shape (3,)
        Smallest and largest ``ts_recv`` of all records; number of ids in the table.
    """

    table: Any
    counts: Any
    span: Any


class Codes(NamedTuple):
    """Enumeration code of each byte, int32 arrays of shape (256,); negative where it has none."""

    action: Any
    side: Any


class ColumnArrays(NamedTuple):
    """Columns that records are taken apart into, one after the other, each ``stride`` long.

    Attributes
    ----------
    i64 : int64 array, flat
        ts_recv, ts_event, instrument_id, sequence, ts_out.
    f64 : float64 array, flat, dollars
        price, then bid_px, ask_px of each level; NaN where undefined.
    i32 : int32 array, flat
        rtype, publisher_id, action, side, depth, size, flags, ts_in_delta, then bid_sz, ask_sz,
        bid_ct, ask_ct of each level.
    u8 : uint8 array, shape (stride,)
        flags.
    undefined : int64 array, shape (21,)
        Undefined prices of each float64 column.
    stride : int
        Length of a column. One that is no multiple of 4 KiB keeps the columns out of each other's
        cache sets.
    """

    i64: Any
    f64: Any
    i32: Any
    u8: Any
    undefined: Any
    stride: int
