"""Bad input: one clear line, the right exit code, nothing half-written."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from src.data_eng.catalogue import contract as contract_module
from src.data_eng.catalogue.datasets import registry
from src.data_eng.lake.osio import OsIo
from tests.cli_runs import BRONZE, RAW, Runner, future_tables
from tests.dbn_files import (
    DATE,
    blank_records,
    day_ns,
    encode_header,
    mbp10_records,
    write_dbn,
    write_mbp10,
)

FILE = f"{RAW}/glbx-mdp3-20250605.mbp-10.dbn.zst"


def good(lake: Path, records: int = 300) -> Path:
    return write_mbp10(lake / FILE, mbp10_records(records))


def nothing(lake: Path) -> None:
    pass


def empty_folder(lake: Path) -> None:
    (lake / RAW).mkdir(parents=True)


def other_date(lake: Path) -> None:
    write_mbp10(lake / FILE, mbp10_records(5), date=DATE.replace(day=4))


def not_dbn(lake: Path) -> None:
    empty_folder(lake)
    (lake / FILE.removesuffix(".zst")).write_bytes(b"ts_recv,price\n" * 20)


def empty_file(lake: Path) -> None:
    empty_folder(lake)
    (lake / FILE).touch()


def other_schema(lake: Path) -> None:
    write_dbn(lake / FILE, encode_header(schema="trades"), blank_records("trades", 3))


def truncated(lake: Path) -> None:
    path = good(lake)
    path.write_bytes(path.read_bytes()[:-40])


def truncated_plain(lake: Path) -> None:
    path = write_mbp10(lake / FILE.removesuffix(".zst"), mbp10_records(10))
    path.write_bytes(path.read_bytes()[:-100])


def flipped(lake: Path) -> None:
    path = good(lake)
    content = bytearray(path.read_bytes())
    content[-200] ^= 0x10
    path.write_bytes(content)


def header_only(lake: Path) -> None:
    write_mbp10(lake / FILE, [])


def only_a_spread(lake: Path) -> None:
    write_mbp10(lake / FILE, mbp10_records(50), symbols={5002: "ESM5-ESU5"})


def no_symbols(lake: Path) -> None:
    write_mbp10(
        lake / FILE, mbp10_records(50), mappings=[], stype_in="continuous", query=("ES.v.0",)
    )


def header_of_no_date(lake: Path) -> None:
    write_mbp10(lake / FILE, mbp10_records(50), mappings=[], stype_in="raw_symbol", query=("ESM5",))


def beyond_header(lake: Path) -> None:
    write_mbp10(lake / FILE, mbp10_records(50), end_ns=1)


def partly_beyond_header(lake: Path) -> None:
    records = mbp10_records(50)
    write_mbp10(lake / FILE, records, end_ns=int(records["ts_recv"][-1]))


def wrong_hash(lake: Path) -> None:
    path = good(lake)
    entry = {"filename": path.name, "size": path.stat().st_size, "hash": "sha256:" + "0" * 64}
    (path.parent / "manifest.json").write_text(json.dumps({"files": [entry]}))


def delivered_twice(lake: Path) -> None:
    good(lake)
    write_mbp10(lake / RAW / "GLBX-1" / "again.dbn.zst", mbp10_records(300))


def unknown_action(lake: Path) -> None:
    records = mbp10_records(50)
    records["action"][7] = b"?"
    write_mbp10(lake / FILE, records)


CASES: dict[str, tuple[Callable[[Path], object], list[str]]] = {
    "no raw folder": (nothing, [RAW, "*.dbn", "download"]),
    "no file": (empty_folder, [RAW, "no raw file for 2025-06-05"]),
    "no file for the date": (other_date, [RAW, "2025-06-05", "2025-06-04"]),
    "not DBN": (not_dbn, [".mbp-10.dbn", "at byte 0", "not a DBN file", "remove it"]),
    "empty file": (empty_file, [FILE, "empty", "download it again"]),
    "another schema": (other_schema, [FILE, "holds schema trades", "mbp-10", "move it"]),
    "truncated": (truncated, [FILE, "at byte ", "download it again"]),
    "truncated, plain": (truncated_plain, ["at byte ", "truncated", "download"]),
    "bit flipped": (flipped, [FILE, "at byte ", "corrupt", "download it again"]),
    "no records": (header_only, [RAW, "no record", "leave the date out"]),
    "no outright": (only_a_spread, ["no outright of ES", "ESM5-ESU5"]),
    "no symbols": (no_symbols, [RAW, "no symbol", "continuous, which names no", "definition"]),
    "symbols of other dates": (
        header_of_no_date,
        [RAW, "raw_symbol, but their headers map no symbol to them on this date", "definition"],
    ),
    "outside the header's range": (beyond_header, [RAW]),
    "partly outside the header's range": (
        partly_beyond_header,
        [FILE, "outside its header's range", "download it again"],
    ),
    "hash differs": (wrong_hash, [FILE, "SHA-256", "manifest.json", "download"]),
    "delivered twice": (
        delivered_twice,
        ["hold records of the contract", "keep one"],
    ),
    "unknown action": (unknown_action, ["field action, row 7", "b'?'", "nothing was published"]),
}


@pytest.mark.parametrize(("make", "words"), CASES.values(), ids=CASES)
def test_bad_raw_input(
    run: Runner, tmp_path: Path, make: Callable[[Path], object], words: list[str]
) -> None:
    make(tmp_path)
    done = run(layer="all")
    assert done.code == 1
    (line,) = done.errors
    assert line.startswith("error: bronze.future.market_by_price_10 ES 2025-06-05: ")
    for word in words:
        assert word in line
    assert done.partitions() == []


USAGE: dict[str, tuple[dict[str, str | None], list[str]]] = {
    "contract for bronze": ({"symbol": "ESM5"}, ["ESM5", "product root"]),
    "contract for all": ({"symbol": "ESM5", "layer": "all"}, ["ESM5", "product root"]),
    "path as symbol": ({"symbol": "../x"}, ["'../x'", "neither a product root"]),
    "empty symbol": ({"symbol": ""}, ["''", "neither a product root"]),
    "lower case": ({"symbol": "es"}, ["'es'", "neither a product root", "did you mean ES?"]),
    "no such date": ({"dt": "2025-02-30"}, ["2025-02-30", "out of range for month"]),
    "malformed date": ({"dt": "20250605"}, ["20250605", "YYYY-MM-DD"]),
    "arabic digits": ({"dt": "\u0662025-06-05"}, ["YYYY-MM-DD"]),
    "no date": ({"dt": None}, ["--dt"]),
    "reversed range": ({"dt": None, "dates": "2025-06-06:2025-06-02"}, ["reversed"]),
    "malformed range": ({"dt": None, "dates": "2025-06-02:2025-06-03:2025-06-04"}, ["FIRST:LAST"]),
    "empty in list": ({"dt": None, "dates": "2025-06-02,"}, ["''", "YYYY-MM-DD"]),
    "no workers": ({"workers": "0"}, ["workers 0", "1 or more"]),
    "workers no number": ({"workers": "two"}, ["--workers"]),
    "unknown layer": ({"layer": "platinum"}, ["platinum"]),
    "unknown product type": ({"product_type": "equity"}, ["equity"]),
    "no config": ({"config": "/nowhere.toml"}, ["/nowhere.toml", "cannot be read"]),
}


@pytest.mark.parametrize(("flags", "words"), USAGE.values(), ids=USAGE)
def test_bad_usage(
    run: Runner, tmp_path: Path, flags: dict[str, str | None], words: list[str]
) -> None:
    good(tmp_path)
    done = run(**flags)
    assert done.code == 2
    (line,) = done.errors
    assert line.startswith("error: ")
    for word in words:
        assert word in line
    assert done.partitions() == []


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("roll_rule = 'monthly'", ["monthly"]),
        ("colour = 1", ["unknown key colour"]),
        ("workers = 'two'", ["workers must be a whole number"]),
        ("workers = ", ["not TOML"]),
        ("workers = 2\rroll_rule = 'calendar'", ["not TOML"]),
        ("workers = " + "[" * 2_000, ["not TOML"]),
        ("workers = " + "{a=" * 2_000, ["not TOML"]),
        ("workers = true", ["workers must be a whole number"]),
        ("workers = 0", ["workers 0", "1 or more"]),
        ("lock_timeout_s = true", ["lock_timeout_s must be a number"]),
        ("lock_timeout_s = nan", ["lock_timeout_s nan", "seconds, 0 or more"]),
        ("lock_timeout_s = inf", ["lock_timeout_s inf", "seconds, 0 or more"]),
        ("lock_timeout_s = -1", ["lock_timeout_s -1", "seconds, 0 or more"]),
        ("max_expansion = -5", ["max_expansion -5", "1 or more"]),
        ("max_expansion = 0", ["max_expansion 0", "1 or more"]),
        ("opening_range_minutes = true", ["opening_range_minutes must be a whole number"]),
    ],
)
def test_bad_config(run: Runner, tmp_path: Path, content: str, words: list[str]) -> None:
    path = tmp_path / "c.toml"
    path.write_text(content, newline="")
    done = run(config=str(path))
    assert done.code == 2
    (line,) = done.errors
    assert all(word in line for word in words)


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="there is no /dev/zero")
def test_a_config_without_end(run: Runner) -> None:
    done = run(config="/dev/zero")
    assert done.code == 2
    (line,) = done.errors
    assert "--config /dev/zero: not TOML (more than 1,048,576 bytes)" in line


def test_silver_of_a_root_without_bronze(run: Runner, tmp_path: Path) -> None:
    good(tmp_path)
    done = run(layer="silver")
    assert done.code == 1
    (line,) = done.errors
    assert "no complete Bronze partition" in line
    assert "run --layer bronze --symbol ES first" in line


@pytest.mark.parametrize("layer", ["silver", "gold"])
def test_an_input_partition_without_success(run: Runner, tmp_path: Path, layer: str) -> None:
    good(tmp_path)
    run(layer="all")
    upstream = {"silver": "bronze", "gold": "silver"}[layer]
    for success in (tmp_path / upstream).rglob("_SUCCESS"):
        success.unlink()
    shutil.rmtree(tmp_path / layer)
    done = run(layer=layer, symbol="ESM5")
    assert done.code == 1
    for line in done.errors:
        assert "2025-06-05" in line
        assert f"run --layer {upstream} for this date first" in line
    assert not [p for p in done.partitions() if p.startswith(layer)]


def test_other_dates_go_on(run: Runner, tmp_path: Path) -> None:
    good(tmp_path)
    done = run(dt=None, dates="2025-06-04,2025-06-05", layer="all")
    assert done.code == 1
    assert len(done.errors) == 1
    assert len(done.partitions()) == len(future_tables())


@pytest.mark.parametrize(
    ("name", "failed"),
    [
        ("glbx-mdp3-20250605.mbp-10.dbn.zst", [5]),
        ("glbx-mdp3-20250605-20250606.mbp-10.dbn.zst", [5, 6]),
        ("renamed.dbn.zst", [4, 5, 6]),
    ],
)
def test_a_file_without_a_header_holds_back_the_dates_of_its_name(
    run: Runner, tmp_path: Path, name: str, failed: list[int]
) -> None:
    for day in (4, 6):
        records = mbp10_records(300, start_ns=day_ns(DATE.replace(day=day)))
        write_mbp10(tmp_path / RAW / f"{day}.dbn.zst", records, date=DATE.replace(day=day))
    (tmp_path / RAW / name).write_bytes(b"no header" * 40)
    done = run(dt=None, dates="2025-06-04:2025-06-06", layer="bronze")
    assert done.code == 1
    assert [line.split()[3] for line in done.errors] == [f"2025-06-{d:02}:" for d in failed]
    assert all(name in line and "remove it" in line for line in done.errors)
    built = {path.split("dt=2025-06-")[1][:2] for path in done.partitions()}
    assert built == {f"{day:02}" for day in (4, 6) if day not in failed}


@pytest.mark.skipif(os.getuid() == 0, reason="root writes everywhere")
def test_a_lake_that_is_not_writable(run: Runner, tmp_path: Path) -> None:
    good(tmp_path)
    tmp_path.chmod(0o500)
    try:
        done = run()
    finally:
        tmp_path.chmod(0o700)
    assert done.code == 1
    assert str(tmp_path) in done.errors[0]


def test_a_lake_root_that_is_a_file(run: Runner, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.touch()
    done = run(lake_root=str(path))
    assert done.code == 2
    assert str(path) in done.errors[0]


def test_a_layer_folder_that_cannot_be_made(run: Runner, tmp_path: Path) -> None:
    good(tmp_path)
    (tmp_path / "bronze").touch()
    done = run()
    assert done.code == 1
    (line,) = done.errors
    assert str(tmp_path / "bronze") in line


def test_a_full_disk(run: Runner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    good(tmp_path)

    def full(self: OsIo, fd: int, data: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(OsIo, "write", full)
    done = run(layer="all")
    assert done.code == 1
    (line,) = done.errors
    assert "No space left on device" in line
    assert "ESM5" in line
    assert done.partitions() == []


@pytest.fixture
def contracts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy of the contracts' folder that the run reads."""
    folder = tmp_path / "contracts"
    shutil.copytree(contract_module.CONTRACTS, folder)
    monkeypatch.setattr(contract_module, "CONTRACTS", folder)
    return folder


def test_a_contract_that_is_not_avro(run: Runner, tmp_path: Path, contracts: Path) -> None:
    good(tmp_path)
    path = contracts / (registry()["bronze.future.market_by_price_10"].contract_path or "")
    path.write_text('{"type": "record", "name": "x", "fields": [{"name": "a"}]}')
    done = run(layer="all")
    assert done.code == 1
    (line,) = done.errors
    assert str(path) in line
    assert done.partitions() == []


def test_a_contract_that_the_data_break(run: Runner, tmp_path: Path, contracts: Path) -> None:
    good(tmp_path)
    path = contracts / (registry()["bronze.future.market_by_price_10"].contract_path or "")
    content = json.loads(path.read_text())
    depth = next(field for field in content["fields"] if field["name"] == "publisher_id")
    depth["minimum"] = 2
    path.write_text(json.dumps(content))
    done = run(layer="all")
    assert done.code == 1
    (line,) = done.errors
    assert "field publisher_id, row 0: value 1 is below 2" in line
    assert BRONZE.format("ESM5") not in " ".join(done.partitions())
    assert done.partitions() == []
