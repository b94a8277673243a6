"""What research reads of damaged partitions: the true values, or the one error."""

from __future__ import annotations

import datetime as dt
import os
import random
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pyarrow as pa
import pytest

from src.data_eng.errors import (
    CorruptPartitionError,
    LakeError,
    PartitionNotFoundError,
    UsageError,
)
from src.data_eng.lake.paths import MANIFEST, PART, SUCCESS, Partition
from src.data_eng.research.published import PublishedTables
from src.data_eng.research.reading import scan, to_duckdb
from tests.published_trades import DATE, KEY, PARTITION, damage_prices, publish_table, trades

NEXT = dt.date(2025, 6, 6)
ONE_LINE = re.compile(r"silver\.future\.trades ESM5 2025-06-05: .*; delete the partition.* again")
MALFORMED = re.compile(r".*dt=2025-06-05: the manifest is malformed .*; delete the partition.*")
Rows = list[dict[str, Any]]


HASHED_BYTES = "src.data_eng.lake.table.HASHED_BYTES"


@pytest.fixture
def lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    # So small a file would be hashed; these tests are about pages.
    monkeypatch.setattr(HASHED_BYTES, 0)
    publish_table(tmp_path, trades())
    return tmp_path


def folder(lake: Path) -> Path:
    return lake / PARTITION.folder


def truth() -> Rows:
    keys = {"symbol": "ESM5", "dt": DATE}
    found = pl.from_arrow(trades())
    assert isinstance(found, pl.DataFrame)
    return [{**row, **keys} for row in found.to_dicts()]


def whole(lake: Path) -> Rows:
    return scan(KEY, lake_root=lake).collect().to_dicts()


def streamed(lake: Path) -> Rows:
    return scan(KEY, lake_root=lake).collect(engine="streaming").to_dicts()


def buys(lake: Path) -> Rows:
    columns = ["record", "side", "bid"]
    found = scan(KEY, lake_root=lake).filter(pl.col("side") == "B", pl.col("size") > 20)
    return found.select(columns).collect().to_dicts()


def by_duckdb(lake: Path) -> Rows:
    with told_by_duckdb():
        return [*to_duckdb(KEY, lake_root=lake).pl().to_dicts()]


def buys_by_duckdb(lake: Path) -> Rows:
    with told_by_duckdb():
        found = to_duckdb(KEY, lake_root=lake).filter("side = 'B' AND size > 20")
        return [*found.project("record, side, bid").pl().to_dicts()]


class told_by_duckdb:  # noqa: N801 - reads as a function
    """Raise the error whose text DuckDB tells."""

    def __enter__(self) -> None: ...

    def __exit__(self, kind: object, value: object, traceback: object) -> None:
        if isinstance(value, duckdb.Error):
            found = re.search(r"CorruptPartitionError: (.*)", str(value))
            assert found, value
            raise CorruptPartitionError(found[1]) from value


READS: list[Callable[[Path], Rows]] = [whole, streamed, buys, by_duckdb, buys_by_duckdb]


def expected(read: Callable[[Path], Rows]) -> Rows:
    rows = truth()
    if read in (buys, buys_by_duckdb):
        found = [row for row in rows if row["side"] == "B" and (row["size"] or 0) > 20]
        return [{name: row[name] for name in ("record", "side", "bid")} for row in found]
    return rows


@pytest.mark.parametrize("read", READS)
def test_a_whole_partition(lake: Path, read: Callable[[Path], Rows]) -> None:
    assert read(lake) == expected(read)


@pytest.mark.parametrize("read", READS)
@pytest.mark.parametrize("name", [PART, MANIFEST, SUCCESS])
def test_random_damage(lake: Path, read: Callable[[Path], Rows], name: str) -> None:
    place, want = folder(lake) / name, expected(read)
    content = place.read_bytes()
    rng = random.Random(f"{name} {read.__name__}")
    refused = 0
    for _ in range(80 if name == PART else 15):
        place.write_bytes(damaged(content, rng))
        said = ""
        try:
            assert read(lake) == want
        except CorruptPartitionError as error:
            said = str(error)
        refused += bool(said)
        assert not said or ONE_LINE.fullmatch(said) or MALFORMED.fullmatch(said), said
    assert refused > (30 if name == PART else 8)


def damaged(content: bytes, rng: random.Random) -> bytes:
    found = bytearray(content)
    at = rng.randrange(len(found))
    how = rng.randrange(5)
    if how < 2:
        found[at] ^= 1 << rng.randrange(8)
    elif how == 2:
        found[at : at + 16] = rng.randbytes(len(found[at : at + 16]))
    elif how == 3:
        found[at : at + 64] = bytes(len(found[at : at + 64]))
    else:
        del found[at:]
    return bytes(found)


@pytest.mark.parametrize("read", READS)
def test_a_file_of_other_rows(lake: Path, tmp_path: Path, read: Callable[[Path], Rows]) -> None:
    other = publish_table(tmp_path / "other", trades(seed=1))
    shutil.copyfile(other / PART, folder(lake) / PART)
    with pytest.raises(CorruptPartitionError, match=r"has \d+ bytes, not|not the manifest's"):
        read(lake)


@pytest.mark.parametrize("read", READS)
def test_no_parquet_file(lake: Path, read: Callable[[Path], Rows]) -> None:
    size = (folder(lake) / PART).stat().st_size
    (folder(lake) / PART).write_bytes(b"\n" * size)
    with pytest.raises(CorruptPartitionError, match="not a Parquet file"):
        read(lake)


def test_what_is_not_asked_for_is_not_read(lake: Path) -> None:
    content = bytearray((folder(lake) / PART).read_bytes())
    sizes = trades()["size"].to_pylist()
    content[4:200] = bytes(196)  # pages of ts_recv, the first column
    (folder(lake) / PART).write_bytes(content)
    assert scan(KEY, lake_root=lake).select("size").collect()["size"].to_list() == sizes
    assert to_duckdb(KEY, lake_root=lake).project("size").fetchall() == [(one,) for one in sizes]
    with pytest.raises(CorruptPartitionError):
        scan(KEY, lake_root=lake, verify="file").select("size").collect()
    with pytest.raises(CorruptPartitionError):
        scan(KEY, lake_root=lake).filter(pl.col("ts_recv").is_not_null()).select("size").collect()


@pytest.mark.parametrize("read", READS)
def test_a_small_file_is_hashed_instead_of_its_pages(
    lake: Path, read: Callable[[Path], Rows], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(HASHED_BYTES, 1 << 20)
    want, content = expected(read), (folder(lake) / PART).read_bytes()

    def unasked(*_: object, **__: object) -> bytes:
        raise AssertionError("a page is checked")

    monkeypatch.setattr("src.data_eng.parquet.excerpt.check_chunk", unasked)
    assert read(lake) == want
    rng = random.Random(5)
    for _ in range(20):
        found = damaged(content, rng)
        (folder(lake) / PART).write_bytes(found)
        if found == content:
            continue
        with pytest.raises(CorruptPartitionError) as raised:
            read(lake)
        assert ONE_LINE.fullmatch(str(raised.value))


def test_a_part_of_a_file_is_not_hashed(lake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    size = (folder(lake) / PART).stat().st_size
    monkeypatch.setattr(HASHED_BYTES, size // 4)
    content = bytearray((folder(lake) / PART).read_bytes())
    content[4:200] = bytes(196)  # pages of ts_recv, the first column
    (folder(lake) / PART).write_bytes(content)
    sizes = trades()["size"].to_pylist()
    # Three row groups: of one column three chunks, of two six.
    assert scan(KEY, lake_root=lake).select("size").collect()["size"].to_list() == sizes
    two = scan(KEY, lake_root=lake).select("size", "price")
    assert two.head(3).collect()["size"].to_list() == sizes[:3]
    with pytest.raises(CorruptPartitionError, match="SHA-256 of"):
        two.collect()


def test_the_switch_turns_it_off(lake: Path) -> None:
    content = bytearray((folder(lake) / PART).read_bytes())
    with_checksum = next(at for at in range(4, 200) if content[at : at + 2] == b"\x4c\x15")
    content[with_checksum - 2] ^= 1  # in the checksum before
    (folder(lake) / PART).write_bytes(content)
    assert scan(KEY, lake_root=lake, verify="none").collect().to_dicts() == truth()
    assert to_duckdb(KEY, lake_root=lake, verify="none").count("*").fetchall() == [(500,)]
    with pytest.raises(CorruptPartitionError):
        whole(lake)
    with pytest.raises(UsageError, match="verify 'all': use one of pages, file, none"):
        scan(KEY, lake_root=lake, verify="all")  # type: ignore[arg-type]


def test_a_query_that_is_wrong_is_no_damage(lake: Path) -> None:
    with pytest.raises(pl.exceptions.PolarsError, match="conversion from `str` to `i64` failed"):
        scan(KEY, lake_root=lake).filter(
            pl.col("side").cast(pl.String).cast(pl.Int64) > 0
        ).collect()


def test_nothing_is_read_before_it_is_collected(lake: Path) -> None:
    frame, relation = scan(KEY, lake_root=lake), to_duckdb(KEY, lake_root=lake)
    shutil.rmtree(folder(lake))
    with pytest.raises(PartitionNotFoundError, match="no complete partition"):
        frame.collect()
    with pytest.raises(duckdb.Error, match="no complete partition"):
        relation.fetchall()
    publish_table(lake, trades())
    assert frame.collect().to_dicts() == truth()
    shutil.rmtree(folder(lake))
    publish_table(lake, trades(seed=1))
    with pytest.raises(LakeError, match="was rebuilt since it was asked for"):
        frame.collect()


@pytest.mark.parametrize(
    ("predicate", "opened"),
    [
        (pl.col("dt") == NEXT, [NEXT]),
        ((pl.col("dt") > DATE) & (pl.col("size") > 3), [NEXT]),
        (pl.col("symbol") != "ESM5", []),
        ((pl.col("dt") == NEXT) | (pl.col("size") > 3), [DATE, NEXT]),
    ],
    ids=str,
)
def test_dates_that_are_not_asked_for_are_not_opened(
    lake: Path, monkeypatch: pytest.MonkeyPatch, predicate: pl.Expr, opened: list[dt.date]
) -> None:
    publish_table(lake, trades(seed=2), Partition(PARTITION.dataset, "ESM5", NEXT))
    seen = []
    opened_before = PublishedTables.open

    def watched(self: PublishedTables, partition: Partition) -> Any:
        seen.append(partition.date)
        return opened_before(self, partition)

    monkeypatch.setattr(PublishedTables, "open", watched)
    frame = scan(KEY, lake_root=lake)
    found = frame.filter(predicate).collect()
    assert seen == opened
    assert found.equals(frame.collect().filter(predicate))


@pytest.mark.parametrize(
    "where",
    [
        *("dt=2024-01-02/lake", "symbol=XX/lake", "env=prod", "table=t"),
        *("price=7/dt=/lake", "symbol=%45S/lake", "it's [a]*?{b}/lake", "a#b?c=d%20/lake"),
        os.fsdecode(b"no UTF-8 \xff/lake"),
    ],
)
def test_keys_are_those_of_the_partition_wherever_the_lake_lies(tmp_path: Path, where: str) -> None:
    lake = tmp_path / where
    publish_table(lake, trades())
    for read in READS:
        assert read(lake) == expected(read)


SOME_TIME = dt.datetime(2025, 6, 5, 13, 30, 30, 50_000, dt.UTC)
"""Between two rows."""
QUERIES: list[Callable[[pl.LazyFrame], pl.LazyFrame]] = [
    lambda frame: frame.select(pl.len()),
    lambda frame: frame.select("dt"),
    lambda frame: frame.select("dt", "symbol").filter(pl.col("symbol") == "ESM5"),
    lambda frame: frame.head(7),
    lambda frame: frame.tail(7),
    lambda frame: frame.filter(pl.col("size") > 50).head(9),
    lambda frame: frame.filter(pl.col("record").is_between(900, 1500)).select("size"),
    lambda frame: frame.filter(pl.lit(900) < pl.col("record")).select("size"),
    lambda frame: frame.filter(pl.col("record") > pl.col("size") * 30).select("ask"),
    lambda frame: frame.filter(pl.col("ts_recv") >= SOME_TIME).select("size"),
    lambda frame: frame.filter(pl.col("ts_recv") < SOME_TIME).select("size"),
    lambda frame: frame.filter(pl.col("ts_recv") == pl.lit(SOME_TIME).dt.cast_time_unit("ms")),
    lambda frame: frame.filter(pl.col("record").is_between(pl.Series([900]), pl.lit(1500))),
    lambda frame: frame.filter(pl.col("record") <= 2**63).select("size"),
    lambda frame: frame.filter(pl.col("record") > 900.5).select("ask"),
    lambda frame: frame.filter(pl.col("ask") > 0.5, pl.col("ask") <= 0.75),
    lambda frame: frame.filter(pl.col("record") == pl.lit(None, pl.Int64)).select("ask"),
    lambda frame: frame.filter((pl.col("size") > 90) | (pl.col("record") < 100)),
    lambda frame: frame.group_by("side").agg(pl.col("size").sum()).sort("size"),
    lambda frame: frame.with_row_index().filter(pl.col("index") % 50 == 0),
]


@pytest.mark.parametrize("cells", [1, 1000, 1 << 23])
@pytest.mark.parametrize("engine", ["in-memory", "streaming"])
def test_queries_give_what_the_same_rows_in_memory_give(
    lake: Path, engine: Any, cells: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("src.data_eng.research.published._CELLS", cells)
    publish_table(lake, trades(seed=2), Partition(PARTITION.dataset, "ESM5", NEXT))
    frame = scan(KEY, lake_root=lake)
    memory = frame.collect().lazy()
    for query in QUERIES:
        assert query(frame).collect(engine=engine).equals(query(memory).collect(engine=engine))


def test_what_duckdb_tells_of_damage_begins_with_our_line(lake: Path) -> None:
    damage_prices(lake)
    relation = to_duckdb(KEY, lake_root=lake)
    for ask in (relation.fetchall, relation.df, relation.aggregate("avg(price)").fetchall):
        with pytest.raises(duckdb.Error) as told:
            ask()
        said = str(told.value).splitlines()
        told_first = said[0].partition(" error: ")[2].partition(". Detail:")[0]
        assert ONE_LINE.fullmatch(told_first)
        assert said[-1].strip().endswith(told_first) or not said[-1].strip()
        assert len(said) <= 5


@pytest.mark.parametrize("is_damaged", [True, False])
def test_an_error_of_the_library_is_told_as_the_damage_that_it_came_from(
    lake: Path, is_damaged: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is damaged only after it was verified, and then not readable."""

    def damaged() -> None:
        if is_damaged:
            damage_prices(lake)

    def no_numbers(*_: Any, **__: Any) -> pl.LazyFrame:
        damaged()
        return pl.LazyFrame({"price": ["no number"]}).cast(pl.Float64)

    def no_file(*_: Any) -> None:
        damaged()
        raise pa.ArrowInvalid("no file")

    monkeypatch.setattr("src.data_eng.research.polars_source.pl.scan_parquet", no_numbers)
    frame = scan(KEY, lake_root=lake).select("price")
    with pytest.raises(CorruptPartitionError if is_damaged else pl.exceptions.PolarsError):
        frame.collect()
    publish_table(lake, trades())
    monkeypatch.setattr("src.data_eng.research.duckdb_source.pq.ParquetFile", no_file)
    relation = to_duckdb(KEY, lake_root=lake)
    with pytest.raises(duckdb.Error, match="SHA-256 of" if is_damaged else "no file"):
        relation.fetchall()
