"""``lineage``: what a partition was made from, up to the raw files, and what is made of it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from src.data_eng.catalogue.datasets import dataset
from src.data_eng.cli.lineage import main
from src.data_eng.errors import CorruptPartitionError, PartitionNotFoundError, UsageError
from src.data_eng.lake.lock import lake_lock
from src.data_eng.lake.paths import Partition
from src.data_eng.lake.removal import remove_partition
from tests.cli_runs import NEXT, RAW, SILVER
from tests.dbn_files import DATE

BRONZE, CLEAN = "bronze.future.market_by_price_10", "silver.future.market_by_price_10_clean"
TRADES, MARKET = "silver.future.trades", "silver.future.market"


def lineage(lake: Path, capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    capsys.readouterr()
    assert main([*words, "--lake-root", str(lake), "--output", "json"]) == 0
    return json.loads(capsys.readouterr().out)


def chain(node: Any) -> list[str]:
    found = [node["dataset"]]
    while node["partitions"]:
        (node,) = node["partitions"]
        found.append(node["dataset"])
    return found


def test_up_to_the_raw_file(lake: Path, capsys: pytest.CaptureFixture[str]) -> None:
    node = lineage(lake, capsys, TRADES, "ESM5", str(DATE))
    assert chain(node) == [TRADES, CLEAN, BRONZE]
    (raw,) = node["partitions"][0]["partitions"][0]["raw"]
    assert raw["path"] == f"{RAW}/{DATE}.dbn.zst"
    assert raw["state"] == "current"
    assert node["state"] == "complete"
    assert len(node["content_sha256"]) == 64


def test_sessions_before_are_counted(lake: Path, capsys: pytest.CaptureFixture[str]) -> None:
    node = lineage(lake, capsys, MARKET, "ES", str(NEXT))
    assert [one["dataset"] for one in node["partitions"]][1:] == [TRADES, "silver.future.ohlcv_2m"]
    states = [one["state"] for one in node["sessions"] if one["dataset"] == TRADES]
    assert (len(states), states.count("complete")) == (20, 1)
    assert main([MARKET, "ES", str(NEXT), "--lake-root", str(lake)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert f"{TRADES} of sessions from 2025-05-08 to {DATE}: 1 complete, 19 absent" in "".join(
        lines
    )
    assert lines[0].startswith(f"{MARKET} ESM5 {NEXT}: complete, 10,801 rows, content ")
    # What two tables are made from is drawn once.
    assert sum(f"{BRONZE} ESM5" in line for line in lines) == 1
    assert sum("as above" in line for line in lines) == 2


def test_down(lake: Path, capsys: pytest.CaptureFixture[str]) -> None:
    node = lineage(lake, capsys, TRADES, "ESM5", str(DATE), "--down")
    below = {one["dataset"] for one in node["partitions"]}
    assert {"silver.future.ohlcv_2m", "silver.future.level", MARKET} <= below
    assert node["sessions"] == [
        {"dataset": MARKET, "symbol": "ESM5", "dt": str(NEXT), "state": "complete"}
    ]
    assert lineage(lake, capsys, TRADES, "ESM5", str(NEXT), "--down")["sessions"] == []


def test_what_changed_is_marked(lake: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = lake / RAW / f"{DATE}.dbn.zst"
    data = path.read_bytes()
    path.write_bytes((lake / RAW / f"{NEXT}.dbn.zst").read_bytes())
    node = lineage(lake, capsys, CLEAN, "ESM5", str(DATE))
    assert (node["state"], node["partitions"][0]["state"]) == ("complete", "complete")
    assert node["partitions"][0]["raw"][0]["state"] == "changed"
    path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))  # of the same size
    node = lineage(lake, capsys, CLEAN, "ESM5", str(DATE))
    assert node["partitions"][0]["raw"][0]["state"] == "changed"
    path.unlink()
    node = lineage(lake, capsys, CLEAN, "ESM5", str(DATE))
    assert node["partitions"][0]["raw"][0]["state"] == "archived"


def test_through_what_was_removed(lake: Path, capsys: pytest.CaptureFixture[str]) -> None:
    where = Partition(dataset(CLEAN), "ESM5", DATE)
    with lake_lock(lake, where.lock_name):
        remove_partition(lake, where)
    node = lineage(lake, capsys, TRADES, "ESM5", str(DATE))
    assert chain(node) == [TRADES, CLEAN, BRONZE]
    assert node["partitions"][0]["state"] == "removed"
    assert lineage(lake, capsys, BRONZE, "ES", str(DATE), "--down")["partitions"]
    reader = Partition(dataset(MARKET), "ESM5", NEXT)
    with lake_lock(lake, reader.lock_name):
        remove_partition(lake, reader)
    (told,) = lineage(lake, capsys, TRADES, "ESM5", str(DATE), "--down")["sessions"]
    assert (told["dataset"], told["dt"], told["state"]) == (MARKET, str(NEXT), "removed")


def test_what_is_damaged_is_marked_and_the_rest_is_told(
    lake: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for key, date in ((CLEAN, DATE), (MARKET, NEXT)):
        (lake / Partition(dataset(key), "ESM5", date).folder / "_SUCCESS").write_text("0" * 64)
    clean = lineage(lake, capsys, TRADES, "ESM5", str(DATE))["partitions"][0]
    assert (clean["state"], clean["told_before"], clean["partitions"]) == ("damaged", False, [])
    clean = lineage(lake, capsys, BRONZE, "ESM5", str(DATE), "--down")["partitions"][0]
    assert clean["state"] == "damaged"
    trades = next(one for one in clean["partitions"] if one["dataset"] == TRADES)
    # Which sessions the damaged one has read is not known.
    assert trades["sessions"] == []
    (lake / Partition(dataset(TRADES), "ESM5", DATE).folder / "_SUCCESS").unlink()
    clean = lineage(lake, capsys, BRONZE, "ESM5", str(DATE), "--down")["partitions"][0]
    trades = next(one for one in clean["partitions"] if one["dataset"] == TRADES)
    assert (trades["state"], trades["reason"]) == (
        "damaged",
        "it is not whole: a file of it is missing; run its layer again",
    )
    with pytest.raises(CorruptPartitionError, match="_SUCCESS does not match"):
        main([CLEAN, "ESM5", str(DATE), "--lake-root", str(lake)])


def test_a_path_names_lake_and_partition(lake: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = lake / SILVER.format("ESM5") / f"dt={DATE}"
    assert main([str(path)]) == 0
    assert capsys.readouterr().out.startswith(f"{CLEAN} ESM5 {DATE}: complete")


@pytest.mark.parametrize(
    "words",
    [
        ["lake"],
        [CLEAN, "ESM5"],
        ["silver/product_type=future/dt=2025-06-05"],
        [f"{RAW}/dt=2025-06-05"],
    ],
)
def test_what_names_no_partition(lake: Path, words: list[str]) -> None:
    with pytest.raises(UsageError, match="names no partition"):
        main([*words, "--lake-root", str(lake)])


def test_a_line_is_wrapped_and_never_cut(
    lake: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setenv("FORCE_COLOR", "1")  # a terminal
    assert main([TRADES, "ESM5", str(DATE), "--lake-root", str(lake)]) == 0
    assert "SHA-256 " in capsys.readouterr().out.splitlines()[-1]


def test_a_symbol_in_small_letters_is_asked_back(lake: Path) -> None:
    with pytest.raises(UsageError, match=r"^SYMBOL 'esm5': .*; did you mean ESM5\?$"):
        main([CLEAN, "esm5", "2025-06-05", "--lake-root", str(lake)])


def test_what_is_not_there(lake: Path) -> None:
    with pytest.raises(PartitionNotFoundError, match="no complete partition"):
        main([CLEAN, "ESM5", "2025-06-09", "--lake-root", str(lake)])
    with pytest.raises(PartitionNotFoundError, match="no contract of it is in the lake"):
        main([CLEAN, "ES", "2025-06-09", "--lake-root", str(lake)])
    above = (lake / SILVER.format("ESM5")).parent
    shutil.copytree(above, above.with_name("symbol=ESU5"))
    with pytest.raises(
        PartitionNotFoundError, match="there are several contracts: ESM5, ESU5; name one"
    ):
        main([CLEAN, "ES", str(DATE), "--lake-root", str(lake)])
