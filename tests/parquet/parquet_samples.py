from __future__ import annotations

import io
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from src.data_eng.parquet.splice import ParquetSource, SplicedParquetWriter

ALIASES = {"ts_event_est": "ts_event"}
START_NS = 1_749_130_200_000_000_000  # 2025-06-05 09:30 in New York

SCHEMA = pa.schema(
    [
        pa.field("ts_recv", pa.timestamp("ns", "UTC"), nullable=False),
        pa.field("ts_event", pa.timestamp("ns", "UTC"), nullable=False),
        pa.field("instrument_id", pa.int64(), nullable=False),
        pa.field("action", pa.dictionary(pa.int32(), pa.string()), nullable=False),
        pa.field("raw_symbol", pa.string()),
        pa.field("price", pa.float64()),
        pa.field("size", pa.int32()),
        pa.field("f_last", pa.bool_(), nullable=False),
        pa.field("expiration", pa.date32()),
        pa.field("bid_px_00", pa.float64()),
    ]
)
OUTPUT = SCHEMA.append(pa.field("ts_event_est", pa.timestamp("ns", "America/New_York"), False))

OPTIONS: dict[str, Any] = {
    "version": "2.6",
    "data_page_version": "1.0",
    "compression": "zstd",
    "compression_level": 1,
    "use_dictionary": ["action", "raw_symbol"],
    "column_encoding": {
        "ts_recv": "DELTA_BINARY_PACKED",
        "ts_event": "DELTA_BINARY_PACKED",
        "ts_event_est": "DELTA_BINARY_PACKED",
        "instrument_id": "DELTA_BINARY_PACKED",
        "size": "BYTE_STREAM_SPLIT",
    },
    "write_statistics": [name for name in OUTPUT.names if name != "bid_px_00"],
    "write_page_checksum": True,
    "store_schema": True,
}


def options(schema: pa.Schema, **changes: Any) -> dict[str, Any]:
    found = {**OPTIONS, **changes}
    encodings = found["column_encoding"]
    if encodings:
        found["column_encoding"] = {k: v for k, v in encodings.items() if k in schema.names}
    return found


def rows(count: int, seed: int = 0) -> pa.Table:
    rng = np.random.default_rng(seed)
    ts_event = START_NS + np.cumsum(rng.integers(0, 10_000_000, count))
    mask = rng.random(count) < 0.2
    codes = pa.array(rng.integers(0, 3, count), pa.int32())
    columns = [
        pa.array(ts_event + 150_000, pa.timestamp("ns", "UTC")),
        pa.array(ts_event, pa.timestamp("ns", "UTC")),
        pa.array(rng.integers(0, 1 << 32, count), pa.int64()),
        pa.DictionaryArray.from_arrays(codes, pa.array(["A", "C", "T"])),
        pa.array([f"ESU5 C{n}" for n in rng.integers(5000, 5005, count)], pa.string(), mask=mask),
        pa.array(rng.integers(20_000, 24_000, count) / 4, pa.float64(), mask=mask),
        pa.array(rng.integers(0, 99, count), pa.int32(), mask=mask),
        pa.array(rng.random(count) < 0.5, pa.bool_()),
        pa.array(rng.integers(20_000, 20_400, count), pa.int32()).cast(pa.date32()),
        pa.array(rng.integers(20_000, 24_000, count) / 4, pa.float64()),
    ]
    return pa.table(columns, schema=SCHEMA)


def with_alias(table: pa.Table) -> pa.Table:
    ts_event_est = table["ts_event"].cast(OUTPUT.field("ts_event_est").type)
    return table.append_column(OUTPUT.field("ts_event_est"), ts_event_est)


def encoded(table: pa.Table, row_group_size: int = 100, **changes: Any) -> bytes:
    sink = io.BytesIO()
    with pq.ParquetWriter(sink, table.schema, **options(table.schema, **changes)) as writer:
        if table.num_rows:
            writer.write_table(table, row_group_size=row_group_size)
    return sink.getvalue()


def source(data: bytes) -> ParquetSource:
    return ParquetSource(io.BytesIO(data))


def spliced_writer(sink: Any, schema: pa.Schema, **changes: Any) -> SplicedParquetWriter:
    return SplicedParquetWriter(sink, schema, **options(schema, **changes))


def plain(table: pa.Table) -> pa.Table:
    """Row groups may have dictionaries of their own: compare the values."""
    fields = [
        pa.field(f.name, pa.string() if pa.types.is_dictionary(f.type) else f.type, f.nullable)
        for f in table.schema
    ]
    return table.cast(pa.schema(fields)).combine_chunks()


def spliced_window(data: bytes, start: int, end: int) -> bytes:
    """Copy the row groups inside of [start, end) and encode anew the rows at its ends."""
    part, sink = source(data), io.BytesIO()
    writer = spliced_writer(sink, part.arrow_schema)
    file = pq.ParquetFile(pa.BufferReader(data), page_checksum_verification=True)
    first = 0
    for index, row_group in enumerate(part.footer.row_groups):
        low, high = max(start, first), min(end, first + row_group.num_rows)
        if high - low == row_group.num_rows:
            writer.copy_row_group(part, index)
        elif low < high:
            writer.write_row_group(file.read_row_group(index).slice(low - first, high - low))
        first += row_group.num_rows
    assert writer.num_rows == end - start
    writer.close()
    return sink.getvalue()


def with_ts_event_est(data: bytes) -> bytes:
    part = source(data)
    sink = io.BytesIO()
    writer = spliced_writer(sink, OUTPUT)
    for index in range(len(part.footer.row_groups)):
        writer.copy_row_group(part, index, ALIASES)
    writer.close()
    return sink.getvalue()


def read(data: bytes) -> pa.Table:
    return pq.ParquetFile(pa.BufferReader(data), page_checksum_verification=True).read()


def footer_bytes(data: bytes) -> bytes:
    return data[-8 - int.from_bytes(data[-8:-4], "little") : -8]


def with_footer(data: bytes, footer: bytes) -> bytes:
    end = len(data) - 8 - int.from_bytes(data[-8:-4], "little")
    return data[:end] + footer + len(footer).to_bytes(4, "little") + b"PAR1"
