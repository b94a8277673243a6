"""The file of a partition: whatever is damaged, the true rows or one error."""

from __future__ import annotations

import datetime as dt
import random
import re
import shutil
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from src.data_eng.errors import CorruptPartitionError
from src.data_eng.lake.paths import PART, Partition
from src.data_eng.lake.table import Verify, open_table
from tests.published_trades import DATE, PARTITION, publish_table, trades

ONE_LINE = re.compile(r"silver\.future\.trades ESM5 2025-06-05: /.*; delete the partition.* again")
NAMES = trades(0).schema.names


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    publish_table(tmp_path, trades())
    return tmp_path


def part(lake: Path) -> Path:
    return lake / PARTITION.folder / PART


def whole(lake: Path, verify: Verify = "pages") -> pa.Table:
    with open_table(lake, PARTITION, verify) as table:
        return table.read()


def in_batches(lake: Path, verify: Verify = "pages") -> pa.Table:
    with open_table(lake, PARTITION, verify) as table:
        return pa.Table.from_batches(table.batches(NAMES))


def by_row_group(lake: Path, verify: Verify = "pages") -> pa.Table:
    with open_table(lake, PARTITION, verify) as table:
        return pa.concat_tables(table.read_row_group(i) for i in range(table.row_groups))


READS = [whole, in_batches, by_row_group]


@pytest.mark.parametrize("verify", ["pages", "file", "none"])
def test_every_way_reads_the_same_rows(lake: Path, verify: Verify) -> None:
    for read in READS:
        assert read(lake, verify).to_pylist() == trades().to_pylist()


def test_batches_have_the_keys_and_rows_asked_for(lake: Path) -> None:
    rows = trades()
    late = rows["ts_recv"][300]
    where = (ds.field("ts_recv") >= late) & (ds.field("side") == "B")
    with open_table(lake, PARTITION) as table:
        found = pa.Table.from_batches(table.batches(["size", "symbol", "dt"], where))
        near = pa.Table.from_batches(table.batches(["size"], where, only=False))
        none = list(table.batches(["size"], ds.field("dt") > pa.scalar(DATE)))
    is_late, is_buy = pc.greater_equal(rows["ts_recv"], late), pc.equal(rows["side"], "B")
    assert found["size"].to_pylist() == rows.filter(pc.and_(is_late, is_buy))["size"].to_pylist()
    assert set(found["symbol"].to_pylist()) == {"ESM5"}
    assert set(found["dt"].to_pylist()) == {DATE}
    # Whole row groups of 200; the first ends before.
    assert near["size"].to_pylist() == rows["size"].to_pylist()[200:]
    assert not none


@pytest.mark.parametrize("read", READS)
def test_random_damage_gives_the_true_rows_or_the_one_error(lake: Path, read: object) -> None:
    assert callable(read)
    content, truth = part(lake).read_bytes(), trades().to_pylist()
    rng = random.Random(11)
    refused = 0
    for _ in range(300):
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
    assert refused > 250


def test_every_byte_of_the_footer_counts(lake: Path) -> None:
    content = part(lake).read_bytes()
    footer = int.from_bytes(content[-8:-4], "little") + 8
    for at in range(len(content) - footer, len(content), 7):
        damaged = bytearray(content)
        damaged[at] ^= 0x10
        part(lake).write_bytes(damaged)
        with pytest.raises(CorruptPartitionError, match="data cannot be read"):
            whole(lake)


def test_a_file_of_the_same_size_and_another_footer(lake: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    for seed in range(1, 400):
        publish_table(other, trades(seed=seed))
        if part(other).stat().st_size == part(lake).stat().st_size:
            break
        shutil.rmtree(other)
    shutil.copyfile(part(other), part(lake))
    for read in READS:
        with pytest.raises(CorruptPartitionError, match="its footer is not the manifest's"):
            read(lake)
    assert in_batches(lake, "none").to_pylist() != trades().to_pylist()


def test_a_damage_that_is_not_read_is_found_by_the_file_alone(lake: Path) -> None:
    with open_table(lake, PARTITION) as table:
        price = table.source.footer.row_groups[0].columns[NAMES.index("price")]
    damaged = bytearray(part(lake).read_bytes())
    damaged[price.start + price.size - 1] ^= 1
    part(lake).write_bytes(damaged)
    with open_table(lake, PARTITION) as table:
        sizes = pa.Table.from_batches(table.batches(["size"]))
        assert sizes["size"].to_pylist() == trades()["size"].to_pylist()
        with pytest.raises(CorruptPartitionError):
            list(table.batches(["size"], ds.field("price") > 0))
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


def test_the_page_headers_of_a_filter_are_checked(lake: Path) -> None:
    for damaged in header_damages(lake, row_group=0):
        part(lake).write_bytes(damaged)
        with open_table(lake, PARTITION) as table, pytest.raises(CorruptPartitionError):
            list(table.batches(["price"], ds.field("size") >= 0))


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
                refused += "out of bounds" in str(error)
            else:
                column.validate(full=True)
    assert refused >= len(READS)
