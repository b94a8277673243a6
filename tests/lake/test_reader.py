"""Published partitions that were damaged afterwards, and readers during rebuilds."""

from __future__ import annotations

import datetime as dt
import random
import shutil
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from src.data_eng.errors import (
    CorruptPartitionError,
    LakeError,
    PartitionNotFoundError,
    PartitionRemovedError,
)
from src.data_eng.lake import reader as reader_module
from src.data_eng.lake.lock import lake_lock
from src.data_eng.lake.manifest import Manifest, parse_manifest
from src.data_eng.lake.paths import MANIFEST, PART, SUCCESS
from src.data_eng.lake.reader import PublishedPartition
from src.data_eng.lake.removal import remove_partition
from src.data_eng.lake.view import LakeView
from tests.lake_partitions import NEW, OLD, PARTITION, publish, visible


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    publish(tmp_path, NEW)
    return tmp_path / PARTITION.folder


def test_a_link_that_leads_nowhere_is_not_what_was_removed(tmp_path: Path, folder: Path) -> None:
    """It lies in the place of the partition, so that the tombstone beside it does not count."""
    with lake_lock(tmp_path, PARTITION.lock_name):
        remove_partition(tmp_path, PARTITION)
    folder.symlink_to(tmp_path / "a disk that is not mounted")
    assert LakeView(tmp_path).tombstone(PARTITION) is None
    with pytest.raises(PartitionNotFoundError) as told:
        PublishedPartition(tmp_path, PARTITION)
    assert not isinstance(told.value, PartitionRemovedError)


@pytest.mark.parametrize("name", [PART, MANIFEST, SUCCESS])
def test_random_damage_is_found(tmp_path: Path, folder: Path, name: str) -> None:
    whole = (folder / name).read_bytes()
    rng = random.Random(3)
    for _ in range(150):
        damaged = bytearray(whole)
        how = rng.randrange(3)
        at = rng.randrange(len(damaged))
        if how == 0:
            damaged[at] ^= 1 << rng.randrange(8)
        elif how == 1:
            del damaged[at:]
        else:
            damaged[at:at] = b"x"
        if bytes(damaged).strip() == whole.strip() or bytes(damaged) == whole:
            continue
        (folder / name).write_bytes(damaged)
        with pytest.raises((CorruptPartitionError, PartitionNotFoundError)):
            visible(tmp_path)
    (folder / name).write_bytes(whole)
    assert visible(tmp_path) == NEW


@pytest.mark.parametrize("name", [PART, MANIFEST])
def test_a_missing_file_is_no_partition(tmp_path: Path, folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(LakeError, match=str(PARTITION.date)):
        PublishedPartition(tmp_path, PARTITION)


def test_a_link_to_itself_in_the_place_of_a_partition(tmp_path: Path) -> None:
    place = tmp_path / PARTITION.folder
    place.parent.mkdir(parents=True)
    place.symlink_to(place.name)
    with pytest.raises(LakeError, match=r"cannot be read \(Too many levels of symbolic links\)"):
        PublishedPartition(tmp_path, PARTITION)


def test_a_file_that_cannot_be_read_any_more(tmp_path: Path) -> None:
    publish(tmp_path, OLD)
    part = tmp_path / PARTITION.folder / PART
    with PublishedPartition(tmp_path, PARTITION) as published:
        part.unlink()
        part.symlink_to(PART)
        for read in (published.verify, published.open_part):
            with pytest.raises(LakeError, match="Too many levels of symbolic links"):
                read()


@pytest.mark.parametrize("end", ["", "\v", "\n\n", " \n"])
def test_success_is_the_hash_and_its_line_feed(tmp_path: Path, folder: Path, end: str) -> None:
    """Else a byte of it could change unseen."""
    path = folder / SUCCESS
    path.write_text(path.read_text().removesuffix("\n") + end)
    with pytest.raises(CorruptPartitionError, match="_SUCCESS does not match"):
        PublishedPartition(tmp_path, PARTITION)


def test_without_success_there_is_no_partition(tmp_path: Path, folder: Path) -> None:
    (folder / SUCCESS).unlink()
    with pytest.raises(PartitionNotFoundError, match="run --layer gold"):
        PublishedPartition(tmp_path, PARTITION)


def test_a_reader_never_sees_a_mixture(tmp_path: Path) -> None:
    publish(tmp_path, OLD)
    stop, seen, faults = threading.Event(), set(), []

    def read() -> None:
        while not stop.is_set():
            try:
                seen.add(visible(tmp_path))
            except Exception as error:  # noqa: BLE001 - told by the test
                # Else the folder that was opened has been displaced and deleted meanwhile.
                if "was replaced" not in str(error):
                    faults.append(error)

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    for n in range(60):
        publish(tmp_path, NEW if n % 2 else OLD)
    stop.set()
    for reader in readers:
        reader.join()
    assert faults == []
    assert seen <= {OLD, NEW}


def test_a_partition_copied_to_another_date(tmp_path: Path, folder: Path) -> None:
    other = replace(PARTITION, date=PARTITION.date + dt.timedelta(days=1))
    shutil.copytree(folder, tmp_path / other.folder)
    with pytest.raises(CorruptPartitionError, match=f"is that of .* ESM5 {PARTITION.date}"):
        PublishedPartition(tmp_path, other)


def test_a_file_that_does_not_belong_there(tmp_path: Path, folder: Path) -> None:
    (folder / ".hidden").touch()
    (folder / "_note").touch()
    assert visible(tmp_path) == NEW
    (folder / "part-00001.parquet").touch()
    with pytest.raises(CorruptPartitionError, match=r"part-00001\.parquet does not belong"):
        visible(tmp_path)


def test_a_partition_replaced_after_it_was_opened(tmp_path: Path, folder: Path) -> None:
    with PublishedPartition(tmp_path, PARTITION) as published:
        publish(tmp_path, OLD)
        with pytest.raises(LakeError, match="replaced or deleted while it was read; run again"):
            published.open_part()
        with pytest.raises(LakeError, match="replaced or deleted while it was read; run again"):
            published.verify()


def test_a_file_that_cannot_be_read(tmp_path: Path, folder: Path) -> None:
    (folder / SUCCESS).unlink()
    (folder / SUCCESS).mkdir()
    with pytest.raises(LakeError, match="cannot be read"):
        PublishedPartition(tmp_path, PARTITION)


def test_an_open_partition_survives_its_deletion(tmp_path: Path, folder: Path) -> None:
    with PublishedPartition(tmp_path, PARTITION) as published, published.open_part() as file:
        shutil.rmtree(folder)
        assert file.read() == NEW


@pytest.mark.parametrize("change", [b"", b"x"], ids=["cut", "longer"])
def test_a_file_of_another_size_is_not_opened(tmp_path: Path, folder: Path, change: bytes) -> None:
    """Told without a hash of it."""
    whole = (folder / PART).read_bytes()
    (folder / PART).write_bytes(whole + change if change else whole[:-1])
    with pytest.raises(CorruptPartitionError, match=f"{PART} has .* bytes, not {len(whole)}"):
        PublishedPartition(tmp_path, PARTITION)


def test_a_partition_replaced_while_it_is_opened_is_opened_anew(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Never the manifest of the one with the sizes of the other."""
    seen = []

    def replacing(data: bytes, where: str) -> Manifest:
        seen.append(data)
        if len(seen) == 1:
            publish(tmp_path, OLD)
        return parse_manifest(data, where)

    monkeypatch.setattr(reader_module, "parse_manifest", replacing)
    with PublishedPartition(tmp_path, PARTITION) as published, published.open_part() as file:
        assert file.read() == OLD
    assert len(seen) == 2
