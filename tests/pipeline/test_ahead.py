"""A plan over a lake on object storage fetches side by side what it reads, and each once."""

from __future__ import annotations

import datetime as dt
import threading
from collections import Counter
from pathlib import Path

import pytest

from benchmarks.many_partitions import fabricate
from src.data_eng.catalogue.datasets import dataset
from src.data_eng.errors import LakeError
from src.data_eng.exchange.calendar import trading_days
from src.data_eng.lake.location import open_lake
from src.data_eng.lake.paths import MANIFEST, SUCCESS, Partition
from src.data_eng.lake.store import store_of
from src.data_eng.pipeline import ahead
from src.data_eng.pipeline.executors.local import InProcessExecutor
from src.data_eng.pipeline.plan import Request, build_graph
from src.data_eng.pipeline.run_task import run_task
from src.data_eng.pipeline.scheduler import Run
from src.data_eng.pipeline.task import Task
from src.data_eng.settings import Settings
from src.data_eng.stages.outcome import Outcome, Status, standing_of
from src.data_eng.vendor.raw_index import current_digest
from tests.s3_hosts import Hosts
from tests.s3_server import Fault

DATES = trading_days(dt.date(2025, 6, 4), dt.date(2025, 6, 5))
TABLES = ("table=market_by_price_10", "table=trades", "table=best_quote", "table=ohlcv_2m")
"""Those that are put; of the others nothing is there."""


@pytest.fixture
def lake(hosts: Hosts, tmp_path: Path) -> Hosts:
    """Put two dates of some tables of the futures, and what a host knows of their raw files."""
    folder = tmp_path / "made"
    fabricate(folder, "ES", DATES)
    client, is_ours = hosts.client(), "product_type=future/"
    for path in sorted(one for one in folder.rglob("*") if one.is_file()):
        name = path.relative_to(folder).as_posix()
        if is_ours in name and any(f"{one}/" in name for one in (*TABLES, f"{TABLES[0]}_clean")):
            client.put(name, path)
    hosts.monkeypatch.setenv("DATA_ENG_SCRATCH", str(tmp_path / "writer"))
    mirror = open_lake(str(hosts.url))
    for path in (folder / "raw").rglob("*product_type=future/**/*.dbn"):
        current_digest(mirror, path.relative_to(folder).as_posix())
    return hosts


def move_to(hosts: Hosts, scratch: str) -> None:
    """Go on as another host, which knows nothing of the lake."""
    hosts.monkeypatch.setenv("DATA_ENG_SCRATCH", str(hosts.folder / scratch))
    hosts.monkeypatch.setattr("src.data_eng.lake.location._OPENED", {})
    hosts.server.requests.clear()


def do(hosts: Hosts, scratch: str, key: str, *known: Outcome) -> tuple[Outcome, list[str]]:
    """Return what a task comes to on a worker of another host, and the manifests that it got."""
    move_to(hosts, scratch)
    settled = tuple((one.dataset, one.date, standing_of(one)) for one in known)
    settings = Settings(lake_root=Path(str(hosts.url)))
    symbol = known[0].symbol if known else "ES"
    task = Task(key, symbol, DATES[1], settings, settled, scratch, dry_run=True)
    (found,) = run_task(task).outcomes
    names = [one.name for one in hosts.server.requests if one.name.endswith(MANIFEST)]
    return found, [one.partition("table=")[2].partition("/")[0] for one in names]


def plan(hosts: Hosts, scratch: str, layer: str = "silver") -> list[Outcome]:
    """Return what a dry run on another host tells, which knows nothing of the lake."""
    move_to(hosts, scratch)
    settings = Settings(lake_root=Path(str(hosts.url)))
    request = Request("future", layer, "ES", tuple(DATES), settings, dry_run=True)
    run = Run(request, build_graph(request), InProcessExecutor(lambda _key, _share: None))
    return [one for result in run.results() for one in result.outcomes]


def test_each_is_asked_for_once_and_several_at_a_time(lake: Hosts) -> None:
    both = threading.Barrier(2, timeout=20)

    def meet() -> None:
        both.wait()

    ends = (MANIFEST, SUCCESS, ".dbn", ".dbn.json")
    for end in (MANIFEST, ".dbn", ".dbn.json"):
        # One that is asked for alone would wait for the other in vain.
        lake.server.faults.append(Fault("call", "GET", end, times=2, then=meet))
    found = plan(lake, "other")
    assert not both.broken
    assert Counter(one.status for one in found)[Status.COMPLETE] == 2 * len(TABLES)
    made = Counter(lake.server.requests)
    assert set(made.values()) == {1}
    names = [one.name for one in made if one.kind == "GET"]
    got = Counter(end for one in names for end in ends if one.endswith(end))
    there = 2 * (len(TABLES) + 1)
    assert got == {MANIFEST: there, SUCCESS: there, ".dbn": 2, ".dbn.json": 2}
    assert plan(lake, "other") == found
    assert lake.server.counts().keys() == {"LIST"}


def test_a_worker_on_another_host_fetches_what_its_task_names(lake: Hosts) -> None:
    three = threading.Barrier(3, timeout=20)

    def meet() -> None:
        three.wait()

    lake.server.faults.append(Fault("call", "GET", MANIFEST, times=3, then=meet))
    found, got = do(lake, "worker", "silver.future.best_quote")
    assert not three.broken
    assert found.status is Status.COMPLETE
    assert sorted(got) == ["best_quote", "market_by_price_10", "market_by_price_10_clean"]
    # What the run has settled of it is not asked for.
    clean, _ = do(lake, "second", "silver.future.market_by_price_10_clean")
    assert do(lake, "third", "silver.future.best_quote", clean) == (found, ["best_quote"])
    # What is to be built opens its inputs: of `level` there are two.
    found, got = do(lake, "fourth", "silver.future.level")
    assert found.status is Status.PLANNED
    assert set(got) > {"trades", "ohlcv_2m"}


def test_a_worker_sees_what_another_run_has_built_meanwhile(lake: Hosts) -> None:
    clean, _ = do(lake, "first", "silver.future.market_by_price_10_clean")
    folder = Partition(dataset(clean.dataset), clean.symbol, DATES[1]).path
    client, there = lake.client(), {}
    for name in client.list(folder):
        content = client.read(name)
        assert content is not None
        there[name] = content.data
        client.delete(name)
    move_to(lake, "worker")
    store = store_of(open_lake(str(lake.url), view="worker"))
    assert store is not None
    assert store.state(f"{folder}/{SUCCESS}") is None
    for name, data in there.items():
        client.put(name, data)
    # The run was told that it is complete, by a worker that has seen it.
    known = ((clean.dataset, DATES[1], standing_of(clean)),)
    settings = Settings(lake_root=Path(str(lake.url)))
    task = Task("silver.future.best_quote", clean.symbol, DATES[1], settings, known, "worker", True)
    for looks in (1, 0):  # and once
        lake.server.requests.clear()
        run_task(task)
        assert store.state(f"{folder}/{SUCCESS}") is not None
        asked = [one.name for one in lake.server.requests if one.kind == "LIST"]
        assert sum(f"dt%3D{DATES[1]}" in one or f"dt={DATES[1]}" in one for one in asked) == looks


def test_what_cannot_be_fetched_is_told_by_its_task(lake: Hosts) -> None:
    lake.server.faults.append(Fault("403", "GET", MANIFEST))
    found = plan(lake, "other", "bronze")
    assert {one.status for one in found} == {Status.FAILED}
    assert all("403" in one.reason for one in found)


def test_what_cannot_be_listed_ends_no_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise LakeError("503")

    monkeypatch.setattr(ahead, "is_remote", lambda _root: True)
    monkeypatch.setattr(ahead, "open_lake", lambda root, view: root)
    monkeypatch.setattr(ahead, "fetch_digests", refuse)
    settings = Settings(lake_root=tmp_path)
    request = Request("future", "bronze", "ES", tuple(DATES), settings, dry_run=True)
    ahead.fetch_ahead(request, build_graph(request), "a run")
