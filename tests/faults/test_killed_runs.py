"""Real processes, stopped while they run."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from src.data_eng.sample import SampleFuture, write_future_day
from tests.dbn_files import DATE

pytestmark = pytest.mark.faults

ROOT = Path(__file__).parents[2]
ARGUMENTS = ["--product-type", "future", "--layer", "all", "--symbol", "ES", "--dt", str(DATE)]


def command(lake: Path, *extra: str) -> list[str]:
    runner = [sys.executable, "-m", "src.data_eng.runner", *ARGUMENTS]
    return [*runner, "--lake-root", str(lake), *extra]


def finish(lake: Path, *extra: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(lake, *extra),
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=200,
    )


def contents(lake: Path) -> dict[str, bytes]:
    layers = [lake / layer for layer in ("bronze", "silver", "gold")]
    files = [path for layer in layers for path in layer.rglob("*") if path.is_file()]
    return {str(path.relative_to(lake)): path.read_bytes() for path in files}


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("source") / "raw"
    write_future_day(folder, SampleFuture(date=DATE, records=250_000))
    return folder


@pytest.fixture(scope="module")
def whole(raw: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    lake = tmp_path_factory.mktemp("whole")
    (lake / "raw").symlink_to(raw)
    assert finish(lake, PYTHONHASHSEED="1").returncode == 0
    return contents(lake)


@pytest.mark.parametrize(
    "signum", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP], ids=lambda s: s.name
)
def test_a_stopped_run_is_finished_by_the_next(
    tmp_path: Path, raw: Path, whole: dict[str, bytes], signum: signal.Signals
) -> None:
    (tmp_path / "raw").symlink_to(raw)
    table = tmp_path / "bronze"
    with subprocess.Popen(
        command(tmp_path), cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as process:
        deadline = time.monotonic() + 60
        # Until the build is under way: its temporary folder is there.
        while not list(table.rglob(".tmp-*")) and time.monotonic() < deadline:
            assert process.poll() is None, process.stderr and process.stderr.read()
            time.sleep(0.002)
        process.send_signal(signum)
        _, errors = process.communicate(timeout=60)
    expected = {signal.SIGKILL: -9, signal.SIGTERM: 143, signal.SIGINT: 130, signal.SIGHUP: 129}
    assert process.returncode == expected[signum]
    assert "Traceback" not in errors
    if signum is not signal.SIGKILL:
        assert not list(table.rglob(".tmp-*"))
    assert not list(table.rglob("_SUCCESS"))
    done = finish(tmp_path, PYTHONHASHSEED="2", TZ="Asia/Tokyo", LC_ALL="C")
    assert done.returncode == 0, done.stderr
    assert contents(tmp_path) == whole


def test_a_worker_that_is_killed_is_told_and_the_others_finish(tmp_path: Path, raw: Path) -> None:
    """The kernel's out-of-memory killer takes a worker: its date fails, the other is built."""
    (tmp_path / "raw").symlink_to(raw)
    extra = ["--workers", "2", "--dates", "2025-06-04"]
    with subprocess.Popen(
        command(tmp_path, *extra),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        deadline = time.monotonic() + 60
        killed: set[int] = set()
        while process.poll() is None and time.monotonic() < deadline:
            for folder in (tmp_path / "bronze").rglob(".tmp-*"):
                worker = int(folder.name.rsplit("-", 2)[1])
                if worker not in killed and worker != process.pid:
                    killed.add(worker)
                    os.kill(worker, signal.SIGKILL)
            time.sleep(0.002)
        out, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    assert len(killed) == 2
    assert f"ES {DATE}: its worker process died twice" in errors
    assert "ES 2025-06-04: " in errors  # it has no raw file, which is told too
    assert "Traceback" not in errors + out
    assert finish(tmp_path).returncode == 0


def test_the_installed_form(tmp_path: Path, raw: Path, whole: dict[str, bytes]) -> None:
    (tmp_path / "raw").symlink_to(raw)
    done = subprocess.run(
        [sys.executable, "-m", "data_eng.runner", *ARGUMENTS, "--lake-root", "."],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=False,
        timeout=200,
    )
    assert done.returncode == 0, done.stderr
    assert contents(tmp_path) == whole
