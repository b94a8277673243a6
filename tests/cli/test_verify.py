"""``verify``: every flipped byte, swapped or foreign file and missing input is found and named."""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from src.data_eng.cli.verify import main
from tests.cli_runs import BRONZE, GOLD, NEXT, RAW, SILVER, future_tables
from tests.dbn_files import DATE

DAMAGES = 60
PART = "part-00000.parquet"


def verify(lake: Path, capsys: pytest.CaptureFixture[str], *extra: str) -> tuple[int, Any]:
    code = main(["--lake-root", str(lake), "--output", "json", *extra])
    return code, json.loads(capsys.readouterr().out)


def folder(lake: Path, table: str = SILVER, date: object = DATE) -> Path:
    return lake / table.format("ESM5") / f"dt={date}"


@pytest.mark.parametrize("extra", [[], ["--deep"], ["--workers", "2"]])
def test_a_whole_lake(lake: Path, capsys: pytest.CaptureFixture[str], extra: list[str]) -> None:
    code, found = verify(lake, capsys, *extra)
    assert (code, found["faults"]) == (0, [])
    assert found["partitions"] == 2 * len(future_tables())
    main(["--lake-root", str(lake)])
    assert "nothing is wrong" in capsys.readouterr().out


def test_every_flipped_byte_is_found_and_named(
    lake: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rng = random.Random(11)
    files = sorted(
        path
        for layer in ("bronze", "silver", "gold")
        for path in (lake / layer).rglob("*")
        if path.is_file()
    )
    for _ in range(DAMAGES):
        path = rng.choice(files)
        content = path.read_bytes()
        at, bit = rng.randrange(len(content)), 1 << rng.randrange(8)
        path.write_bytes(content[:at] + bytes([content[at] ^ bit]) + content[at + 1 :])
        code, found = verify(lake, capsys)
        damaged = [one for one in found["faults"] if one["kind"] == "damaged"]
        where = path.relative_to(lake).parts
        date, table = where[-2].removeprefix("dt="), where[-3].removeprefix("table=")
        assert code == 1, (path, at, bit)
        (told,) = damaged
        assert told["where"].split()[0].endswith(f".{table}"), (path, told)
        assert told["where"].endswith(date), (path, told)
        path.write_bytes(content)
    assert verify(lake, capsys)[0] == 0


@pytest.mark.parametrize(("key", "value"), [("footer_sha256", "0" * 64), ("rows", 1)])
def test_a_manifest_that_was_rewritten_with_its_success(
    lake: Path, capsys: pytest.CaptureFixture[str], key: str, value: object
) -> None:
    """The data are whole, but readers would refuse their footer, or plans count other rows."""
    manifest = folder(lake) / "_MANIFEST.json"
    body = json.loads(manifest.read_text())
    body["files"][0][key] = value
    data = json.dumps(body).encode()
    manifest.write_bytes(data)
    (folder(lake) / "_SUCCESS").write_text(hashlib.sha256(data).hexdigest() + "\n")
    code, found = verify(lake, capsys)
    assert code == 1
    (told,) = [one for one in found["faults"] if one["kind"] == "damaged"]
    assert told["where"] == f"silver.future.market_by_price_10_clean ESM5 {DATE}"


def swap_parts(lake: Path) -> None:
    one, other = folder(lake) / PART, folder(lake, date=NEXT) / PART
    kept = one.read_bytes()
    one.write_bytes(other.read_bytes())
    other.write_bytes(kept)


def swap_partitions(lake: Path) -> None:
    one, other = folder(lake), folder(lake, date=NEXT)
    one.rename(one.with_name("kept"))
    other.rename(one)
    one.with_name("kept").rename(other)


def foreign_part(lake: Path) -> None:
    shutil.copy(folder(lake) / PART, folder(lake) / "part-00001.parquet")


def hidden_file(lake: Path) -> None:
    (folder(lake) / "_notes.txt").write_text("mine")


def file_in_a_table(lake: Path) -> None:
    (folder(lake).parent / "notes.txt").write_text("mine")


def table_of_nobody(lake: Path) -> None:
    shutil.copytree(folder(lake), folder(lake).parent.with_name("table=mine") / f"dt={DATE}")


def no_date(lake: Path) -> None:
    (folder(lake).parent / "dt=2025-13-01").mkdir()


def symbol_of_nobody(lake: Path) -> None:
    # Other programs take the key for the contract's.
    above = folder(lake).parents[1]
    shutil.copytree(above, above.with_name("symbol=ES%4D5"))


def input_gone(lake: Path) -> None:
    shutil.rmtree(folder(lake, BRONZE))


def part_cut(lake: Path) -> None:
    path = folder(lake, GOLD) / PART
    path.write_bytes(path.read_bytes()[:-7])


CASES: dict[str, tuple[Callable[[Path], None], str, str]] = {
    "parts swapped": (swap_parts, "damaged", "part-00000.parquet"),
    "partitions swapped": (swap_partitions, "damaged", "is that of"),
    "another part": (foreign_part, "damaged", "part-00001.parquet does not belong there"),
    "a hidden file": (hidden_file, "foreign", "_notes.txt does not belong there"),
    "a file in a table": (file_in_a_table, "foreign", "no stage writes it"),
    "a table of nobody": (table_of_nobody, "foreign", "no stage writes it"),
    "no date": (no_date, "foreign", "no stage writes it"),
    "a symbol of nobody": (symbol_of_nobody, "foreign", "no stage writes it"),
    "an input is gone": (input_gone, "stale", "is not there any more"),
    "cut": (part_cut, "damaged", "bytes, not"),
}


@pytest.mark.parametrize(("damage", "kind", "words"), CASES.values(), ids=CASES)
def test_what_is_wrong_is_named(
    lake: Path,
    capsys: pytest.CaptureFixture[str],
    damage: Callable[[Path], None],
    kind: str,
    words: str,
) -> None:
    damage(lake)
    code, found = verify(lake, capsys)
    assert code == 1
    told = [one for one in found["faults"] if one["kind"] == kind]
    assert any(words in one["reason"] for one in told), found["faults"]
    assert main(["--lake-root", str(lake)]) == 1
    assert f"{kind}: " in capsys.readouterr().err


def test_what_a_killed_run_left_is_told_and_no_fault(
    lake: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    left = folder(lake).with_name(f".tmp-{DATE}-host-1-abc")
    left.mkdir()
    code, found = verify(lake, capsys)
    assert code == 0
    (told,) = found["faults"]
    assert told["kind"] == "leftover"
    assert told["where"].endswith(left.name)


def test_folders_of_a_first_build_are_no_fault(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """They stood as foreign, "move it out of the lake", while the build was under way."""
    first = folder(tmp_path, BRONZE)
    first.with_name(f".tmp-{DATE}-host-1-abc").mkdir(parents=True)
    folder(tmp_path).parent.mkdir(parents=True)
    (tmp_path / "gold").mkdir()
    code, found = verify(tmp_path, capsys)
    assert code == 0
    assert [one["kind"] for one in found["faults"]] == ["leftover"]


def test_a_raw_file_that_is_another_is_found_deep(
    lake: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = lake / RAW / f"{DATE}.dbn.zst"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    code, found = verify(lake, capsys, "--deep")
    assert code == 1
    raw = [one for one in found["faults"] if one["kind"] == "raw file"]
    assert [one["where"] for one in raw] == [f"{RAW}/{DATE}.dbn.zst"]
    assert any(one["kind"] == "stale" and str(DATE) in one["where"] for one in found["faults"])


def test_archived_raw_files_are_no_fault(lake: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.rmtree(lake / RAW)
    assert verify(lake, capsys, "--deep")[0] == 0


def test_a_manifest_that_names_a_file_outside_leads_nowhere(
    lake: Path, capsys: pytest.CaptureFixture[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Its index entry would be a file outside of the lake."""
    outside = tmp_path_factory.mktemp("elsewhere") / "outside"
    outside.write_text("not of the lake")
    os.utime(outside, ns=(10**18, 10**18))
    place = folder(lake, BRONZE)
    body = json.loads((place / "_MANIFEST.json").read_text())
    body["inputs"][0]["path"] = str(outside)
    data = json.dumps(body).encode()
    (place / "_MANIFEST.json").write_bytes(data)
    (place / "_SUCCESS").write_text(hashlib.sha256(data).hexdigest() + "\n")
    code, found = verify(lake, capsys, "--deep")
    assert code == 1
    assert any("raw path '/" in one["reason"] for one in found["faults"])
    assert not outside.with_name("outside.json").exists()
