"""A file in memory is what its hash says, or is known not to be."""

from __future__ import annotations

import hashlib
import threading

import pytest

from src.data_eng.lake.whole_file import WholeFile

SMALL, LARGE = b"abcdef", bytes(range(256)) * 2048


@pytest.mark.parametrize("data", [SMALL, LARGE])
def test_the_hash_is_compared(data: bytes) -> None:
    sha256 = hashlib.sha256(data).hexdigest()
    assert WholeFile(data, sha256).is_right()
    assert not WholeFile(data[:-1] + b"\0", sha256).is_right()


def test_bytes_are_read_as_of_a_file() -> None:
    whole = WholeFile(SMALL, "")
    assert whole.read(2, 1) == b"bc"
    assert whole.read(9, 4) == b"ef"


def test_a_large_one_is_hashed_beside(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[int] = []
    start = threading.Thread.start

    def counted(thread: threading.Thread) -> None:
        started.append(1)
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", counted)
    for data, count in ((SMALL, 0), (LARGE, 1)):
        assert WholeFile(data, hashlib.sha256(data).hexdigest()).is_right()
        assert len(started) == count


def test_where_no_thread_can_start_it_is_hashed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    assert WholeFile(LARGE, hashlib.sha256(LARGE).hexdigest()).is_right()
