"""The reading API on a small lake of two contracts."""

from __future__ import annotations

import datetime as dt
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from src import data_eng
from src.data_eng.catalogue.datasets import dataset
from src.data_eng.errors import ContractError, PartitionNotFoundError, UsageError
from src.data_eng.lake.manifest import Manifest, parse_manifest
from src.data_eng.lake.paths import Partition
from src.data_eng.research.dates import Dates
from src.data_eng.research.reading import complete_partitions, scan, to_duckdb
from tests.stages.silver.market_lake import BARS, DATE, sample_day

BARS_KEY = "silver.future.ohlcv_2m"
NEXT = dt.date(2025, 6, 6)


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("reading")
    for date in (DATE, NEXT):
        assert sample_day(root, date, records=5_000) == "ESM5"
    return root


def test_rows_of_all_dates_with_symbol_and_date(lake: Path) -> None:
    found = scan(BARS_KEY, lake_root=lake).collect()
    assert set(found.columns) == {*dataset(BARS_KEY).contract().arrow_schema.names, "symbol", "dt"}
    assert found["dt"].unique().sort().to_list() == [DATE, NEXT]
    assert found["symbol"].unique().to_list() == ["ESM5"]
    assert found["ts_end_est"].dtype == pl.Datetime("ns", "America/New_York")


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        (DATE, [DATE]),
        ("2025-06-06", [NEXT]),
        ("2025-06-01:2025-06-05", [DATE]),
        ([NEXT, "2025-06-05"], [DATE, NEXT]),
    ],
)
def test_dates_are_a_day_a_range_or_several(
    lake: Path, dates: Dates, expected: list[dt.date]
) -> None:
    found = scan(BARS_KEY, symbol="ESM5", dates=dates, lake_root=lake).collect()
    assert found["dt"].unique().sort().to_list() == expected


def test_duckdb_reads_the_same_rows(lake: Path) -> None:
    ours = scan(BARS_KEY, lake_root=lake).select("dt", "close", "volume").collect()
    theirs = to_duckdb(BARS_KEY, lake_root=lake).project("dt, close, volume").pl()
    assert theirs.sort("dt", "close", "volume").equals(ours.sort("dt", "close", "volume"))


def test_only_the_columns_and_dates_asked_for_are_read(lake: Path) -> None:
    plan = scan(BARS_KEY, lake_root=lake).filter(pl.col("dt") == DATE).select("close").explain()
    assert "PROJECT 1/" in plan or "PROJECT 2/" in plan


def test_a_root_means_the_front_month_of_each_date(lake: Path, tmp_path: Path) -> None:
    root = tmp_path / "lake"
    shutil.copytree(lake, root)
    other = root / Partition(BARS, "ESU5", DATE).folder
    shutil.copytree(root / Partition(BARS, "ESM5", DATE).folder, other)
    found = scan(BARS_KEY, symbol="ES", dates=DATE, lake_root=root).collect()
    assert found["symbol"].unique().to_list() == ["ESM5"]
    shutil.rmtree(root / "bronze")
    with pytest.raises(UsageError, match=r"ESM5 and ESU5 are there.*name the contract"):
        scan(BARS_KEY, symbol="ES", lake_root=root)


def test_incomplete_partitions_are_not_there(lake: Path, tmp_path: Path) -> None:
    root = tmp_path / "lake"
    shutil.copytree(lake, root)
    (root / Partition(BARS, "ESM5", NEXT).folder / "_SUCCESS").unlink()
    assert scan(BARS_KEY, lake_root=root).collect()["dt"].unique().to_list() == [DATE]
    with pytest.raises(PartitionNotFoundError, match=r"2025-06-06: no complete partition"):
        scan(BARS_KEY, dates=[DATE, NEXT], lake_root=root)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"key": "gold.future.nothing"}, "no dataset gold.future.nothing"),
        ({"key": "raw.future.definition"}, "is raw"),
        ({"symbol": "es.v.0"}, "neither a product root"),
        ({"dates": "2025-13-01"}, "not a date"),
        ({"dates": "2025-06-06:2025-06-05"}, "reversed"),
        ({"dates": []}, "none given"),
        ({"dates": "20250605"}, "not a date"),
        ({"dates": "2025-06-05:"}, "'' is not a date"),
        ({"dates": 20250605}, "give dates"),
        ({"dates": [20250605]}, "'20250605' is not a date"),
        ({"dates": "2025-6-5"}, "'2025-6-5' is not a date"),
        ({"dates": np.datetime64("2025-06-05T10:00")}, "is a time"),
        ({"symbol": 7}, "neither a product root"),
        ({"symbol": ["ES", "es.v.0"]}, "es.v.0.*neither a product root"),
        ({"symbol": []}, "none given"),
        ({"roll_rule": "open_interest"}, "use one of"),
    ],
)
def test_what_cannot_be_meant_is_an_error(
    lake: Path, changes: dict[str, object], message: str
) -> None:
    question = {"key": BARS_KEY, "lake_root": lake, **changes}
    with pytest.raises(UsageError, match=message):
        scan(**question)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "dates",
    [
        f"{DATE},{NEXT}",
        f"{DATE}:{NEXT}",
        [DATE, str(NEXT)],
        np.array([DATE, NEXT], "datetime64[D]"),
        np.array([DATE, NEXT], "datetime64[ns]"),
    ],
    ids=["comma list", "range", "mixed", "days", "nanoseconds"],
)
def test_dates_in_every_form(lake: Path, dates: Dates) -> None:
    found = complete_partitions(BARS_KEY, dates=dates, lake_root=str(lake))
    assert [one.date for one in found] == [DATE, NEXT]


def test_partitions_that_were_made_otherwise_are_not_read_together(
    lake: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def other(data: bytes, where: str) -> Manifest:
        found = parse_manifest(data, where)
        return replace(found, **changes) if found.dt == str(NEXT) else found

    changes: dict[str, Any] = {}
    monkeypatch.setattr("src.data_eng.lake.reader._parsed", other)
    for changed, message in (
        ({"stage_version": 99}, r"2025-06-06.*version 99"),
        ({"facts": {"level_parameters": {"opening_range_minutes": 15}}}, "otherwise than 2025"),
    ):
        changes = changed
        with pytest.raises(ContractError, match=message):
            scan(BARS_KEY, lake_root=lake)
        with pytest.raises(ContractError, match=message):
            complete_partitions(BARS_KEY, lake_root=lake)
        assert complete_partitions(BARS_KEY, dates=NEXT, lake_root=lake)


def test_nothing_in_a_range_is_an_error(lake: Path) -> None:
    with pytest.raises(PartitionNotFoundError, match="2024-01-01:2024-02-01"):
        scan(BARS_KEY, dates="2024-01-01:2024-02-01", lake_root=lake)


def test_a_partition_of_another_contract_is_an_error(
    lake: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = dataset("silver.future.level").contract()
    monkeypatch.setattr("src.data_eng.catalogue.datasets.load_contract", lambda _: other)
    with pytest.raises(ContractError, match="another version of contract"):
        scan(BARS_KEY, lake_root=lake)


def test_the_package_offers_it_without_importing_it_first() -> None:
    code = (
        "import sys, src.data_eng as d; assert 'polars' not in sys.modules; "
        "d.scan; d.training_set; print(sorted(d.__all__))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert "'scan'" in done.stdout
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        data_eng.nothing  # noqa: B018
