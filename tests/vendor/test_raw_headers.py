"""Headers and hashes of raw files are believed while the files look the same."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from src.data_eng.errors import InputError
from src.data_eng.vendor import raw_file, raw_headers, raw_listing
from src.data_eng.vendor.dbn.metadata import DbnMetadata
from src.data_eng.vendor.dbn.stream import FileState, RawDigest
from src.data_eng.vendor.raw_file import RawFile
from src.data_eng.vendor.raw_headers import FOLDER
from src.data_eng.vendor.raw_index import current_digest
from src.data_eng.vendor.raw_listing import RawListing
from tests.dbn_files import mbp10_records, write_mbp10

PLACE = "raw/source=databento/product_type=future/symbol=ES/table=market_by_price_10"


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return what was read of raw files, in order; none is too new to be kept."""
    found: list[str] = []
    header = raw_file.header_of

    def read_header(path: Path, now: FileState) -> DbnMetadata:
        found.append(f"header of {path.name}")
        return header(path, now)

    def hashed(lake: Path, relative: str, *, deep: bool = False) -> RawDigest:
        found.append(f"hash of {Path(relative).name}")
        return current_digest(lake, relative, deep=deep)

    monkeypatch.setattr(raw_file, "header_of", read_header)
    monkeypatch.setattr(raw_listing, "header_of", read_header)
    monkeypatch.setattr(raw_listing, "current_digest", hashed)
    monkeypatch.setattr(raw_headers, "_TICK_NS", -1)
    return found


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    """Return a raw file of a lake, written a minute ago."""
    folder = tmp_path / PLACE
    folder.mkdir(parents=True)
    path = folder / "a day.mbp-10.dbn"
    write_mbp10(path, mbp10_records(3))
    was = path.stat().st_mtime_ns - 60 * 10**9
    os.utime(path, ns=(was, was))
    return path


def look(lake: Path, *, indexed: bool = True, deep: bool = False) -> tuple[RawFile, str]:
    """Return a lake's one raw file, and its SHA-256."""
    listing = RawListing(lake, indexed=indexed)
    (file,) = listing.folder(lake / PLACE).files
    return file, listing.digest(file.relative, deep=deep).sha256


def test_nothing_is_read_twice(tmp_path: Path, raw: Path, read: list[str]) -> None:
    wanted = look(tmp_path, indexed=False)
    assert wanted[0].relative == f"{PLACE}/{raw.name}"
    assert [look(tmp_path) for _ in range(3)] == [wanted] * 3
    assert read == [f"header of {raw.name}", f"hash of {raw.name}"] * 2
    assert look(tmp_path)[0].metadata == wanted[0].metadata
    assert wanted[0].covers(wanted[0].start, wanted[0].end)


def test_deep_hashes_anew(tmp_path: Path, raw: Path, read: list[str]) -> None:
    wanted = look(tmp_path)
    assert look(tmp_path, deep=True) == wanted
    assert read.count(f"hash of {raw.name}") == 2


def test_a_file_that_looks_changed_is_read_again(
    tmp_path: Path, raw: Path, read: list[str]
) -> None:
    _, before = look(tmp_path)
    was = raw.stat()
    beside = raw.with_name("beside")
    beside.write_bytes(raw.read_bytes()[:-1] + b"\1")
    os.utime(beside, ns=(was.st_atime_ns, was.st_mtime_ns))
    beside.replace(raw)  # another inode, of the same size and time
    _, after = look(tmp_path)
    assert after != before
    assert read == [f"header of {raw.name}", f"hash of {raw.name}"] * 2


def test_what_changed_just_now_is_not_kept(
    tmp_path: Path, raw: Path, read: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(raw_headers, "_TICK_NS", 10**13)
    look(tmp_path)
    look(tmp_path)
    assert read == [f"header of {raw.name}", f"hash of {raw.name}"] * 2
    assert not (tmp_path / FOLDER).exists()


@pytest.mark.parametrize("text", ["[1]", "{}", "nonsense", "[[1], null, 0, 9, null]", "\udcff"])
def test_a_line_that_says_something_else_is_none(
    tmp_path: Path, raw: Path, read: list[str], text: str
) -> None:
    wanted = look(tmp_path)
    raw_headers.RawHeaders(tmp_path)._lines.put(PLACE, raw.name, text)
    assert look(tmp_path) == wanted
    assert len(read) == 4


def test_a_file_that_is_gone_meanwhile_is_told(tmp_path: Path, raw: Path, read: list[str]) -> None:
    look(tmp_path)
    file, _ = look(tmp_path)
    raw.unlink()
    with pytest.raises(InputError, match=r"cannot be read .*restore it"):
        _ = file.metadata
    assert read


def test_a_name_with_a_line_feed_is_not_kept(tmp_path: Path, raw: Path, read: list[str]) -> None:
    odd = raw.rename(raw.with_name("a\nday.mbp-10.dbn"))
    assert look(tmp_path) == look(tmp_path)
    assert read.count(f"header of {odd.name}") == 2
