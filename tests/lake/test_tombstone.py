"""A tombstone is believed where it makes sense and is its partition's own, and nowhere else."""

from __future__ import annotations

import datetime as dt
import errno
import json
import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from src.data_eng.catalogue.datasets import dataset
from src.data_eng.errors import CorruptPartitionError, LakeError
from src.data_eng.lake.osio import OsIo
from src.data_eng.lake.paths import Partition
from src.data_eng.lake.removal import remove_partition
from src.data_eng.lake.tombstone import read_tombstone
from tests.lake_partitions import NEW, OLD, PARTITION, entries, publish, visible

OTHERS = (
    replace(PARTITION, dataset=dataset("silver.future.trades")),
    replace(PARTITION, symbol="ESU5"),
    replace(PARTITION, date=PARTITION.date + dt.timedelta(days=1)),
)


@pytest.fixture
def stone(tmp_path: Path) -> Path:
    """Return the tombstone of a partition that was removed from the lake ``tmp_path``."""
    publish(tmp_path, OLD)
    remove_partition(tmp_path, PARTITION)
    return tmp_path / PARTITION.tombstone


@pytest.mark.parametrize("other", OTHERS, ids=["table", "symbol", "date"])
def test_one_of_another_partition_is_refused(tmp_path: Path, stone: Path, other: Partition) -> None:
    """Its content hash would count for a partition that was never there."""
    place = tmp_path / other.tombstone
    place.parent.mkdir(parents=True, exist_ok=True)
    stone.rename(place)
    with pytest.raises(CorruptPartitionError, match=f"that of {PARTITION}.*run the layer"):
        read_tombstone(tmp_path, other)


@pytest.mark.parametrize(
    "change",
    [
        {"schema_version": 2},
        {"schema_version": None},
        {"rows": True},
        {"rows": "1"},
        {"facts": []},
        {"note": "of a newer release"},
    ],
    ids=json.dumps,
)
def test_an_entry_that_is_wrong(tmp_path: Path, stone: Path, change: Mapping[str, Any]) -> None:
    stone.write_text(json.dumps({**json.loads(stone.read_text()), **change}))
    with pytest.raises(CorruptPartitionError, match="the tombstone is malformed"):
        read_tombstone(tmp_path, PARTITION)


@pytest.mark.parametrize("gone", ["schema_version", "content_sha256", "entries"])
def test_an_entry_that_is_missing(tmp_path: Path, stone: Path, gone: str) -> None:
    body = json.loads(stone.read_text())
    del body[gone]
    stone.write_text(json.dumps(body))
    with pytest.raises(CorruptPartitionError, match=f"the tombstone is malformed .*{gone}"):
        read_tombstone(tmp_path, PARTITION)


@pytest.mark.parametrize(
    "data",
    [b"", b"{", b"\xff", b"5", b'"x"', b"[]", b"null", b"[" * 100_000],
    ids=["empty", "half", "no text", "number", "text", "list", "null", "nested"],
)
def test_what_is_no_tombstone(tmp_path: Path, stone: Path, data: bytes) -> None:
    stone.write_bytes(data)
    with pytest.raises(CorruptPartitionError, match=r"the tombstone is malformed .*; delete it"):
        read_tombstone(tmp_path, PARTITION)


def test_a_link_for_a_half_written_one_is_not_written_through(tmp_path: Path, stone: Path) -> None:
    """A killed run left the name; where it leads is none of the lake's."""
    precious = tmp_path / "precious"
    publish(tmp_path, OLD)
    half = stone.with_name(f".tmp-{stone.name}")
    half.symlink_to(precious)
    remove_partition(tmp_path, PARTITION)
    assert not os.path.lexists(half)
    assert not precious.exists()
    assert read_tombstone(tmp_path, PARTITION) is not None


def test_a_half_written_one_goes_with_the_next_publish(tmp_path: Path, stone: Path) -> None:
    half = stone.with_name(f".tmp-{stone.name}")
    half.write_bytes(b"{")
    publish(tmp_path, NEW)
    assert list(stone.parent.iterdir()) == []


def test_one_that_cannot_be_removed_harms_no_publish(tmp_path: Path, stone: Path) -> None:
    """The partition counts, and the next run removes what speaks for it no more."""

    class Refusing(OsIo):
        def unlink(self, path: str) -> None:
            if path == str(stone):
                raise OSError(errno.EACCES, os.strerror(errno.EACCES), path)
            super().unlink(path)

    publish(tmp_path, NEW, Refusing())
    assert stone.exists()
    assert visible(tmp_path) == NEW
    assert read_tombstone(tmp_path, PARTITION) is None


def test_one_that_may_not_be_looked_at_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing lies there as far as can be seen, and so nothing is known."""

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr("src.data_eng.lake.tombstone.read_regular", refuse)
    with pytest.raises(LakeError, match=r"cannot be read \(Permission denied\)"):
        read_tombstone(tmp_path, PARTITION)


def test_a_removal_mends_what_a_killed_run_left(tmp_path: Path) -> None:
    """Where folders cannot be swapped it moves the old partition aside, and back."""
    publish(tmp_path, OLD)
    aside = f"{PARTITION.temporary_prefix}host-1-ab-old"
    (tmp_path / PARTITION.folder).rename(tmp_path / PARTITION.table_folder / aside)
    assert remove_partition(tmp_path, PARTITION).bytes == len(OLD)
    assert entries(tmp_path) == []
    assert read_tombstone(tmp_path, PARTITION) is not None
