"""Two runs over one lake at a time: neither waits while it could build something else."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

from src.data_eng.lake.lock import lake_lock
from src.data_eng.pipeline.executors.local import InProcessExecutor
from src.data_eng.pipeline.plan import Request, build_graph
from src.data_eng.pipeline.scheduler import Run
from src.data_eng.settings import Settings
from src.data_eng.stages.outcome import Status
from tests.cli_runs import BRONZE, NEXT, RAW
from tests.dbn_files import DATE, DAY_NS, START_NS, day_ns, mbp10_records, write_mbp10

ROOT = Path(__file__).parents[2]
KEY = "bronze.future.market_by_price_10"
DATES = (DATE, NEXT)


def deliver(lake: Path) -> None:
    for date in DATES:
        records = mbp10_records(300, start_ns=day_ns(date) + START_NS % DAY_NS)
        write_mbp10(lake / RAW / f"{date}.dbn.zst", records, date=date)


def test_a_run_that_meets_a_lock_builds_the_other_dates_first(tmp_path: Path) -> None:
    deliver(tmp_path)
    request = Request("future", "bronze", "ES", DATES, Settings(lake_root=tmp_path))
    executor = InProcessExecutor(lambda _key, _share: None)
    results = Run(request, build_graph(request), executor).results()
    with ExitStack() as held:
        held.enter_context(lake_lock(tmp_path, f"{KEY}.ESM5.{DATE}.lock"))
        (first,) = next(results).outcomes
        assert (first.date, first.status) == (NEXT, Status.WRITTEN)
        assert not (tmp_path / BRONZE.format("ESM5") / f"dt={DATE}").exists()
    (last,) = next(results).outcomes
    assert (last.date, last.status) == (DATE, Status.WRITTEN)
    assert not list(results)


def test_two_runners_share_the_work_and_both_are_right(tmp_path: Path) -> None:
    deliver(tmp_path)
    command = [sys.executable, "-m", "src.data_eng.runner", "--log-format", "json"]
    command += ["--product-type", "future", "--layer", "bronze", "--symbol", "ES"]
    command += ["--dates", ",".join(map(str, DATES)), "--lake-root", str(tmp_path)]
    runs = [
        subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(2)
    ]
    told: list[tuple[str, str]] = []
    for one in runs:
        out, _ = one.communicate(timeout=120)
        assert one.returncode == 0
        found = [json.loads(line) for line in out.splitlines()]
        told += [(line["dt"], line["status"]) for line in found if line["event"] == "partition"]
    assert sorted(told) == [
        (str(date), status) for date in DATES for status in ("complete", "written")
    ]
