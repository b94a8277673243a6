"""A Dask cluster that runs: workers of two hosts, late ones, and whatever of it dies."""

from __future__ import annotations

import datetime as dt
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from src.data_eng import __version__
from src.data_eng.cli.run import main
from src.data_eng.errors import LostSchedulerError, LostWorkerError, UsageError
from src.data_eng.lake.objects.url import LakeUrl
from src.data_eng.pipeline.executors import Executor, Slot
from src.data_eng.pipeline.executors.local import InProcessExecutor, LocalExecutor
from src.data_eng.pipeline.run_log import RUNS
from src.data_eng.pipeline.task import Task
from src.data_eng.stages.outcome import Status
from tests import trap_settings
from tests.cli_runs import RAW
from tests.dask_cluster import Cluster
from tests.dbn_files import DAY_NS, START_NS, day_ns, mbp10_records, write_mbp10
from tests.s3_hosts import Hosts as S3Hosts
from tests.s3_server import S3Server

pytest.importorskip("distributed", reason="the extra dask is not installed")

from src.data_eng.pipeline.executors import dask as module
from src.data_eng.pipeline.executors.dask import DaskExecutor
from src.data_eng.pipeline.executors.worker_check import look_around

DATES = (dt.date(2025, 6, 4), dt.date(2025, 6, 5))
HOSTS = ("127.0.0.2", "127.0.0.3")
KEY = "bronze.future.market_by_price_10"
TABLES = "market_by_price_10,market_by_price_10_clean,market_by_price_10_first3h"
WAIT_S = 120.0

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")


@pytest.fixture(scope="module")
def cluster(s3_server: S3Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with Cluster(tmp_path_factory.mktemp("cluster")) as made:
        for host in HOSTS:
            scratch = made.home / f"scratch-{host}"
            made.add(host, **s3_server.environment(DATA_ENG_SCRATCH=str(scratch)))
        yield made


@pytest.fixture(params=["in process", "local", "dask"])
def executor(
    request: pytest.FixtureRequest, tmp_path: Path, cluster: Cluster
) -> Iterator[Executor]:
    made: Executor
    if request.param == "in process":
        made = InProcessExecutor(lambda _key, _share: None)
    elif request.param == "local":
        made = LocalExecutor(1)
    else:
        made = DaskExecutor(2, cluster.address, tmp_path)
    yield made
    made.close(now=True)


def task(settings: object) -> Task:
    return Task(KEY, "ES", DATES[0], settings)  # type: ignore[arg-type]


def deliver(lake: Path) -> Path:
    for date in DATES:
        records = mbp10_records(200, start_ns=day_ns(date) + START_NS % DAY_NS)
        write_mbp10(lake / RAW / f"{date}.dbn.zst", records, date=date)
    return lake


def run_cli(lake: Path | LakeUrl, *flags: str) -> int:
    command = ["--product-type", "future", "--layer", "all", "--symbol", "ES", "--table", TABLES]
    command += ["--dates", ",".join(map(str, DATES)), "--lake-root", str(lake)]
    return main([*command, *flags])


def contents(lake: Path) -> dict[str, bytes]:
    layers = [lake / layer for layer in ("bronze", "silver", "gold")]
    files = [path for layer in layers for path in layer.rglob("*") if path.is_file()]
    return {str(path.relative_to(lake)): path.read_bytes() for path in files}


def shown(out: str) -> tuple[set[str], str]:
    """Return which partitions a text run told, and the line that counts them."""
    lines = out.splitlines()
    (counts,) = [line for line in lines if "; run " in line]
    return {line.split(":")[0] for line in lines if line.startswith("written ")}, counts[:10]


def test_an_error_that_cannot_be_pickled_is_told(executor: Executor) -> None:
    slot = executor.slots()[0]
    result = executor.submit(task(trap_settings.RAISES), slot).result(WAIT_S)
    (outcome,) = result.outcomes
    assert outcome.status is Status.FAILED
    assert "UnpicklableError: a lock is no message" in outcome.reason


def test_two_hosts_write_the_same_bytes_and_show_the_same(
    tmp_path: Path, cluster: Cluster, capsys: pytest.CaptureFixture[str]
) -> None:
    alone, lake = deliver(tmp_path / "alone"), deliver(tmp_path / "lake")
    assert run_cli(alone) == 0
    told = shown(capsys.readouterr().out)
    assert run_cli(lake, "--executor", "dask", "--scheduler", cluster.address) == 0
    assert shown(capsys.readouterr().out) == told
    assert len(told[0]) == 2 * 3
    assert contents(lake) == contents(alone) != {}
    (path,) = (lake / RUNS).iterdir()
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    # Each host built; nothing was left where the workers stand.
    pids = {line["pid"] for line in lines if line["event"] == "partition"}
    assert pids == {cluster.workers[host].pid for host in HOSTS}
    for host in HOSTS:
        assert not list((cluster.home / host / "work").glob("**/*.parquet"))
    assert not list(lake.glob(".dask-*"))


def test_two_hosts_build_a_lake_on_object_storage(
    tmp_path: Path, cluster: Cluster, hosts: S3Hosts, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone, client = deliver(tmp_path / "alone"), hosts.client()
    assert run_cli(alone) == 0
    for path in (alone / RAW).iterdir():
        client.put(f"{RAW}/{path.name}", path)
    monkeypatch.setenv("DATA_ENG_SCRATCH", str(tmp_path / "runner"))
    assert run_cli(hosts.url, "--executor", "dask", "--scheduler", cluster.address) == 0
    found = {name: one.data for name in client.list("") if (one := client.read(name))}
    (log,) = (data for name, data in found.items() if name.startswith(RUNS))
    # Nothing else is left: no claim, and no note by which workers are checked.
    beside = (f"{RUNS}/", "raw/", ".index/")
    built = {name: data for name, data in found.items() if not name.startswith(beside)}
    assert built == contents(alone) != {}
    lines = [json.loads(line) for line in log.splitlines()]
    pids = {line["pid"] for line in lines if line["event"] == "partition"}
    assert pids == {cluster.workers[host].pid for host in HOSTS}


def by_environment(token: str, level: int) -> tuple[str, str | None, str | None]:
    """Look around as a worker of another release, where the environment says so."""
    found, seen, network = look_around(token, level)
    return os.environ.get("DATA_ENG_TEST_RELEASE", found), seen, network


def test_a_late_worker_is_checked_too(
    tmp_path: Path,
    cluster: Cluster,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(module, "look_around", by_environment)
    executor = DaskExecutor(2, cluster.address, tmp_path)
    try:
        assert {one.host for one in executor.slots()} == set(HOSTS)
        cluster.add("127.0.0.4", DATA_ENG_TEST_RELEASE="0.0.1")
        deadline = time.monotonic() + WAIT_S
        while "it gets no task" not in caplog.text and time.monotonic() < deadline:
            assert {one.host for one in executor.slots()} == set(HOSTS)
            time.sleep(0.2)
        executor.slots()
        assert caplog.text.count(f"has data_eng 0.0.1, this is {__version__}; it gets no") == 1
    finally:
        executor.close(now=False)
    # One that is there when a run begins ends it before the first task.
    again = DaskExecutor(2, cluster.address, tmp_path)
    try:
        with pytest.raises(UsageError, match=r"worker tcp://127\.0\.0\.4:.*has data_eng 0\.0\.1"):
            again.slots()
    finally:
        again.close(now=True)


@pytest.mark.faults
def test_workers_and_the_scheduler_die(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SCHEDULER_TIMEOUT_S", 1.0)
    with Cluster(tmp_path / "cluster") as cluster:
        for host in HOSTS:
            cluster.add(host)
        cluster.add("127.0.0.5", "--nanny", "--memory-limit", "700 MB")
        executor = DaskExecutor(3, cluster.address, tmp_path / "lake")
        slots: dict[str, Slot] = {}
        while len(slots) < 3:
            slots = {one.host: one for one in executor.slots()}
        sleeps, dies = (slots[host] for host in HOSTS)
        hoards = slots["127.0.0.5"]
        last = executor.submit(task(trap_settings.SLEEPS), sleeps)
        killed = executor.submit(task(trap_settings.KILLED), dies)
        hoarder = executor.submit(task(trap_settings.HOARDS), hoards)
        assert isinstance(killed.exception(WAIT_S), LostWorkerError)
        # The nanny ends a worker that takes more than its limit, and starts another one.
        assert isinstance(hoarder.exception(WAIT_S), LostWorkerError)
        assert not last.done()
        assert dies not in executor.slots()
        cluster.scheduler.kill()
        assert isinstance(last.exception(WAIT_S), LostSchedulerError)
        with pytest.raises(LostSchedulerError, match=r"the Dask scheduler tcp://.* ended; what"):
            executor.slots()
        executor.close(now=True)
