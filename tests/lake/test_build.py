"""Builds of real processes: at once, on a full disk, and where the lake cannot be written."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from src.data_eng.errors import LakeError
from src.data_eng.lake.paths import MANIFEST, PART, SUCCESS
from src.data_eng.lake.publish import PartitionBuild, repair
from tests.lake_partitions import NEW, OLD, PARTITION, entries, publish, visible

ROOT = Path(__file__).parents[2]
WRITE_OFTEN = """
import sys
from pathlib import Path
from src.data_eng.lake.lock import lake_lock
from tests.lake_partitions import PARTITION, publish
lake, content = Path(sys.argv[1]), sys.argv[2].encode()
for _ in range(25):
    with lake_lock(lake, PARTITION.lock_name, 30):
        publish(lake, content)
"""
WRITE_WITH_A_FULL_DISK = """
import resource, sys
from pathlib import Path
from src.data_eng.errors import LakeError
from tests.lake_partitions import publish
limit = int(sys.argv[2])
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
try:
    publish(Path(sys.argv[1]), b"x" * 20_000)
except LakeError as error:
    print(error)
"""


def test_two_writers_and_a_reader(tmp_path: Path) -> None:
    publish(tmp_path, OLD)
    commands = [
        [sys.executable, "-c", WRITE_OFTEN, str(tmp_path), content.decode()]
        for content in (OLD, NEW)
    ]
    writers = [subprocess.Popen(c, cwd=ROOT, stderr=subprocess.PIPE) for c in commands]
    seen = set()
    while any(writer.poll() is None for writer in writers):
        try:
            seen.add(visible(tmp_path))
        except LakeError as error:
            assert "was replaced" in str(error)  # noqa: PT017 - the one error that may be
    for writer in writers:
        _, errors = writer.communicate()
        assert (writer.returncode, errors) == (0, b"")
    assert seen <= {OLD, NEW}
    assert visible(tmp_path) in {OLD, NEW}
    assert entries(tmp_path) == [f"dt={PARTITION.date}"]


@pytest.mark.parametrize("before", [None, OLD], ids=["new", "replaced"])
@pytest.mark.parametrize("limit", [0, 1, 4096, 19_999])
def test_no_room_for_the_file(tmp_path: Path, before: bytes | None, limit: int) -> None:
    """A real limit of the system: part of the write is taken, then it fails."""
    if before is not None:
        publish(tmp_path, before)
    command = [sys.executable, "-c", WRITE_WITH_A_FULL_DISK, str(tmp_path), str(limit)]
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert "nothing of it was published; raise the file size limit and run again" in done.stdout
    assert str(PARTITION) in done.stdout
    assert done.stdout.count("\n") == 1
    assert visible(tmp_path) == before
    assert entries(tmp_path) == ([] if before is None else [f"dt={PARTITION.date}"])


@pytest.mark.parametrize("inside", [".", "gold", "gold/product_type=future"])
def test_a_file_where_a_folder_should_be(tmp_path: Path, inside: str) -> None:
    lake = tmp_path / "lake"
    (lake / inside).parent.mkdir(parents=True, exist_ok=True)
    (lake / inside).touch()
    with pytest.raises(LakeError, match="nothing of it was published; check that the lake root"):
        publish(lake, NEW)
    assert (lake / inside).is_file()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_lake_that_may_not_be_written(tmp_path: Path) -> None:
    publish(tmp_path, OLD)
    table = tmp_path / PARTITION.table_folder
    table.chmod(0o500)
    try:
        with pytest.raises(LakeError, match="Permission denied; nothing of it was published"):
            publish(tmp_path, NEW)
    finally:
        table.chmod(0o700)
    assert visible(tmp_path) == OLD


def test_a_rebuild_gives_the_same_bytes(tmp_path: Path) -> None:
    for lake in ("a", "b"):
        publish(tmp_path / lake, NEW)
    publish(tmp_path / "b", OLD)
    publish(tmp_path / "b", NEW)
    one, other = (tmp_path / lake / PARTITION.folder for lake in ("a", "b"))
    assert sorted(os.listdir(one)) == sorted(os.listdir(other)) == [MANIFEST, SUCCESS, PART]
    for name in (MANIFEST, SUCCESS, PART):
        assert (one / name).read_bytes() == (other / name).read_bytes()


def test_an_error_in_a_build_leaves_nothing(tmp_path: Path) -> None:
    publish(tmp_path, OLD)
    with pytest.raises(ZeroDivisionError):
        _build_with_an_error(tmp_path)
    assert visible(tmp_path) == OLD
    assert entries(tmp_path) == [f"dt={PARTITION.date}"]


def _build_with_an_error(lake: Path) -> None:
    with PartitionBuild(lake, PARTITION) as build:
        build.create(PART).write(NEW)
        raise ZeroDivisionError


def test_a_build_that_is_not_committed_is_not_published(tmp_path: Path) -> None:
    with PartitionBuild(tmp_path, PARTITION) as build:
        build.create(PART).write(NEW)
    assert visible(tmp_path) is None
    assert entries(tmp_path) == []


def test_a_file_of_a_build_is_made_once(tmp_path: Path) -> None:
    with PartitionBuild(tmp_path, PARTITION) as build:
        build.create(PART).write(NEW)
        with pytest.raises(LakeError, match="File exists"):
            build.create(PART)


def test_a_link_in_a_leftover_is_removed_alone(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "kept").touch()
    table = tmp_path / "lake" / PARTITION.table_folder
    left = table / f"{PARTITION.temporary_prefix}host-1-abc"
    left.mkdir(parents=True)
    (left / "inside").symlink_to(precious)
    (table / f"{PARTITION.temporary_prefix}link").symlink_to(precious)
    repair(tmp_path / "lake", PARTITION)
    assert entries(tmp_path / "lake") == []
    assert (precious / "kept").exists()


def test_what_other_dates_build_is_left_alone(tmp_path: Path) -> None:
    other = replace(PARTITION, date=PARTITION.date + dt.timedelta(days=1))
    with PartitionBuild(tmp_path, other) as build:
        build.create(PART).write(NEW)
        publish(tmp_path, OLD)
        assert len(entries(tmp_path)) == 2
    assert visible(tmp_path) == OLD
