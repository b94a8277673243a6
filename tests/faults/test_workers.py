"""The runner is stopped while its workers are at work: none stays, and the next run finishes."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from src.data_eng.cli.run import main
from src.data_eng.pipeline.children import OF_TERMINAL
from src.data_eng.sample import SampleFuture, write_future_day
from tests.dbn_files import DATE

pytestmark = pytest.mark.faults

ROOT = Path(__file__).parents[2]
NEXT = DATE.replace(day=6)
ARGUMENTS = ["--product-type", "future", "--layer", "bronze", "--symbol", "ES"]


def flags(lake: Path) -> list[str]:
    return [*ARGUMENTS, "--dates", f"{DATE},{NEXT}", "--lake-root", str(lake)]


def command(lake: Path) -> list[str]:
    return [sys.executable, "-m", "src.data_eng.runner", *flags(lake), "--workers", "2"]


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
    assert main(flags(lake)) == 0
    return contents(lake)


def workers_at_work(
    process: subprocess.Popen[str] | psutil.Process, lake: Path
) -> list[psutil.Process]:
    """Return the children of a run once one of them builds a partition."""
    deadline = time.monotonic() + 60
    while not list((lake / "bronze").rglob(".tmp-*")):
        assert psutil.pid_exists(process.pid)
        assert time.monotonic() < deadline
        time.sleep(0.002)
    children: list[psutil.Process] = psutil.Process(process.pid).children(recursive=True)
    assert len(children) >= 2
    return children


def assert_ended(children: list[psutil.Process]) -> None:
    _, left = psutil.wait_procs(children, timeout=5)
    assert not left


def finish(lake: Path) -> None:
    assert main(flags(lake)) == 0
    assert not list(lake.rglob(".tmp-*"))


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks at Linux's /proc")
@pytest.mark.parametrize(
    "signum", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP], ids=lambda s: s.name
)
def test_no_worker_outlives_the_runner(
    tmp_path: Path, raw: Path, whole: dict[str, bytes], signum: signal.Signals
) -> None:
    (tmp_path / "raw").symlink_to(raw)
    with subprocess.Popen(
        command(tmp_path), cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        start_new_session=True,
    ) as process:  # fmt: skip
        children = workers_at_work(process, tmp_path)
        if signum in OF_TERMINAL:  # as a terminal does
            os.killpg(process.pid, signum)
        else:
            process.send_signal(signum)
        _, errors = process.communicate(timeout=30)
    expected = {signal.SIGTERM: 143, signal.SIGINT: 130, signal.SIGHUP: 129, signal.SIGKILL: -9}
    assert process.returncode == expected[signum]
    assert "Traceback" not in errors
    assert_ended(children)
    finish(tmp_path)
    assert contents(tmp_path) == whole


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks at Linux's /proc")
@pytest.mark.parametrize("after_s", [0.0, 0.1, 1.5])
def test_a_second_interrupt_ends_the_run_too(
    tmp_path: Path, raw: Path, whole: dict[str, bytes], after_s: float
) -> None:
    (tmp_path / "raw").symlink_to(raw)
    with subprocess.Popen(
        command(tmp_path), cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as process:
        children = workers_at_work(process, tmp_path)
        process.send_signal(signal.SIGINT)
        time.sleep(after_s)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=30)
    # The interpreter that is ending has no handler any more: a shell tells both as 130.
    assert process.returncode in (130, -signal.SIGINT)
    assert "Traceback" not in errors
    assert_ended(children)
    finish(tmp_path)
    assert contents(tmp_path) == whole


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks at Linux's /proc")
def test_a_terminal_that_closes_ends_the_run_and_its_workers(
    tmp_path: Path, raw: Path, whole: dict[str, bytes]
) -> None:
    (tmp_path / "raw").symlink_to(raw)
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(ROOT)
        os.execv(sys.executable, command(tmp_path))
    process = psutil.Process(pid)
    children = workers_at_work(process, tmp_path)
    os.close(terminal)
    _, status = os.waitpid(pid, 0)
    # By the signal, or by the output that fails before it arrives.
    assert os.waitstatus_to_exitcode(status) in (129, 1)
    assert_ended(children)
    finish(tmp_path)
    assert contents(tmp_path) == whole
