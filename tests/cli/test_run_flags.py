"""Flags of a run: what is rebuilt, which tables, what may be missing; where there is no lake."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from src.data_eng.lake.paths import MANIFEST
from tests.cli_runs import BRONZE, NEXT, RAW, SILVER, Runner
from tests.dbn_files import DATE, mbp10_records, write_mbp10

CLEAN = "silver.future.market_by_price_10_clean"
OTHER = DATE.replace(day=4)


def inode(lake: Path, table: str) -> int:
    return (lake / table.format("ESM5") / f"dt={DATE}" / MANIFEST).stat().st_ino


def test_force_rebuilds_what_is_asked_for_and_not_what_it_reads(run: Runner, lake: Path) -> None:
    before = {table: inode(lake, table) for table in (BRONZE, SILVER)}
    data = (lake / SILVER.format("ESM5") / f"dt={DATE}" / MANIFEST).read_bytes()
    done = run("--force", layer="silver", table="market_by_price_10_clean")
    assert (done.code, done.errors) == (0, [])
    assert f"written  {CLEAN} ESM5 {DATE}" in done.out
    assert "1 written; run " in done.out
    assert inode(lake, SILVER) != before[SILVER]
    assert inode(lake, BRONZE) == before[BRONZE]
    assert (lake / SILVER.format("ESM5") / f"dt={DATE}" / MANIFEST).read_bytes() == data


def test_a_forced_dry_run_says_so_and_writes_nothing(run: Runner, lake: Path) -> None:
    before = inode(lake, SILVER)
    done = run("--force", "--dry-run", layer="all", table=f"{CLEAN},trades")
    assert (done.code, done.errors) == (0, [])
    assert f"would write {CLEAN} ESM5 {DATE}: forced" in done.out
    assert "2 would write" in done.out
    assert inode(lake, SILVER) == before


@pytest.mark.parametrize(
    ("layer", "table", "words"),
    [
        ("all", "levl", "no stage writes such a table; did you mean level or"),
        ("bronze", "level", "it is silver.future.level"),
        ("bronze", "silver.future.level", "; give --product-type future --layer silver"),
        ("all", "zzzzzzzz", "docs/concepts.md lists the tables"),
        ("all", "", "--table '': no stage"),
    ],
)
def test_a_table_that_is_not_known(run: Runner, layer: str, table: str, words: str) -> None:
    done = run(layer=layer, table=table)
    assert done.code == 2
    (line,) = done.errors
    assert words in line


def test_dt_and_dates_come_together(run: Runner, lake: Path) -> None:
    done = run(dates=str(NEXT))
    assert done.code == 0
    assert "2 complete" in done.out


def test_a_missing_raw_file_is_a_reason_where_it_may_be(run: Runner, lake: Path) -> None:
    assert run(dt=str(OTHER), layer="all").code == 1
    done = run("--allow-missing", dates=str(OTHER), layer="all")
    assert (done.code, done.errors) == (0, [])
    assert "no raw file (*.dbn, *.dbn.zst) holds" in done.out
    assert "25 complete, 25 skipped" in done.out


def test_a_damaged_raw_file_is_a_failure_all_the_same(run: Runner, tmp_path: Path) -> None:
    path = write_mbp10(tmp_path / RAW / "f.dbn.zst", mbp10_records(200))
    path.write_bytes(path.read_bytes()[:-10])
    assert run("--allow-missing").code == 1


def test_a_table_that_was_not_made_is_a_failure_too(run: Runner, tmp_path: Path) -> None:
    """Its raw data are there: nothing is missing, it is to be made first."""
    write_mbp10(tmp_path / RAW / "f.dbn.zst", mbp10_records(20))
    table = "market_by_price_10_clean"
    done = run("--allow-missing", layer="silver", symbol="ESM5", table=table)
    assert done.code == 1
    assert "no complete partition" in done.errors[0]


def test_a_lake_that_is_not_there(run: Runner, tmp_path: Path) -> None:
    root = tmp_path / "lake"
    done = run(lake_root=str(root))
    assert done.code == 2
    (line,) = done.errors
    assert f"there is no such folder; make {root / RAW} and put the vendor's .dbn" in line
    (line,) = run(lake_root=str(root), layer="silver").errors
    assert "build one by --layer all" in line
    assert not root.exists()


def test_json_says_time_run_and_level_of_everything(run: Runner, lake: Path) -> None:
    done = run("--log-format", "json", dates=f"{OTHER},{NEXT}", layer="all")
    assert done.code == 1
    lines = [json.loads(line) for line in (*done.out.splitlines(), *done.stderr)]
    assert len({line["run"] for line in lines}) == 1
    assert all(line["time"].endswith("Z") and line["level"] for line in lines)
    by_status = {line["status"]: line for line in lines if line["event"] == "partition"}
    failed, blocked = by_status["failed"], by_status["blocked"]
    assert (failed["level"], blocked["level"]) == ("error", "warning")
    assert "no raw file (*.dbn, *.dbn.zst) holds" in failed["reason"]
    assert blocked["cause"] == "bronze.future.market_by_price_10 failed"
    complete = by_status["complete"]
    assert complete["partition"].endswith(f"dt={complete['dt']}")
    assert {"rows", "seconds", "bytes"} <= complete.keys()
    (summary,) = [line for line in lines if line["event"] == "summary"]
    assert (summary["complete"], summary["blocked"], summary["failed"]) == (50, 24, 1)


def test_json_of_a_usage_error_and_of_a_warning(run: Runner, tmp_path: Path) -> None:
    done = run("--log-format", "json", table="nothing at all")
    (line,) = (json.loads(line) for line in done.stderr)
    assert (line["event"], line["level"], line["exit_code"]) == ("error", "error", 2)
    write_mbp10(tmp_path / RAW / "f.dbn.zst", mbp10_records(20))
    done = run("--log-format", "json")
    (line,) = (json.loads(line) for line in done.stderr)
    assert (line["event"], line["level"]) == ("log", "warning")
    assert (line["dataset"], line["symbol"]) == ("bronze.future.market_by_price_10", "ESM5")
    (summary,) = [json.loads(one) for one in done.out.splitlines() if '"summary"' in one]
    assert (summary["records"], summary["rows"], summary["written"]) == (20, 20, 1)
    assert summary["records_per_second"] > 0


def test_one_line_for_what_one_cause_blocks(run: Runner, lake: Path) -> None:
    done = run(dt=str(OTHER), dates=str(NEXT), layer="all")
    lines = done.out.splitlines()
    cause = "bronze.future.market_by_price_10 failed"
    assert f"blocked  24 tables of ES {OTHER}: {cause}" in lines
    assert f"blocked: 24 partitions of {OTHER}: {cause}" in lines
    assert any(line.startswith("25 complete, 24 blocked, 1 failed; run ") for line in lines)
