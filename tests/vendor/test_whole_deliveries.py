"""What is left of a delivery is no whole date: its manifest names what is missing."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest

from src.data_eng.catalogue.datasets import dataset
from src.data_eng.errors import InputError, NoRawDataError
from src.data_eng.vendor.files import RawDay, find_raw_day
from tests.dbn_files import DATE, DAY_NS, day_ns, mbp10_records, write_mbp10

RAW = dataset("raw.future.market_by_price_10")
HALVES = ("glbx-mdp3-20250605.0.mbp-10.dbn.zst", "glbx-mdp3-20250605.1.mbp-10.dbn.zst")


def deliver(lake: Path, *folders: str) -> list[Path]:
    """Write two halves of a date, each into a delivery of its own or both into one."""
    paths = []
    for half, name in enumerate(HALVES):
        place = lake / RAW.folder("ES") / folders[half % len(folders)]
        start_ns = day_ns(DATE) + half * DAY_NS // 2
        records = mbp10_records(20, start_ns=start_ns + 10**9)
        end_ns = start_ns + DAY_NS // 2
        paths.append(write_mbp10(place / name, records, start_ns=start_ns, end_ns=end_ns))
    for place in {path.parent for path in paths}:
        listed = [
            {"filename": path.name, "size": path.stat().st_size, "hash": f"sha256:{'0' * 64}"}
            for path in place.glob("*.zst")
        ]
        (place / "manifest.json").write_text(json.dumps({"files": listed}))
    return paths


def found(lake: Path, date: dt.date = DATE) -> RawDay:
    return find_raw_day(lake, RAW, "ES", date)


@pytest.mark.parametrize("folders", [("",), ("GLBX-1",), ("GLBX-1", "GLBX-2"), ("", "GLBX-2")])
def test_a_file_that_the_manifest_names_is_missed(tmp_path: Path, folders: tuple[str, ...]) -> None:
    _, second = deliver(tmp_path, *folders)
    assert [file.path.name for file in found(tmp_path).files] == list(HALVES)
    second.unlink()
    with pytest.raises(InputError, match=r"names .*20250605.1.*download it again") as told:
        found(tmp_path)
    assert str(second.parent / "manifest.json") in str(told.value)
    (second.parent / "manifest.json").unlink()
    assert [file.path.name for file in found(tmp_path).files] == [HALVES[0]]


def test_one_that_was_decompressed_is_there(tmp_path: Path) -> None:
    first, second = deliver(tmp_path, "")
    write_mbp10(first.with_suffix(""), mbp10_records(20, start_ns=day_ns(DATE) + 10**9))
    first.unlink()
    assert [file.path for file in found(tmp_path).files] == [first.with_suffix(""), second]


def test_other_dates_and_archived_ones_are_no_fault(tmp_path: Path) -> None:
    first, second = deliver(tmp_path, "")
    later = DATE + dt.timedelta(1)
    write_mbp10(
        second.with_name("glbx-mdp3-20250606.mbp-10.dbn.zst"),
        mbp10_records(20, start_ns=day_ns(later) + 10**9),
        date=later,
    )
    first.unlink()
    assert len(found(tmp_path, later).files) == 1
    second.unlink()
    with pytest.raises(NoRawDataError):
        found(tmp_path)
