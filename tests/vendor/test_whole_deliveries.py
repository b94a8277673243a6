"""What is left of a delivery is no whole date: its manifest names what is missing."""

from __future__ import annotations

import datetime as dt
import json
import threading
from pathlib import Path

import pytest

from src.data_eng.catalogue.datasets import dataset
from src.data_eng.errors import InputError, NoRawDataError
from src.data_eng.vendor.files import RawDay, find_raw_day
from tests.dbn_files import DATE, DAY_NS, day_ns, mbp10_records, write_mbp10
from tests.s3_hosts import Hosts
from tests.s3_server import Fault

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


def test_on_object_storage_they_are_read_side_by_side(hosts: Hosts, tmp_path: Path) -> None:
    deliver(tmp_path / "made", "GLBX-1", "GLBX-2")
    for path in (tmp_path / "made").rglob("*.*"):
        hosts.client().put(path.relative_to(tmp_path / "made").as_posix(), path)
    both = threading.Barrier(2, timeout=20)

    def meet() -> None:
        both.wait()

    # One that is asked for alone would wait for the other in vain.
    hosts.server.faults.append(Fault("call", "GET", "manifest.json", times=2, then=meet))
    assert len(found(hosts.host("here")).files) == 2
    assert not both.broken
    made = [one for one in hosts.server.requests if one.name.endswith("manifest.json")]
    assert [one.kind for one in made if one.kind != "PUT"] == ["GET", "GET"]


@pytest.mark.parametrize("days", [(-3, 2), (0, 2), (-3, 0)])
def test_a_file_of_several_dates_is_missed_on_each(tmp_path: Path, days: tuple[int, int]) -> None:
    first, second = deliver(tmp_path, "")
    span = "-".join(f"{DATE + dt.timedelta(day):%Y%m%d}" for day in days)
    listed = [{"filename": f"glbx-mdp3-{span}.dbn.zst", "size": 1, "hash": f"sha256:{'0' * 64}"}]
    (first.parent / "manifest.json").write_text(json.dumps({"files": listed}))
    with pytest.raises(InputError, match=f"names .*{span}.*download it again"):
        found(tmp_path)
    other = span.replace(f"{DATE:%Y}", "2024")
    (first.parent / "manifest.json").write_text(
        json.dumps({"files": [{**listed[0], "filename": f"glbx-mdp3-{other}.dbn.zst"}]})
    )
    assert [file.path for file in found(tmp_path).files] == [first, second]
