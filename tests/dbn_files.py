"""DBN files for tests: the vendor's own header encoder, records from structured arrays.

- `mbp10_records` makes plausible MBP-10 records, `blank_records` zeroed ones of any schema;
- `system_record`, `error_record` and `symbol_mapping_record` make what a gateway puts between;
- `write_mbp10` (or `write_dbn`) writes header and records, plain or as zstd frames;
- `encode_header`, `live_header`, `join`, `zstd_frames` and `skippable_frame` are the steps of it,
  for files that are wrong on purpose.

Everything is a function of its arguments: the same call writes the same bytes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import databento_dbn as dbn
import numpy as np
import zstandard

from src.data_eng.vendor.dbn.reader import DbnReader
from src.data_eng.vendor.dbn.stream import RawDigest
from tests.dbn_records import (
    DATE,
    DAY_NS,
    ESM5,
    START_NS,
    Records,
    blank_records,
    day_ns,
    error_record,
    mbp10_records,
    symbol_mapping_record,
    system_record,
)

__all__ = [
    "DATE",
    "DAY_NS",
    "ESM5",
    "START_NS",
    "Mapped",
    "Part",
    "Records",
    "blank_records",
    "day_mappings",
    "day_ns",
    "decode",
    "encode_header",
    "error_record",
    "join",
    "live_header",
    "mbp10_records",
    "skippable_frame",
    "symbol_mapping_record",
    "system_record",
    "write_dbn",
    "write_mbp10",
    "zstd_frames",
]

Part = Records | bytes
Mapped = tuple[str, str, dt.date, dt.date]
"""Symbol in, symbol out, first date, end date (exclusive)."""


def join(parts: Part | Iterable[Part]) -> bytes:
    """Return records and encoded records one after the other as bytes."""
    if isinstance(parts, bytes | np.ndarray):
        parts = (parts,)
    return b"".join(p if isinstance(p, bytes) else p.tobytes() for p in parts)


def day_mappings(symbols: Mapping[int, str], date: dt.date = DATE) -> list[Mapped]:
    """Return mappings raw symbol → instrument id for one date, as a parent request has them."""
    next_day = date + dt.timedelta(days=1)
    return [(symbol, str(i), date, next_day) for i, symbol in symbols.items()]


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
        pieces = [content[a:b] for a, b in pairwise(cuts)]
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


def decode(
    path: Path, schema: str | None = None, *, block_records: int | None = None
) -> tuple[Records, DbnReader, RawDigest]:
    """Read a file whole; return its records, the (closed) reader that has counted, the digest."""
    with DbnReader(path, schema, block_records=block_records) as reader:
        blocks = list(reader.blocks())
        digest = reader.finish()
    return np.concatenate([np.zeros(0, reader.dtype), *blocks]), reader, digest
