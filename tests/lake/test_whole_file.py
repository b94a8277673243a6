"""A file in memory is what its hash says, or is known not to be."""

from __future__ import annotations

import hashlib
import threading

import pytest

from src.data_eng.lake import whole_file
from src.data_eng.lake.whole_file import WholeFile

SMALL, LARGE = b"abcdef", bytes(range(256)) * 2048


@pytest.mark.parametrize("data", [SMALL, LARGE])
def test_the_hash_is_compared(data: bytes) -> None:
    sha256 = hashlib.sha256(data).hexdigest()
    assert WholeFile(data, sha256).is_right()
    assert not WholeFile(data[:-1] + b"\0", sha256).is_right()


def test_a_file_that_was_right_is_known_again(monkeypatch: pytest.MonkeyPatch) -> None:
    sha256 = hashlib.sha256(LARGE).hexdigest()
    assert WholeFile(LARGE, sha256).is_right()

    def unasked(_: bytes) -> None:
        raise AssertionError("it is hashed again")

    with monkeypatch.context() as patch:
        patch.setattr("hashlib.sha256", unasked)
        assert WholeFile(LARGE, sha256).is_right()
    for at in (0, 1000, len(LARGE) - 1):
        other = bytearray(LARGE)
        other[at] ^= 1
        assert not WholeFile(bytes(other), sha256).is_right()
    assert not WholeFile(SMALL, sha256).is_right()
    assert not WholeFile(LARGE, hashlib.sha256(SMALL).hexdigest()).is_right()


@pytest.mark.parametrize("data", [SMALL, LARGE])
def test_a_file_that_was_wrong_stays_so(data: bytes) -> None:
    """However often it is read, and whatever was read before."""
    sha256 = hashlib.sha256(data + b"right").hexdigest()
    for right in (False, False, True, False):
        assert WholeFile(data + (b"right" if right else b"wrong"), sha256).is_right() is right


def test_the_last_checksums_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(whole_file, "_KEPT", 2)
    files = [bytes([number]) for number in range(3)]
    for data in files:
        assert WholeFile(data, hashlib.sha256(data).hexdigest()).is_right()
    last = [hashlib.sha256(data).hexdigest() for data in files[1:]]
    assert list(whole_file._checksums) == last


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
