"""The runner is stopped while its workers are at work: none stays, and the next run finishes."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from src.data_eng.sample import SampleFuture, write_future_day
from tests.dbn_files import DATE

ROOT = Path(__file__).parents[2]
NEXT = DATE.replace(day=6)
ARGUMENTS = ["--product-type", "future", "--layer", "bronze", "--symbol", "ES"]


def command(lake: Path, workers: int) -> list[str]:
    runner = [sys.executable, "-m", "src.data_eng.runner", *ARGUMENTS, "--dates", f"{DATE},{NEXT}"]
    return [*runner, "--workers", str(workers), "--lake-root", str(lake)]


def contents(lake: Path) -> dict[str, bytes]:
    files = [path for path in (lake / "bronze").rglob("*") if path.is_file()]
    return {str(path.relative_to(lake)): path.read_bytes() for path in files}


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("source") / "raw"
    for date in (DATE, NEXT):
        write_future_day(folder, SampleFuture(date=date, records=250_000))
    return folder


@pytest.fixture(scope="module")
def whole(raw: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    lake = tmp_path_factory.mktemp("whole")
    (lake / "raw").symlink_to(raw)
    subprocess.run(command(lake, 1), cwd=ROOT, check=True, capture_output=True, timeout=100)
    return contents(lake)


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks at Linux's /proc")
@pytest.mark.parametrize("signum", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_no_worker_outlives_the_runner(
    tmp_path: Path, raw: Path, whole: dict[str, bytes], signum: signal.Signals
) -> None:
    (tmp_path / "raw").symlink_to(raw)
    with subprocess.Popen(
        command(tmp_path, 2), cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as process:
        deadline = time.monotonic() + 60
        while not list((tmp_path / "bronze").rglob(".tmp-*")) and time.monotonic() < deadline:
            assert process.poll() is None, process.stderr and process.stderr.read()
            time.sleep(0.002)
        children = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(signum)
        _, errors = process.communicate(timeout=30)
    assert process.returncode == {signal.SIGTERM: 143, signal.SIGINT: 130}.get(signum, -9)
    assert "Traceback" not in errors
    assert len(children) >= 2
    _, left = psutil.wait_procs(children, timeout=5)
    assert not left
    subprocess.run(command(tmp_path, 1), cwd=ROOT, check=True, capture_output=True, timeout=100)
    assert contents(tmp_path) == whole
