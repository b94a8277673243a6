"""The same run in this process, in worker processes, on Dask: the same bytes, whatever dies."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from src.data_eng import __version__
from src.data_eng.errors import LostWorkerError, UsageError
from src.data_eng.pipeline.executors import Executor
from src.data_eng.pipeline.executors.local import InProcessExecutor, LocalExecutor
from src.data_eng.pipeline.plan import Request, build_graph
from src.data_eng.pipeline.scheduler import Run
from src.data_eng.settings import Settings
from src.data_eng.stages.outcome import Outcome, Status
from tests.cli_runs import RAW
from tests.dbn_files import DAY_NS, START_NS, day_ns, mbp10_records, write_mbp10

pytestmark = pytest.mark.faults

DATES = (dt.date(2025, 6, 4), dt.date(2025, 6, 5))

Make = Callable[[Path], Executor]


def in_process(_lake: Path) -> Executor:
    return InProcessExecutor(lambda _key, _share: None)


def local(_lake: Path) -> Executor:
    return LocalExecutor(2)


def dask(lake: Path) -> Executor:
    pytest.importorskip("distributed", reason="the extra dask is not installed")
    from src.data_eng.pipeline.executors.dask import DaskExecutor  # noqa: PLC0415

    return DaskExecutor(2, None, lake)


def deliver(lake: Path) -> Path:
    for date in DATES:
        start = day_ns(date) + START_NS % DAY_NS
        path = lake / RAW / f"{date}.dbn.zst"
        write_mbp10(path, mbp10_records(200, start_ns=start), date=date)
    return lake


def contents(lake: Path) -> dict[str, bytes]:
    layers = [lake / layer for layer in ("bronze", "silver", "gold")]
    files = [path for layer in layers for path in layer.rglob("*") if path.is_file()]
    return {str(path.relative_to(lake)): path.read_bytes() for path in files}


def run(lake: Path, executor: Executor) -> list[Outcome]:
    request = Request("future", "all", "ES", DATES, Settings(lake_root=lake))
    results = Run(request, build_graph(request), executor).results()
    told = [one for result in results for one in result.outcomes]
    assert len({(one.dataset, one.date) for one in told}) == len(told)
    assert not list(lake.glob(".dask-*"))
    return told


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Return every file of a lake built in this process."""
    lake = deliver(tmp_path_factory.mktemp("alone"))
    told = run(lake, in_process(lake))
    assert {one.status for one in told} == {Status.WRITTEN}
    found = contents(lake)
    assert len(found) == 3 * len(told)
    return found


def workers() -> list[psutil.Process]:
    """Return the processes below this one that run tasks."""
    found = []
    for one in psutil.Process().children(recursive=True):
        try:
            command = " ".join(one.cmdline())
        except psutil.Error:
            continue
        if "spawn_main" in command:
            found.append(one)
    return found


@contextmanager
def a_worker_killed(lake: Path) -> Iterator[list[int]]:
    """SIGKILL the first worker that builds something."""
    killed: list[int] = []
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(0.001) and not killed:
            for folder in [*lake.glob("*/*/*/*/.tmp-*"), *lake.glob("*/*/*/*/*/.tmp-*")]:
                worker = int(folder.name.rsplit("-", 2)[1])
                if worker in {one.pid for one in workers()}:
                    os.kill(worker, signal.SIGKILL)
                    killed.append(worker)
                    return

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield killed
    finally:
        ended.set()
        thread.join()


@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.parametrize("make", [local, dask], ids=["local", "dask"])
def test_workers_write_the_same_bytes_though_one_is_killed(
    tmp_path: Path, alone: dict[str, bytes], make: Make
) -> None:
    lake = deliver(tmp_path)
    with a_worker_killed(lake) as killed:
        told = run(lake, make(lake))
    assert len(killed) == 1
    assert {one.status for one in told} == {Status.WRITTEN}, [
        one for one in told if one.status is not Status.WRITTEN
    ]
    # A partition that was published just before is complete for the second attempt.
    assert contents(lake) == alone
    deadline = time.monotonic() + 5
    while workers() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not workers()


def test_closing_leaves_other_processes_of_the_caller_alone(tmp_path: Path) -> None:
    import multiprocessing  # noqa: PLC0415

    other = multiprocessing.get_context("spawn").Process(target=time.sleep, args=(60,))
    other.start()
    try:
        lake = deliver(tmp_path)
        request = Request("future", "bronze", "ES", DATES, Settings(lake_root=lake))
        results = Run(request, build_graph(request), local(lake)).results()
        next(results)
        results.close()
        assert other.is_alive()
        assert [one.pid for one in workers()] == [other.pid]
    finally:
        other.kill()
        other.join()


def other_release(_token: str, _level: int) -> tuple[str, str | None, str | None]:
    return "0.0.1", None, None


def other_lake(_token: str, _level: int) -> tuple[str, str | None, str | None]:
    return __version__, None, None


def on_network(token: str, _level: int) -> tuple[str, str | None, str | None]:
    return __version__, Path(token).read_text(), "nfs4"


def no_import(_token: str, _level: int) -> tuple[str, str | None, str | None]:
    raise ModuleNotFoundError("No module named 'data_eng'")


@pytest.fixture
def usual_port_taken() -> Iterator[None]:
    """Have the port taken that Dask's schedulers like, as by another run."""
    with socket.socket() as taken, contextlib.suppress(OSError):
        taken.bind(("127.0.0.1", 8787))  # where it is taken already, all the better
        taken.listen()
        yield
        return
    yield


@pytest.mark.usefixtures("usual_port_taken")
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_a_dask_worker_that_will_not_do_is_told_before_the_first_task(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("distributed", reason="the extra dask is not installed")
    from src.data_eng.pipeline.executors import dask as module  # noqa: PLC0415

    lake = deliver(tmp_path)
    executor = dask(lake)
    for seen, words in (
        (no_import, "cannot import data_eng"),
        (other_release, "has data_eng 0.0.1, this is"),
        (on_network, f"{lake}: it lies on nfs4, where a lock of one host does not hold"),
    ):
        monkeypatch.setattr(module, "look_around", seen)
        with pytest.raises(UsageError, match="worker tcp://") as told:
            executor.slots()
        assert words in str(told.value)
        assert sorted(path.name for path in lake.iterdir()) == ["raw"]
    monkeypatch.setattr(module, "look_around", other_lake)
    with pytest.raises(UsageError, match=r"does not see the lake at .*; mount it there"):
        run(lake, executor)
    assert sorted(path.name for path in lake.iterdir()) == ["raw"]
    assert not workers()


def test_a_cluster_that_does_not_start_is_one_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    distributed = pytest.importorskip("distributed", reason="the extra dask is not installed")

    def fails(**_options: object) -> None:
        raise RuntimeError("Cluster failed to start: no worker\nin time")

    monkeypatch.setattr(distributed, "LocalCluster", fails)
    with pytest.raises(LostWorkerError, match=r"started here \(.*no worker\); run again"):
        dask(tmp_path)
