"""Raw files are hashed once; the index is believed as far as it can be, and no further."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from src.data_eng.errors import InputError
from src.data_eng.vendor import raw_index
from src.data_eng.vendor.dbn.stream import RawDigest, raw_digest
from src.data_eng.vendor.raw_index import current_digest, remember

NAME = "raw/table=trades/day.dbn.zst"
LONG_AGO_NS = 1_700_000_000 * 10**9
NESTED = b"[" * 100_000
ENDLESS = b'{"bytes": Infinity, "mtime_ns": 1, "inode": 1, "sha256": "0"}'


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The files that were hashed, in order."""
    found: list[Path] = []

    def counted(path: Path) -> RawDigest:
        found.append(path)
        return raw_digest(path)

    monkeypatch.setattr(raw_index, "raw_digest", counted)
    return found


def write(lake: Path, content: bytes, *, at_ns: int = LONG_AGO_NS) -> Path:
    path = lake / NAME
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    os.utime(path, ns=(at_ns, at_ns))
    return path


def entry(lake: Path) -> Path:
    return lake / ".index" / f"{NAME}.json"


def test_an_unchanged_file_is_hashed_once(tmp_path: Path, hashed: list[Path]) -> None:
    path = write(tmp_path, b"records")
    found = [current_digest(tmp_path, NAME) for _ in range(3)]
    assert {one.sha256 for one in found} == {hashlib.sha256(b"records").hexdigest()}
    assert hashed == [path]
    for _ in range(2):
        assert current_digest(tmp_path, NAME, deep=True) == found[0]
    assert hashed == [path, path]
    write(tmp_path, b"Records", at_ns=LONG_AGO_NS + 1)
    assert current_digest(tmp_path, NAME, deep=True) != found[0]


@pytest.mark.parametrize("change", ["size", "time", "inode"])
def test_a_file_that_looks_changed_is_hashed_again(
    tmp_path: Path, hashed: list[Path], change: str
) -> None:
    path = write(tmp_path, b"records")
    current_digest(tmp_path, NAME)
    if change == "inode":
        keep = path.rename(path.with_name("kept"))  # else the new file may get its inode
        assert keep.exists()
    content = b"Records and more" if change == "size" else b"Records"
    write(tmp_path, content, at_ns=LONG_AGO_NS + (change == "time"))
    assert current_digest(tmp_path, NAME).sha256 == hashlib.sha256(content).hexdigest()
    assert len(hashed) == 2


def test_a_file_changed_just_now_is_not_believed(tmp_path: Path, hashed: list[Path]) -> None:
    path = tmp_path / NAME
    path.parent.mkdir(parents=True)
    path.write_bytes(b"records")
    current_digest(tmp_path, NAME)
    assert not entry(tmp_path).exists()
    current_digest(tmp_path, NAME)
    assert len(hashed) == 2


@pytest.mark.parametrize(
    "damage", [b"", b"{", b"[]", b'{"sha256": "0"}', b"\xff\xfe", b"null", NESTED, ENDLESS]
)
def test_a_damaged_index_is_passed_over(tmp_path: Path, hashed: list[Path], damage: bytes) -> None:
    write(tmp_path, b"records")
    before = current_digest(tmp_path, NAME)
    entry(tmp_path).write_bytes(damage)
    assert current_digest(tmp_path, NAME) == before
    assert len(hashed) == 2
    assert current_digest(tmp_path, NAME) == before  # it was written anew
    assert len(hashed) == 2


def test_an_index_that_cannot_be_written_stops_nothing(tmp_path: Path, hashed: list[Path]) -> None:
    write(tmp_path, b"records")
    (tmp_path / ".index").write_bytes(b"a file in the way")
    assert current_digest(tmp_path, NAME) == current_digest(tmp_path, NAME)
    assert len(hashed) == 2


def test_a_file_that_is_gone_is_an_error(tmp_path: Path) -> None:
    write(tmp_path, b"records")
    remember(tmp_path, NAME, current_digest(tmp_path, NAME))
    (tmp_path / NAME).unlink()
    with pytest.raises(InputError, match=r"day.dbn.zst: cannot be read"):
        current_digest(tmp_path, NAME)


def test_a_link_in_place_of_an_entry_is_not_followed(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_text("every word of it")
    write(tmp_path, b"records")
    entry(tmp_path).parent.mkdir(parents=True)
    entry(tmp_path).symlink_to(precious)
    current_digest(tmp_path, NAME)
    assert precious.read_text() == "every word of it"
    assert not entry(tmp_path).is_symlink()
