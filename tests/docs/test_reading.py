"""The table of types in docs/reading.md, and the surprises below it, are what the readers give."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from tests.docs_pages import ROOT

pytestmark = pytest.mark.timeout(900)  # the first test builds the lake, and may compile

FUTURE = "lake/gold/product_type=future/symbol=ESM5"
RECORDS = f"{FUTURE}/table=market_by_price_10_first3h"
BY_PATH = "none, by the path"


def shown() -> dict[str, dict[str, str]]:
    """Return reader and type by column, as the page has them."""
    text = (ROOT / "docs" / "reading.md").read_text()
    head, *rows = (
        [cell.strip().strip("`") for cell in line.strip("|").split(" | ")]
        for line in text.splitlines()
        if re.match(r"\| (column|`\w+`) \|", line)
    )
    return {
        row[0]: dict(zip(head[1:], (c.strip("` ") for c in row[1:]), strict=True)) for row in rows
    }


@pytest.fixture
def records(sample_lake: Path) -> Path:
    return sample_lake / RECORDS


def test_parquet_has_the_types_of_the_table(records: Path) -> None:
    (part,) = records.rglob("*.parquet")
    schema = pq.ParquetFile(part).schema_arrow
    for name, row in shown().items():
        found = str(schema.field(name).type) if name in schema.names else BY_PATH
        assert row["Parquet"] == found, name


def test_duckdb_has_the_types_of_the_table(records: Path) -> None:
    found = duckdb.sql(f"FROM read_parquet('{records}/**/*.parquet', hive_partitioning = true)")
    types = dict(zip(found.columns, map(str, found.types), strict=True))
    assert {name: row["DuckDB"] for name, row in shown().items()} == {
        name: types[name] for name in shown()
    }


def test_polars_has_the_types_of_the_table(records: Path) -> None:
    schema = pl.scan_parquet(f"{records}/**/*.parquet", hive_partitioning=True).collect_schema()
    for name, row in shown().items():
        found = re.sub(r"(time_unit|time_zone)=", "", str(schema[name]))
        assert row["Polars"] == found, name


def test_pandas_has_the_types_of_the_table(records: Path) -> None:
    types = pd.read_parquet(records).dtypes.astype(str)
    assert {name: row["pandas"] for name, row in shown().items()} == {
        name: types.get(name, "none") for name in shown()
    }


def test_duckdb_keeps_one_zone_and_cuts_python_times(records: Path) -> None:
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        found = connection.sql(f"""
            SELECT ts_event_est, timezone('America/New_York', ts_event), epoch_ns(ts_event)
            FROM read_parquet('{records}/**/*.parquet') WHERE epoch_ns(ts_event) % 1000 <> 0""")
        (est, wall, nanoseconds), *_ = found.fetchall()
        assert str(found.df().dtypes.iloc[0]) == "datetime64[ns]"
        assert found.pl().schema["ts_event_est"] == pl.Datetime("ns", "UTC")
    assert est.utcoffset() == dt.timedelta(0)
    assert est.replace(tzinfo=None) - wall == dt.timedelta(hours=4)
    assert est.microsecond * 1000 == nanoseconds % 10**9 // 1000 * 1000


def test_polars_refuses_a_folder(records: Path) -> None:
    with pytest.raises(pl.exceptions.InvalidOperationError, match="different file extensions"):
        pl.scan_parquet(records).collect()


def test_pandas_widens_what_is_null(sample_lake: Path) -> None:
    folder = sample_lake / "lake/silver/product_type=future/symbol=ESM5/table=level_1s"
    columns = ["side", "last_touch_rejected"]
    assert pd.read_parquet(folder, columns=columns).dtypes.to_dict() == {
        "side": np.float64,
        "last_touch_rejected": np.dtype(object),
    }
    kept = pd.read_parquet(folder, columns=columns, dtype_backend="pyarrow").dtypes.astype(str)
    assert list(kept) == ["int32[pyarrow]", "bool[pyarrow]"]
    outcomes = pd.read_parquet(sample_lake / FUTURE / "table=level_outcome")
    assert outcomes["overlap_group"].dtype == np.int64  # may be null, and is not on this date


def test_pyarrow_looks_at_checksums_when_it_is_told_to(records: Path, tmp_path: Path) -> None:
    (part,) = records.rglob("*.parquet")
    data = bytearray(part.read_bytes())
    column = pq.ParquetFile(part).metadata.row_group(0).column(0)
    data[column.data_page_offset + column.total_compressed_size // 2] ^= 1
    damaged = tmp_path / part.name
    damaged.write_bytes(data)
    options = ds.ParquetFragmentScanOptions(page_checksum_verification=True)
    dataset = ds.dataset(
        damaged, format=ds.ParquetFileFormat(default_fragment_scan_options=options)
    )
    with pytest.raises(OSError, match=r"(?i)crc|checksum"):
        dataset.to_table(columns=["ts_recv"])
