"""LEVEL features of a futures day: five stages on one pass, beside reading the pass's columns.

``uv run python -m benchmarks.bench_level --records 10000000`` writes a sample day with its Silver
records, bars and levels (once), then runs in turn, as whole processes: the five stages
``level_*`` after each other, one of them alone, and PyArrow reading the same columns of the same
row groups and nothing else, which no implementation on this file can beat. It prints medians and
ratios, and the compile time of the kernels apart: a first run with an empty cache less a run with
a full one. The columns themselves are compared with a slow reference by the tests.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from pathlib import Path

from benchmarks.bench_market import DATE, SYMBOL, read, report, write_records
from benchmarks.measure import Usage, median, run_process
from benchmarks.run_stage import run_stage
from src.data_eng.catalogue.datasets import dataset
from src.data_eng.features.level.levels import level_names

LEVEL = "silver.future.level"
ONE = "level_or_high"


def build(lake: Path, only: str | None) -> None:
    """Build all tables, or one, in this process as a run of the pipeline does."""
    for level in level_names():
        key = f"silver.future.level_{level}"
        if only not in (None, dataset(key).table):
            continue
        folder = lake / dataset(key).folder(SYMBOL) / f"dt={DATE}"
        shutil.rmtree(folder, ignore_errors=True)
        run_stage(lake, key, SYMBOL, DATE)


def prepare(lake: Path, records: int) -> None:
    """Write the sample day and its Silver tables up to the levels, where they are not there."""
    write_records(lake, records)
    if not (lake / dataset(LEVEL).folder(SYMBOL)).exists():
        run_stage(lake, LEVEL, SYMBOL, DATE)


def command(lake: Path, what: str) -> list[str]:
    return [sys.executable, "-m", "benchmarks.bench_level", what, "--lake-root", str(lake)]


def compare(lake: Path, records: int, runs: int) -> None:
    lake = lake / str(records)
    prepare(lake, records)
    with tempfile.TemporaryDirectory() as cache:
        os.environ["NUMBA_CACHE_DIR"] = cache
        cold = {"five": run_process(command(lake, "five"))}
        used: dict[str, list[Usage]] = {}
        for _ in range(runs):
            for name in ("start", "read", "five", "one"):
                used.setdefault(name, []).append(run_process(command(lake, name)))
    report(lake, {name: median(figures) for name, figures in used.items()}, cold)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    names = ("all", "start", "read", "five", "one")
    parser.add_argument("what", nargs="?", choices=names, default="all")
    default = Path(tempfile.gettempdir()) / "data_eng-bench" / "market"
    parser.add_argument("--lake-root", type=Path, default=default)
    parser.add_argument("--records", type=int, default=10_000_000)
    parser.add_argument("--runs", type=int, default=3)
    args = parser.parse_args()
    if args.what == "all":
        compare(args.lake_root, args.records, args.runs)
    elif args.what == "read":
        read(args.lake_root)
    elif args.what != "start":
        build(args.lake_root, None if args.what == "five" else ONE)


if __name__ == "__main__":
    main()
