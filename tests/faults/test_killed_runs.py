"""Real processes, stopped while they run."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from src.data_eng.pipeline.plan import LAYERS
from src.data_eng.sample import SampleFuture, write_future_day
from tests.dbn_files import DATE

pytestmark = pytest.mark.faults

ROOT = Path(__file__).parents[2]
ARGUMENTS = ["--product-type", "future", "--symbol", "ES", "--dt", str(DATE)]


def command(lake: Path, *extra: str, layer: str = "all") -> list[str]:
    runner = [sys.executable, "-m", "src.data_eng.runner", *ARGUMENTS, "--layer", layer]
    return [*runner, "--lake-root", str(lake), *extra]


def finish(lake: Path, layer: str = "all", **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(lake, layer=layer),
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=200,
    )


def contents(lake: Path) -> dict[str, bytes]:
    layers = [lake / layer for layer in LAYERS]
    files = [path for layer in layers for path in layer.rglob("*") if path.is_file()]
    return {str(path.relative_to(lake)): path.read_bytes() for path in files}


def of_layers(whole: dict[str, bytes], *layers: str) -> dict[str, bytes]:
    return {name: data for name, data in whole.items() if name.startswith(layers)}


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
    ("signum", "layer"),
    # What stops in Bronze leaves nothing above it: one of them is followed to Gold.
    [
        (signal.SIGKILL, "all"),
        (signal.SIGTERM, "bronze"),
        (signal.SIGINT, "bronze"),
        (signal.SIGHUP, "bronze"),
    ],
    ids=lambda one: getattr(one, "name", one),
)
def test_a_stopped_run_is_finished_by_the_next(
    tmp_path: Path, raw: Path, whole: dict[str, bytes], signum: signal.Signals, layer: str
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
    assert not list(tmp_path.rglob("_SUCCESS"))
    done = finish(tmp_path, layer, PYTHONHASHSEED="2", TZ="Asia/Tokyo", LC_ALL="C")
    assert done.returncode == 0, done.stderr
    layers = LAYERS if layer == "all" else (layer,)
    assert contents(tmp_path) == of_layers(whole, *layers)


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
    assert finish(tmp_path, "bronze").returncode == 0


def test_the_installed_form(tmp_path: Path, raw: Path, whole: dict[str, bytes]) -> None:
    """Bronze alone: kernels are compiled anew for its name. CI runs all layers of the wheel."""
    (tmp_path / "raw").symlink_to(raw)
    done = subprocess.run(
        [sys.executable, "-m", "data_eng.runner", *ARGUMENTS, "--layer=bronze", "--lake-root=."],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=False,
        timeout=200,
    )
    assert done.returncode == 0, done.stderr
    assert contents(tmp_path) == of_layers(whole, "bronze")
