from __future__ import annotations

import hashlib
import io
import itertools
import random
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from src.data_eng.errors import ContractError, CorruptPartitionError
from src.data_eng.parquet.footer import footer_sha256, read_footer
from src.data_eng.parquet.thrift_compact import ThriftError, decode_struct, encode_struct
from tests.parquet.parquet_samples import (
    SCHEMA,
    encoded,
    footer_bytes,
    rows,
    source,
    with_footer,
    with_ts_event_est,
)

# Formats before 2.6 know no nanoseconds.
MICROSECONDS = {"coerce_timestamps": "us", "allow_truncated_timestamps": True}
VERSIONS: list[dict[str, Any]] = [
    {"version": "1.0", **MICROSECONDS},
    {"version": "2.4", **MICROSECONDS},
    {"version": "2.6"},
]
VARIANTS: list[dict[str, Any]] = [
    {**version, "data_page_version": page, "use_dictionary": dictionary}
    for version, page, dictionary in itertools.product(
        VERSIONS, ("1.0", "2.0"), (False, ["action", "raw_symbol"])
    )
] + [
    {"write_statistics": False},
    {"write_statistics": True},
    {"compression": "none", "compression_level": None},
    {"compression": "snappy", "compression_level": None},
    {"write_page_checksum": False},
    {"store_schema": False},
    {"write_page_index": True},
    {"data_page_size": 64},
    {"sorting_columns": [pq.SortingColumn(1)]},
]


@pytest.mark.parametrize("changes", VARIANTS, ids=str)
@pytest.mark.parametrize("count", [0, 1, 950])
def test_a_footer_decoded_and_encoded_is_the_same_bytes(
    count: int, changes: dict[str, Any]
) -> None:
    data = encoded(rows(count), **changes)
    tree, end = decode_struct(footer_bytes(data))
    assert end == len(footer_bytes(data))
    assert encode_struct(tree) == footer_bytes(data)


@pytest.mark.parametrize("changes", VARIANTS, ids=str)
def test_the_view_is_what_pyarrow_says(changes: dict[str, Any]) -> None:
    data = encoded(rows(950), **changes)
    footer = read_footer(io.BytesIO(data))
    file = pq.ParquetFile(pa.BufferReader(data))
    metadata = file.metadata
    assert footer.created_by == metadata.created_by
    assert footer.num_rows == metadata.num_rows == 950
    assert footer.key_values == (metadata.metadata or {})
    assert [column.name for column in footer.columns] == metadata.schema.names
    assert [column.nullable for column in footer.columns] == [
        metadata.schema.column(i).max_definition_level == 1 for i in range(metadata.num_columns)
    ]
    assert len(footer.row_groups) == metadata.num_row_groups
    assert source(data).arrow_schema.equals(file.schema_arrow)
    for row_group, expected in zip(
        footer.row_groups, map(metadata.row_group, range(10)), strict=True
    ):
        assert row_group.num_rows == expected.num_rows
        for chunk, column in zip(row_group.columns, map(expected.column, range(10)), strict=True):
            first = column.dictionary_page_offset or column.data_page_offset
            assert chunk.start == first
            assert chunk.size == column.total_compressed_size
            assert chunk.uncompressed_size == column.total_uncompressed_size
            assert chunk.num_values == column.num_values
            found = chunk.statistics
            assert (found is not None) == column.is_stats_set
            if found is not None:
                assert found.null_count == column.statistics.null_count


def test_bounds_of_times_and_integers_are_those_of_the_rows() -> None:
    table = rows(950)
    footer = read_footer(io.BytesIO(encoded(table)))
    for index, row_group in enumerate(footer.row_groups):
        part = table.slice(100 * index, 100)
        times = part["ts_event"].cast(pa.int64()).to_numpy()
        assert row_group.column("ts_event").min_max() == (times.min(), times.max())
        sizes = part["size"].drop_null().to_numpy()
        assert row_group.column("size").min_max() == (sizes.min(), sizes.max())


@pytest.mark.parametrize("kind", [pa.uint8(), pa.uint32(), pa.uint64(), pa.int8(), pa.int64()])
def test_bounds_have_the_sign_of_the_column(kind: pa.DataType) -> None:
    limits = np.iinfo(kind.to_pandas_dtype())
    data = encoded(pa.table({"a": pa.array([limits.min, limits.max], kind)}), write_statistics=True)
    bounds = read_footer(io.BytesIO(data)).row_groups[0].column("a").min_max()
    assert bounds == (limits.min, limits.max)


@pytest.mark.parametrize(
    ("name", "message"),
    [("price", "integer type"), ("bid_px_00", "integer type"), ("nothing", "not in the Parquet")],
)
def test_columns_without_integer_bounds_are_refused(name: str, message: str) -> None:
    row_group = read_footer(io.BytesIO(encoded(rows(10)))).row_groups[0]
    with pytest.raises(ContractError, match=message):
        row_group.column(name).min_max()


@pytest.mark.parametrize("statistics", [False, True])
def test_a_column_of_nulls_or_without_statistics_has_no_bounds(statistics: bool) -> None:
    table = pa.table({"a": pa.array([None, None] if statistics else [1, 2], pa.int64())})
    data = encoded(table, write_statistics=statistics)
    with pytest.raises(ContractError, match="no bounds"):
        read_footer(io.BytesIO(data)).row_groups[0].column("a").min_max()


def test_row_groups_are_where_their_bytes_are() -> None:
    data = encoded(rows(300))
    part = source(data)
    ranges = [row_group.byte_range for row_group in part.footer.row_groups]
    assert ranges[0][0] == 4
    assert [start for start, _ in ranges[1:]] == [end for _, end in ranges[:-1]]
    assert ranges[-1][1] == len(data) - 8 - len(footer_bytes(data))
    assert b"".join(map(part.read_row_group, range(3))) == data[4 : ranges[-1][1]]


@pytest.mark.parametrize(
    "table",
    [
        pa.table({"a": pa.array([[1, 2]])}),
        pa.table({"a": pa.array([{"x": 1}])}),
        pa.table({"b": [1], "a": pa.array([{"x": {"y": 1.0}}])}),
    ],
)
def test_nested_columns_are_refused(table: pa.Table) -> None:
    data = encoded(table, use_dictionary=False, column_encoding=None, write_statistics=True)
    with pytest.raises(CorruptPartitionError, match="only flat tables"):
        read_footer(io.BytesIO(data))


def test_a_footer_longer_than_the_first_read_is_read_whole() -> None:
    data = encoded(rows(4000), row_group_size=20)
    assert len(footer_bytes(data)) > 1 << 17
    assert len(read_footer(io.BytesIO(data)).row_groups) == 200


def test_the_message_is_one_line_with_file_and_remedy(tmp_path: Path) -> None:
    path = tmp_path / "part-00000.parquet"
    path.write_bytes(encoded(rows(100))[:-1])
    with path.open("rb") as file, pytest.raises(CorruptPartitionError) as caught:
        read_footer(file)
    message = str(caught.value)
    assert str(path) in message
    assert "delete the partition" in message
    assert "\n" not in message
    with pytest.raises(CorruptPartitionError, match=r"^ESU5 2025-06-05: "):
        read_footer(io.BytesIO(b""), "ESU5 2025-06-05")


def test_every_bit_of_magic_and_footer_length_counts() -> None:
    data = with_ts_event_est(encoded(rows(250)))
    for position in (0, 1, 2, 3, *range(len(data) - 8, len(data))):
        for bit in range(8):
            flipped = bytearray(data)
            flipped[position] ^= 1 << bit
            with pytest.raises(CorruptPartitionError):
                read_footer(io.BytesIO(bytes(flipped)))


def test_a_file_cut_anywhere_is_corrupt() -> None:
    data = with_ts_event_est(encoded(rows(20)))
    for size in range(len(data)):
        with pytest.raises(CorruptPartitionError):
            read_footer(io.BytesIO(data[:size]))


def test_a_file_with_bytes_too_many_is_corrupt() -> None:
    data = encoded(rows(20))
    with pytest.raises(CorruptPartitionError, match="too many"):
        read_footer(io.BytesIO(with_footer(data, footer_bytes(data) + b"\x00")))
    with pytest.raises(CorruptPartitionError):
        read_footer(io.BytesIO(data + b"\x00"))


def mutated(footer: bytes, random: random.Random) -> bytes:
    out = bytearray(footer)
    for _ in range(random.choice((1, 1, 2, 5))):
        position = random.randrange(len(out))
        match random.randrange(4):
            case 0:
                out[position] ^= 1 << random.randrange(8)
            case 1:
                out[position] = random.choice((0, 0x1C, 0x19, 0x7F, 0x80, 0xFC, 0xFF))
            case 2:
                del out[position : position + random.randrange(1, 9)]
            case _:
                out[position:position] = random.randbytes(random.randrange(1, 9))
    return bytes(out)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.timeout(60)
def test_a_damaged_footer_is_corrupt_or_readable(seed: int) -> None:
    data = with_ts_event_est(encoded(rows(40), row_group_size=20))
    generator = random.Random(seed)
    messages = []
    for _ in range(200):
        try:
            read_everything(with_footer(data, mutated(footer_bytes(data), generator)))
        except CorruptPartitionError as error:
            messages.append(str(error))
    assert len(messages) > 100
    assert not any("\n" in message for message in messages)


def read_everything(data: bytes) -> None:
    part = source(data)
    for index, row_group in enumerate(part.footer.row_groups):
        part.read_row_group(index)
        for chunk in row_group.columns:
            assert chunk.statistics is None or len(chunk.statistics) == 3
    assert isinstance(part.arrow_schema, pa.Schema)


def test_a_file_that_shrinks_while_it_is_read_is_corrupt() -> None:
    file = io.BytesIO(encoded(rows(100)))
    part = source(file.getvalue())
    part._file = io.BytesIO(file.getvalue()[:50])
    with pytest.raises(CorruptPartitionError, match="ended at byte 50"):
        part.read_row_group(0)


def test_the_schema_of_a_file_without_the_arrow_one_is_read() -> None:
    part = source(encoded(rows(5), store_schema=False))
    assert part.arrow_schema.names == SCHEMA.names


def test_the_hash_of_the_footer_is_of_what_ends_the_file() -> None:
    data = encoded(rows(40))
    ending = footer_bytes(data) + data[-8:]
    assert data.endswith(ending)
    assert footer_sha256(io.BytesIO(data)) == hashlib.sha256(ending).hexdigest()
    with pytest.raises(ThriftError, match="not a Parquet file"):
        footer_sha256(io.BytesIO(data[:-1]))
