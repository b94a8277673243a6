"""DBN files for tests: the vendor's own header encoder, records from structured arrays.

- `mbp10_records` makes plausible MBP-10 records, `blank_records` zeroed ones of any schema;
- `system_record`, `error_record` and `symbol_mapping_record` make what a gateway puts between;
- `write_mbp10` (or `write_dbn`) writes header and records, plain or as zstd frames;
- `encode_header`, `join` and `zstd_frames` are the steps of it, for files that are wrong on purpose.

Everything is a function of its arguments: the same call writes the same bytes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

import databento_dbn as dbn
import numpy as np
import numpy.typing as npt
import zstandard

from src.data_eng.dbn.layout import UNDEF_PRICE, record_dtype, rtype_of

Records = npt.NDArray[np.void]
Part = Records | bytes

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
    ts_recv = start_ns + np.cumsum(rng.integers(0, 2 * step_ns, n, endpoint=True)) if n else 0
    records["ts_recv"] = ts_recv - (ts_recv[0] - start_ns) if isinstance(ts_recv, np.ndarray) else 0
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


def join(parts: Part | Iterable[Part]) -> bytes:
    """Return records and encoded records one after the other as bytes."""
    if isinstance(parts, bytes | np.ndarray):
        parts = (parts,)
    return b"".join(p if isinstance(p, bytes) else p.tobytes() for p in parts)


def day_mappings(symbols: Mapping[int, str], date: dt.date = DATE) -> list[Mapped]:
    """Return mappings raw symbol → instrument id for one date, as a parent request has them."""
    next_day = date + dt.timedelta(days=1)
    return [(symbol, str(i), date, next_day) for i, symbol in symbols.items()]


Mapped = tuple[str, str, dt.date, dt.date]
"""Symbol in, symbol out, first date, end date (exclusive)."""


def encode_header(
    *,
    schema: str | None = "mbp-10",
    date: dt.date = DATE,
    start_ns: int | None = None,
    end_ns: int | None = None,
    version: int = 3,
    stype_in: str | None = "parent",
    stype_out: str = "instrument_id",
    query: Sequence[str] = ("ES.FUT",),
    mappings: Sequence[Mapped] = (),
    ts_out: bool = False,
    padding: int = 0,
    dataset: str = "GLBX.MDP3",
) -> bytes:
    """Return an encoded DBN header.

    Parameters
    ----------
    schema : str or None
        None as in a live capture.
    date : datetime.date
        The header's range is this UTC date unless ``start_ns`` or ``end_ns`` are given.
    version : int
        1, 2 or 3.
    stype_in : str or None
        None as in a live capture.
    query : sequence of str
        ``symbols`` of the header: what was asked for.
    mappings : sequence of (str, str, date, date)
        Symbol in, symbol out, and the half-open interval; a symbol may come several times.
    padding : int
        Zero bytes appended, and counted in the header's length field.
    """
    intervals: dict[str, list[SimpleNamespace]] = {}
    for symbol_in, symbol_out, start, end in mappings:
        entry = SimpleNamespace(start_date=start, end_date=end, symbol=symbol_out)
        intervals.setdefault(symbol_in, []).append(entry)
    header: bytes = dbn.Metadata(
        dataset=dataset,
        start=day_ns(date) if start_ns is None else start_ns,
        end=day_ns(date) + DAY_NS if end_ns is None else end_ns,
        stype_in=None if stype_in is None else dbn.SType.from_str(stype_in),
        stype_out=dbn.SType.from_str(stype_out),
        schema=None if schema is None else dbn.Schema.from_str(schema),
        symbols=list(query),
        mappings=[SimpleNamespace(raw_symbol=s, intervals=i) for s, i in intervals.items()],
        ts_out=ts_out,
        version=version,
    ).encode()
    length = int.from_bytes(header[4:8], "little") + padding
    return header[:4] + length.to_bytes(4, "little") + header[8:] + bytes(padding)


def live_header(version: int = 3, *, ts_out: bool = False) -> bytes:
    """Return the header of a live capture: no schema, no stype_in, start 0, end undefined."""
    return encode_header(
        schema=None,
        start_ns=0,
        end_ns=int(dbn.UNDEF_TIMESTAMP),
        version=version,
        stype_in=None,
        query=(),
        ts_out=ts_out,
    )


def skippable_frame(content: bytes = b"data_eng", kind: int = 0) -> bytes:
    """Return a zstd skippable frame (magic 0x184D2A50 + ``kind``)."""
    magic = (0x184D2A50 + kind).to_bytes(4, "little")
    return magic + len(content).to_bytes(4, "little") + content


def zstd_frames(pieces: Iterable[bytes], *, checksum: bool = False, level: int = 3) -> list[bytes]:
    """Return every piece as a zstd frame of its own."""
    compressor = zstandard.ZstdCompressor(level=level, write_checksum=checksum)
    return [compressor.compress(piece) for piece in pieces]


def write_dbn(
    path: Path,
    header: bytes,
    parts: Part | Iterable[Part],
    *,
    compression: str | None = None,
    frames: int = 1,
    header_frame: bool = True,
    checksum: bool = False,
) -> Path:
    """Write a DBN file and return its path; missing folders are made.

    Parameters
    ----------
    header : bytes
        From `encode_header`.
    parts : records, bytes, or an iterable of them
        What follows, in order.
    compression : {"zstd", "none"}, optional
        By default what the name says: zstd for ``.zst``.
    frames : int
        Zstd frames that the records are divided into, at any byte.
    header_frame : bool
        Whether the header has a zstd frame of its own, as in the vendor's files.
    checksum : bool
        Whether zstd frames carry a checksum.
    """
    if compression is None:
        compression = "zstd" if path.suffix == ".zst" else "none"
    content = header + join(parts)
    if compression == "zstd":
        start = len(header) if header_frame else 0
        cuts = np.linspace(start, len(content), frames + 1).astype(int).tolist()
        pieces = [content[a:b] for a, b in zip(cuts, cuts[1:], strict=False)]
        pieces = [header, *pieces] if header_frame else pieces
        content = b"".join(zstd_frames(pieces, checksum=checksum))
    elif compression != "none":
        raise ValueError(f"compression is 'zstd' or 'none', not {compression!r}")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def write_mbp10(
    path: Path,
    records: Part | Iterable[Part],
    *,
    symbols: Mapping[int, str] | None = None,
    mappings: Sequence[Mapped] | None = None,
    date: dt.date = DATE,
    start_ns: int | None = None,
    end_ns: int | None = None,
    version: int = 3,
    compression: str | None = None,
    frames: int = 1,
    header_frame: bool = True,
    checksum: bool = False,
    stype_in: str | None = "parent",
    stype_out: str = "instrument_id",
    query: Sequence[str] = ("ES.FUT",),
    ts_out: bool = False,
    padding: int = 0,
) -> Path:
    """Write an MBP-10 file and return its path.

    Parameters
    ----------
    path : Path
        ``.dbn`` is written plain, ``.dbn.zst`` compressed, unless ``compression`` says otherwise.
    records : records, bytes, or an iterable of them
        From `mbp10_records` and the functions for other records; written in the given order.
    symbols : mapping of int to str, optional
        Instrument id → raw symbol on ``date``; by default ``{ESM5: "ESM5"}``.
    mappings : sequence of (str, str, date, date), optional
        The header's mappings as they are, instead of ``symbols``.

    See `encode_header` and `write_dbn` for the others. ``ts_out`` must be what the records have.
    """
    if mappings is None:
        mappings = day_mappings({ESM5: "ESM5"} if symbols is None else symbols, date)
    header = encode_header(
        date=date,
        start_ns=start_ns,
        end_ns=end_ns,
        version=version,
        stype_in=stype_in,
        stype_out=stype_out,
        query=query,
        mappings=mappings,
        ts_out=ts_out,
        padding=padding,
    )
    return write_dbn(
        path,
        header,
        records,
        compression=compression,
        frames=frames,
        header_frame=header_frame,
        checksum=checksum,
    )
