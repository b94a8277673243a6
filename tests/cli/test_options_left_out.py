"""Options whose trades or statistics were not delivered: what can be made is made, and told."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import polars as pl
import pytest

from src.data_eng.catalogue.datasets import dataset
from src.data_eng.features.option_market.table import FEATURES
from src.data_eng.pipeline.run_log import RUNS
from tests.cli_runs import Run, Runner
from tests.dbn_files import DATE
from tests.option_files import FOLDER
from tests.stages.silver.option_lake import SCHEMAS, option_lake

SILVER = "silver/product_type=future_option/symbol=ESM5/table={}"
HISTORY = ("bronze.future_option.trades", "silver.future_option.trades_clean")
TRADES = "silver.future_option.trades_clean"
OF_TRADES = {one.name for one in FEATURES if "trades" in one.inputs}
OF_STATISTICS = {
    "put_call_open_interest_ratio",
    "net_gamma_exposure_usd_bn_per_1pct",
    "zero_gamma_distance_pct",
    "zero_dte_gamma_share",
    "max_call_open_interest_strike_distance_pct_front",
    "max_put_open_interest_strike_distance_pct_front",
    "max_pain_strike_distance_pct_front",
}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake with all four raw tables and the trades of sessions before, built."""
    return option_lake(tmp_path_factory)


def raw_lake(whole: Path, lake: Path, *without: str) -> None:
    """Lay the raw files of some tables, and what is built of the sessions before."""
    for table in SCHEMAS:
        if table not in without:
            shutil.copytree(whole / FOLDER / f"table={table}", lake / FOLDER / f"table={table}")
    for key in HISTORY:
        folder = dataset(key).folder("ESM5")
        shutil.copytree(whole / folder, lake / folder)
        shutil.rmtree(lake / folder / f"dt={DATE}")


def market(lake: Path) -> pl.DataFrame:
    return pl.read_parquet(lake / SILVER.format("market") / f"dt={DATE}" / "*.parquet")


def status(done: Run, key: str) -> str:
    told = [one for one in done.out.splitlines() if one[9:].startswith(f"{key} ")]
    if told:
        return told[0].split()[0]
    # What one cause blocks is one line: the run log has each partition.
    newest = max((done.lake / RUNS).iterdir(), key=lambda path: path.stat().st_mtime_ns)
    lines = [json.loads(line) for line in newest.read_text().splitlines()]
    found = [str(line["status"]) for line in lines if line.get("dataset") == key]
    if not found:  # it counts by date what was complete before
        assert f"tables of ESM5 {DATE}" in done.out
        return "complete"
    return found[0]


def run_options(run: Runner, *extra: str, layer: str = "all") -> Run:
    return run(*extra, product_type="future_option", layer=layer)


@pytest.mark.parametrize(
    ("without", "null"),
    [
        (("trades",), OF_TRADES),
        (("statistics",), OF_STATISTICS),
        (("trades", "statistics"), OF_TRADES | OF_STATISTICS),
    ],
    ids=["trades", "statistics", "both"],
)
def test_what_can_be_made_is_made_and_the_rest_is_null(
    run: Runner, whole: Path, tmp_path: Path, without: tuple[str, ...], null: set[str]
) -> None:
    raw_lake(whole, tmp_path, *without)
    done = run_options(run)
    assert done.code == 0
    for table in without:
        assert status(done, f"bronze.future_option.{table}") == "skipped"
        assert status(done, f"silver.future_option.{table}_clean") == "skipped"
        assert status(done, f"gold.future_option.{table}_first3h") == "skipped"
        assert f"made without silver.future_option.{table}_clean" in "\n".join(done.errors)
    assert sum("made without" in line for line in done.errors) == len(without)
    before, found = market(whole), market(tmp_path)
    for name in found.columns:
        if name in null:
            assert found[name].is_null().all(), name
        else:
            assert found[name].equals(before[name]), name
        assert not before[name].is_null().all(), name  # the nulls are those of the absence
    manifest = json.loads(
        (tmp_path / SILVER.format("market") / f"dt={DATE}" / "_MANIFEST.json").read_text()
    )
    assert set(manifest["facts"]["left_out"]) == {
        f"silver.future_option.{one}_clean" for one in without
    }
    assert set(manifest["facts"]["columns_without_value"]) >= null
    absent = {one["dataset"] for one in manifest["inputs"] if one.get("absent")}
    assert set(manifest["facts"]["left_out"]) <= absent
    # The summary tells it, of what is made of it too, and again of what is complete.
    again = run_options(run)
    for text in (done.out, again.out):
        lines = [one for one in text.splitlines() if "made without" in one and one[0] in "wc"]
        assert [one.split()[1] for one in lines] == [
            "silver.future_option.market",
            "gold.future_option.market_first3h",
        ]


def test_layer_by_layer_it_is_the_same(run: Runner, whole: Path, tmp_path: Path) -> None:
    raw_lake(whole, tmp_path, "trades", "statistics")
    for layer in ("bronze", "silver", "gold"):
        assert run_options(run, layer=layer).code == 0
    assert market(tmp_path)["option_volume_300s"].is_null().all()


def test_a_dry_run_tells_it_and_writes_nothing(run: Runner, whole: Path, tmp_path: Path) -> None:
    raw_lake(whole, tmp_path, "trades")
    done = run_options(run, "--dry-run")
    assert done.code == 0
    assert status(done, "bronze.future_option.trades") == "skipped"
    assert "left out: " in done.out
    assert "would write silver.future_option.market" in done.out
    assert not (tmp_path / SILVER.format("market")).exists()


def test_what_is_delivered_later_makes_it_stale(run: Runner, whole: Path, tmp_path: Path) -> None:
    raw_lake(whole, tmp_path, "trades")
    assert run_options(run).code == 0
    name = f"{FOLDER}/table=trades"
    shutil.copytree(whole / name, tmp_path / name)
    done = run_options(run)
    assert status(done, TRADES) == "written"
    assert status(done, "silver.future_option.market") == "stale"
    assert f"its input {TRADES} was absent and is there" in done.out
    assert run_options(run, "--refresh-stale").code == 0
    assert market(tmp_path).equals(market(whole))


def test_a_date_without_a_file_is_an_error_where_others_have_one(
    run: Runner, whole: Path, tmp_path: Path
) -> None:
    raw_lake(whole, tmp_path)
    (of_date,) = (tmp_path / FOLDER / "table=trades").glob(f"*{DATE:%Y%m%d}*")
    of_date.unlink()
    done = run_options(run)
    assert done.code == 1
    assert status(done, "silver.future_option.market") == "blocked"
    (error,) = [line for line in done.errors if line.startswith("error: ")]
    assert "table=trades" in error
    assert "download the date into it" in error
    # For a nightly run before the file is there it is a reason, for what is made of it too.
    done = run_options(run, "--allow-missing")
    assert (done.code, [line for line in done.errors if line.startswith("error: ")]) == (0, [])
    assert status(done, "silver.future_option.market") == "skipped"
    assert status(done, "silver.future_option.nbbo_clean") == "complete"


def test_archived_raw_files_leave_nothing_out(run: Runner, whole: Path, tmp_path: Path) -> None:
    raw_lake(whole, tmp_path)
    assert run_options(run).code == 0
    shutil.rmtree(tmp_path / FOLDER / "table=trades")
    shutil.rmtree(tmp_path / SILVER.format("market"))
    done = run_options(run)
    assert done.code == 0
    assert status(done, "bronze.future_option.trades") == "complete"
    assert status(done, "silver.future_option.market") == "written"
    assert market(tmp_path).equals(market(whole))


def test_quotes_and_definitions_are_not_left_out(run: Runner, whole: Path, tmp_path: Path) -> None:
    raw_lake(whole, tmp_path, "nbbo")
    done = run_options(run)
    assert done.code == 1
    assert status(done, "silver.future_option.market") == "blocked"
    (error,) = [line for line in done.errors if line.startswith("error: ")]
    assert error.startswith("error: bronze.future_option.nbbo ES ")
