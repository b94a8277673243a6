"""What a raw file may take of memory, and by what it is taken for another than was opened."""

from __future__ import annotations

import hashlib
import os
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from src.data_eng.errors import DbnDecodeError, InputError
from src.data_eng.vendor.dbn.stream import RawStream, raw_digest
from tests.dbn_files import mbp10_records, write_mbp10

RECORDS = mbp10_records(40)


def test_a_size_that_is_claimed_takes_no_memory(tmp_path: Path) -> None:
    path = write_mbp10(tmp_path / "a.dbn", RECORDS)
    with RawStream(path) as stream:
        tracemalloc.start()
        try:
            assert len(stream.read(200 << 20)) == path.stat().st_size
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert peak < 8 << 20


@pytest.mark.parametrize("sign", ["inode", "size", "time"])
def test_one_sign_of_change_is_enough(tmp_path: Path, sign: str) -> None:
    path = write_mbp10(tmp_path / "a.dbn", RECORDS)
    before = path.stat()
    with RawStream(path) as stream:
        stream.read(1 << 20)
        if sign == "inode":
            os.replace(write_mbp10(tmp_path / "b.dbn", RECORDS), path)
        if sign == "size":
            with path.open("ab") as file:
                file.write(b"more")
        later = before.st_mtime_ns + (sign == "time")
        os.utime(path, ns=(later, later))
        with pytest.raises(DbnDecodeError, match="the file changed while it was read"):
            stream.finish()


def test_a_device_is_no_file() -> None:
    with pytest.raises(InputError, match="/dev/zero: is not a file"):
        RawStream(Path("/dev/zero"))


def test_a_file_that_changes_while_it_is_hashed_has_no_state(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.dbn"
    path.write_bytes(b"records")
    os.utime(path, ns=(10**18, 10**18))
    assert raw_digest(path).state is not None
    hashed = hashlib.file_digest

    def changing(file: Any, name: str) -> Any:
        path.write_bytes(b"RECORDS")
        return hashed(file, name)

    monkeypatch.setattr(hashlib, "file_digest", changing)
    assert raw_digest(path).state is None
