"""A weekday of real size, all products and layers, beside another checkout of this repository.

``python -m benchmarks.bench_day --beside CHECKOUT`` writes 25 million MBP-10 records of 46
instruments and 5 million option quotes (once, into ``--raw``), then builds all of it with
``--workers 2`` by this checkout and by the other one, in turn, as whole processes. The other
checkout has its own environment in ``.venv``. Printed are the medians, and the median and spread
of the pairs' ratios; processor time and memory are of the whole process tree.
"""

from __future__ import annotations

import argparse
import datetime as dt
import shutil
import sys
from pathlib import Path

from benchmarks.measure import machine
from benchmarks.process_tree import Side, report_pairs, run_pairs
from benchmarks.raw_input import DEFAULT_RAW, new_lake, runner_command, write_sample

DATE = dt.date(2025, 6, 5)
HERE = Path(__file__).parents[1]


def side(name: str, python: Path | str, checkout: Path, raw: Path, workers: int) -> Side:
    def command() -> list[str]:
        lake = new_lake(raw, name)
        return runner_command(str(python), lake, "all", [DATE], workers)

    return Side(name, command, checkout)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--beside", type=Path, required=True, help="the other checkout")
    parser.add_argument("--raw", type=Path, default=DEFAULT_RAW, help="where raw input is kept")
    parser.add_argument("--records", type=int, default=25_000_000)
    parser.add_argument("--instruments", type=int, default=46)
    parser.add_argument("--quotes", type=int, default=5_000_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--pairs", type=int, default=5)
    args = parser.parse_args()
    raw = write_sample(
        args.raw / f"day-{args.records}-{args.instruments}-{args.quotes}",
        [DATE],
        [
            *("--product-type", "all", "--records", str(args.records)),
            *("--instruments", str(args.instruments), "--quotes", str(args.quotes)),
        ],
    )
    other = args.beside.resolve()
    sides = (
        side("this", sys.executable, HERE, raw, args.workers),
        side("beside", other / ".venv" / "bin" / "python", other, raw, args.workers),
    )
    print(f"{machine()}; {args.records:,} records of {args.instruments} instruments, ", end="")
    print(f"{args.quotes:,} option quotes, {args.workers} workers")
    pairs = run_pairs(sides, args.pairs)
    report_pairs(sides, pairs)
    for name in ("this", "beside"):
        shutil.rmtree(raw.parent / f"lake-{name}")


if __name__ == "__main__":
    main()
