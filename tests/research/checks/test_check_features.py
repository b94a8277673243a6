from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import pytest

from src.data_eng.catalogue.datasets import Dataset
from src.data_eng.errors import UsageError
from src.data_eng.research import check_features
from tests.research.checks.pools import ROWS, SESSIONS, dataset_of, independent, publish

FIRST = dt.date(2025, 3, 3)
NAMES = ("spread_ticks", "imbalance_best", "volume_60s", "rate_10s")
OPTIONS = ("option_volume_rth", "risk_reversal_front")

Output = Callable[[], list[str]]


@pytest.fixture(autouse=True)
def nothing_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The lines that are shipped are about other features than those here."""
    monkeypatch.setattr(check_features, "read_allowed", dict)


@pytest.fixture
def output(capsys: pytest.CaptureFixture[str]) -> Output:
    def lines() -> list[str]:
        return capsys.readouterr().out.splitlines()

    return lines


@pytest.fixture
def declared(tmp_path: Path) -> list[Dataset]:
    """The feature tables of a made-up registry, among another one."""
    folder = tmp_path / "contracts"
    return [
        dataset_of(folder, "silver.future.market", NAMES),
        dataset_of(folder, "gold.future.market_first3h", NAMES),
        dataset_of(folder, "gold.future_option.market_first3h", OPTIONS),
        dataset_of(folder, "gold.future.level_outcome", ("outcome",)),
    ]


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    (tmp_path / "lake").mkdir()
    return tmp_path / "lake"


def fill(
    lake: Path,
    datasets: Iterable[Dataset],
    *,
    sessions: int = SESSIONS,
    planted: bool = False,
    seed: int = 0,
) -> None:
    """Publish independent features; planted: one is the difference of two others."""
    for number, dataset in enumerate(datasets):
        count = len(dataset.contract().fields) - 2
        columns = np.column_stack([*independent(count, seed + number, sessions * ROWS).values()])
        if planted:
            columns[:, -1] = columns[:, 0] - columns[:, 1]
        columns[::7, 0] = np.nan
        for day, values in enumerate(np.split(columns, sessions)):
            publish(lake, dataset, FIRST + dt.timedelta(days=day), values)


def run(lake: Path, datasets: Iterable[Dataset], *more: str) -> int:
    return check_features.main(["--lake-root", str(lake), *more], datasets)


def test_independent_features_pass(lake: Path, declared: list[Dataset], output: Output) -> None:
    fill(lake, declared[1:3])
    assert run(lake, declared) == 0
    assert output() == [
        "names: 6 features of 2 tables",
        "pooled: 20 sessions of ES in gold, 2025-03-03 to 2025-03-22, 800 rows "
        "(gold.future.market_first3h in 20, gold.future_option.market_first3h in 20)",
        "values: 6 features compared",
        "result: 0 FAIL, 0 WARN, 0 ALLOWED",
    ]


def test_a_difference_fails_and_is_named_once(
    lake: Path, declared: list[Dataset], output: Output
) -> None:
    fill(lake, declared[1:2], planted=True)
    assert run(lake, declared[:2]) == 1
    (found,) = [line for line in output() if line.startswith("FAIL")]
    assert found == (
        "FAIL    sum: spread_ticks, imbalance_best, rate_10s: rate_10s = spread_ticks - "
        "imbalance_best"
    )


def test_a_copy_across_tables_fails_and_is_named_once(
    lake: Path, declared: list[Dataset], output: Output
) -> None:
    values = np.column_stack([*independent(4, 3).values()])
    for day, rows in enumerate(np.split(values, SESSIONS)):
        date = FIRST + dt.timedelta(days=day)
        publish(lake, declared[1], date, rows)
        publish(lake, declared[2], date, np.column_stack([3 - 2 * rows[:, 1], np.sin(rows[:, 3])]))
    assert run(lake, declared) == 1
    (found,) = [line for line in output() if line.startswith(("FAIL", "WARN"))]
    assert found.startswith(
        "FAIL    affine: imbalance_best, option_volume_rth: option_volume_rth = 3"
    )


def test_too_few_sessions_are_no_conclusion(
    lake: Path, declared: list[Dataset], output: Output
) -> None:
    fill(lake, declared[1:2], sessions=19, planted=True)
    assert run(lake, declared) == 0
    lines = output()
    assert lines[-2:] == [
        "values: NOT CHECKED, no conclusion: 19 sessions pooled, 20 are needed",
        "result: 0 FAIL, 0 WARN, 0 ALLOWED",
    ]
    assert lines[1].startswith("pooled: 19 sessions of ES in gold, 2025-03-03 to 2025-03-21")


def test_names_are_checked_on_an_empty_lake(lake: Path, tmp_path: Path, output: Output) -> None:
    table = dataset_of(tmp_path, "silver.future.market", ["pm_high_distance", "spread_tick"])
    assert run(lake, [table]) == 1
    lines = output()
    assert len([line for line in lines if line.startswith("FAIL    name: ")]) == 2
    assert "pooled: no session of ES in gold" in lines
    assert lines[-1] == "result: 2 FAIL, 0 WARN, 0 ALLOWED"


def test_two_contracts_on_a_date_are_one_session(
    lake: Path, declared: list[Dataset], output: Output
) -> None:
    values = np.column_stack([*independent(4, 3).values()])
    for day, rows in enumerate(np.split(values, SESSIONS)):
        symbol = "ESM5" if day % 2 else "ESU5"
        publish(lake, declared[1], FIRST + dt.timedelta(days=day // 2), rows, symbol=symbol)
    assert run(lake, declared) == 0
    assert "NOT CHECKED, no conclusion: 10 sessions" in "".join(output())


@pytest.mark.parametrize(
    ("more", "pooled"),
    [
        (["--dates", "2025-03-04:2025-03-06"], "3 sessions of ES in gold, 2025-03-04 to"),
        (["--dates", "2025-03-04"], "1 session of ES in gold, 2025-03-04 to 2025-03-04"),
        (["--symbol", "ESM5"], "6 sessions of ESM5 in gold"),
        (["--symbol", "NQ"], "1 session of NQ in gold, 2025-03-04"),
        (["--symbol", "ESU5"], "no session of ESU5 in gold"),
        (["--layer", "silver"], "no session of ES in silver"),
    ],
)
def test_symbol_dates_and_layer_choose_sessions(
    lake: Path, declared: list[Dataset], output: Output, more: list[str], pooled: str
) -> None:
    fill(lake, declared[1:2], sessions=6)
    publish(lake, declared[1], FIRST + dt.timedelta(days=1), np.ones((3, 4)), symbol="NQM5")
    assert run(lake, declared, *more) == 0
    assert output()[1].startswith(f"pooled: {pooled}")


def test_an_incomplete_partition_is_not_pooled(
    lake: Path, declared: list[Dataset], output: Output
) -> None:
    fill(lake, declared[1:3], sessions=3)
    folders = sorted(lake.rglob("dt=2025-03-0[34]"))
    assert len(folders) == 4
    for folder in (folders[0], folders[1], folders[2]):
        (folder / "_SUCCESS").unlink()
    assert run(lake, declared) == 0
    assert "(gold.future.market_first3h in 1, gold.future_option.market_first3h in 2)" in "".join(
        output()
    )


def test_near_duplicates_with_a_reason_are_allowed(
    lake: Path, declared: list[Dataset], output: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = np.column_stack([*independent(4, 3).values()])
    noise = np.random.default_rng(0).normal(size=len(values))
    values[:, 3] = values[:, 1] + 0.05 * values[:, 1].std() * noise
    for day, rows in enumerate(np.split(values, SESSIONS)):
        publish(lake, declared[1], FIRST + dt.timedelta(days=day), rows)
    assert run(lake, declared[:2]) == 0
    assert output()[-1] == "result: 0 FAIL, 1 WARN, 0 ALLOWED"
    pair = frozenset({"imbalance_best", "rate_10s"})
    monkeypatch.setattr(check_features, "read_allowed", lambda: {pair: "they part at noon"})
    assert run(lake, declared[:2]) == 0
    *_, found, _ = output()
    assert found.startswith("ALLOWED affine: imbalance_best, rate_10s: near duplicates")
    assert found.endswith("allowed: they part at noon")


def test_an_allowed_pair_that_is_no_feature_is_told(
    lake: Path, declared: list[Dataset], output: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check_features, "read_allowed", lambda: {frozenset({"a", "rate_10s"}): "r"})
    assert run(lake, declared) == 0
    assert output()[1].startswith("WARN    name: a: near_duplicates.toml allows what is no feature")


@pytest.mark.parametrize(
    "more",
    [
        ["--symbol", "es"],
        ["--symbol", "../ES"],
        ["--dates", "2025-03-04:2025-03-03"],
        ["--dates", "2025-03-32"],
        ["--dates", "a:b:c"],
        ["--lake-root", "/nonexistent/lake"],
    ],
)
def test_wrong_arguments_are_usage_errors(
    lake: Path, declared: list[Dataset], capsys: pytest.CaptureFixture[str], more: list[str]
) -> None:
    assert run(lake, declared, *more) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert error.count("\n") == 1


@pytest.mark.parametrize("more", [["--layer", "bronze"], ["--unknown"], ["--sym", "ES"]])
def test_unknown_flags_are_usage_errors(
    lake: Path, declared: list[Dataset], more: list[str]
) -> None:
    with pytest.raises(UsageError, match=r"no flag|is none of gold, silver"):
        run(lake, declared, *more)


def refused(lake: Path, declared: list[Dataset], capsys: pytest.CaptureFixture[str]) -> str:
    assert run(lake, declared) == 1
    error = capsys.readouterr().err
    assert error.startswith("error: gold.future")
    assert error.count("\n") == 1
    return error


def test_tables_with_other_rows_are_refused(
    lake: Path, declared: list[Dataset], capsys: pytest.CaptureFixture[str]
) -> None:
    publish(lake, declared[1], FIRST, np.ones((9, 4)))
    publish(lake, declared[2], FIRST, np.ones((9, 2)), first_ts=1)
    assert "its ts are not those" in refused(lake, declared, capsys)


def test_a_partition_of_another_contract_is_refused(
    lake: Path, declared: list[Dataset], capsys: pytest.CaptureFixture[str]
) -> None:
    publish(lake, declared[1], FIRST, np.ones((9, 4)), contract_sha256="0" * 64)
    assert "another version of contract" in refused(lake, declared, capsys)


def test_a_damaged_page_is_refused(
    lake: Path, declared: list[Dataset], capsys: pytest.CaptureFixture[str]
) -> None:
    folder = publish(lake, declared[1], FIRST, np.random.default_rng(0).normal(size=(900, 4)))
    part = folder / "part-00000.parquet"
    data = bytearray(part.read_bytes())
    data[len(data) // 2] ^= 0xFF
    part.write_bytes(data)
    assert "delete the partition and run its layer again" in refused(lake, declared, capsys)
