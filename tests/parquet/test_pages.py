"""Pages: whole ones pass, and a damaged header is never read as other values."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from src.data_eng.parquet.chunk_place import ChunkPlace
from src.data_eng.parquet.pages import check_chunk, check_row_group
from src.data_eng.parquet.thrift_compact import Field, ThriftError, decode_struct
from tests.parquet.parquet_samples import encoded, rows, source

WRITTEN: dict[str, Any] = {"data_page_version": "2.0", "use_dictionary": ["action", "raw_symbol"]}
VARIANTS: list[dict[str, Any]] = [
    {},
    {"compression": "none", "compression_level": None},
    {"write_statistics": False},
    {"use_dictionary": False},
    {"use_dictionary": True, "column_encoding": None},
    {"use_dictionary": True, "column_encoding": None, "dictionary_pagesize_limit": 64},
    {"data_page_size": 64},
]


def by_pyarrow(data: bytes) -> pa.Table:
    metadata = metadata_of(data)
    check(metadata, data, checksums=False)
    file = pq.ParquetFile(pa.BufferReader(data), metadata=metadata, page_checksum_verification=True)
    return file.read(use_threads=False)


def by_polars(data: bytes) -> pa.Table:
    check(metadata_of(data), data, checksums=True)
    return pl.read_parquet(data).to_arrow()


def metadata_of(data: bytes) -> Any:
    # Damage is to pages: one footer is that of thousands of files.
    return of_footer(data[-8 - int.from_bytes(data[-8:-4], "little") :])


@cache
def of_footer(footer: bytes) -> Any:
    return pq.read_metadata(pa.BufferReader(b"PAR1" + footer))


def check(metadata: Any, data: bytes, *, checksums: bool) -> None:
    def read(size: int, at: int) -> bytes:
        return data[at : at + size]

    for index in range(metadata.num_row_groups):
        check_row_group(metadata, index, range(metadata.num_columns), read, checksums=checksums)


Reader = Callable[[bytes], pa.Table]
READERS: list[Reader] = [by_pyarrow, by_polars]


def values(table: pa.Table) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = table.to_pylist()
    return found


def headers(data: bytes) -> Iterator[tuple[int, int]]:
    """Yield where each page header begins and ends."""
    for row_group in source(data).footer.row_groups:
        for chunk in row_group.columns:
            at = chunk.start
            while at < chunk.start + chunk.size:
                fields, end = decode_struct(data, at)
                yield at, end
                assert isinstance(fields[3], Field)
                size = fields[3].value
                assert isinstance(size, int)
                at = end + size


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize("changes", VARIANTS, ids=str)
@pytest.mark.parametrize("count", [0, 1, 950])
def test_whole_pages_pass(count: int, changes: dict[str, Any], read: Reader) -> None:
    data = encoded(rows(count), **{**WRITTEN, **changes})
    assert values(read(data)) == values(rows(count))


@pytest.mark.parametrize("read", READERS)
def test_columns_without_and_with_nothing_but_nulls_pass(read: Reader) -> None:
    table = pa.table(
        {
            "nulls": pa.nulls(300, pa.float64()),
            "few": pa.array([None if i % 90 == 0 else i for i in range(300)], pa.int32()),
            "none": pa.array(range(300), pa.int32()),
            "long": pa.array([f"{i:0300d}" for i in range(300)]),
            "words": pa.array([f"{i // 9:050d}" for i in range(300)]).dictionary_encode(),
        }
    )
    options = {**WRITTEN, "use_dictionary": ["words"]}
    data = encoded(table, column_encoding=None, write_statistics=True, **options)
    assert values(read(data)) == values(table)


@pytest.mark.faults
@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize("changes", VARIANTS[:3], ids=str)
def test_no_bit_of_a_header_gives_other_values(changes: dict[str, Any], read: Reader) -> None:
    data = encoded(rows(20), 20, **{**WRITTEN, **changes})
    truth = values(rows(20))
    refused = 0
    for begin, end in headers(data):
        for at in range(begin, end):
            for bit in range(8):
                damaged = bytearray(data)
                damaged[at] ^= 1 << bit
                refused += is_refused(read, bytes(damaged), truth)
    # The rest are statistics and numbers of nulls, which nothing is decoded by.
    assert refused > 1500


@pytest.mark.faults
@pytest.mark.parametrize("read", READERS)
def test_no_run_of_bytes_in_a_header_gives_other_values(read: Reader) -> None:
    data = encoded(rows(20), 20, **WRITTEN)
    truth = values(rows(20))
    rng = random.Random(2)
    places = [at for begin, end in headers(data) for at in range(begin, end)]
    refused = 0
    for _ in range(2000):
        damaged = bytearray(data)
        at = rng.choice(places)
        size = rng.randrange(1, 6)
        damaged[at : at + size] = rng.randbytes(size)
        refused += is_refused(read, bytes(damaged), truth)
    assert refused > 1000


def is_refused(read: Reader, damaged: bytes, truth: list[dict[str, Any]]) -> bool:
    try:
        found = read(damaged)
    except (ThriftError, IndexError, OSError, pa.ArrowException, pl.exceptions.PolarsError):
        return True
    assert values(found) == truth
    return False


def test_every_byte_of_a_page_has_a_checksum() -> None:
    data = encoded(rows(60), 60, **WRITTEN)
    rng = random.Random(3)
    inside = set(range(4, source(data).footer.row_groups[0].byte_range[1]))
    inside -= {at for begin, end in headers(data) for at in range(begin, end)}
    for at in inside:
        damaged = bytearray(data)
        damaged[at] ^= rng.randrange(1, 256)
        with pytest.raises((ThriftError, OSError, pa.ArrowException)):
            by_polars(bytes(damaged))


@pytest.mark.parametrize("checksums", [True, False])
@pytest.mark.parametrize(
    "change", ["size", "size of one page", "num_values", "uncompressed_size", "no nulls"]
)
def test_what_the_footer_says_of_a_chunk_must_be_so(change: str, checksums: bool) -> None:
    data = encoded(rows(950), **WRITTEN, data_page_size=64)
    metadata = pq.read_metadata(pa.BufferReader(data))
    chunk = metadata.row_group(0).column(0)
    start, size = chunk.data_page_offset, chunk.total_compressed_size
    values, unpacked = chunk.num_values, chunk.total_uncompressed_size
    is_nullable = metadata.schema.column(0).max_definition_level > 0
    how = (chunk.physical_type, chunk.compression, chunk.encodings)
    place = ChunkPlace(start, size, unpacked, values, False, is_nullable, *how)

    def read(count: int, at: int) -> bytes:
        return data[at : at + count]

    check_chunk(place, read, checksums=checksums)
    pages = [begin for begin, _ in headers(data) if start < begin < start + size]
    wrong = {
        "size": place._replace(size=size - 1),
        "size of one page": place._replace(size=(pages or [start + 1])[0] - start),
        "num_values": place._replace(num_values=values + 1),
        "uncompressed_size": place._replace(uncompressed_size=unpacked + 1),
        "no nulls": place._replace(is_nullable=not is_nullable),
    }[change]
    with pytest.raises((ThriftError, IndexError)):
        check_chunk(wrong, read, checksums=checksums)


def test_a_page_without_checksum_is_refused() -> None:
    with pytest.raises(ThriftError, match="page header at byte 4 is damaged"):
        by_polars(encoded(rows(10), **WRITTEN, write_page_checksum=False))


@pytest.mark.parametrize("checksums", [True, False])
def test_sizes_that_lead_backwards_end(checksums: bool) -> None:
    # Compressed size -24: the page after this header of 24 bytes would be itself.
    header = bytes.fromhex("15 06 15 00 15 2f 15 00 4c")
    chunk = ChunkPlace(0, 100, 0, 0, False, False, "INT32", "ZSTD", ("PLAIN",))
    data = header + bytes.fromhex("15 00 15 00 15 00 15 00 15 00 15 00 11 00 00") + bytes(80)
    with pytest.raises(ThriftError, match="damaged"):
        check_chunk(chunk, lambda size, at: data[at : at + size], checksums=checksums)
