"""Which files hold a date, and whether they are what the vendor says."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import pytest

from src.data_eng.catalogue.datasets import dataset
from src.data_eng.errors import DbnDecodeError, InputError, NoRawDataError
from src.data_eng.vendor.dbn.stream import raw_digest
from src.data_eng.vendor.files import RawDay, find_raw_day
from tests.dbn_files import (
    DATE,
    blank_records,
    encode_header,
    mbp10_records,
    write_dbn,
    write_mbp10,
)

RAW = dataset("raw.future.market_by_price_10")
RECORDS = mbp10_records(3)


def day(lake: Path) -> RawDay:
    return find_raw_day(lake, RAW, "ES", DATE)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return write_mbp10(tmp_path / RAW.folder("ES") / "a.dbn.zst", RECORDS)


@pytest.mark.parametrize("wrong", ["", "size", "hash"])
def test_a_file_is_what_the_vendors_manifest_says(tmp_path: Path, path: Path, wrong: str) -> None:
    content = path.read_bytes()
    entry = {
        "filename": path.name,
        "size": len(content) + (wrong == "size"),
        "hash": "sha256:" + hashlib.sha256(content + wrong.encode()).hexdigest(),
    }
    if wrong == "size":
        entry["hash"] = "sha256:" + hashlib.sha256(content).hexdigest()
    (path.parent / "manifest.json").write_text(json.dumps([entry]))
    found = day(tmp_path)
    digest = raw_digest(path)
    if not wrong:
        found.verify(found.files[0], digest)
        return
    with pytest.raises(InputError, match=r"manifest.json says .* download the file again"):
        found.verify(found.files[0], digest)


def test_a_file_that_the_vendors_manifest_does_not_name_passes(tmp_path: Path, path: Path) -> None:
    (path.parent / "manifest.json").write_text("[]")
    found = day(tmp_path)
    found.verify(found.files[0], raw_digest(path))
    assert found.files[0].path == path


def test_a_file_of_another_schema_is_refused(tmp_path: Path, path: Path) -> None:
    write_dbn(path, encode_header(schema="trades"), blank_records("trades", 3))
    with pytest.raises(DbnDecodeError, match=r"holds schema trades.* move it to the folder"):
        day(tmp_path)


def test_a_header_that_changed_is_read_again(tmp_path: Path, path: Path) -> None:
    assert len(day(tmp_path).files) == 1
    write_mbp10(path, RECORDS, date=DATE.replace(day=4))
    os.utime(path, ns=(10**18, 10**18))
    with pytest.raises(NoRawDataError, match="holds 2025-06-05 by its header"):
        day(tmp_path)
