"""``status`` and ``verify`` on a lake of many small partitions.

``uv run python -m benchmarks.bench_lake`` builds 40 dates of small futures samples (once), about a
thousand partitions, then runs each command as a whole process. It prints medians.
"""

from __future__ import annotations

import argparse
import datetime as dt
import sys
import tempfile
from pathlib import Path

from benchmarks.measure import machine, median, run_process
from benchmarks.raw_input import runner_command, write_sample
from src.data_eng.exchange.calendar import sessions_before

LAST = dt.date(2025, 6, 6)
COMMANDS = {
    "status": ["status"],
    "status --deep": ["status", "--deep"],
    "verify": ["verify"],
    "verify --workers 2": ["verify", "--workers", "2"],
    "verify --deep": ["verify", "--deep"],
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    default = Path(tempfile.gettempdir()) / "data_eng-bench" / "many"
    parser.add_argument("--lake-root", type=Path, default=default)
    parser.add_argument("--dates", type=int, default=40)
    parser.add_argument("--records", type=int, default=10_000, help="of each date")
    parser.add_argument("--runs", type=int, default=3)
    args = parser.parse_args()
    dates = sorted(sessions_before(LAST, args.dates))
    lake = args.lake_root / f"{args.dates}-{args.records}"
    write_sample(lake, dates, ["--records", str(args.records)])
    run_process(runner_command(sys.executable, lake, "future", dates, 2))
    partitions = list(lake.glob("*/**/_SUCCESS"))
    size = sum(path.stat().st_size for one in partitions for path in one.parent.iterdir())
    print(f"{machine()}; {len(partitions):,} partitions, {size / 1e6:,.1f} MB")
    print(f"{'':<20}{'wall s':>9}{'cpu s':>9}{'peak MiB':>10}")
    for name, command in COMMANDS.items():
        flags = [*command, "--lake-root", str(lake)]
        runs = [
            run_process([sys.executable, "-m", "src.data_eng", *flags])
            for _ in range(args.runs + 1)
        ]
        used = median(runs[1:])  # the first one warms up
        print(f"{name:<20}{used.wall:>9.2f}{used.cpu:>9.2f}{used.peak_mib:>10.0f}")


if __name__ == "__main__":
    main()
