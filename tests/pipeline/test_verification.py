"""Raw files are hashed, whatever is known of them, and what cannot be hashed is told."""

from __future__ import annotations

import hashlib
import os
from dataclasses import replace
from pathlib import Path

import pytest

from src.data_eng.lake.manifest import RawInput
from src.data_eng.lake.reader import PublishedPartition
from src.data_eng.lake.summary import summary_of
from src.data_eng.pipeline.inventory import Found, State
from src.data_eng.pipeline.verification import Fault, Kind, raw_faults
from src.data_eng.settings import Settings
from src.data_eng.vendor.raw_index import current_digest
from tests.lake_partitions import OLD, PARTITION, publish

RAW, DATA = "raw/a.dbn", b"records"


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    """Return a lake with a raw file, which the index knows."""
    path = tmp_path / "lake" / RAW
    path.parent.mkdir(parents=True)
    path.write_bytes(DATA)
    os.utime(path, ns=(10**18, 10**18))
    current_digest(tmp_path / "lake", RAW)
    return tmp_path / "lake"


@pytest.fixture
def found(lake: Path) -> Found:
    """Return a partition that was made from the raw file."""
    publish(lake, OLD)
    entry = RawInput(RAW, len(DATA), hashlib.sha256(DATA).hexdigest())
    with PublishedPartition(lake, PARTITION) as published:
        manifest = replace(published.manifest, inputs=(entry,))
        return Found(PARTITION, State.COMPLETE, "", summary_of(manifest, "0" * 64))


def faults(lake: Path, found: Found) -> list[Fault]:
    return list(raw_faults(Settings(lake_root=lake), [found]))


def test_a_raw_file_that_only_looks_unchanged(lake: Path, found: Found) -> None:
    assert faults(lake, found) == []
    path = lake / RAW
    path.write_bytes(DATA[::-1])
    os.utime(path, ns=(10**18 + 1, 10**18))
    assert current_digest(lake, RAW).sha256 == hashlib.sha256(DATA).hexdigest()
    other = lake.with_name("other")  # one process hashes a file that looks the same once
    lake.rename(other)
    (told,) = faults(other, found)
    assert (told.kind, told.where) == (Kind.RAW, RAW)
    assert hashlib.sha256(DATA[::-1]).hexdigest() in told.reason
    # What was removed on purpose is compared with nothing: its raw files may be others by now.
    assert faults(other, replace(found, state=State.REMOVED)) == []


def test_a_raw_file_that_cannot_be_read(lake: Path, found: Found) -> None:
    (lake / RAW).unlink()
    assert faults(lake, found) == []  # it was archived
    os.mkfifo(lake / RAW)
    (told,) = faults(lake, found)
    assert (told.kind, told.where) == (Kind.RAW, RAW)
    assert "it is a pipe or a device, no file" in told.reason
