"""A backfill by two Dask workers beside one by two local workers.

``python -m benchmarks.bench_dask`` writes days of MBP-10 records (once, into ``--raw``), then
builds all layers of all of them with ``--workers 2`` and with ``--executor dask --scheduler``, in
turn. The cluster, a scheduler and two workers of one thread, is started anew for each run and
before its clock: how long that takes is printed apart. Printed are wall times, the ratio of each
pair and its median.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from benchmarks.measure import machine, run_process
from benchmarks.raw_input import DEFAULT_RAW, new_lake, runner_command, write_sample
from src.data_eng.exchange.calendar import sessions_before

LAST: Final = dt.date(2025, 6, 6)
MOST_DAYS: Final = 40
WORKERS: Final = 2
_DASK: Final = (sys.executable, "-m", "distributed.cli.dask_scheduler")
_WORKER: Final = (sys.executable, "-m", "distributed.cli.dask_worker")


@contextmanager
def cluster() -> Iterator[tuple[str, float]]:
    """Run a scheduler and workers; give its address, and how long the start took."""
    with tempfile.TemporaryDirectory() as home, ExitStack() as running:
        started, file = time.perf_counter(), Path(home, "scheduler.json")

        def start(*command: str) -> None:
            quiet = subprocess.DEVNULL
            process = subprocess.Popen(command, cwd=Path.cwd(), stdout=quiet, stderr=quiet)
            running.callback(process.wait)
            running.callback(process.terminate)

        flags = ("--no-dashboard", "--scheduler-file", str(file))
        start(*_DASK, "--host", "127.0.0.1", "--port", "0", *flags)
        for _ in range(WORKERS):
            start(*_WORKER, "--nthreads", "1", "--no-nanny", *flags)
        address = wait_for(file)
        yield address, time.perf_counter() - started


def wait_for(file: Path) -> str:
    """Return the address of the scheduler once all workers are there."""
    import distributed  # noqa: PLC0415 - an extra

    while not (file.is_file() and file.stat().st_size):
        time.sleep(0.05)
    address = str(json.loads(file.read_text())["address"])
    with distributed.Client(address, set_as_default=False) as client:
        client.wait_for_workers(WORKERS)
    return address


def measure(raw: Path, dates: tuple[dt.date, ...], name: str) -> tuple[float, float]:
    """Build all layers; return the wall time, and that of the cluster's start before it."""
    with ExitStack() as around:
        lake = new_lake(raw, name)
        around.callback(shutil.rmtree, lake)
        command, start = runner_command(sys.executable, lake, "future", dates, WORKERS), 0.0
        if name == "dask":
            address, start = around.enter_context(cluster())
            command += ["--executor", "dask", "--scheduler", address]
        return run_process(command).wall, start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--raw", type=Path, default=DEFAULT_RAW, help="where raw input is kept")
    parser.add_argument("--records", type=int, default=1_000_000, help="of each day")
    parser.add_argument("--days", type=int, choices=range(1, MOST_DAYS + 1), default=MOST_DAYS)
    parser.add_argument("--pairs", type=int, default=3)
    args = parser.parse_args()
    dates = tuple(reversed([LAST, *sessions_before(LAST, args.days - 1)]))
    raw = write_sample(args.raw / f"dask-{args.records}", dates, ["--records", str(args.records)])
    print(f"{machine()}; {len(dates)} days of {args.records:,} records, {WORKERS} workers")
    ratios = []
    for pair in range(args.pairs):
        sides = ("local", "dask") if pair % 2 else ("dask", "local")
        found = {name: measure(raw, dates, name) for name in sides}
        (local, _), (dask, start) = found["local"], found["dask"]
        ratios.append(dask / local)
        print(
            f"local {local:7.2f} s   dask {dask:7.2f} s   ratio {dask / local:.3f}   "
            f"(cluster start {start:.2f} s before)"
        )
    print(
        f"dask / local, median of {len(ratios)} pairs (smallest to largest): "
        f"{statistics.median(ratios):.3f} ({min(ratios):.3f} to {max(ratios):.3f})"
    )


if __name__ == "__main__":
    main()
