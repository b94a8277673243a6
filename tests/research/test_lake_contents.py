"""What there is to read, and DuckDB's views of it."""

from __future__ import annotations

import datetime as dt
import logging
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from src import data_eng
from src.data_eng.catalogue.datasets import dataset
from src.data_eng.errors import CorruptPartitionError, LakeError, UsageError
from src.data_eng.lake.manifest import manifest_sha256
from src.data_eng.lake.paths import MANIFEST, PART, SUCCESS, Partition
from src.data_eng.lake.reader import PublishedPartition
from src.data_eng.research.lake_contents import datasets, views
from src.data_eng.research.reading import scan, to_duckdb
from src.data_eng.research.training import training_set
from tests.published_trades import DATE, KEY, PARTITION, publish_table, trades

NEXT = Partition(PARTITION.dataset, "ESU5", dt.date(2025, 6, 6))


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    publish_table(tmp_path, trades(50))
    publish_table(tmp_path, trades(70, 1), NEXT)
    return tmp_path


def test_what_the_package_defines() -> None:
    found = datasets()
    assert found.columns == ["dataset", "columns", "description"]
    row = found.row(by_predicate=pl.col("dataset") == KEY, named=True)
    assert row["columns"] == len(dataset(KEY).contract().fields)
    assert row["description"] == dataset(KEY).contract().doc
    assert not any(key.startswith("raw.") for key in found["dataset"])


def test_what_a_lake_has(lake: Path) -> None:
    (row,) = datasets(lake).drop("columns", "description", "bytes").to_dicts()
    assert row == {
        "dataset": KEY,
        "symbols": ["ESM5", "ESU5"],
        "first_date": DATE,
        "last_date": NEXT.date,
        "dates": 2,
        "partitions": 2,
        "rows": 120,
    }
    size = sum((lake / one.folder / PART).stat().st_size for one in (PARTITION, NEXT))
    assert datasets(str(lake))["bytes"].to_list() == [size]
    (lake / NEXT.folder / SUCCESS).unlink()
    assert datasets(lake)["rows"].to_list() == [50]


def test_an_empty_lake_and_none(tmp_path: Path) -> None:
    found = datasets(tmp_path)
    assert (found.height, found.columns) == (0, datasets(tmp_path).columns)
    assert views(duckdb.connect(), lake_root=tmp_path) == []


@pytest.mark.parametrize(
    "ask",
    [
        datasets,
        lambda root: views(lake_root=root),
        lambda root: scan("silver.future.trades", lake_root=root),
        lambda root: to_duckdb("silver.future.trades", lake_root=root),
        lambda root: training_set("pm_high", lake_root=root),
    ],
)
def test_a_lake_that_is_not_there_is_told_by_its_whole_path(
    ask: Callable[[Path], Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    told = f"^lake_root {re.escape(str(tmp_path / 'x'))}: no such folder; name the folder of a lake"
    for root in (Path("x"), tmp_path / "x"):
        with pytest.raises(UsageError, match=told):
            ask(root)


def test_views_are_of_a_lake_in_a_folder() -> None:
    with pytest.raises(UsageError, match="views read files of this host; use to_duckdb"):
        views(lake_root="s3://bucket/lake")


def test_a_view_has_the_rows_that_the_readers_have(
    lake: Path, caplog: pytest.LogCaptureFixture
) -> None:
    connection = duckdb.connect()
    assert views(connection, lake_root=lake) == [KEY]
    found = connection.sql(f'SELECT * FROM "{KEY}" ORDER BY dt, record')
    ours = scan(KEY, lake_root=lake).collect()
    assert found.columns == ours.columns
    assert found.pl().to_dicts() == ours.to_dicts()
    assert not caplog.records
    assert views(connection, lake_root=lake) == [KEY]  # again, over those that there are
    late = connection.sql(f"SELECT symbol, dt FROM \"{KEY}\" WHERE dt > DATE '{DATE}'").fetchall()
    assert late == [(NEXT.symbol, NEXT.date)] * 70


def test_what_is_not_complete_never_shows(lake: Path) -> None:
    connection = duckdb.connect()
    (lake / NEXT.folder / SUCCESS).unlink()
    views(connection, lake_root=lake)
    assert connection.sql(f'SELECT DISTINCT dt FROM "{KEY}"').fetchall() == [(DATE,)]
    (lake / NEXT.folder / "part-00001.parquet").write_bytes(b"x")
    assert connection.sql(f'SELECT count(*) FROM "{KEY}"').fetchall() == [(50,)]


def test_names_are_quoted_wherever_the_lake_lies(tmp_path: Path) -> None:
    lake = tmp_path / "it's env=prod" / '[a]*?"; DROP'
    publish_table(lake, trades(50))
    publish_table(tmp_path / "it's env=prod" / "ab", trades(90))
    connection = duckdb.connect()
    views(connection, lake_root=lake)
    found = connection.sql(f'SELECT * FROM "{KEY}"')
    assert found.columns == [*trades(0).schema.names, "symbol", "dt"]
    assert len(found.fetchall()) == 50
    publish_table(tmp_path / "dt=2024-01-02", trades(50))
    with pytest.raises(UsageError, match="take the folder dt=2024-01-02 for the column dt"):
        views(connection, lake_root=tmp_path / "dt=2024-01-02")
    publish_table(tmp_path / "Symbol=X", trades(50))
    with pytest.raises(UsageError, match="take the folder Symbol=X for the column symbol"):
        views(connection, lake_root=tmp_path / "Symbol=X")


def test_another_contract_is_left_out_with_a_warning(
    lake: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with PublishedPartition(lake, NEXT) as published:
        data = replace(published.manifest, contract_sha256="0" * 64).to_bytes()
    (lake / NEXT.folder / MANIFEST).write_bytes(data)
    (lake / NEXT.folder / SUCCESS).write_text(manifest_sha256(data) + "\n")
    connection = duckdb.connect()
    with caplog.at_level(logging.WARNING):
        views(connection, lake_root=lake)
    assert "left out: 1 partition of another version of contract" in caplog.text
    assert connection.sql(f'SELECT count(*) FROM "{KEY}"').fetchall() == [(50,)]


def test_a_manifest_that_is_not_what_was_published(lake: Path) -> None:
    place = lake / NEXT.folder / MANIFEST
    place.write_bytes(place.read_bytes() + b" ")
    for ask in (lambda: datasets(lake), lambda: views(duckdb.connect(), lake_root=lake)):
        with pytest.raises(CorruptPartitionError, match=r"ESU5 2025-06-06: .*_SUCCESS does not"):
            ask()


def test_a_view_that_duckdb_cannot_make(lake: Path) -> None:
    connection = duckdb.connect()
    connection.execute(f'CREATE TABLE "{KEY}" (x INT)')
    part = lake / PARTITION.folder / PART
    part.write_bytes(bytes(part.stat().st_size))
    for made in (connection, duckdb.connect()):
        with pytest.raises(LakeError, match=rf"^{KEY}: DuckDB cannot make the view \(.*`verify"):
            views(made, lake_root=lake)


@pytest.mark.parametrize("version", ["1.9.9", "2.0.0", "2.0.0.dev12"])
def test_an_old_duckdb_is_refused(
    lake: Path, monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    monkeypatch.setattr(duckdb, "__version__", version)
    for ask in (lambda: views(lake_root=lake), lambda: to_duckdb(KEY, lake_root=lake)):
        with pytest.raises(UsageError, match=rf"DuckDB {version} .*install duckdb>=2.0.1"):
            ask()


def test_the_package_tells_what_it_offers() -> None:
    assert {"datasets", "scan", "to_duckdb", "training_set", "views"} <= set(dir(data_eng))
    for name in data_eng.__all__:
        assert getattr(data_eng, name).__doc__ or name == "__version__"
