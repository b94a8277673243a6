"""A level that one declaration adds: its tables are built without a scan of the book."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from src.data_eng.catalogue import contract as contract_module
from src.data_eng.catalogue import tables
from src.data_eng.catalogue.datasets import dataset
from src.data_eng.catalogue.derive import derived_contracts
from src.data_eng.catalogue.vectors import VECTOR_WITHOUT_OPTIONS, vector_parts
from src.data_eng.features.level.levels import level_names, with_levels
from src.data_eng.stages.outcome import Status
from tests.features.level.previous_day import PD_HIGH
from tests.lakes import build, run
from tests.stages.silver.market_lake import BARS, DATE, rows, sample_day

BEFORE = dt.date(2025, 6, 4)


@pytest.fixture
def lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A lake of two sessions up to bars, and contracts that may be written."""
    shutil.copytree(contract_module.CONTRACTS, tmp_path / "contracts")
    monkeypatch.setattr(contract_module, "CONTRACTS", tmp_path / "contracts")
    lake = tmp_path / "lake"
    for date, records in ((BEFORE, 10_000), (DATE, 40_000)):
        sample_day(lake, date, records)
    return lake


def test_previous_day_high_has_every_table_and_its_place_in_the_vector(
    lake: Path, tmp_path: Path
) -> None:
    with with_levels(PD_HIGH):
        for path, text in derived_contracts().items():
            (tmp_path / "contracts" / path).write_text(text)
        levels = [f"silver.future.level_{name}" for name in level_names()]
        build([tables.LEVEL, tables.LEVEL_SECONDS, *levels, tables.MARKET], lake, "ESM5", DATE)
        # Nothing that reads the book is built again.
        for key in (tables.CLEAN, tables.SECONDS, tables.DISPLAYED):
            assert run(key, lake, "ESM5", DATE).status is Status.COMPLETE
        parts = vector_parts()[VECTOR_WITHOUT_OPTIONS]
        build([*parts, VECTOR_WITHOUT_OPTIONS], lake, "ESM5", DATE)
        found = rows(lake, dataset("silver.future.level_pd_high"), "ESM5", DATE)
        vector = rows(lake, dataset(VECTOR_WITHOUT_OPTIONS), "ESM5", DATE)
    high = rows(lake, BARS, "ESM5", BEFORE)["high"].max()
    market = rows(lake, dataset(tables.SECONDS), "ESM5", DATE)
    book = market.filter(pl.col("ts") >= found["ts"][0] - dt.timedelta(seconds=1))[:10_801]
    mid = ((book["bid_px_00"] + book["ask_px_00"]) / 2).to_numpy()
    is_valid = np.isfinite(mid)
    distance = found["pd_high_distance_ticks"].to_numpy()
    assert np.isfinite(distance).sum() > 10_000
    both = is_valid & np.isfinite(distance)
    assert np.allclose(distance[both], (mid[both] - float(str(high))) / 0.25)
    # It is known before the day's first second, so touches may begin at the open.
    assert found["pd_high_touch_count"][0] == 0
    # From then on a minute without a record alone makes it null, as the mid.
    silent = found.filter(pl.col("pd_high_touch_count").is_null())
    assert silent["pd_high_distance_ticks"].null_count() == silent.height < 60
    assert set(found.columns[2:]) <= set(vector.columns)
