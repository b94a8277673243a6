"""What is complete is told without a task, alike with an index, without one and by tasks."""

from __future__ import annotations

import datetime as dt
import os
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.many_partitions import fabricate
from src.data_eng.catalogue.datasets import dataset
from src.data_eng.exchange.calendar import trading_days
from src.data_eng.lake import index
from src.data_eng.lake.claim import lake_claim
from src.data_eng.lake.paths import MANIFEST, SUCCESS, Partition
from src.data_eng.pipeline.complete import CompleteNodes
from src.data_eng.pipeline.executors import Slot
from src.data_eng.pipeline.executors.local import InProcessExecutor
from src.data_eng.pipeline.inventory import Found, State, lake_tables, take_inventory
from src.data_eng.pipeline.plan import PRODUCT_TYPES, Request, build_graph
from src.data_eng.pipeline.scheduler import Run
from src.data_eng.pipeline.task import Task, TaskResult
from src.data_eng.settings import Settings
from src.data_eng.stages.outcome import Outcome, Status
from src.data_eng.stages.series import CurrentSeries
from src.data_eng.vendor import raw_headers

DATES = trading_days(dt.date(2025, 6, 3), dt.date(2025, 6, 6))
CLEAN = Partition(dataset("silver.future.market_by_price_10_clean"), "ESM5", DATES[1])
BARS = Partition(dataset("silver.future.ohlcv_2m"), "ESM5", DATES[1])


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a lake of four complete dates, with manifests alone."""
    lake = tmp_path_factory.mktemp("made") / "lake"
    fabricate(lake, "ES", DATES)
    return lake


@pytest.fixture
def lake(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy of that lake, of which nothing is too new to be kept."""
    monkeypatch.setattr(index, "_TICK_NS", -1)
    monkeypatch.setattr(raw_headers, "_TICK_NS", -1)
    shutil.copytree(made, tmp_path / "lake")
    return tmp_path / "lake"


def status(lake: Path) -> dict[str, Found]:
    settings = Settings(lake_root=lake)
    found = take_inventory(settings, lake_tables(PRODUCT_TYPES))
    return {str(one.partition): one for one in found}


class Counting(InProcessExecutor):
    """An executor that remembers what it was given."""

    def __init__(self) -> None:
        super().__init__(lambda _key, _share: None)
        self.tasks: list[Task] = []

    def submit(self, task: Task, slot: Slot) -> Future[TaskResult]:
        self.tasks.append(task)
        return super().submit(task, slot)


def plan(
    lake: Path, *, dry_run: bool = True, force: bool = False, shared_lake: bool = False
) -> tuple[list[Outcome], int]:
    """Return the outcomes of a run, by partition, and how many tasks it took."""
    settings = Settings(lake_root=lake, force=force, shared_lake=shared_lake)
    request = Request("all", "all", "ES", tuple(DATES), settings, dry_run)
    executor = Counting()
    run = Run(request, build_graph(request), executor)
    found = [replace(one, seconds=0.0) for result in run.results() for one in result.outcomes]
    return sorted(found, key=lambda one: (one.dataset, one.date)), len(executor.tasks)


def by_tasks(lake: Path, monkeypatch: pytest.MonkeyPatch) -> list[Outcome]:
    """Return the outcomes of a dry run that tells nothing without a task."""

    def none(_self: CompleteNodes) -> Iterator[TaskResult]:
        return iter(())

    with monkeypatch.context() as patched:
        patched.setattr(CompleteNodes, "results", none)
        return plan(lake)[0]


def rewrite(path: Path, old: bytes, new: bytes) -> None:
    """Put other bytes of the same size in place of a file, with the same time of change."""
    was, data = path.stat(), path.read_bytes()
    assert old in data
    assert len(old) == len(new)
    beside = path.with_name("beside")
    beside.write_bytes(data.replace(old, new))
    os.utime(beside, ns=(was.st_atime_ns, was.st_mtime_ns))
    beside.replace(path)


def remove(lake: Path) -> None:
    shutil.rmtree(lake / BARS.folder)


def damage(lake: Path) -> None:
    rewrite(lake / CLEAN.folder / MANIFEST, b'"rows": 1000000', b'"rows": 1000001')


def half(lake: Path) -> None:
    (lake / CLEAN.folder / SUCCESS).unlink()


def raw_changed(lake: Path) -> None:
    (path,) = (lake / "raw").rglob(f"*{DATES[1]:%Y%m%d}.mbp-10.dbn")
    rewrite(path, b"GLBX", b"GLBY")


def index_cut(lake: Path) -> None:
    for path in (lake / ".index").rglob("*.lines"):
        path.write_bytes(path.read_bytes()[:-20].replace(b"silver_", b"golden_"))


CHANGES: list[Callable[[Path], None]] = [remove, damage, half, raw_changed, index_cut]


def test_what_is_complete_takes_no_task(lake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = by_tasks(lake, monkeypatch)
    assert {one.status for one in wanted} == {Status.COMPLETE}
    assert plan(lake) == (wanted, 0)
    assert plan(lake, dry_run=False) == (wanted, 0)


@pytest.fixture
def left(lake: Path) -> dict[Path, Partition]:
    """Return what a killed run left, on the first date, and on one with a table to build."""
    remove(lake)
    options = replace(CLEAN, dataset=dataset("gold.future_option.trades_first3h"))
    found = {
        lake / one.table_folder / f"{one.temporary_prefix}host-1-ab": one
        for one in (replace(CLEAN, date=DATES[0]), CLEAN, options)
    }
    for folder in found:
        folder.mkdir()
    return found


def test_a_dry_run_removes_nothing(lake: Path, left: dict[Path, Partition]) -> None:
    plan(lake)
    assert {folder.exists() for folder in left} == {True}
    plan(lake, dry_run=False)
    assert {folder.exists() for folder in left} == {False}


def test_what_another_host_builds_is_left_alone(lake: Path, left: dict[Path, Partition]) -> None:
    with ExitStack() as held:
        for one in left.values():
            held.enter_context(lake_claim(lake, one.lock_name))
        plan(lake, dry_run=False, shared_lake=True)
    assert {folder.exists() for folder in left} == {True}


def test_forced_runs_look_at_nothing_before(lake: Path) -> None:
    found, tasks = plan(lake, force=True)
    assert Status.COMPLETE not in {one.status for one in found}
    assert tasks > 0


@pytest.mark.parametrize("change", CHANGES)
def test_a_plan_is_the_same_by_tasks(
    lake: Path, monkeypatch: pytest.MonkeyPatch, change: Callable[[Path], None]
) -> None:
    plan(lake)  # fills the index
    change(lake)
    found, tasks = plan(lake)
    assert found == by_tasks(lake, monkeypatch)
    assert (tasks > 0) is (change is not index_cut)
    assert {one.status for one in found if one.date < DATES[1]} == {Status.COMPLETE}
    shutil.rmtree(lake / ".index")
    assert plan(lake)[0] == found


@pytest.mark.parametrize("change", CHANGES)
def test_status_is_the_same_without_the_index(lake: Path, change: Callable[[Path], None]) -> None:
    status(lake)
    change(lake)
    warm = status(lake)
    assert status(lake) == warm
    shutil.rmtree(lake / ".index")
    assert status(lake) == warm


@pytest.mark.parametrize("change", [remove, damage, raw_changed])
def test_status_is_the_same_partition_by_partition(
    lake: Path, monkeypatch: pytest.MonkeyPatch, change: Callable[[Path], None]
) -> None:
    change(lake)
    found = status(lake)
    assert State.STALE in {one.state for one in found.values()}
    monkeypatch.setattr(CurrentSeries, "of", lambda _self, _key, _symbol: {})
    assert status(lake) == found


def test_status_tells_what_the_index_does_not(lake: Path) -> None:
    assert {one.state for one in status(lake).values()} == {State.COMPLETE}
    remove(lake)
    damage(lake)
    found = status(lake)
    assert found[str(BARS)].state is State.MISSING
    assert found[str(CLEAN)].state is State.DAMAGED
    reader = str(replace(BARS, dataset=dataset("silver.future.level")))
    assert found[reader].state is State.STALE


def test_raw_files_that_changed_make_stale(lake: Path) -> None:
    status(lake)
    raw_changed(lake)
    bronze = replace(CLEAN, dataset=dataset("bronze.future.market_by_price_10"))
    found = status(lake)[str(bronze)]
    assert (found.state, found.reason) == (
        State.STALE,
        "its inputs changed: the raw files are others",
    )
