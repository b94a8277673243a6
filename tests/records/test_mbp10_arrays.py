"""Row groups as arrays: the same records whatever the row groups, nulls and all."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from src.data_eng.arrays import arrow_array
from src.data_eng.features.book.record_chunk import ASK_PX, BID_CT, BID_PX, BID_SZ, NO_PRICE
from src.data_eng.records.mbp10_arrays import RecordChunks
from tests.plain_table import PlainTable
from tests.stages.silver.market_lake import CLEAN, SHIFTED_DATE, partition, shifted_day

FOREVER = 2**63 - 1


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory, shared_data: Path) -> Path:
    lake = tmp_path_factory.mktemp("arrays")
    symbol = shifted_day(lake, shared_data)
    return partition(lake, CLEAN, symbol, SHIFTED_DATE) / "part-00000.parquet"


def columns(path: Path, before_ns: int = FOREVER) -> dict[str, np.ndarray]:
    with path.open("rb") as file:
        chunks = []
        for chunk in RecordChunks(PlainTable(file), 0.25).chunks(before_ns):
            found = {field.name: getattr(chunk, field.name) for field in fields(chunk)}
            found["book"] = found["book"][:, : len(chunk)].copy()
            chunks.append(found)
    return {name: np.concatenate([c[name] for c in chunks], axis=-1) for name in chunks[0]}


def test_columns_are_those_of_the_file(records: Path) -> None:
    found, table = columns(records), pl.read_parquet(records)
    assert np.array_equal(found["times"], table["ts_recv"].cast(pl.Int64).to_numpy())
    assert np.array_equal(found["ts_event"], table["ts_event"].cast(pl.Int64).to_numpy())
    assert bytes(found["action"]).decode() == "".join(table["action"])
    assert bytes(found["side"]).decode() == "".join(table["side"])
    assert np.array_equal(found["flags"], table["flags"].to_numpy())
    assert np.array_equal(found["size"], table["size"].fill_null(-1).to_numpy())
    for name, row in (("bid_px_00", BID_PX), ("ask_px_09", ASK_PX + 9)):
        ticks = (table[name] / 0.25).fill_null(NO_PRICE).cast(pl.Int32)
        assert np.array_equal(found["book"][row], ticks.to_numpy()), name
    assert np.array_equal(found["book"][BID_SZ + 3], table["bid_sz_03"].to_numpy())
    assert np.array_equal(found["book"][BID_CT + 9], table["bid_ct_09"].to_numpy())


def rewritten(path: Path, table: pa.Table, rows_each: int) -> Path:
    names = ["action", "side"]
    pq.write_table(table, path, row_group_size=rows_each, use_dictionary=names)
    return path


@pytest.mark.parametrize("rows_each", [1_000, 7_919])
def test_row_groups_do_not_matter(records: Path, tmp_path: Path, rows_each: int) -> None:
    whole = columns(records)
    path = rewritten(tmp_path / "small.parquet", pq.read_table(records), rows_each)
    small = columns(path)
    for name, column in whole.items():
        assert np.array_equal(column, small[name]), name


def test_row_groups_from_a_time_on_are_not_read(records: Path, tmp_path: Path) -> None:
    path = rewritten(tmp_path / "small.parquet", pq.read_table(records), 1_000)
    times = columns(records)["times"]
    before_ns = int(times[4_500])
    found = columns(path, before_ns)["times"]
    assert np.array_equal(found, times[:5_000])
    assert len(columns(path, int(times[5_000]))["times"]) == 5_000 + 1_000 * (
        times[4_999] == times[5_000]
    )


def test_times_that_fall_are_those_of_the_latest_record_so_far(
    records: Path, tmp_path: Path
) -> None:
    table = pq.read_table(records).slice(0, 3_000)
    times = table["ts_recv"].cast(pa.int64()).to_numpy().copy()
    times[1_500] -= 10**9
    times[2_000] -= 10**9  # the first of its row group
    kind = table.schema.field("ts_recv").type
    buffer = pa.Array.from_buffers(kind, len(times), [None, pa.py_buffer(times)])
    index = table.schema.names.index("ts_recv")
    path = rewritten(
        tmp_path / "falling.parquet",
        table.set_column(index, table.schema.field(index), buffer),
        1_000,
    )
    assert np.array_equal(columns(path)["times"], np.maximum.accumulate(times))


@pytest.mark.parametrize("rows_each", [3_000, 999])
def test_nulls_are_told_from_values(records: Path, tmp_path: Path, rows_each: int) -> None:
    table = pq.read_table(records).slice(0, 3_000).combine_chunks()
    is_null = np.random.default_rng(1).random(3_000) < 0.2
    for name in ("price", "size", "ask_px_09"):
        index, field = table.schema.names.index(name), table.schema.field(name)
        column = table[name].chunk(0)
        values = np.frombuffer(column.buffers()[1], field.type.to_pandas_dtype())[:3_000].copy()
        values[is_null] = 7  # no value of a null counts
        table = table.set_column(index, field, arrow_array(values, field.type, is_null))
    found = columns(rewritten(tmp_path / "nulls.parquet", table, rows_each))
    for column, missing in (
        (found["price"], NO_PRICE),
        (found["size"], -1),
        (found["book"][ASK_PX + 9], NO_PRICE),
    ):
        assert np.array_equal(column == missing, is_null)
