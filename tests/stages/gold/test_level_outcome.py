"""Gold level_outcome of the sample day and of a real one, through the stage."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from src.data_eng.catalogue import tables
from src.data_eng.catalogue.datasets import dataset, registry
from src.data_eng.catalogue.feature_tables import (
    feature_datasets,
    feature_table,
    is_feature_table,
)
from src.data_eng.features.level.levels import level_names
from src.data_eng.stages.outcome import Status
from tests.lakes import run
from tests.stages.silver.level_lake import (
    LEVEL,
    add_levels,
    add_touches,
    features,
    lake_of_touches,
)
from tests.stages.silver.market_lake import (
    BARS,
    CLEAN,
    DATE,
    SHIFTED_DATE,
    manifest,
    partition,
    rows,
    shifted_day,
)

OUTCOME = dataset("gold.future.level_outcome")
OPEN = dt.datetime(2025, 6, 5, 13, 30, tzinfo=dt.UTC)


@pytest.fixture(scope="module")
def sample_lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    lake = lake_of_touches(tmp_path_factory)
    assert run(OUTCOME.key, lake, "ESM5", DATE).status is Status.WRITTEN
    return lake


def test_every_touch_that_the_features_count_has_a_row(sample_lake: Path) -> None:
    outcomes = rows(sample_lake, OUTCOME, "ESM5", DATE)
    assert outcomes.height > 5
    for level in level_names():
        table = rows(sample_lake, features(level), "ESM5", DATE)
        counted = table[f"{level}_touch_count"].fill_null(0)
        found = outcomes.filter(pl.col("level") == level)
        assert found.height == counted[-1]
        # The row at feature_ts is the first one that has seen the touch.
        joined = found.join(table, left_on="feature_ts", right_on="ts", how="left")
        since = pl.col("feature_ts") - pl.col("touch_ts")
        age = joined.select(since.dt.total_nanoseconds() / 1e9).to_series()
        lasted = joined[f"{level}_touch_duration_seconds"]
        assert all(0 < a <= 1 for a in age)
        # Null where the touch is over already.
        assert all(b is None or b <= a + 1e-9 for a, b in zip(age, lasted, strict=True))
        assert lasted.null_count() < max(1, found.height)


def test_decision_rows_lie_on_the_grid_and_outcomes_after_them(sample_lake: Path) -> None:
    found = rows(sample_lake, OUTCOME, "ESM5", DATE)
    assert found["episode_id"].to_list() == list(range(1, found.height + 1))
    assert found["touch_ts"].is_sorted()
    assert (found["feature_ts"] >= OPEN).all()
    assert (found["feature_ts"] <= OPEN + dt.timedelta(hours=3)).all()
    decided = found.filter(~pl.col("censored"))
    assert (decided["outcome_ts"] >= decided["feature_ts"]).all()
    assert found.filter(pl.col("censored"))["outcome"].null_count() == found["censored"].sum()
    assert set(decided["outcome"].unique()) <= {"bounce", "break", "timeout"}


def test_no_column_of_it_stands_in_a_feature_table(sample_lake: Path) -> None:
    assert not is_feature_table(OUTCOME)
    names = {field.name for field in OUTCOME.contract().fields}
    tables = [feature_table(one) for one in feature_datasets(registry().values())]
    assert {table.prefix for table in tables} == {"", *(f"{level}_" for level in level_names())}
    for table in tables:
        assert not names & set(table.columns)
        # The side of the approach is known at feature_ts: a fact of the touch, no outcome.
        prefixed = {f"{table.prefix}{name}" for name in names} & set(table.columns)
        assert prefixed == ({f"{table.prefix}approach_side"} if table.prefix else set())


def test_the_manifest_names_inputs_constants_and_counts(sample_lake: Path) -> None:
    found = manifest(sample_lake, OUTCOME, "ESM5", DATE)
    read = [entry["dataset"] for entry in found["inputs"]]
    assert read == [tables.TRADES, tables.SECONDS, BARS.key, LEVEL.key, tables.LEVEL_TOUCH]
    assert [one["name"] for one in found["parameters"]["barrier_sets"]] == [
        "primary",
        "8_ticks_300s",
        "16_ticks_900s",
        "2_atr_1800s",
    ]
    counts = found["facts"]["outcomes"]
    assert set(counts) == set(level_names())
    assert sum(sum(one.values()) for one in counts.values()) == found["rows"]


def test_scores_weights_and_groups_are_those_of_their_labels(sample_lake: Path) -> None:
    found = rows(sample_lake, OUTCOME, "ESM5", DATE)
    for end in ("", "_8_ticks_300s", "_16_ticks_900s", "_2_atr_1800s"):
        censored = found.filter(pl.col(f"censored{end}"))
        decided = found.filter(~pl.col(f"censored{end}"))
        for name in ("overlap_group", "average_uniqueness"):
            for pooled in ("", "_all_levels"):
                assert censored[f"{name}{pooled}{end}"].null_count() == censored.height
                assert decided[f"{name}{pooled}{end}"].null_count() == 0
        assert censored[f"driftless_bounce_probability{end}"].null_count() == censored.height
        score, outcome = decided[f"bounce_score{end}"], decided[f"outcome{end}"].cast(pl.String)
        assert (score.filter(outcome == "bounce") == 1).all()
        assert (score.filter(outcome == "break") == 0).all()
        base = decided[f"driftless_bounce_probability{end}"]
        assert base.is_between(0, 1, closed="none").all()
        # The more labels are open, the less each says.
        own, every = (decided[f"average_uniqueness{x}{end}"] for x in ("", "_all_levels"))
        assert (every <= own + 1e-12).all()
        groups = decided.group_by(f"overlap_group{end}").agg(pl.col("level").n_unique())
        assert (groups["level"] == 1).all()
    assert set(found["close_outcome_2m"].drop_nulls()) <= {"bounce", "break", "none"}


def test_a_date_without_a_session_is_skipped(tmp_path: Path) -> None:
    outcome = run(OUTCOME.key, tmp_path, "ESH4", dt.date(2023, 12, 25))
    assert outcome.status is Status.SKIPPED
    assert "Christmas" in outcome.reason


def test_a_real_day_without_a_touch_is_an_empty_partition(
    tmp_path: Path, shared_data: Path
) -> None:
    symbol = shifted_day(tmp_path, shared_data)
    add_levels(tmp_path, symbol, SHIFTED_DATE)
    add_touches(tmp_path, symbol, SHIFTED_DATE)
    assert run(OUTCOME.key, tmp_path, symbol, SHIFTED_DATE).status is Status.WRITTEN
    found = rows(tmp_path, OUTCOME, symbol, SHIFTED_DATE)
    assert found.height == 0
    assert found.columns == [field.name for field in OUTCOME.contract().fields]
    assert (partition(tmp_path, OUTCOME, symbol, SHIFTED_DATE) / "_SUCCESS").is_file()
    facts = manifest(tmp_path, OUTCOME, symbol, SHIFTED_DATE)["facts"]
    assert facts["outcomes"] == {level: {} for level in level_names()}


def test_a_real_day_that_ends_at_ten_censors_what_is_open(
    tmp_path: Path, shared_data: Path
) -> None:
    symbol = shifted_day(tmp_path, shared_data)
    # Of the levels by other settings none is touched in that half hour of twelve ticks.
    window = {"pre_market_start": "09:25"}
    add_levels(tmp_path, symbol, SHIFTED_DATE, **window)
    add_touches(tmp_path, symbol, SHIFTED_DATE, **window)
    assert run(OUTCOME.key, tmp_path, symbol, SHIFTED_DATE, **window).status is Status.WRITTEN
    (row,) = rows(tmp_path, OUTCOME, symbol, SHIFTED_DATE).iter_rows(named=True)
    records = rows(tmp_path, CLEAN, symbol, SHIFTED_DATE)
    trades = records.filter(
        (pl.col("action") == "T")
        & (pl.col("ts_recv") >= dt.datetime(2023, 12, 26, 14, 30, tzinfo=dt.UTC))
    )
    reached = trades.filter(pl.col("price") <= row["level_price"])
    assert (row["level"], row["approach_side"], row["level_price"]) == ("pm_low", 1, 4809.25)
    assert row["touch_ts"] == reached["ts_recv"][0]
    later = trades.filter(pl.col("ts_recv") >= row["feature_ts"])["price"]
    apart = (later - row["level_price"]).abs().max()
    assert isinstance(apart, float)
    assert apart / 0.25 < row["barrier_ticks"]  # so it stays open until the records end
    assert (row["censored"], row["outcome"], row["outcome_ts"]) == (True, None, None)
    assert row["max_favourable_excursion_ticks"] is None
