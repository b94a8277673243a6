"""What is read at a time: whole files or row groups, some of them decoded while others are read."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Generator
from pathlib import Path

import polars as pl
import pyarrow as pa
import pytest

from src.data_eng.catalogue.contract import Contract
from src.data_eng.errors import ContractError
from src.data_eng.lake.paths import Partition
from src.data_eng.research import pieces as pieces_module
from src.data_eng.research.pieces import Rows, decoded
from src.data_eng.research.published import PublishedTables
from src.data_eng.research.reading import scan
from tests.published_trades import DATE, KEY, PARTITION, publish_table, trades

COLUMNS = [*PARTITION.dataset.contract().arrow_schema.names, "symbol", "dt"]


def partitions(count: int) -> list[Partition]:
    dates = (DATE + dt.timedelta(days) for days in range(count))
    return [Partition(PARTITION.dataset, "ESM5", date) for date in dates]


@pytest.fixture
def tables(tmp_path: Path) -> PublishedTables:
    for seed, partition in enumerate(partitions(5), 1):
        publish_table(tmp_path, trades(10 * seed, seed), partition)
    return PublishedTables(tmp_path, dict.fromkeys(partitions(5), ""), "pages")


@pytest.fixture(autouse=True)
def _marks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PublishedTables, "_compare", lambda *_: None)


def read(tables: PublishedTables, columns: list[str], *, takes_files: bool) -> list[Rows]:
    return list(tables.pieces(columns, list(tables.marks), takes_files=takes_files))


def test_most_of_small_files_is_handed_over_as_it_is(tables: PublishedTables) -> None:
    (found,) = read(tables, COLUMNS, takes_files=True)
    assert found.counts == (10, 20, 30, 40, 50)
    assert found.partitions == tuple(tables.marks)
    paths = [tables.lake_root / one.folder / "part-00000.parquet" for one in tables.marks]
    assert found.parquet == tuple(path.read_bytes() for path in paths)


@pytest.mark.parametrize(
    ("columns", "takes_files"), [(COLUMNS, False), (["size", "price", "dt"], True)]
)
def test_few_columns_are_copied(
    tables: PublishedTables, columns: list[str], *, takes_files: bool
) -> None:
    (found,) = read(tables, columns, takes_files=takes_files)
    (file,) = found.parquet
    frame = pl.read_parquet(file)
    assert frame.height == 150
    assert set(frame.columns) == set(columns)
    assert not found.counts


@pytest.mark.parametrize("name", ["_FILES", "_BYTES"])
def test_files_come_in_portions(
    tables: PublishedTables, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pieces_module, name, 1)
    counts = [found.counts for found in read(tables, COLUMNS, takes_files=True)]
    assert counts == [(10,), (20,), (30,), (40,), (50,)]


def test_files_and_row_groups_keep_their_order(
    tables: PublishedTables, monkeypatch: pytest.MonkeyPatch
) -> None:
    large = partitions(6)[-1]
    publish_table(tables.lake_root, trades(500, 9), large)
    size = (tables.lake_root / large.folder / "part-00000.parquet").stat().st_size
    monkeypatch.setattr("src.data_eng.lake.table._HELD_BYTES", size - 1)
    tables.marks[large] = ""
    first, last = read(tables, COLUMNS, takes_files=True)
    assert (len(first.counts), last.counts, last.partitions) == (5, (), (large,))
    frame = scan(KEY, lake_root=tables.lake_root).collect()
    dates = [one.date for one in tables.marks]
    rows = [10, 20, 30, 40, 50, 500]
    assert frame["dt"].to_list() == [
        date for date, count in zip(dates, rows, strict=True) for _ in range(count)
    ]
    assert frame["symbol"].unique().to_list() == ["ESM5"]
    assert frame.filter(pl.col("dt") == large.date)["price"].to_list() == (
        trades(500, 9)["price"].to_pylist()
    )


def test_a_file_of_other_columns_is_refused(
    tables: PublishedTables, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(contract: Contract, schema: pa.Schema, where: str) -> None:
        raise ContractError(f"{where}: {len(schema)} columns are not those of {contract.path}")

    monkeypatch.setattr(Contract, "check_schema", refuse)
    with pytest.raises(ContractError, match="9 columns are not those of"):
        read(tables, COLUMNS, takes_files=True)


def numbered(count: int, closed: list[bool] | None = None) -> Generator[Rows, None, None]:
    try:
        for number in range(count):
            yield Rows((), (), (number,), is_last=number == count - 1)
    finally:
        if closed is not None:
            closed.append(True)


@pytest.mark.parametrize("count", [0, 1, 2, 3, 9])
def test_what_is_decoded_keeps_its_order(count: int) -> None:
    late = threading.Event()

    def decode(rows: Rows) -> int:
        (number,) = rows.counts
        if number == 0 and count > 1:
            assert late.wait(20), "the second is decoded beside the first"
        late.set()
        return number

    assert list(decoded(numbered(count), decode)) == list(range(count))


def test_a_single_piece_needs_no_thread() -> None:
    assert list(decoded(numbered(1), lambda _: threading.current_thread())) == [
        threading.current_thread()
    ]


def test_an_error_comes_in_its_place_and_ends_the_reading() -> None:
    def decode(rows: Rows) -> int:
        (number,) = rows.counts
        if number == 2:
            raise ContractError("of the third")
        return number

    closed: list[bool] = []
    found = decoded(numbered(9, closed), decode)
    assert [next(found), next(found)] == [0, 1]
    with pytest.raises(ContractError, match="of the third"):
        next(found)
    assert closed


def test_who_stops_early_ends_the_reading() -> None:
    closed: list[bool] = []
    found = decoded(numbered(100, closed), lambda rows: rows.counts)
    assert next(found) == (0,)
    found.close()
    assert closed


def test_a_decoder_may_be_who_drops_it_unfinished() -> None:
    """The collector of garbage runs in whatever thread."""
    asked, dropped = threading.Event(), threading.Event()

    def decode(rows: Rows) -> None:
        if rows.counts == (1,):
            assert asked.wait(20)
            found.close()
            dropped.set()

    found = decoded(numbered(100), decode)
    next(found)
    asked.set()
    assert dropped.wait(20)


@pytest.mark.parametrize("engine", ["in-memory", "streaming"])
def test_more_questions_at_once_than_threads(
    tables: PublishedTables, engine: pl._typing.EngineType, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Decoders that wait for threads in which others wait for them would wait without end."""
    monkeypatch.setattr(pieces_module, "_FILES", 1)
    frames = [scan(KEY, lake_root=tables.lake_root) for _ in range(8)]
    assert pl.concat(frames).collect(engine=engine).height == 1200
    one, other = (frame.with_row_index() for frame in frames[:2])
    assert one.join(other, on="index").collect(engine=engine).height == 150
    assert [one.height for one in pl.collect_all(frames, engine=engine)] == [150] * 8
