"""``status``: what a lake holds, how it stands and why, and what its raw data cover."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from src.data_eng.catalogue.datasets import dataset
from src.data_eng.cli.status import main
from src.data_eng.cli.status_view import MAX_DATES, Status, print_status
from src.data_eng.errors import UsageError
from src.data_eng.lake.manifest import manifest_sha256
from src.data_eng.lake.paths import MANIFEST, SUCCESS, Partition
from src.data_eng.lake.removal import remove_partition
from src.data_eng.lake.summary import Summary
from src.data_eng.vendor.delivered_date import DeliveredDate
from tests.cli_runs import BRONZE, NEXT, RAW, SILVER, future_tables
from tests.dbn_files import DATE
from tests.stages.silver.option_lake import option_lake


def status(lake: Path, capsys: pytest.CaptureFixture[str], *extra: str) -> tuple[int, Any]:
    code = main(["--lake-root", str(lake), "--output", "json", *extra])
    return code, json.loads(capsys.readouterr().out)


def states(found: Any) -> Counter[str]:
    return Counter(one["state"] for one in found["partitions"])


def test_a_lake_that_is_complete(lake: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, found = status(lake, capsys)
    assert code == 0
    assert states(found) == {"complete": 2 * len(future_tables())}
    assert {one["dt"] for one in found["partitions"]} == {str(DATE), str(NEXT)}
    assert found["damaged"] == []
    bronze = next(one for one in found["partitions"] if one["dataset"].startswith("bronze."))
    part = lake / BRONZE.format("ESM5") / f"dt={DATE}" / "part-00000.parquet"
    assert (bronze["rows"], bronze["bytes"]) == (300, part.stat().st_size)


def test_what_the_raw_data_of_each_date_cover(
    lake: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, found = status(lake, capsys)
    first, second = found["raw_data"]
    assert (first["dt"], second["dt"]) == (str(DATE), str(NEXT))
    # The records are of 0.3 s from 13:30:00 UTC on.
    assert first["records"] == "09:30:00-09:30:00"
    assert first["shortfall"].startswith("does not cover 04:00:00-12:30:00 New York")
    # Before and after them the whole window is silent.
    assert first["silences"] == 2
    assert first["silent_seconds"] == pytest.approx(8.5 * 3600, abs=1)
    assert first["longest_silence_seconds"] == pytest.approx(5.5 * 3600, abs=1)
    main(["--lake-root", str(lake)])
    text = capsys.readouterr().out
    told = f"not whole: bronze.future.market_by_price_10 ESM5 {DATE}: does not cover 04:00:00-12:30"
    assert told in text


def test_what_is_stale_is_told_with_its_cause(
    lake: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "c.toml").write_text("opening_range_minutes = 15\n")
    code, found = status(lake, capsys, "--config", str(tmp_path / "c.toml"))
    assert code == 0
    stale = {one["dataset"] for one in found["partitions"] if one["state"] == "stale"}
    assert {"silver.future.level", "silver.future.level_1s", "gold.future.level_outcome"} <= stale
    assert not any(key.startswith("bronze.") for key in stale)
    main(["--lake-root", str(lake), "--config", str(tmp_path / "c.toml")])
    lines = [one for one in capsys.readouterr().out.splitlines() if one.startswith("stale: ")]
    # Of both dates at once.
    assert any(
        f"silver.future.level: 2 from {DATE} to {NEXT}: parameter" in one for one in lines
    ), lines


def test_what_is_missing_is_told_where_its_inputs_are_there(
    lake: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.rmtree(lake / SILVER.format("ESM5") / f"dt={DATE}")
    code, found = status(lake, capsys)
    assert code == 0
    missing = [one for one in found["partitions"] if one["state"] == "missing"]
    assert [(one["dataset"], one["dt"]) for one in missing] == [
        ("silver.future.market_by_price_10_clean", str(DATE))
    ]
    stale = [one for one in found["partitions"] if one["state"] == "stale"]
    assert any("market_by_price_10_clean is not there any more" in one["reason"] for one in stale)


@pytest.mark.parametrize("name", ["_SUCCESS", "_MANIFEST.json", "part-00000.parquet"])
def test_what_is_damaged_fails_and_is_named(
    lake: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    (lake / BRONZE.format("ESM5") / f"dt={DATE}" / name).unlink()
    code, found = status(lake, capsys)
    assert code == 1
    assert states(found)["damaged"] == 1
    (told,) = found["damaged"]
    assert told.startswith(f"bronze.future.market_by_price_10 ESM5 {DATE}: ")
    main(["--lake-root", str(lake), "--list"])
    lines = capsys.readouterr().out.splitlines()
    assert [one for one in lines if one.startswith("damaged: ")] == [f"damaged: {told}"]


@pytest.mark.parametrize("removed", [False, True], ids=["manifest", "tombstone"])
def test_what_makes_no_sense_in_one_partition_hides_no_other(
    lake: Path, capsys: pytest.CaptureFixture[str], removed: bool
) -> None:
    """Rewritten with its hash, or as a tombstone, which has none."""
    where = Partition(dataset("bronze.future.market_by_price_10"), "ESM5", DATE)
    if removed:
        remove_partition(lake, where)
    file = lake / (where.tombstone if removed else where.folder / MANIFEST)
    body = json.loads(file.read_text())
    body["facts"]["steps_back"] = None
    data = json.dumps(body).encode()
    file.write_bytes(data)
    if not removed:
        (lake / where.folder / SUCCESS).write_text(manifest_sha256(data) + "\n")
    code, found = status(lake, capsys)
    assert code == 1
    assert [one.split(": ")[:2] for one in found["damaged"]] == [
        [str(where), "what it says of its raw data is malformed (TypeError"]
    ]
    assert [one["dt"] for one in found["raw_data"]] == [str(NEXT)]
    assert len(found["partitions"]) == 2 * len(future_tables())


def test_deep_finds_what_manifests_do_not_tell(
    lake: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    part = lake / SILVER.format("ESM5") / f"dt={DATE}" / "part-00000.parquet"
    flipped = bytearray(part.read_bytes())
    flipped[len(flipped) // 2] ^= 1
    part.write_bytes(flipped)
    assert status(lake, capsys)[0] == 0
    code, found = status(lake, capsys, "--deep")
    assert code == 1
    (told,) = found["damaged"]
    assert "SHA-256 of part-00000.parquet is not the manifest's" in told
    assert str(DATE) in told


def test_a_selection(lake: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, found = status(lake, capsys, "--dates", str(NEXT), "--layer", "bronze", "--symbol", "ES")
    assert [(one["dataset"], one["dt"]) for one in found["partitions"]] == [
        ("bronze.future.market_by_price_10", str(NEXT))
    ]
    assert status(lake, capsys, "--symbol", "NQ")[1]["partitions"] == []


def test_nothing_is_told_in_a_line(
    lake: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--lake-root", str(lake), "--symbol", "NQ"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("no partition as asked: without --symbol, --dt and --dates all are told;")
    assert "; 0.0 MB of data, 0.0 MB of raw files; " in out
    (tmp_path / "empty").mkdir()
    assert main(["--lake-root", str(tmp_path / "empty")]) == 0
    out = capsys.readouterr().out
    assert out.startswith(f"no partition in {tmp_path / 'empty'}: ")
    assert " run builds them from raw files;" in out


def test_what_bronze_says_of_its_raw_data_is_read_once(
    lake: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    read: Counter[tuple[str, str]] = Counter()
    facts = vars(Summary)["facts"].fget

    def counted(summary: Summary) -> Any:
        read[summary.dataset, summary.dt] += 1
        return facts(summary)

    monkeypatch.setattr(Summary, "facts", property(counted))
    assert status(lake, capsys, "--layer", "bronze")[0] == 0
    assert read == {("bronze.future.market_by_price_10", str(day)): 1 for day in (DATE, NEXT)}


def test_raw_files_may_be_archived(lake: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.rmtree(lake / RAW)
    assert states(status(lake, capsys)[1])["stale"] == 0


def test_options_that_were_made_without_a_table(
    tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    lake = option_lake(tmp_path_factory)
    _, found = status(lake, capsys)
    assert set(states(found)) == {"complete", "missing"}
    # Of the sessions before only the trades are in Bronze and Silver.
    missing = {one["dataset"] for one in found["partitions"] if one["state"] == "missing"}
    assert missing == {"gold.future_option.trades_first3h"}


@pytest.mark.parametrize(
    ("extra", "words"),
    [
        (["--symbol", "e s"], "neither a product root"),
        (["--dates", "2025-06-06:2025-06-05"], "reversed"),
        (["--dates", "soon"], "YYYY-MM-DD"),
        (["--workers", "0"], "1 or more"),
        (["--nonsense"], "no flag --nonsense"),
    ],
)
def test_usage(lake: Path, extra: list[str], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        main(["--lake-root", str(lake), *extra])


def test_many_dates_that_are_whole_are_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    days = [DATE + dt.timedelta(n) for n in range(MAX_DATES + 1)]
    whole = [
        DeliveredDate("bronze.x", "ESM5", str(day), None, ("whole day",), "", None, 0, 0, 0, 0, 0)
        for day in days
    ]
    for some, told in (
        (whole, "whole: 41 tables of a date\n"),
        ([*whole, replace(whole[0], steps_back=1)], "whole: 41 tables of a date; the others:\n"),
    ):
        print_status(Status([], some, [], [], {}, 0), is_full=False)
        assert f"raw data: {told}" in capsys.readouterr().out


def test_a_roll_rule_that_there_is_not(lake: Path, tmp_path: Path) -> None:
    (tmp_path / "c.toml").write_text('roll_rule = "volumes"')
    with pytest.raises(UsageError, match="roll_rule 'volumes': did you mean volume"):
        main(["--lake-root", str(lake), "--config", str(tmp_path / "c.toml")])


def test_a_lake_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such folder"):
        main(["--lake-root", str(tmp_path / "none")])
