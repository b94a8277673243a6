"""The evaluation as a command."""

from __future__ import annotations

import datetime as dt
import json
import re
import shutil
from functools import partial
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from src.data_eng.catalogue.datasets import dataset
from src.data_eng.catalogue.vectors import OUTCOME, VECTOR, VECTOR_WITHOUT_OPTIONS
from src.data_eng.errors import ContractError, UsageError
from src.data_eng.features.level.levels import level_names
from src.data_eng.lake.paths import PART, Partition
from src.data_eng.lake.table import Table
from src.data_eng.research.evaluation.__main__ import main
from src.data_eng.research.evaluation.labels import LABELS
from src.data_eng.research.evaluation.leaks import Leak
from src.data_eng.research.evaluation.samples import pooled_samples
from src.data_eng.research.evaluation.session_day import read_distances
from src.data_eng.research.training import TrainingSet, training_set
from tests.research.research_lake import research_lake
from tests.stages.silver.market_lake import DATE, rows


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return research_lake(tmp_path_factory)


def command(lake: Path, *more: str) -> list[str]:
    return ["--lake-root", str(lake), "--without-options", *more]


def pooled_sets(lake: Path) -> list[TrainingSet]:
    ask = partial(training_set, lake_root=lake, options=False, other_levels=False)
    return [ask(level, orient=True, timeouts=True) for level in level_names()]


def test_one_day_gives_counts_and_no_conclusion(
    lake: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "found.json"
    page = tmp_path / "page.html"
    asked = ("--placebos", "3", "--json", str(file), "--output", str(page))
    assert main(command(lake, *asked)) == 0
    assert "No conclusion: 20 sessions are needed, there are 1." in page.read_text()
    printed = capsys.readouterr().out
    assert printed.startswith("Touches of 1 session under")
    assert printed.endswith(f"The page    {page}\n")
    assert "NO CONCLUSION: too few sessions." in printed
    assert "100 in 20 are needed" in printed
    found = json.loads(file.read_text())
    outcomes = rows(lake, dataset(OUTCOME), "ESM5", DATE).filter(~pl.col("censored"))
    cells = {one["level"]: one for one in found["rates"]["drawn"] if one["slice"] == "all"}
    for level in (*level_names(), "all"):
        is_all = level == "all"
        of_level = outcomes.filter(pl.lit(is_all) | (pl.col("level") == level))
        weight = of_level[f"average_uniqueness{'_all_levels' if is_all else ''}"].to_numpy()
        cell = cells[level]
        assert cell["touches"] == of_level.height
        assert cell["events"] == pytest.approx(weight.sum())
        if not of_level.height:
            continue
        for name in ("bounce", "break", "timeout"):
            share = np.average(of_level["outcome"] == name, weights=weight)
            assert cell["rates"][name] == pytest.approx(share)
        score, base = of_level["bounce_score"], of_level["driftless_bounce_probability"]
        excess = np.average((score - base).to_numpy(), weights=weight)
        assert cell["excess"] == pytest.approx(excess)
    assert {one["label"] for one in found["labels"]["displaced"]} == set(LABELS)
    assert found["uniform_distances"] == ["pm_high", "pm_low", "or_high", "or_low"]
    assert "uniform on 0 to 3 average true ranges" in printed


def test_the_same_seed_gives_the_same_figures(lake: Path, tmp_path: Path) -> None:
    texts = []
    for run in range(2):
        file = tmp_path / f"{run}.json"
        assert main(command(lake, "--placebos", "2", "--seed", "5", "--json", str(file))) == 0
        texts.append(file.read_text())
    assert texts[0] == texts[1]


def test_a_touch_is_described_by_the_market_and_its_own_level(lake: Path) -> None:
    sets = pooled_sets(lake)
    samples = pooled_samples(sets)
    assert len(samples.names) == 60 + 42 + 2 * 3 + 2
    assert not any(
        name.startswith(tuple(f"{level}_" for level in level_names())) for name in samples.names
    )
    one = sets[level_names().index("or_high")]
    own = samples.X[samples.level == level_names().index("or_high")]
    at = samples.names.index("distance_ticks")
    assert np.array_equal(own[:, at], one.features["or_high_distance_ticks"].to_numpy())
    side = samples.names.index("approach_side")
    assert own[:, side].tolist() == one.episodes["approach_side"].to_list()  # of the touch itself
    slope = samples.names.index("slope_ticks_per_bar")
    assert np.isnan(own[:, slope]).all()


def test_a_suspected_leak_fails_the_command(
    lake: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    where = "src.data_eng.research.evaluation.__main__"
    monkeypatch.setattr(f"{where}.too_few", lambda _: None)
    monkeypatch.setattr(f"{where}.out_of_sample", lambda *_, **__: [])
    monkeypatch.setattr(f"{where}.suspected_leaks", lambda _: [Leak("excursion", 0.99, 0.5, 0.2)])
    assert main(command(lake, "--placebos", "1")) == 1
    assert "excursion: area 0.990" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("more", "message", "code"),
    [
        (["--placebos", "0"], "--placebos 0", 2),
        (["--dates", "2024-01-01:2024-01-31"], "no complete partition", 1),
        (["--json", "no/folder/found.json"], "no/folder is no folder", 2),
        (["--output", "/"], "--output /: a folder; name a file in it", 2),
        (["--output", "no/folder/page.html"], "no/folder is no folder", 2),
    ],
)
def test_what_cannot_be_evaluated_is_one_line(
    lake: Path, more: list[str], message: str, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(command(lake, *more)) == code
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
def test_a_file_that_cannot_be_written_is_named(
    lake: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(command(lake, "--placebos", "1", "--json", "/dev/full")) == 1
    assert capsys.readouterr().err == (
        "error: /dev/full: No space left on device; mend that and run again\n"
    )


def test_a_negative_seed_is_a_usage_error(lake: Path) -> None:
    with pytest.raises(UsageError, match=r"--seed: '-1': use a whole number, 0 or more"):
        main(command(lake, "--seed", "-1"))


def test_a_lake_without_options_is_told_by_the_features_of_the_futures(
    lake: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "found.json"
    assert main(["--lake-root", str(lake), "--placebos", "1", "--json", str(file)]) == 0
    assert capsys.readouterr().err == ""
    assert json.loads(file.read_text())["vector"] == VECTOR_WITHOUT_OPTIONS


def test_a_lake_with_options_on_another_date_says_what_to_ask_for(
    lake: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = tmp_path / "lake"
    shutil.copytree(lake, root, symlinks=True)
    without = Partition(dataset(VECTOR_WITHOUT_OPTIONS), "ESM5", DATE).folder
    other = Partition(dataset(VECTOR), "ESM5", DATE - dt.timedelta(1)).folder
    shutil.copytree(root / without, root / other)
    assert main(["--lake-root", str(root), "--placebos", "1"]) == 1
    found = capsys.readouterr()
    assert "--without-options" in found.err
    assert found.out == ""


def test_every_touch_is_a_sample_and_weighs_by_the_labels_of_all_levels(lake: Path) -> None:
    samples = pooled_samples(pooled_sets(lake))
    outcomes = rows(lake, dataset(OUTCOME), "ESM5", DATE).drop_nulls("bounce_score")
    outcomes = outcomes.drop_nulls("driftless_bounce_probability")
    assert samples.score.tolist() == outcomes["bounce_score"].to_list()
    assert samples.base.tolist() == outcomes["driftless_bounce_probability"].to_list()
    assert samples.weight.tolist() == outcomes["average_uniqueness_all_levels"].to_list()
    assert [level_names()[n] for n in samples.level] == outcomes["level"].to_list()


def test_whole_files_are_hashed_where_that_is_asked(
    lake: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = tmp_path / "lake"
    shutil.copytree(lake, root)
    part = root / Partition(dataset(OUTCOME), "ESM5", DATE).folder / PART
    data = bytearray(part.read_bytes())
    data[100] ^= 1
    part.write_bytes(data)
    assert main(command(root, "--verify", "file")) == 1
    told = capsys.readouterr().err
    assert re.fullmatch(r"error: gold\.future\.level_outcome .*: SHA-256 of .*again\n", told)


def test_columns_are_those_of_the_contract(lake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(table: Table) -> None:
        raise ContractError(f"{table.partition}: other columns")

    monkeypatch.setattr(Table, "check_contract", refuse)
    with pytest.raises(ContractError, match="other columns"):
        read_distances(lake, Partition(dataset(OUTCOME), "ESM5", DATE))
