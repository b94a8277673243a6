"""Training sets of a small lake: the join by hand."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from src.data_eng.catalogue.datasets import dataset
from src.data_eng.catalogue.feature_tables import feature_table
from src.data_eng.catalogue.vectors import OUTCOME, VECTOR_WITHOUT_OPTIONS, vector_parts
from src.data_eng.errors import ContractError, LakeError, UsageError
from src.data_eng.features.level.levels import level_names
from src.data_eng.lake.inputs import LEVEL_PARAMETERS
from src.data_eng.lake.paths import PART, Partition
from src.data_eng.lake.reader import PublishedPartition
from src.data_eng.research import training
from src.data_eng.research.training import training_set
from tests.research.research_lake import research_lake
from tests.stages.silver.market_lake import DATE


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return research_lake(tmp_path_factory)


def table(lake: Path, key: str) -> pl.DataFrame:
    return pl.read_parquet(lake / Partition(dataset(key), "ESM5", DATE).folder / PART)


def test_the_vector_is_its_parts_side_by_side(lake: Path) -> None:
    vector = table(lake, VECTOR_WITHOUT_OPTIONS)
    assert vector.shape == (10_801, 2 + 60 + 4 * 45 + 44)
    for key in vector_parts()[VECTOR_WITHOUT_OPTIONS]:
        assert vector.select(table(lake, key).columns).equals(table(lake, key))


def test_all_that_is_made_from_levels_says_with_what_they_were_made(lake: Path) -> None:
    tables = [
        vector_parts()[VECTOR_WITHOUT_OPTIONS][-1],
        OUTCOME,
        VECTOR_WITHOUT_OPTIONS,
        "silver.future.level",
    ]
    for key in (*tables, "silver.future.level_or_high"):
        with PublishedPartition(lake, Partition(dataset(key), "ESM5", DATE)) as published:
            made_with = published.manifest.facts[LEVEL_PARAMETERS]
        assert made_with["opening_range_minutes"] == 30
        assert made_with["pre_market"]["start"] == "04:00"


@pytest.mark.parametrize("level", level_names())
def test_each_touch_has_the_features_of_its_decision_row(lake: Path, level: str) -> None:
    found = training_set(level, lake_root=lake, options=False)
    outcomes = table(lake, OUTCOME).filter(
        (pl.col("level") == level) & ~pl.col("censored") & (pl.col("outcome") != "timeout")
    )
    assert found.episodes["episode_id"].to_list() == outcomes["episode_id"].to_list()
    assert found.y.tolist() == outcomes["outcome"].to_list()
    assert found.X.shape == (outcomes.height, len(training.feature_names(VECTOR_WITHOUT_OPTIONS)))
    assert (found.groups == np.datetime64(DATE)).all()
    vector = table(lake, VECTOR_WITHOUT_OPTIONS)
    for row, at in enumerate(outcomes["feature_ts"]):
        (wanted,) = vector.filter(pl.col("ts") == at).drop("ts", "ts_est").rows()
        assert found.features.row(row) == wanted


def test_other_barriers_and_timeouts_on_request(lake: Path) -> None:
    outcomes = table(lake, OUTCOME).filter(pl.col("level") == "or_high")
    for name in ("8_ticks_300s", "16_ticks_900s", "2_atr_1800s"):
        found = training_set(
            "or_high", lake_root=lake, options=False, barrier_set=name, timeouts=True
        )
        wanted = outcomes.filter(~pl.col(f"censored_{name}"))
        assert found.y.tolist() == wanted[f"outcome_{name}"].to_list()
        horizon = wanted["feature_ts"] + pl.duration(seconds=int(name.split("_")[-1][:-1]))
        assert (
            found.episodes["label_end_ts"].to_list() == wanted.select(horizon).to_series().to_list()
        )


def test_no_outcome_is_a_feature(monkeypatch: pytest.MonkeyPatch) -> None:
    for key in vector_parts():
        names = training.feature_names(key)
        parts = [feature_table(dataset(part)) for part in vector_parts()[key]]
        assert names == [name for part in parts for name in part.columns]
    monkeypatch.setattr(training, "KEYS", ())
    monkeypatch.setattr(training, "OUTCOME", "gold.future.market_first3h")
    with pytest.raises(ContractError, match="no feature"):
        training.feature_names(VECTOR_WITHOUT_OPTIONS)


def test_what_is_not_there_is_an_error(lake: Path) -> None:
    with pytest.raises(UsageError, match="use one of pm_high"):
        training_set("vwap", lake_root=lake)
    with pytest.raises(UsageError, match="use one of primary"):
        training_set("pm_high", lake_root=lake, barrier_set="wide")
    with pytest.raises(LakeError, match=r"ESM5 2025-06-05: no complete .*options=False"):
        training_set("pm_high", lake_root=lake)


def test_the_other_levels_can_be_left_out(lake: Path) -> None:
    whole = training_set("sma_90", lake_root=lake, options=False)
    own = training_set("sma_90", lake_root=lake, options=False, other_levels=False)
    kept = [n for n in whole.features.columns if not n.startswith(("pm_", "or_"))]
    assert len(kept) == 60 + 44
    assert own.features.equals(whole.features.select(kept))


def test_weights_are_those_of_the_levels_asked_for(lake: Path) -> None:
    outcomes = table(lake, OUTCOME).filter(~pl.col("censored"))
    for level in level_names():
        one = training_set(level, lake_root=lake, options=False, timeouts=True)
        own = outcomes.filter(pl.col("level") == level)
        assert one.sample_weight.tolist() == own["average_uniqueness"].to_list()
        assert one.episodes["overlap_group"].to_list() == own["overlap_group"].to_list()
    every = training_set(level_names(), lake_root=lake, options=False, timeouts=True)
    assert every.sample_weight.tolist() == outcomes["average_uniqueness_all_levels"].to_list()
    assert every.episodes["level"].to_list() == outcomes["level"].to_list()
    two = training_set(("or_high", "sma_90"), lake_root=lake, options=False, timeouts=True)
    pair = outcomes.filter(pl.col("level").cast(pl.String).is_in(["or_high", "sma_90"]))
    low, high = (pair[f"average_uniqueness{end}"].to_numpy() for end in ("_all_levels", ""))
    assert (low <= two.sample_weight + 1e-12).all()
    assert (two.sample_weight <= high + 1e-12).all()


def test_touches_are_numbered_as_they_come_censored_ones_too(lake: Path) -> None:
    outcomes = table(lake, OUTCOME)
    for level in level_names():
        own = outcomes.filter(pl.col("level") == level)
        numbers = dict(zip(own["episode_id"], range(1, own.height + 1), strict=True))
        found = training_set(level, lake_root=lake, options=False, timeouts=True).episodes
        wanted = [numbers[episode] for episode in found["episode_id"]]
        assert found["touch_number"].to_list() == wanted


@pytest.mark.parametrize("level", ["or_high", "or_low", "sma_90"])
def test_touches_from_above_are_turned_round_on_request(lake: Path, level: str) -> None:
    ask = partial(training_set, level, lake_root=lake, options=False, timeouts=True)
    plain, turned = ask(), ask(orient=True)
    own = ask(orient=True, other_levels=False)
    kept = turned.episodes.drop("is_mirrored")
    assert kept.equals(plain.episodes.drop("is_mirrored"))
    from_above = plain.episodes["approach_side"] == 1
    assert turned.episodes["is_mirrored"].to_list() == from_above.to_list()
    assert not plain.episodes["is_mirrored"].any()
    for row, is_mirrored in enumerate(from_above):
        before, after = plain.features.row(row, named=True), turned.features.row(row, named=True)
        if not is_mirrored:
            assert before == after
            continue
        assert after["or_high_approach_side"] == negative(before["or_low_approach_side"])
        assert after["or_low_distance_ticks"] == negative(before["or_high_distance_ticks"])
        assert after["pm_high_touch_count"] == before["pm_low_touch_count"]
        assert after["sma_90_distance_ticks"] == negative(before["sma_90_distance_ticks"])
        name = f"{level}_distance_ticks"
        assert own.features[name][row] == negative(before[name])  # stays with the level


def negative(value: float | None) -> float | None:
    return None if value is None else -value


def test_turning_round_needs_high_and_low_of_several_levels(lake: Path) -> None:
    with pytest.raises(UsageError, match="its mirror image is or_low_"):
        training_set(
            ("or_high", "sma_90"), lake_root=lake, options=False, other_levels=False, orient=True
        )
