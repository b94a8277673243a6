"""What is missing in a lake, by `gaps` and by `status`: what could be made, and nothing else."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import pytest

from benchmarks.many_partitions import fabricate
from src.data_eng.catalogue.datasets import dataset
from src.data_eng.pipeline.gaps import Gaps, Kind
from src.data_eng.pipeline.inventory import State, lake_tables, take_inventory
from src.data_eng.pipeline.plan import PRODUCT_TYPES
from src.data_eng.sample.delivery import DeliveredDay
from src.data_eng.sample.header import file_metadata
from src.data_eng.settings import Settings
from src.data_eng.stages.registry import registered_stages

WEDNESDAY, THURSDAY, FRIDAY, HOLIDAY = (dt.date(2025, 6, day) for day in (4, 5, 6, 19))
CLEAN = "silver.future.market_by_price_10_clean"
OPTIONS = "silver.future_option.market"


def missing(lake: Path) -> set[str]:
    """Return the tables that are told to be missing, alike by both."""
    settings, tables = Settings(lake_root=lake), lake_tables(PRODUCT_TYPES)
    holes = Gaps(settings, tables, None, None).find(coverage=False)
    by_gaps = {one.dataset for one in holes if one.kind is Kind.HOLE}
    told = take_inventory(settings, tables)
    assert by_gaps == {one.partition.dataset.key for one in told if one.state is State.MISSING}
    return by_gaps


def remove(lake: Path, *keys: str) -> None:
    for key in keys:
        layer, product_type, table = key.split(".")
        for path in (lake / layer).rglob(f"product_type={product_type}/*/table={table}"):
            shutil.rmtree(path)


@pytest.mark.parametrize(("contract", "date"), [("ESU5", HOLIDAY), ("ZBM5", THURSDAY)])
def test_what_is_never_made_is_not_missing(tmp_path: Path, contract: str, date: dt.date) -> None:
    """On a holiday, or of a product whose session is not known."""
    fabricate(tmp_path, "ES", [date])
    for path in list(tmp_path.rglob("symbol=ES[MU]5")):
        path.rename(path.with_name(f"symbol={contract}"))
    never = [one for one in registered_stages() if one.closure(date) or one.exclusion(contract)]
    assert never
    remove(tmp_path, *(table.key for stage in never for table in stage.writes))
    assert missing(tmp_path) == set()
    remove(tmp_path, CLEAN)
    assert missing(tmp_path) == {CLEAN}


def test_what_can_be_made_without_a_table_is_missing_without_it(tmp_path: Path) -> None:
    fabricate(tmp_path, "ES", [THURSDAY])
    statistics = "future_option.statistics"
    layers = (f"bronze.{statistics}", f"silver.{statistics}_clean", f"gold.{statistics}_first3h")
    remove(tmp_path, *layers)
    assert missing(tmp_path) == set()
    remove(tmp_path, OPTIONS)
    assert missing(tmp_path) == {OPTIONS}


def test_definitions_beside_the_data_are_no_data(tmp_path: Path) -> None:
    fabricate(tmp_path, "ES", [THURSDAY])
    folder = tmp_path / dataset("raw.future.market_by_price_10").folder("ES")
    day = DeliveredDay(FRIDAY, "definition", ("ES.FUT",), ())
    (folder / "definitions.dbn").write_bytes(file_metadata(day).encode())
    tables = [dataset("bronze.future.market_by_price_10")]
    found = Gaps(Settings(lake_root=tmp_path), tables, None, frozenset({THURSDAY, FRIDAY}))
    assert [(one.kind, one.date) for one in found.find(coverage=False)] == [(Kind.RAW, FRIDAY)]


def test_a_date_between_those_whose_raw_files_were_archived(tmp_path: Path) -> None:
    fabricate(tmp_path, "ES", [WEDNESDAY, FRIDAY])
    fabricate(tmp_path, "NQ", [WEDNESDAY, THURSDAY, FRIDAY])
    table = dataset("raw.future.market_by_price_10")
    other = tmp_path / table.folder("ESM5")
    other.parent.mkdir()
    (tmp_path / table.folder("ES")).rename(other)  # where none is looked for: they lie by root
    found = Gaps(Settings(lake_root=tmp_path), lake_tables(("future",)), None, None)
    told = [(one.kind, one.symbol, one.date) for one in found.find(coverage=False)]
    assert told == [(Kind.RAW, "ES", THURSDAY)]
