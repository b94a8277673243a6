from __future__ import annotations

import io
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from src.data_eng.errors import ContractError, CorruptPartitionError
from src.data_eng.parquet.thrift_compact import (
    I32,
    I64,
    Field,
    ThriftList,
    decode_struct,
    encode_struct,
)
from tests.parquet.parquet_samples import (
    ALIASES,
    OUTPUT,
    encoded,
    footer_bytes,
    read,
    rows,
    source,
    spliced_writer,
    with_footer,
    with_ts_event_est,
)

DATA = encoded(rows(60), row_group_size=20)
FOOTER = footer_bytes(DATA)

pytestmark = pytest.mark.timeout(60)


def splice(data: bytes) -> bytes | None:
    """Return the file spliced, or None if the source was refused with a clear message."""
    try:
        return with_ts_event_est(data)
    except (CorruptPartitionError, ContractError) as error:
        message = str(error)
    assert message.strip()
    assert "\n" not in message
    return None


@given(st.integers(0, len(DATA) - 1))
@settings(max_examples=80)
def test_a_file_cut_off_is_refused(size: int) -> None:
    assert splice(DATA[:size]) is None


@given(st.binary(max_size=300))
@settings(max_examples=150)
def test_foreign_bytes_for_a_footer_are_refused(footer: bytes) -> None:
    assert splice(with_footer(DATA, footer)) is None


@given(st.binary(max_size=300))
@settings(max_examples=60)
def test_foreign_bytes_for_a_file_are_refused(data: bytes) -> None:
    assert splice(data) is None
    assert splice(b"PAR1" + data + b"PAR1") is None


@pytest.mark.parametrize(("position", "magic"), [(0, b"PARE"), (-4, b"PARE"), (0, b"Obj\x01")])
def test_another_magic_is_refused(position: int, magic: bytes) -> None:
    data = bytearray(DATA)
    data[position : position + 4 or None] = magic
    with pytest.raises(CorruptPartitionError, match="not a Parquet file"):
        source(bytes(data))


@given(st.lists(st.tuples(st.integers(0, len(FOOTER) - 1), st.integers(0, 255)), min_size=1))
@settings(max_examples=150)
def test_a_damaged_footer_gives_an_error_or_a_file(changes: list[tuple[int, int]]) -> None:
    footer = bytearray(FOOTER)
    for position, byte in changes:
        footer[position] = byte
    splice(with_footer(DATA, bytes(footer)))


def page_tails() -> list[int]:
    """Return positions of the last bytes of every column chunk: the body of its last page."""
    metadata = pq.ParquetFile(pa.BufferReader(DATA)).metadata
    tails: list[int] = []
    for group in range(metadata.num_row_groups):
        for number in range(metadata.num_columns):
            chunk = metadata.row_group(group).column(number)
            start = chunk.dictionary_page_offset or chunk.data_page_offset
            end = start + chunk.total_compressed_size
            tails += range(end - 4, end)
    return tails


@given(st.sampled_from(page_tails()), st.integers(0, 7))
@settings(max_examples=80)
def test_a_bit_flipped_in_a_page_is_never_read_as_a_value(position: int, bit: int) -> None:
    """The checksums of the pages go with them; of the headers between them Parquet has none."""
    damaged = bytearray(DATA)
    damaged[position] ^= 1 << bit
    spliced = splice(bytes(damaged))
    assert spliced is not None  # pages are copied as they are
    with pytest.raises((OSError, pa.ArrowException)):
        read(spliced)


def changed(path: tuple[int, ...], kind: int, value: Any) -> bytes:
    # The file with one number of its footer set; the path goes by field id and list position.
    tree, _ = decode_struct(FOOTER)
    node: Any = tree
    for key in path[:-1]:
        node = node.values[key] if isinstance(node, ThriftList) else node[key].value
    node[path[-1]] = Field(kind, value)
    items = dict(sorted(node.items()))
    node.clear()
    node.update(items)
    return with_footer(DATA, encode_struct(tree))


CHUNK = (4, 1, 1, 3)  # row group 1, column 3: action, with a dictionary page


@pytest.mark.parametrize(
    ("path", "kind", "value"),
    [
        ((3,), I64, 61),
        ((4, 0, 3), I64, 21),
        ((4, 0, 3), I64, -20),
        ((*CHUNK, 3, 1), I32, 2),
        ((*CHUNK, 3, 5), I64, 19),
        ((*CHUNK, 3, 7), I64, -1),
        ((*CHUNK, 3, 7), I64, 1 << 62),
        ((*CHUNK, 3, 9), I64, 4),
        ((*CHUNK, 3, 9), I64, -1),
        ((*CHUNK, 3, 9), I64, (1 << 63) - 1),
        ((*CHUNK, 3, 11), I64, 0),
        ((*CHUNK, 3, 11), I64, 1 << 62),
        ((*CHUNK, 3, 6), I64, -1),
        ((4, 2, 1, 9, 3, 7), I64, 1 << 20),  # the last chunk, which would end after the data
    ],
)
def test_numbers_that_do_not_hold_together_are_refused(
    path: tuple[int, ...], kind: int, value: int
) -> None:
    with pytest.raises(CorruptPartitionError):
        source(changed(path, kind, value))


@pytest.mark.parametrize("count", [9, 11])
def test_a_row_group_of_more_or_fewer_columns_is_refused(count: int) -> None:
    tree: Any = decode_struct(FOOTER)[0]
    chunks = tree[4].value.values[1][1].value.values
    chunks[:] = [*chunks, chunks[-1]][:count]
    with pytest.raises(CorruptPartitionError, match=f"has {count} columns, not 10"):
        source(with_footer(DATA, encode_struct(tree)))


def test_a_file_offset_moves_with_its_chunk() -> None:
    # Older writers put the position of a copy of the metadata there, newer ones zero.
    chunk = source(DATA).footer.row_groups[1].columns[3]
    data = changed((*CHUNK, 2), I64, chunk.start + chunk.size)
    result = with_ts_event_est(data)
    moved = source(result).footer.row_groups[1].columns[3]
    column = pq.ParquetFile(pa.BufferReader(result)).metadata.row_group(1).column(3)
    assert moved.start > chunk.start
    assert column.file_offset == moved.start + moved.size


@pytest.mark.parametrize("value", [-1, (1 << 63) - 1, 1 << 64, len(DATA)])
def test_a_file_offset_outside_of_the_file_is_refused(value: int) -> None:
    assert splice(changed((*CHUNK, 2), I64, value)) is None


def test_a_source_that_shrinks_is_corrupt() -> None:
    file = io.BytesIO(DATA)
    part = source(DATA)
    part._file = file
    size = part.footer.row_groups[1].byte_range[0] + 10
    file.truncate(size)
    writer = spliced_writer(io.BytesIO(), OUTPUT)
    with pytest.raises(CorruptPartitionError, match=f"ended at byte {size} "):
        writer.copy_row_group(part, 1, ALIASES)
    assert writer.num_rows == 0
