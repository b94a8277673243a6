"""Levels and LEVEL features of a futures day, from the tables that the scan of the book left.

``uv run python -m benchmarks.bench_level --records 10000000`` writes a sample day with its Silver
tables (once), then runs in turn, as whole processes: the levels' prices, their seconds, the five
stages ``level_*`` after each other, one of them alone, and PyArrow reading the columns of the
records that a scan would read. It prints medians and ratios, and the compile time of the kernels
apart: a first run with an empty cache less a run with a full one. The columns themselves are
compared with a slow reference by the tests.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

from benchmarks.bench_market import DATE, SYMBOL, read, report, write_records
from benchmarks.measure import Usage, median, run_process
from benchmarks.run_stage import rebuild, run_stage
from src.data_eng.catalogue.datasets import dataset
from src.data_eng.features.level.levels import level_names

KEYS = {"level": "silver.future.level", "level_1s": "silver.future.level_1s"}
FIVE = [f"silver.future.level_{level}" for level in level_names()]
BUILT = {
    "level": [KEYS["level"]],
    "level_1s": [KEYS["level_1s"]],
    "five": FIVE,
    "one": ["silver.future.level_or_high"],
}


def prepare(lake: Path, records: int) -> None:
    """Write the sample day and its Silver tables up to the levels, where they are not there."""
    write_records(lake, records)
    for key in KEYS.values():
        if not (lake / dataset(key).folder(SYMBOL)).exists():
            run_stage(lake, key, SYMBOL, DATE)


def command(lake: Path, what: str) -> list[str]:
    return [sys.executable, "-m", "benchmarks.bench_level", what, "--lake-root", str(lake)]


def compare(lake: Path, records: int, runs: int) -> None:
    lake = lake / str(records)
    prepare(lake, records)
    with tempfile.TemporaryDirectory() as cache:
        os.environ["NUMBA_CACHE_DIR"] = cache
        cold = {name: run_process(command(lake, name)) for name in ("level", "level_1s", "five")}
        used: dict[str, list[Usage]] = {}
        for _ in range(runs):
            for name in ("start", "read", *BUILT):
                used.setdefault(name, []).append(run_process(command(lake, name)))
    report(lake, {name: median(figures) for name, figures in used.items()}, cold)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    names = ("all", "start", "read", *BUILT)
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
        for key in BUILT[args.what]:
            rebuild(args.lake_root, key, SYMBOL, DATE)


if __name__ == "__main__":
    main()
