from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl
import pytest

from src.data_eng.catalogue.datasets import dataset
from src.data_eng.catalogue.feature_tables import FeatureTable, feature_table
from src.data_eng.catalogue.finding import Severity
from src.data_eng.catalogue.vectors import OUTCOME, VECTOR_WITHOUT_OPTIONS, vector_parts
from src.data_eng.features.level.levels import level_names
from src.data_eng.lake.paths import PART, Partition
from src.data_eng.research import check_features
from src.data_eng.research.checks.decision_rows import (
    MAX_NULL_SHARE,
    DecisionRows,
    decision_row_findings,
    read_decision_rows,
)
from src.data_eng.research.checks.pooling import PooledLake, read_pool
from tests.research.research_lake import research_lake
from tests.stages.silver.market_lake import DATE

TABLES = [dataset(key) for key in vector_parts()[VECTOR_WITHOUT_OPTIONS]]


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return research_lake(tmp_path_factory)


@pytest.fixture(scope="module")
def pooled(lake: Path) -> PooledLake:
    return read_pool(lake, TABLES, [("ESM5", DATE)])


def table(lake: Path, key: str) -> pl.DataFrame:
    return pl.read_parquet(lake / Partition(dataset(key), "ESM5", DATE).folder / PART)


def test_shares_are_those_of_outcomes_joined_with_features(lake: Path, pooled: PooledLake) -> None:
    found = read_decision_rows(lake, pooled, [feature_table(one) for one in TABLES])
    outcomes = table(lake, OUTCOME).with_columns(pl.col("level").cast(pl.String))
    assert (found.touches, found.sessions) == (len(outcomes), 1)
    parts = []
    for level in level_names():
        touches = outcomes.filter(pl.col("level") == level).select(ts="feature_ts")
        features = table(lake, f"gold.future.level_{level}_first3h")
        rows = touches.join(features, on="ts", how="left")
        parts.append(rows.rename({name: name.removeprefix(f"{level}_") for name in rows.columns}))
    expected = pl.concat(parts, how="diagonal_relaxed").null_count() / len(outcomes)
    assert len(found.null_share) == 13
    for base, share in found.null_share.items():
        assert share == pytest.approx(expected[base].item()), base
    assert "approach_side" not in found.null_share
    assert list(found.null_share.values()) == sorted(found.null_share.values(), reverse=True)
    assert max(found.null_share.values()) > 0


def test_without_outcomes_nothing_is_told(tmp_path: Path, pooled: PooledLake) -> None:
    found = read_decision_rows(tmp_path, pooled, [feature_table(one) for one in TABLES])
    assert found == DecisionRows(0, 0, {})
    assert decision_row_findings(found) == []


def test_more_than_the_limit_is_a_warning() -> None:
    rows = DecisionRows(100, 20, {"displayed_x": 0.16, "relative_y": MAX_NULL_SHARE})
    (found,) = decision_row_findings(rows)
    assert (found.severity, found.check) == (Severity.WARN, "decision rows")
    assert found.columns == ("displayed_x",)
    assert "16.0%" in found.text


def test_the_command_prints_the_shares(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    given: list[Sequence[FeatureTable]] = []
    verified: list[object] = []

    def read(
        _: Path, lake: PooledLake, tables: Sequence[FeatureTable], verify: str
    ) -> DecisionRows:
        given.append(tables)
        verified.append(verify)
        return DecisionRows(1_234, 21, {"displayed_x": 0.2, "relative_y": 0.015})

    def pool(*asked: object) -> PooledLake:
        verified.append(asked[-1])
        empty = read_pool(tmp_path, [], [])
        return PooledLake(
            empty.pool, tuple(("ESM5", DATE.replace(day=n)) for n in range(1, 22)), (), {}
        )

    monkeypatch.setattr(check_features, "read_decision_rows", read)
    monkeypatch.setattr(check_features, "read_pool", pool)
    monkeypatch.setattr(check_features, "value_findings", lambda *_: [])
    assert check_features.main(["--lake-root", str(tmp_path), "--verify", "file"]) == 0
    assert verified == ["file", "file"]
    *_, head, first, second, finding, result = capsys.readouterr().out.splitlines()
    assert head == "decision rows: 1,234 touches of 21 sessions; null there:"
    assert (first, second) == ("  20.0% displayed_x", "   1.5% relative_y")
    assert finding.startswith("WARN    decision rows: displayed_x: ")
    assert result == "result: 0 FAIL, 1 WARN, 0 ALLOWED"
    assert "gold.future.level_pm_high_first3h" in {one.key for one in given[0]}
