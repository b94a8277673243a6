"""The index of partitions is believed as far as it can be, and no further."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from src.data_eng.errors import CorruptPartitionError, PartitionNotFoundError
from src.data_eng.lake import index, index_lines
from src.data_eng.lake.manifest import SCHEMA_VERSION
from src.data_eng.lake.paths import MANIFEST, PART, SUCCESS
from src.data_eng.lake.reader import PublishedPartition
from src.data_eng.lake.store import Store
from src.data_eng.lake.summary import Summary, summary_of
from src.data_eng.lake.view import LakeView
from tests.lake_partitions import NEW, OLD, PARTITION, publish


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Return the lakes of which a manifest was read, in order; none is too new to be kept."""
    found: list[Path] = []

    class Counted(PublishedPartition):
        def __init__(self, lake_root: Path, partition: object) -> None:
            found.append(lake_root)
            super().__init__(lake_root, PARTITION)

    monkeypatch.setattr("src.data_eng.lake.view.PublishedPartition", Counted)
    monkeypatch.setattr(index, "_TICK_NS", -1)
    return found


def look(lake: Path) -> Summary:
    return LakeView(lake, indexed=True).summary(PARTITION)


def summary(lake: Path) -> Summary:
    with PublishedPartition(lake, PARTITION) as published:
        return summary_of(published.manifest, published.manifest_sha256)


def lines(lake: Path) -> Path:
    return lake / index.FOLDER / PARTITION.dataset.key / f"{PARTITION.symbol}.lines"


def test_a_manifest_is_parsed_once(tmp_path: Path, parsed: list[Path]) -> None:
    publish(tmp_path, OLD)
    wanted = summary(tmp_path)
    assert [look(tmp_path) for _ in range(3)] == [wanted] * 3
    assert len(parsed) == 1
    assert LakeView(tmp_path).summary(PARTITION) == wanted  # a reader asks no index
    assert len(parsed) == 2


def test_a_partition_that_is_another_is_read_again(tmp_path: Path, parsed: list[Path]) -> None:
    publish(tmp_path, OLD)
    look(tmp_path)
    publish(tmp_path, NEW)
    assert look(tmp_path) == summary(tmp_path)
    assert len(parsed) == 2


@pytest.mark.parametrize("name", ["_SUCCESS", "_MANIFEST.json"])
def test_a_file_that_changed_is_read_again(tmp_path: Path, parsed: list[Path], name: str) -> None:
    publish(tmp_path, OLD)
    look(tmp_path)
    path = tmp_path / PARTITION.folder / name
    was, data = path.stat(), path.read_bytes()
    path.write_bytes(data.replace(b"0", b"1"))
    os.utime(path, ns=(was.st_atime_ns, was.st_mtime_ns))
    with pytest.raises(CorruptPartitionError):
        look(tmp_path)
    path.unlink()
    with pytest.raises(PartitionNotFoundError):
        look(tmp_path)
    assert len(parsed) == 3


def test_data_that_changed_are_looked_at_again(tmp_path: Path, parsed: list[Path]) -> None:
    """In place, of the same size, and with the time that they had before."""
    publish(tmp_path, OLD)
    look(tmp_path)
    path = tmp_path / PARTITION.folder / PART
    was = path.stat()
    with path.open("r+b") as file:
        file.write(b"x")
    os.utime(path, ns=(was.st_atime_ns, was.st_mtime_ns))
    look(tmp_path)
    assert len(parsed) == 2


def test_objects_look_unchanged_by_all_three_of_them() -> None:
    sizes = {name: (n, f"etag {n}") for n, name in enumerate((SUCCESS, MANIFEST, PART))}
    store = cast(Store, SimpleNamespace(state=lambda name: sizes.get(name.removeprefix("x/"))))
    assert index.object_state_of(store, "x") == (0, "etag 0", 1, "etag 1", 2, "etag 2")
    for name in list(sizes):
        kept = sizes.pop(name)
        assert index.object_state_of(store, "x") is None
        sizes[name] = kept


def test_a_release_with_other_manifests_has_an_index_of_its_own() -> None:
    """It would be told what a manifest says that it is to refuse."""
    assert Path(index.FOLDER).name.startswith(f"{SCHEMA_VERSION}.")


def test_what_changed_just_now_is_not_kept(
    tmp_path: Path, parsed: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Within a tick of the clock it could be changed again and look the same."""
    monkeypatch.setattr(index, "_TICK_NS", 10**12)
    publish(tmp_path, OLD)
    look(tmp_path)
    assert not lines(tmp_path).exists()
    look(tmp_path)
    assert len(parsed) == 2


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data[:-9],
        lambda data: data.replace(b'"test"', b'"toast"'),
        lambda data: data.replace(b"\t", b" ", 1),
        lambda _data: b"\nnonsense\n\xff\n2025-06-05 00000000 {}",
        lambda _data: b"",
    ],
    ids=["cut short", "another value", "other parts", "nonsense", "empty"],
)
def test_an_entry_that_is_damaged_is_none(
    tmp_path: Path, parsed: list[Path], damage: object
) -> None:
    publish(tmp_path, OLD)
    wanted = look(tmp_path)
    path = lines(tmp_path)
    path.write_bytes(damage(path.read_bytes()))  # type: ignore[operator]
    assert look(tmp_path) == wanted
    # What was appended after a line that a killed process left counts.
    assert look(tmp_path) == wanted
    assert len(parsed) == 2


@pytest.mark.parametrize(
    ("part", "text"),
    [
        (0, "a\tb"),
        (1, "5"),
        (1, "["),
        (1, "[" * 100_000),
        (2, "many 1 a b c"),
        (2, "1 1 a"),
        (2, ""),
    ],
    ids=["parts", "number", "no JSON", "nested", "no numbers", "hashes", "empty"],
)
def test_an_entry_of_right_sum_that_makes_no_sense_is_none(
    tmp_path: Path, parsed: list[Path], part: int, text: str
) -> None:
    publish(tmp_path, OLD)
    wanted = look(tmp_path)
    key, *parts = lines(tmp_path).read_bytes()[1:].partition(b" ")[2].decode().split("\t")
    parts[part] = text
    lines(tmp_path).write_bytes(index_lines._line(key, "\t".join(parts)))
    assert look(tmp_path) == wanted
    assert len(parsed) == 2


def test_an_index_that_cannot_be_written(tmp_path: Path, parsed: list[Path]) -> None:
    publish(tmp_path, OLD)
    (tmp_path / ".index").write_bytes(b"a file in the way")
    assert look(tmp_path) == look(tmp_path)
    assert len(parsed) == 2


def test_a_link_in_place_of_the_index_is_not_followed(tmp_path: Path, parsed: list[Path]) -> None:
    publish(tmp_path, OLD)
    precious = tmp_path / "precious"
    precious.write_bytes(b"kept")
    lines(tmp_path).parent.mkdir(parents=True)
    lines(tmp_path).symlink_to(precious)
    look(tmp_path)
    assert precious.read_bytes() == b"kept"


def test_lines_that_no_longer_count_are_cleared_away(
    tmp_path: Path, parsed: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index_lines, "_MAX_SPARE_LINES", 3)
    for number in range(8):
        publish(tmp_path, b"rows" * (number + 1))
        look(tmp_path)
    assert lines(tmp_path).read_bytes().count(b"\n") < 8
    wanted = summary(tmp_path)
    assert look(tmp_path) == wanted
    assert len(parsed) == 8


def test_what_cannot_be_cleared_away_leaves_nothing_beside_it(
    tmp_path: Path, parsed: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index_lines, "_MAX_SPARE_LINES", -2)
    publish(tmp_path, OLD)
    look(tmp_path)

    def full(_path: Path, _target: Path) -> Path:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "replace", full)
    assert look(tmp_path) == summary(tmp_path)
    assert list(lines(tmp_path).parent.iterdir()) == [lines(tmp_path)]


def test_a_folder_that_cannot_be_looked_into_knows_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr("os.stat", refuse)
        assert not index.PartitionIndex(tmp_path).has("silver.future.trades", "ESM5")
