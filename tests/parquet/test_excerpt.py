"""A file of chunks of other files: every reader sees the rows, and constants beside them."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable
from typing import Any

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from src.data_eng.parquet.excerpt import Excerpt
from src.data_eng.parquet.file_footer import FileFooter, file_footer
from src.data_eng.parquet.footer import read_tail
from src.data_eng.parquet.thrift_compact import ThriftError
from tests.parquet.parquet_samples import SCHEMA, encoded, rows

CONSTANTS = pa.schema(
    [pa.field("root", pa.string(), nullable=False), pa.field("dt", pa.date32(), nullable=False)]
)
DATES = [dt.date(2025, 6, 5), dt.date(1969, 12, 31)]
WRITTEN: dict[str, Any] = {"data_page_version": "2.0"}


def footer(data: bytes) -> FileFooter:
    return file_footer(read_tail(io.BytesIO(data)))


def reader(data: bytes) -> Callable[[int, int], bytes]:
    return lambda size, at: data[at : at + size]


def excerpt_of(files: list[bytes], names: list[str], *, verify: bool = True) -> bytes:
    made = Excerpt(pa.schema([SCHEMA.field(name) for name in names]), CONSTANTS)
    for data, date in zip(files, DATES, strict=True):
        found = footer(data)
        for index in range(found.metadata.num_row_groups):
            made.copy(found, index, reader(data), {"root": "ES", "dt": date}, verify=verify)
    assert made.rows == sum(footer(data).metadata.num_rows for data in files)
    return made.to_bytes()


def by_duckdb(data: bytes, tmp_path: Any) -> pa.Table:
    (tmp_path / "excerpt.parquet").write_bytes(data)
    return duckdb.read_parquet(str(tmp_path / "excerpt.parquet")).to_arrow_table()


@pytest.mark.parametrize("names", [SCHEMA.names, ["size"], ["price", "action"], []], ids=len)
@pytest.mark.parametrize("verify", [True, False])
@pytest.mark.parametrize("count", [0, 1, 950])
def test_rows_of_two_files_with_their_constants(
    tmp_path: Any, names: list[str], verify: bool, count: int
) -> None:
    tables = [rows(count), rows(count + 70, seed=1)]
    files = [encoded(table, **WRITTEN) for table in tables]
    data = excerpt_of(files, names, verify=verify)
    wanted = pa.concat_tables(tables).select(names).to_pydict()
    wanted |= {"root": ["ES"] * (2 * count + 70)}
    wanted |= {"dt": [DATES[0]] * count + [DATES[1]] * (count + 70)}
    found = pq.read_table(pa.BufferReader(data))
    assert found.schema.equals(pa.schema([*[SCHEMA.field(n) for n in names], *CONSTANTS]))
    assert found.to_pydict() == wanted
    assert pl.read_parquet(data).to_arrow().to_pydict() == wanted
    assert by_duckdb(data, tmp_path).select(["root", "dt"]).to_pydict() == {
        name: wanted[name] for name in ("root", "dt")
    }


def test_a_reader_filters_by_a_constant() -> None:
    data = excerpt_of([encoded(rows(30), **WRITTEN), encoded(rows(50), **WRITTEN)], ["size"])
    found = pl.scan_parquet(data).filter(pl.col("dt") == DATES[1], pl.col("root") == "ES")
    assert found.collect()["size"].to_list() == rows(50)["size"].to_pylist()


def test_a_column_that_is_stored_in_another_way() -> None:
    kept = rows(30).drop_columns(["size"])
    for column in (pa.array(range(30), pa.int64()), pa.array(range(30), pa.uint32())):
        data = encoded(kept.append_column("size", column), column_encoding=None, **WRITTEN)
        made = Excerpt(pa.schema([SCHEMA.field("size")]), CONSTANTS)
        with pytest.raises(ThriftError, match="size is not stored as its contract says"):
            made.copy(footer(data), 0, reader(data), {"root": "ES", "dt": DATES[0]})


def test_a_column_that_is_missing() -> None:
    data = encoded(rows(30).drop_columns(["size"]), column_encoding=None, **WRITTEN)
    made = Excerpt(pa.schema([SCHEMA.field("size")]), CONSTANTS)
    with pytest.raises(KeyError, match="size"):
        made.copy(footer(data), 0, reader(data), {"root": "ES", "dt": DATES[0]})


def test_a_file_that_became_shorter() -> None:
    data = encoded(rows(30), **WRITTEN)
    made = Excerpt(SCHEMA, CONSTANTS)
    with pytest.raises(ThriftError, match="the file ended at byte 100"):
        made.copy(footer(data), 0, reader(data[:100]), {"root": "ES", "dt": DATES[0]}, verify=False)


def test_damage_is_refused() -> None:
    data = bytearray(encoded(rows(950), **WRITTEN))
    found = footer(bytes(data))
    chunk = found.metadata.row_group(0).column(SCHEMA.names.index("price"))
    data[chunk.data_page_offset + chunk.total_compressed_size - 1] ^= 1
    made = Excerpt(pa.schema([SCHEMA.field("price")]), CONSTANTS)
    with pytest.raises(ThriftError, match="damaged"):
        made.copy(found, 0, reader(bytes(data)), {"root": "ES", "dt": DATES[0]})
