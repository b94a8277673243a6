"""The file of a partition: whatever is damaged, the true rows or one error."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import random
import re
import shutil
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from src.data_eng.errors import CorruptPartitionError
from src.data_eng.lake.paths import MANIFEST, PART, SUCCESS, Partition
from src.data_eng.lake.table import Table, Verify, open_table
from src.data_eng.parquet.excerpt import Excerpt
from tests.published_trades import DATE, PARTITION, publish_table, trades

ONE_LINE = re.compile(r"silver\.future\.trades ESM5 2025-06-05: /.*; delete the partition.* again")
NAMES = trades(0).schema.names
KEYS = pa.schema(
    [pa.field("symbol", pa.string(), nullable=False), pa.field("dt", pa.date32(), nullable=False)]
)


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    publish_table(tmp_path, trades())
    return tmp_path


def part(lake: Path) -> Path:
    return lake / PARTITION.folder / PART


def whole(lake: Path, verify: Verify = "pages") -> pa.Table:
    with open_table(lake, PARTITION, verify) as table:
        return table.read()


def in_pieces(lake: Path, verify: Verify = "pages") -> pa.Table:
    with open_table(lake, PARTITION, verify) as table:
        return pa.concat_tables(table.pieces(NAMES))


def by_row_group(lake: Path, verify: Verify = "pages") -> pa.Table:
    with open_table(lake, PARTITION, verify) as table:
        return pa.concat_tables(table.read_row_group(i) for i in range(table.row_groups))


def by_excerpt(lake: Path, verify: Verify = "pages") -> pa.Table:
    with open_table(lake, PARTITION, verify) as table:
        return pq.read_table(pa.BufferReader(copied(table, NAMES))).drop_columns(["symbol", "dt"])


def copied(table: Table, names: list[str], groups: Iterable[int] | None = None) -> bytes:
    schema = PARTITION.dataset.contract().arrow_schema
    excerpt = Excerpt(pa.schema([schema.field(name) for name in names]), KEYS)
    for index in range(table.row_groups) if groups is None else groups:
        table.copy(index, excerpt)
    return excerpt.to_bytes()


READS = [whole, in_pieces, by_row_group, by_excerpt]


def test_a_table_that_is_closed_has_no_file_open(lake: Path) -> None:
    def opened() -> list[str]:
        found = (Path("/proc/self/fd", name) for name in os.listdir("/proc/self/fd"))
        there = [os.readlink(one) for one in found if one.exists()]
        return sorted(Path(one).name for one in there if one.startswith(str(lake)))

    with open_table(lake, PARTITION) as table:
        table.read(["size"])
        assert opened() == [f"dt={DATE}", PART, PART]
    assert opened() == []
    assert table.rows == len(trades())


@pytest.mark.parametrize("verify", ["pages", "file", "none"])
def test_every_way_reads_the_same_rows(lake: Path, verify: Verify) -> None:
    for read in READS:
        assert read(lake, verify).to_pylist() == trades().to_pylist()


def test_row_groups_that_cannot_hold_such_rows_are_left_out(lake: Path) -> None:
    rows = trades()
    late = (pc.field("ts_recv") >= rows["ts_recv"][300]) & (pc.field("symbol") == "ESM5")
    with open_table(lake, PARTITION) as table:
        found = pa.concat_tables(table.pieces(["size"], late))
        groups = table.row_groups_for(late)
        everything = table.row_groups_for(None)
        none = list(table.pieces(["size"], pc.field("dt") > pa.scalar(DATE)))
        part_of_it = pl.read_parquet(copied(table, ["size"], groups))
    # Whole row groups of 200; the first ends before.
    assert found["size"].to_pylist() == rows["size"].to_pylist()[200:]
    assert groups == [1, 2]
    assert everything == [0, 1, 2]
    assert not none
    assert part_of_it["size"].to_list() == rows["size"].to_pylist()[200:]
    assert part_of_it["dt"].unique().to_list() == [DATE]
    assert part_of_it["symbol"].unique().to_list() == ["ESM5"]


def test_portions_are_as_large_as_may_be_decoded_at_a_time(
    lake: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("src.data_eng.lake.table._CELLS", 0)
    with open_table(lake, PARTITION) as table:
        pieces = list(table.pieces(["size"]))
    assert [len(piece) for piece in pieces] == [200, 200, 100]
    assert pa.concat_tables(pieces)["size"].to_pylist() == trades()["size"].to_pylist()


def test_the_file_that_was_opened_is_read(lake: Path) -> None:
    with open_table(lake, PARTITION) as table:
        shutil.rmtree(lake / PARTITION.folder)
        publish_table(lake, trades(seed=1))
        excerpt = pl.read_parquet(copied(table, ["size"]))
        assert excerpt["size"].to_list() == trades()["size"].to_pylist()
        assert table.read(["size"])["size"].to_pylist() == trades()["size"].to_pylist()


@pytest.mark.parametrize("read", READS)
def test_random_damage_gives_the_true_rows_or_the_one_error(lake: Path, read: object) -> None:
    assert callable(read)
    content, truth = part(lake).read_bytes(), trades().to_pylist()
    rng = random.Random(11)
    refused = 0
    for _ in range(150):
        damaged = bytearray(content)
        at = rng.randrange(len(damaged))
        if rng.randrange(2):
            damaged[at] ^= 1 << rng.randrange(8)
        else:
            damaged[at : at + 8] = rng.randbytes(len(damaged[at : at + 8]))
        part(lake).write_bytes(damaged)
        said = ""
        try:
            assert read(lake).to_pylist() == truth
        except CorruptPartitionError as error:
            said = str(error)
        refused += bool(said)
        assert not said or ONE_LINE.fullmatch(said), said
    assert refused > 120


def test_every_byte_of_the_footer_counts(lake: Path) -> None:
    content = part(lake).read_bytes()
    footer = int.from_bytes(content[-8:-4], "little") + 8
    for at in range(len(content) - footer, len(content), 7):
        damaged = bytearray(content)
        damaged[at] ^= 0x10
        part(lake).write_bytes(damaged)
        with pytest.raises(CorruptPartitionError, match="data cannot be read"):
            whole(lake)


def test_a_footer_that_is_not_the_manifests(lake: Path) -> None:
    place = lake / PARTITION.folder
    body = json.loads((place / MANIFEST).read_text())
    body["files"][0]["footer_sha256"] = "0" * 64
    data = json.dumps(body).encode()
    (place / MANIFEST).write_bytes(data)
    (place / SUCCESS).write_text(hashlib.sha256(data).hexdigest() + "\n")
    for read in READS:
        with pytest.raises(CorruptPartitionError, match="its footer is not the manifest's"):
            read(lake)
    assert in_pieces(lake, "none").to_pylist() == trades().to_pylist()


def test_a_damage_that_is_not_read_is_found_by_the_file_alone(lake: Path) -> None:
    with open_table(lake, PARTITION) as table:
        price = table.source.footer.row_groups[0].columns[NAMES.index("price")]
    damaged = bytearray(part(lake).read_bytes())
    damaged[price.start + price.size - 1] ^= 1
    part(lake).write_bytes(damaged)
    with open_table(lake, PARTITION) as table:
        sizes = pa.concat_tables(table.pieces(["size"]))
        assert sizes["size"].to_pylist() == trades()["size"].to_pylist()
        with pytest.raises(CorruptPartitionError):
            list(table.pieces(["size", "price"]))
    with (
        pytest.raises(CorruptPartitionError, match="SHA-256 of part-00000"),
        open_table(lake, PARTITION, "file"),
    ):
        pass


def test_a_partition_of_another_date_copied_here(lake: Path) -> None:
    other = Partition(PARTITION.dataset, "ESM5", DATE + dt.timedelta(1))
    shutil.copytree(lake / PARTITION.folder, lake / other.folder)
    with (
        pytest.raises(CorruptPartitionError, match="is that of silver"),
        open_table(lake, other),
    ):
        pass


def silently_wrong(
    path: Path, column: str, bits: range, *, with_checksums: bool
) -> Iterator[bytes]:
    """Yield the file with one bit flipped, where PyArrow then reads another column in silence."""
    whole, truth = path.read_bytes(), trades().select([column])
    for bit in bits:
        damaged = bytearray(whole)
        damaged[bit // 8] ^= 1 << bit % 8
        try:
            source = pa.BufferReader(bytes(damaged))
            file = pq.ParquetFile(source, page_checksum_verification=with_checksums)
            rows = file.read([column])
        except (OSError, ValueError, pa.ArrowException):
            continue
        # Of another length it would not fit the other columns.
        if rows.num_rows == truth.num_rows and not rows.equals(truth):
            yield bytes(damaged)


def place(lake: Path, name: str, row_group: int = 0) -> tuple[int, int]:
    """Return where a column chunk begins and ends in the file."""
    with open_table(lake, PARTITION) as table:
        chunk = table.source.footer.row_groups[row_group].column(name)
    return chunk.start, chunk.start + chunk.size


def test_a_damaged_page_is_found_by_every_way_of_reading(lake: Path) -> None:
    begin, end = place(lake, "price")
    bits = range(4 * (begin + end), 8 * end)
    some = list(islice(silently_wrong(part(lake), "price", bits, with_checksums=False), 3))
    assert some
    for damaged in some:
        part(lake).write_bytes(damaged)
        for read in READS:
            with pytest.raises(CorruptPartitionError):
                read(lake)


def header_damages(lake: Path, row_group: int) -> list[bytes]:
    """Return damages of the header of the first page of sizes, that no checksum tells."""
    begin, _ = place(lake, "size", row_group)
    bits = range(8 * begin, 8 * (begin + 40))
    some = list(islice(silently_wrong(part(lake), "size", bits, with_checksums=True), 3))
    assert some
    return some


def test_a_damaged_page_header_is_found_by_every_way_of_reading(lake: Path) -> None:
    for damaged in header_damages(lake, row_group=1):
        part(lake).write_bytes(damaged)
        for read in READS:
            with pytest.raises(CorruptPartitionError):
                read(lake)


def test_a_dictionary_that_is_too_short_is_found(lake: Path) -> None:
    """Its number of entries lies in the header of its page, and nothing contradicts it."""
    begin, _ = place(lake, "side")
    whole, refused = part(lake).read_bytes(), 0
    for bit in range(8 * begin, 8 * (begin + 30)):
        damaged = bytearray(whole)
        damaged[bit // 8] ^= 1 << bit % 8
        part(lake).write_bytes(damaged)
        for read in READS:
            try:
                column = read(lake)["side"]
            except CorruptPartitionError as error:
                refused += "is damaged" in str(error)
            else:
                column.validate(full=True)
    assert refused >= len(READS)
