"""The lock of a partition, between processes."""

from __future__ import annotations

import errno
import fcntl
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from filelock import FileLock

from src.data_eng.errors import LakeBusyError, LakeError
from src.data_eng.lake.lock import lake_lock

ROOT = Path(__file__).parents[2]
HOLD = """
import sys, time
from pathlib import Path
from src.data_eng.lake.lock import lake_lock
with lake_lock(Path(sys.argv[1]), "a"):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def holder(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", HOLD, str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_it_names_its_holder(tmp_path: Path, holder: subprocess.Popen[str]) -> None:
    with (
        pytest.raises(LakeBusyError, match=rf"held by .*{holder.pid}.*run again"),
        lake_lock(tmp_path, "a", timeout_s=0.1),
    ):
        pytest.fail("two hold one lock")


def test_the_kernel_releases_it(tmp_path: Path, holder: subprocess.Popen[str]) -> None:
    os.kill(holder.pid, signal.SIGKILL)
    holder.wait()
    with lake_lock(tmp_path, "a", timeout_s=5):
        pass


def test_locks_of_other_partitions_are_free(tmp_path: Path, holder: subprocess.Popen[str]) -> None:
    with lake_lock(tmp_path, "b", timeout_s=0.1):
        pass


def test_it_is_free_after_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """At once, not when Python comes to collect the lock."""
    monkeypatch.setattr(FileLock, "__del__", lambda _self: None, raising=False)
    with pytest.raises(ValueError, match="x"), lake_lock(tmp_path, "a"):
        raise ValueError("x")
    with lake_lock(tmp_path, "a", timeout_s=0.1):
        pass


def test_a_lake_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "lake").touch()
    with pytest.raises(LakeError, match="lake"), lake_lock(tmp_path / "lake", "a"):
        pytest.fail("nowhere to lock")


def test_a_lock_file_that_is_another_file_too_is_not_written(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_text("every word of it\n")
    (tmp_path / ".locks").mkdir()
    (tmp_path / ".locks/a").hardlink_to(precious)
    with (
        lake_lock(tmp_path, "a"),
        pytest.raises(LakeBusyError, match="held by another process"),
        lake_lock(tmp_path, "a", timeout_s=0.1),
    ):
        pytest.fail("two hold one lock")
    assert precious.read_text() == "every word of it\n"


@pytest.mark.parametrize(
    "data", [b"every w\xf6rd of it", b"process 1 on " + b"x" * 10**6], ids=["no text", "long"]
)
def test_what_names_no_holder_is_not_told(tmp_path: Path, data: bytes) -> None:
    with lake_lock(tmp_path, "a"):
        (tmp_path / ".locks/a").write_bytes(data)
        with pytest.raises(LakeBusyError) as told, lake_lock(tmp_path, "a", timeout_s=0):
            pytest.fail("two hold one lock")
    assert len(str(told.value)) < 500 + len(str(tmp_path))
    assert "every w" not in str(told.value)


def test_the_name_of_a_holder_leaves_nothing_of_another_s(tmp_path: Path) -> None:
    (tmp_path / ".locks").mkdir()
    (tmp_path / ".locks/a").write_text(f"process 1 on {'x' * 99}\n")
    with lake_lock(tmp_path, "a"):
        told = (tmp_path / ".locks/a").read_text()
    assert told == f"process {os.getpid()} on {socket.gethostname()}\n"


def test_a_link_in_place_of_a_lock_is_refused(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_text("every word of it\n")
    (tmp_path / ".locks").mkdir()
    (tmp_path / ".locks/a").symlink_to(precious)
    with pytest.raises(LakeError, match="cannot be locked"), lake_lock(tmp_path, "a"):
        pytest.fail("a link was followed")
    assert precious.read_text() == "every word of it\n"


@pytest.fixture
def cannot_unlock(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(self: FileLock, force: bool = False) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(FileLock, "release", fail)


@pytest.mark.usefixtures("cannot_unlock")
def test_a_lock_that_cannot_be_released_is_told(tmp_path: Path) -> None:
    with (
        pytest.raises(LakeError, match=r"a: cannot be unlocked \(Input/output error\).*run again"),
        lake_lock(tmp_path, "a"),
    ):
        pass


@pytest.mark.usefixtures("cannot_unlock")
def test_the_error_of_the_build_is_told_before_that_of_the_lock(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="x"), lake_lock(tmp_path, "a"):
        raise ValueError("x")


def test_without_flock_there_is_no_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file in its place would outlive a killed process."""

    def fail(_fd: int, _operation: int) -> None:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))

    monkeypatch.setattr(fcntl, "flock", fail)
    with pytest.raises(LakeError, match="cannot be locked"), lake_lock(tmp_path, "a", 0.1):
        pytest.fail("nothing is locked")


def test_a_lock_that_becomes_a_link_is_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    precious = tmp_path / "precious"
    precious.write_text("every word of it\n")
    acquire = FileLock.acquire

    def replaced(self: FileLock) -> object:
        held = acquire(self)
        (tmp_path / ".locks/a").unlink()
        (tmp_path / ".locks/a").symlink_to(precious)
        return held

    monkeypatch.setattr(FileLock, "acquire", replaced)
    with lake_lock(tmp_path, "a"):
        assert precious.read_text() == "every word of it\n"
