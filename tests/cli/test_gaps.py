"""``gaps``: trading days without raw data, and holes in tables."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from src.data_eng.catalogue.datasets import dataset
from src.data_eng.cli.gaps import main
from src.data_eng.errors import UsageError
from src.data_eng.lake.lock import lake_lock
from src.data_eng.lake.paths import Partition
from src.data_eng.lake.removal import remove_partition
from src.data_eng.pipeline.gaps import spans
from tests.cli_runs import BRONZE, NEXT, RAW, SILVER
from tests.dbn_files import DATE, mbp10_records, write_mbp10
from tests.s3_hosts import Hosts

BRONZE_KEY, RAW_KEY = "bronze.future.market_by_price_10", "raw.future.market_by_price_10"
CLEAN = "silver.future.market_by_price_10_clean"


def gaps(lake: Path, capsys: pytest.CaptureFixture[str], *extra: str) -> tuple[int, Any]:
    capsys.readouterr()
    code = main(["--lake-root", str(lake), "--output", "json", *extra])
    return code, json.loads(capsys.readouterr().out)["gaps"]


def where(found: Any) -> list[tuple[str, str, str, str]]:
    return [(one["kind"], one["dataset"], one["symbol"], one["dt"]) for one in found]


def test_a_lake_without_a_gap(lake: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert gaps(lake, capsys) == (0, [])
    assert main(["--lake-root", str(lake)]) == 0
    assert capsys.readouterr().out == "no gap\n"


def test_trading_days_without_raw_data(lake: Path, capsys: pytest.CaptureFixture[str]) -> None:
    # The 7th and 8th of June 2025 are a weekend.
    code, found = gaps(lake, capsys, "--dates", "2025-06-04:2025-06-10")
    assert code == 1
    days = ["2025-06-04", "2025-06-09", "2025-06-10"]
    assert where(found) == [("no raw data", RAW_KEY, "ES", day) for day in days]
    main(["--lake-root", str(lake), "--dates", "2025-06-04:2025-06-10"])
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3
    assert lines[1].startswith(f"no raw data: {RAW_KEY} ES 2025-06-09 to 2025-06-10 (2 days): ")
    assert lines[2] == "3 gaps on 3 dates"


def test_a_root_that_the_lake_has_nothing_of(
    lake: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    flags = ["--lake-root", str(lake), "--symbol", "NQ"]
    assert main(flags) == 0
    assert capsys.readouterr().out == "no gap, as the lake has nothing of what was asked for\n"
    assert main([*flags, "--dt", str(DATE)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith(f"no raw data: {RAW_KEY} NQ {DATE}: ")
    assert lines[0].endswith("symbol=NQ/table=market_by_price_10: no file holds the date")
    assert lines[1:] == ["1 gap on 1 date"]


def test_raw_data_that_are_not_in_bronze(lake: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.rmtree(lake / BRONZE.format("ESM5") / f"dt={NEXT}")
    code, found = gaps(lake, capsys, "--layer", "bronze")
    assert (code, where(found)) == (1, [("not in Bronze", BRONZE_KEY, "ES", str(NEXT))])
    assert found[0]["reason"] == "raw files hold the date; run --layer bronze --symbol ES"
    # What follows is told by the table that it is made from.
    assert {one["kind"] for one in gaps(lake, capsys)[1]} == {"not in Bronze"}


def test_holes_in_tables(lake: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.rmtree(lake / SILVER.format("ESM5") / f"dt={DATE}")
    wanted = [("hole", CLEAN, "ESM5", str(DATE))]
    assert where(gaps(lake, capsys)[1]) == wanted
    assert where(gaps(lake, capsys, "--symbol", "ES")[1]) == wanted
    assert where(gaps(lake, capsys, "--symbol", "ESM5", "--dt", str(DATE))[1]) == wanted
    assert gaps(lake, capsys, "--dt", str(NEXT)) == (0, [])
    assert gaps(lake, capsys, "--symbol", "ESU5") == (0, [])


def test_what_was_removed_or_archived_is_no_gap(
    lake: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for key in (CLEAN, BRONZE_KEY):
        partition = Partition(dataset(key), "ESM5", DATE)
        with lake_lock(lake, partition.lock_name):
            remove_partition(lake, partition)
        assert gaps(lake, capsys) == (0, [])
    shutil.rmtree(lake / RAW)
    assert gaps(lake, capsys) == (0, [])


def test_coverage(lake: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, found = gaps(lake, capsys, "--coverage")
    assert code == 1
    assert where(found) == [
        ("partial coverage", BRONZE_KEY, "ESM5", str(day)) for day in (DATE, NEXT)
    ]
    assert "does not cover 04:00:00-12:30:00 New York" in found[0]["reason"]
    assert "silences 2, 30,600 s in all, longest 19,800 s" in found[0]["reason"]


def test_a_partition_that_is_damaged_is_left_to_status(
    lake: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (lake / BRONZE.format("ESM5") / f"dt={DATE}" / "_SUCCESS").write_text("0" * 64)
    _, found = gaps(lake, capsys, "--coverage")
    assert where(found) == [("partial coverage", BRONZE_KEY, "ESM5", str(NEXT))]


def test_raw_data_on_object_storage(
    hosts: Hosts, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_mbp10(tmp_path / "f.dbn.zst", mbp10_records(20))
    hosts.client().put(f"{RAW}/f.dbn.zst", path)
    hosts.monkeypatch.setenv("DATA_ENG_SCRATCH", str(tmp_path / "scratch"))
    flags = ["--lake-root", str(hosts.url), "--output", "json"]
    assert main(flags) == 1
    found = json.loads(capsys.readouterr().out)["gaps"]
    assert where(found) == [("not in Bronze", BRONZE_KEY, "ES", str(DATE))]
    assert main([*flags, "--dt", "2025-06-04"]) == 1
    (found,) = json.loads(capsys.readouterr().out)["gaps"]
    assert found["reason"] == f"{hosts.url}/{RAW}: no file holds the date"


def test_several_dates_and_their_union(lake: Path, capsys: pytest.CaptureFixture[str]) -> None:
    # A list of dates has no others between; the 7th is a Saturday.
    code, found = gaps(lake, capsys, "--dates", f"2025-06-10,{DATE}, 2025-06-07,2025-06-04")
    wanted = [("no raw data", RAW_KEY, "ES", f"2025-06-{day}") for day in ("04", "10")]
    assert (code, where(found)) == (1, wanted)
    union = gaps(lake, capsys, "--dt", "2025-06-04", "--dates", "2025-06-10:2025-06-10")[1]
    assert union == found
    shutil.rmtree(lake / SILVER.format("ESM5") / f"dt={DATE}")
    assert gaps(lake, capsys, "--dates", f"{NEXT},{NEXT}") == (0, [])
    hole = gaps(lake, capsys, "--dates", f"{DATE},{NEXT}")[1]
    assert where(hole) == [("hole", CLEAN, "ESM5", str(DATE))]


def test_usage(lake: Path) -> None:
    with pytest.raises(UsageError, match="no flag --workers"):  # it hashes nothing
        main(["--lake-root", str(lake), "--workers", "2"])


def test_runs_of_trading_days() -> None:
    days = [dt.date(2025, 6, day) for day in (6, 9, 10, 12)]
    assert spans(days[::-1]) == [
        (days[0], days[2], 3),
        (days[3], days[3], 1),
    ]
