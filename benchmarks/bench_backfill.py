"""A backfill of eight days of futures, two workers against one of the same code.

``python -m benchmarks.bench_backfill`` writes eight days of 4 million MBP-10 records (once, into
``--raw``), then builds all layers of all of them with ``--workers 2`` and with ``--workers 1``,
in turn, as whole processes. Printed are the medians, and the median and spread of the pairs'
ratios; processor time and memory are of the whole process tree. One worker uses more than one
processor: Bronze compresses and hashes beside its decoding. ``--one-processor`` gives the one
worker a single processor, which tells how the work scales.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import shutil
import sys
from pathlib import Path

from benchmarks.measure import machine
from benchmarks.process_tree import Side, report_pairs, run_pairs
from benchmarks.raw_input import DEFAULT_RAW, new_lake, runner_command, write_sample

HERE = Path(__file__).parents[1]
DATES = tuple(dt.date(2025, 5, 27) + dt.timedelta(n) for n in (0, 1, 2, 3, 6, 7, 8, 9))
"""Trading days, all of one front month."""


PINNED = """
import os, sys
os.sched_setaffinity(0, {int(sys.argv[1])})
os.execv(sys.argv[2], sys.argv[2:])
"""
"""Runs a command on one processor."""


def side(raw: Path, dates: tuple[dt.date, ...], workers: int, processor: int | None) -> Side:
    def command() -> list[str]:
        lake = new_lake(raw, str(workers))
        run = runner_command(sys.executable, lake, "future", dates, workers)
        return run if processor is None else [sys.executable, "-c", PINNED, str(processor), *run]

    return Side(f"{workers} workers", command, HERE)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--raw", type=Path, default=DEFAULT_RAW, help="where raw input is kept")
    parser.add_argument("--records", type=int, default=4_000_000, help="of each day")
    parser.add_argument("--days", type=int, choices=range(1, 9), default=8)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--one-processor", action="store_true", help="for the one worker")
    args = parser.parse_args()
    dates = DATES[: args.days]
    raw = write_sample(
        args.raw / f"backfill-{args.records}", dates, ["--records", str(args.records)]
    )
    processor = min(os.sched_getaffinity(0)) if args.one_processor else None
    sides = (side(raw, dates, 2, None), side(raw, dates, 1, processor))
    print(f"{machine()}; {len(dates)} days of {args.records:,} records")
    report_pairs(sides, run_pairs(sides, args.pairs))
    for workers in (1, 2):
        shutil.rmtree(raw.parent / f"lake-{workers}")


if __name__ == "__main__":
    main()
