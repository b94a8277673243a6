"""DBN records for tests: plausible MBP-10 records, and what a gateway puts between them.

Everything is a function of its arguments: the same call makes the same records.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

import databento_dbn as dbn
import numpy as np
import numpy.typing as npt

from src.data_eng.vendor.dbn.layout import UNDEF_PRICE, record_dtype, rtype_of

Records = npt.NDArray[np.void]

DATE: Final = dt.date(2025, 6, 5)
"""Date of the files where none is given: a Thursday in summer time (09:30 ET is 13:30 UTC)."""
DAY_NS: Final = 86_400 * 10**9
ESM5: Final = 5002
"""Instrument id of the records where none is given."""

_PUBLISHER: Final = 1  # GLBX.MDP3


def day_ns(date: dt.date) -> int:
    """Return the first nanosecond of a UTC date, since epoch."""
    return (date - dt.date(1970, 1, 1)).days * DAY_NS


START_NS: Final = day_ns(DATE) + 13 * 3600 * 10**9 + 30 * 60 * 10**9
"""First ``ts_recv`` of `mbp10_records` where none is given: 13:30 UTC of `DATE`."""


def blank_records(schema: str, n: int, *, version: int = 3, ts_out: bool = False) -> Records:
    """Return ``n`` zeroed records of a schema with legal headers (length, rtype, publisher)."""
    records = np.zeros(n, record_dtype(schema, version, ts_out=ts_out))
    records["length"] = records.dtype.itemsize // 4
    records["rtype"] = rtype_of(schema)
    records["publisher_id"] = _PUBLISHER
    return records


def mbp10_records(
    n: int,
    *,
    instrument_id: int = ESM5,
    start_ns: int = START_NS,
    step_ns: int = 1_000_000,
    mid: float = 5900.0,
    levels: int = 10,
    rng: np.random.Generator | None = None,
    ts_out: bool = False,
) -> Records:
    """Return plausible MBP-10 records of one instrument.

    Parameters
    ----------
    n : int
    instrument_id : int
    start_ns : int, ns since epoch UTC
        ``ts_recv`` of the first record; ``ts_event`` is 20 to 200 µs before.
    step_ns : int, ns
        ``ts_recv`` rises by 0 to ``2 * step_ns`` from record to record: equal times occur.
    mid : float, dollars
        Where the walk of the book in ticks of 0.25 starts.
    levels : int
        Levels with orders, on both sides; those behind are empty (undefined price, 0, 0).
    rng : numpy.random.Generator, optional
        By default one seeded with ``instrument_id``.
    ts_out : bool
        Whether the records carry the gateway's send time.

    Returns
    -------
    structured array, shape (n,)
        Adds, cancels, modifies and about 10 % trades (``T``, flags 0); the others have F_LAST,
        mostly with the publisher's bit (130). Book never crossed, ``sequence`` rising.
    """
    rng = np.random.default_rng(instrument_id) if rng is None else rng
    records = blank_records("mbp-10", n, ts_out=ts_out)
    records["instrument_id"] = instrument_id
    steps = rng.integers(0, 2 * step_ns, n, endpoint=True)
    steps[:1] = 0
    records["ts_recv"] = start_ns + np.cumsum(steps)
    latency = rng.integers(20_000, 200_000, n)
    records["ts_event"] = records["ts_recv"].astype(np.int64) - latency
    records["ts_in_delta"] = latency // 2
    records["sequence"] = 1000 + np.cumsum(rng.integers(1, 5, n))
    if ts_out:
        records["ts_out"] = records["ts_recv"] + 50_000
    _fill_book(records, mid, levels, rng)
    _fill_events(records, max(levels, 1), rng)
    return records


def _fill_book(records: Records, mid: float, levels: int, rng: np.random.Generator) -> None:
    n, tick = len(records), 250_000_000
    best_bid = round(mid * 4) + np.cumsum(rng.choice([-1, 0, 0, 0, 1], n))
    for level in range(10):
        k = f"{level:02d}"
        if level >= levels:
            records[f"bid_px_{k}"] = records[f"ask_px_{k}"] = UNDEF_PRICE
            continue
        records[f"bid_px_{k}"] = (best_bid - level) * tick
        records[f"ask_px_{k}"] = (best_bid + 1 + level) * tick
        for side in ("bid", "ask"):
            counts = rng.integers(1, 60, n)
            records[f"{side}_ct_{k}"] = counts
            records[f"{side}_sz_{k}"] = counts + rng.integers(0, 100, n)


def _fill_events(records: Records, levels: int, rng: np.random.Generator) -> None:
    n = len(records)
    trade = rng.random(n) < 0.1
    on_bid = rng.random(n) < 0.5
    records["action"] = np.where(trade, b"T", rng.choice([b"A", b"C", b"M"], n))
    # A trade's side is the aggressor's: a buy lifts the ask.
    records["side"] = np.where(trade ^ on_bid, b"B", b"A")
    records["depth"] = np.where(trade, 0, rng.integers(0, levels, n))
    records["flags"] = np.where(trade, 0, np.where(rng.random(n) < 0.9, 130, 128))
    records["size"] = rng.integers(1, 20, n)
    for level in range(10):
        k = f"{level:02d}"
        here = records["depth"] == level
        price = np.where(on_bid, records[f"bid_px_{k}"], records[f"ask_px_{k}"])
        records["price"][here] = price[here]


def system_record(
    text: str = "Heartbeat", *, version: int = 3, ts_out: bool = False, ts_event: int = START_NS
) -> bytes:
    """Return a gateway's system record (rtype 0x17)."""
    message = dbn.SystemMsgV1 if version == 1 else dbn.SystemMsg
    return _control(message, 0x17, ts_out, ts_event, 0, {"msg": text.encode()})


def error_record(
    text: str = "gateway error",
    *,
    version: int = 3,
    ts_out: bool = False,
    ts_event: int = START_NS,
) -> bytes:
    """Return a gateway's error record (rtype 0x15)."""
    message = dbn.ErrorMsgV1 if version == 1 else dbn.ErrorMsg
    return _control(message, 0x15, ts_out, ts_event, 0, {"err": text.encode()})


def symbol_mapping_record(
    instrument_id: int,
    symbol: str,
    *,
    asked: str = "ES.FUT",
    version: int = 3,
    ts_out: bool = False,
    ts_event: int = START_NS,
) -> bytes:
    """Return a symbol mapping record (rtype 0x16): ``asked`` resolved to ``symbol``."""
    message = dbn.SymbolMappingMsgV1 if version == 1 else dbn.SymbolMappingMsg
    values = {"stype_in_symbol": asked.encode(), "stype_out_symbol": symbol.encode()}
    return _control(message, 0x16, ts_out, ts_event, instrument_id, values)


def _control(
    message: Any,
    rtype: int,
    ts_out: bool,
    ts_event: int,
    instrument_id: int,
    values: dict[str, Any],
) -> bytes:
    fields = list(message._dtypes) + ([("ts_out", "<u8")] if ts_out else [])
    record = np.zeros(1, np.dtype(fields))
    record["length"] = record.dtype.itemsize // 4
    record["rtype"] = rtype
    record["publisher_id"] = _PUBLISHER
    record["instrument_id"] = instrument_id
    record["ts_event"] = ts_event
    for name, value in values.items():
        record[name] = value
    return record.tobytes()
