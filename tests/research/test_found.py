"""Which partitions a question means: symbols, dates, and what is missing."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from src.data_eng.errors import CorruptPartitionError, PartitionNotFoundError, UsageError
from src.data_eng.lake.paths import MANIFEST, Partition
from src.data_eng.research import found
from src.data_eng.research.reading import complete_partitions, scan, to_duckdb
from tests.published_trades import KEY, PARTITION, publish_table, trades

# A Friday, the two trading days after it, and one that is missing between.
DATES = [dt.date(2025, 6, day) for day in (6, 9, 11)]


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("found")
    for number, (symbol, date) in enumerate(
        [("ESM5", DATES[0]), ("ESM5", DATES[1]), ("ESU5", DATES[2]), ("NQM5", DATES[1])]
    ):
        publish_table(root, trades(20, number), Partition(PARTITION.dataset, symbol, date))
    return root


def keys(lake: Path, **asked: Any) -> list[tuple[str, dt.date]]:
    found = scan(KEY, lake_root=lake, **asked).select("symbol", "dt").unique(maintain_order=True)
    return [(row[0], row[1]) for row in found.collect().rows()]


@pytest.mark.parametrize(
    ("symbol", "expected"),
    [
        ("ES", [("ESM5", 0), ("ESM5", 1), ("ESU5", 2)]),
        ("ESU5", [("ESU5", 2)]),
        (["NQ", "ESM5"], [("ESM5", 0), ("ESM5", 1), ("NQM5", 1)]),
        ("ES, NQ", [("ESM5", 0), ("ESM5", 1), ("NQM5", 1), ("ESU5", 2)]),
        (None, [("ESM5", 0), ("ESM5", 1), ("NQM5", 1), ("ESU5", 2)]),
    ],
)
def test_symbols(lake: Path, symbol: Any, expected: list[tuple[str, int]]) -> None:
    wanted = [(name, DATES[number]) for name, number in expected]
    assert keys(lake, symbol=symbol) == wanted
    found = complete_partitions(KEY, symbol, lake_root=lake)
    assert [(one.symbol, one.date) for one in found] == wanted
    relation = to_duckdb(KEY, symbol=symbol, lake_root=lake)
    assert relation.project("symbol, dt").distinct().order("dt, symbol").fetchall() == wanted


def test_all_contracts_of_a_date_without_a_front_month(lake: Path, tmp_path: Path) -> None:
    for symbol in ("ESM5", "ESU5"):
        publish_table(tmp_path, trades(9), Partition(PARTITION.dataset, symbol, DATES[0]))
    assert keys(tmp_path, symbol=None) == [("ESM5", DATES[0]), ("ESU5", DATES[0])]


def test_each_symbol_must_have_what_is_named(lake: Path) -> None:
    with pytest.raises(PartitionNotFoundError, match=r"NQ 2025-06-06: no complete partition"):
        scan(KEY, symbol=["ES", "NQ"], dates=DATES[0], lake_root=lake)
    with pytest.raises(PartitionNotFoundError, match=r"GC any date: no complete partition"):
        scan(KEY, symbol="ES,GC", lake_root=lake)


def test_strict_names_the_trading_days_that_are_missing(lake: Path) -> None:
    assert len(keys(lake, dates="2025-06-06:2025-06-09", strict=True)) == 2
    # Those between dates that are named are not asked for.
    assert len(keys(lake, dates=[DATES[2], DATES[0]], strict=True)) == 2
    for dates in (None, "2025-06-06:2025-06-11"):
        with pytest.raises(
            PartitionNotFoundError,
            match=r"ES: no complete partition for 1 trading day from 2025-06-06 to 2025-06-11: "
            "2025-06-10; run",
        ):
            scan(KEY, dates=dates, lake_root=lake, strict=True)
    with pytest.raises(PartitionNotFoundError, match=r": 2025-06-12, .* and 5 more; run"):
        complete_partitions(KEY, dates="2025-06-11:2025-07-03", lake_root=lake, strict=True)
    with pytest.raises(PartitionNotFoundError, match="1 trading day "):
        to_duckdb(KEY, lake_root=lake, strict=True)


def test_partitions_are_looked_at_when_they_are_read(lake: Path, tmp_path: Path) -> None:
    for number in range(9):
        date = DATES[0] + dt.timedelta(number)
        publish_table(tmp_path, trades(9, number), Partition(PARTITION.dataset, "ESM5", date))
    damaged = DATES[0] + dt.timedelta(4)
    place = tmp_path / Partition(PARTITION.dataset, "ESM5", damaged).folder / MANIFEST
    place.write_bytes(place.read_bytes() + b" ")
    frame, relation = scan(KEY, lake_root=tmp_path), to_duckdb(KEY, lake_root=tmp_path)
    others = frame.filter(pl.col("dt") != damaged).select("dt").collect()
    assert others["dt"].n_unique() == 8
    assert len(relation.filter(f"dt != DATE '{damaged}'").project("dt").distinct().fetchall()) == 8
    with pytest.raises(CorruptPartitionError, match="_SUCCESS does not match"):
        frame.collect()
    with pytest.raises(CorruptPartitionError, match="_SUCCESS does not match"):
        complete_partitions(KEY, lake_root=tmp_path)


@pytest.mark.parametrize(
    ("symbol", "date", "told"),
    [
        ("ES", "2025-06-10", r"it has 2025-06-06, 2025-06-09, 2025-06-11; run the pipeline for o"),
        ("ES", "2025-06-07", r"2025-06-07 is a Saturday; it has 2025-06-06, "),
        ("GC", "2025-06-10", r"it has ESM5, ESU5, NQM5; run the pipeline for GC$"),
    ],
)
def test_a_date_that_is_not_there_is_told_with_those_that_are(
    lake: Path, symbol: str, date: str, told: str
) -> None:
    with pytest.raises(
        PartitionNotFoundError, match=f"{date}: no complete partition in .*; {told}"
    ):
        scan(KEY, symbol=symbol, dates=date, lake_root=lake)


@pytest.mark.parametrize(
    ("chosen", "symbol"), [(["ESM5"], "ESM5"), (["ESU5", "ESZ5"], "ESU5"), ([], None)]
)
def test_of_several_contracts_the_one_that_bronze_chose_by_the_rule_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chosen: list[str], symbol: str | None
) -> None:
    asked = []

    def published(_view: Any, _futures: Any, root: str, date: dt.date, rule: str) -> list[str]:
        asked.append((root, date, rule))
        return chosen

    monkeypatch.setattr(found, "published_contracts", published)
    for number, contract in enumerate(("ESM5", "ESU5")):
        there = Partition(PARTITION.dataset, contract, DATES[0])
        publish_table(tmp_path, trades(20, number), there)
    if symbol is None:
        with pytest.raises(UsageError, match=r"ESM5 and ESU5 are there.* by roll rule calendar"):
            keys(tmp_path, roll_rule="calendar")
    else:
        assert keys(tmp_path, roll_rule="calendar") == [(symbol, DATES[0])]
    chosen[:] = ["ESM5", "ESU5"]
    with pytest.raises(UsageError, match="name the contract"):
        keys(tmp_path, roll_rule="calendar")
    assert set(asked) == {("ES", DATES[0], "calendar")}
