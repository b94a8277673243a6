from __future__ import annotations

import io
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from src.data_eng.errors import ContractError
from src.data_eng.parquet.footer import read_footer
from tests.parquet.parquet_samples import (
    ALIASES,
    OUTPUT,
    SCHEMA,
    encoded,
    plain,
    read,
    rows,
    source,
    spliced_window,
    spliced_writer,
    with_alias,
    with_ts_event_est,
)

GROUP = 100
# From, to: none, one row, part of one row group, exactly one, across a bound, several, all.
WINDOWS = [
    (0, 0),
    (100, 100),
    (0, 1),
    (99, 100),
    (449, 450),
    (20, 70),
    (100, 200),
    (99, 101),
    (0, 300),
    (150, 420),
    (100, 450),
    (0, 450),
]

KINDS: dict[str, pa.DataType] = {
    "int32": pa.int32(),
    "int64": pa.int64(),
    "float64": pa.float64(),
    "utc": pa.timestamp("ns", "UTC"),
    "new_york": pa.timestamp("ns", "America/New_York"),
    "enum": pa.dictionary(pa.int32(), pa.string()),
    "bool": pa.bool_(),
    "string": pa.string(),
    "date": pa.date32(),
}
SYMBOLS = ["A", "C", "M", "R", "T", "F", "N"]


@pytest.mark.parametrize(("start", "end"), WINDOWS)
def test_a_window_has_the_rows_that_a_filter_of_the_table_has(start: int, end: int) -> None:
    table = rows(450)
    result = read(spliced_window(encoded(table), start, end))
    assert result.schema.equals(SCHEMA)
    assert plain(result).equals(plain(table.slice(start, end - start)))


def test_a_copied_column_under_another_name_has_the_same_instants() -> None:
    table = rows(450)
    data = with_ts_event_est(encoded(table))
    result = read(data)
    assert result.schema.equals(OUTPUT)
    assert plain(result).equals(plain(with_alias(table)))
    footer = read_footer(io.BytesIO(data))
    for row_group in footer.row_groups:
        bounds = row_group.column("ts_event").min_max()
        assert row_group.column("ts_event_est").min_max() == bounds


def column(kind: pa.DataType, nullable: bool, count: int, rng: Any) -> pa.Array:
    mask = rng.random(count) < 0.3 if nullable else None
    if pa.types.is_dictionary(kind):
        codes = pa.array(rng.integers(0, len(SYMBOLS), count), pa.int32(), mask=mask)
        return pa.DictionaryArray.from_arrays(codes, pa.array(SYMBOLS))
    if pa.types.is_string(kind):
        return pa.array([f"ES é{n}" for n in rng.integers(0, 9, count)], kind, mask=mask)
    if pa.types.is_boolean(kind):
        return pa.array(rng.random(count) < 0.5, kind, mask=mask)
    if pa.types.is_floating(kind):
        return pa.array(rng.normal(size=count), kind, mask=mask)
    width = 32 if kind.bit_width == 32 else 64
    limit = (1 << (width - 1)) - 1
    values = rng.integers(-limit, limit, count, dtype=np.dtype(f"int{width}"))
    return pa.array(values, pa.int32() if width == 32 else pa.int64(), mask=mask).cast(kind)


@st.composite
def tables(draw: st.DrawFn) -> pa.Table:
    kinds = draw(st.lists(st.tuples(st.sampled_from(sorted(KINDS)), st.booleans()), min_size=1))
    near = [0, 1, 9, 10, 11, 19, 20, 21, 30, 31]
    count = draw(st.sampled_from(near) | st.integers(0, 45))
    rng = np.random.default_rng(draw(st.integers(0, 1 << 32)))
    schema = pa.schema(
        [pa.field(f"c{i}_{k}", KINDS[k], nullable) for i, (k, nullable) in enumerate(kinds)]
    )
    return pa.table([column(f.type, f.nullable, count, rng) for f in schema], schema=schema)


@given(tables(), st.data())
@settings(max_examples=60)
def test_any_table_of_the_lake_comes_back_from_any_window(table: pa.Table, data: Any) -> None:
    start = data.draw(st.integers(0, table.num_rows))
    end = data.draw(st.integers(start, table.num_rows))
    dictionaries = [f.name for f in table.schema if f.type in (KINDS["enum"], KINDS["string"])]
    changes = {
        "use_dictionary": dictionaries or False,
        "column_encoding": None,
        "write_statistics": True,
    }
    written = encoded(table, row_group_size=10, **changes)
    result = read(spliced_window(written, start, end))
    assert result.schema.equals(table.schema)
    assert plain(result).equals(plain(table.slice(start, end - start)))


@pytest.mark.parametrize("count", [0, 1, 99, 100, 101, 450])
def test_a_file_copied_whole_is_the_same_bytes(count: int) -> None:
    data = encoded(rows(count))
    assert spliced_window(data, 0, count) == data


@pytest.mark.parametrize("count", [0, 1, 100, 450])
def test_rows_encoded_here_are_the_bytes_that_pyarrow_writes(count: int) -> None:
    table, sink = rows(count), io.BytesIO()
    writer = spliced_writer(sink, SCHEMA)
    for first in range(0, count, GROUP):
        writer.write_row_group(table.slice(first, GROUP))
    writer.close()
    assert sink.getvalue() == encoded(table)


def test_the_pages_of_a_copied_row_group_are_those_of_the_source() -> None:
    data = encoded(rows(300))
    part, result = source(data), source(with_ts_event_est(data))
    for index, (before, after) in enumerate(
        zip(part.footer.row_groups, result.footer.row_groups, strict=True)
    ):
        start, end = before.byte_range
        copied = result.read_row_group(index)
        assert copied.startswith(data[start:end])
        chunk = before.column("ts_event")
        assert copied[end - start :] == data[chunk.start : chunk.start + chunk.size]
        assert after.num_rows == before.num_rows


def test_columns_are_left_out_and_put_into_another_order() -> None:
    table, sink = rows(250), io.BytesIO()
    schema = pa.schema([SCHEMA.field(name) for name in ("price", "action", "ts_recv")])
    part = source(encoded(table))
    writer = spliced_writer(sink, schema, use_dictionary=["action"], write_statistics=True)
    for index in (2, 0):
        writer.copy_row_group(part, index)
    writer.close()
    expected = pa.concat_tables([table.slice(200), table.slice(0, 100)]).select(schema.names)
    assert plain(read(sink.getvalue())).equals(plain(expected))


def test_a_sort_order_is_kept_only_where_its_positions_hold() -> None:
    order = [pq.SortingColumn(0), pq.SortingColumn(1)]
    part = source(encoded(rows(100), sorting_columns=order))

    def copied(schema: pa.Schema, aliases: dict[str, str]) -> Any:
        sink = io.BytesIO()
        writer = spliced_writer(sink, schema)
        writer.copy_row_group(part, 0, aliases)
        writer.close()
        return pq.ParquetFile(pa.BufferReader(sink.getvalue())).metadata.row_group(0)

    assert copied(SCHEMA, {}).sorting_columns == tuple(order)
    assert copied(OUTPUT, ALIASES).sorting_columns == tuple(order)
    moved = pa.schema(list(reversed(SCHEMA)))
    assert copied(moved, {}).sorting_columns == ()
    assert copied(SCHEMA, {"ts_recv": "ts_event", "ts_event": "ts_recv"}).sorting_columns == ()


def test_a_row_group_without_rows_is_left_out() -> None:
    empty = io.BytesIO()
    pq.write_table(rows(0), empty)
    part, sink = source(empty.getvalue()), io.BytesIO()
    assert [row_group.num_rows for row_group in part.footer.row_groups] == [0]
    writer = spliced_writer(sink, SCHEMA)
    writer.copy_row_group(part, 0)
    writer.write_row_group(rows(0))
    writer.close()
    assert sink.getvalue() == encoded(rows(0))


@pytest.mark.parametrize(
    ("field", "aliases", "message"),
    [
        (pa.field("size", pa.int64()), {}, "size cannot be copied"),
        (pa.field("size", pa.int32(), nullable=False), {}, "size cannot be copied"),
        (pa.field("ts_event", pa.timestamp("us", "UTC"), nullable=False), {}, "cannot be copied"),
        (pa.field("nothing", pa.int32()), {}, "nothing is not in"),
        (pa.field("size", pa.int32()), {"other": "size"}, "alias other"),
        (pa.field("size", pa.int32()), {"size": "nothing"}, "nothing is not in"),
    ],
)
def test_columns_that_do_not_fit_are_refused_before_a_byte_is_written(
    field: pa.Field, aliases: dict[str, str], message: str
) -> None:
    sink = io.BytesIO()
    writer = spliced_writer(
        sink, pa.schema([field]), use_dictionary=False, column_encoding=None, write_statistics=True
    )
    with pytest.raises(ContractError, match=message):
        writer.copy_row_group(source(encoded(rows(10))), 0, aliases)
    assert sink.getvalue() == b"PAR1"
    assert writer.num_rows == 0


def test_a_source_with_a_page_index_is_refused() -> None:
    writer = spliced_writer(io.BytesIO(), SCHEMA)
    with pytest.raises(ContractError, match="page index"):
        writer.copy_row_group(source(encoded(rows(10), write_page_index=True)), 0)


def test_rows_of_another_schema_and_a_closed_file_are_refused() -> None:
    sink = io.BytesIO()
    writer = spliced_writer(sink, OUTPUT)
    with pytest.raises(ContractError, match="another schema"):
        writer.write_row_group(rows(10))
    writer.close()
    written = sink.getvalue()
    writer.close()
    assert sink.getvalue() == written
    with pytest.raises(ValueError, match="closed"):
        writer.write_row_group(with_alias(rows(10)))
    with pytest.raises(ValueError, match="closed"):
        writer.copy_row_group(source(encoded(rows(10))), 0, ALIASES)


@pytest.mark.parametrize(
    "schema",
    [pa.schema([("a", pa.list_(pa.int32()))]), pa.schema([("a", pa.int32()), ("a", pa.int32())])],
)
def test_an_output_that_is_nested_or_has_a_name_twice_is_refused(schema: pa.Schema) -> None:
    with pytest.raises(ContractError, match="cannot be spliced"):
        spliced_writer(io.BytesIO(), schema, use_dictionary=False, write_statistics=True)
