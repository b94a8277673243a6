"""Planning and ``status`` of 100,000 complete partitions, with manifests of real size.

``uv run python -m benchmarks.bench_plan`` fabricates the lake once (no data: manifests, and raw
files of a header alone), then runs each command as a whole process: first without the index of
partitions, then with it. Raw files are hashed once before.
"""

from __future__ import annotations

import argparse
import datetime as dt
import shutil
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.many_partitions import fabricate
from benchmarks.measure import machine, run_process
from src.data_eng.exchange.calendar import trading_days

LAST = dt.date(2025, 6, 6)
_MEMORY = Path("/dev/shm")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    base = _MEMORY if _MEMORY.is_dir() else Path(tempfile.gettempdir())
    parser.add_argument("--lake-root", type=Path, default=base / "data_eng-bench" / "plan")
    parser.add_argument("--roots", default="ES")
    parser.add_argument("--dates", type=int, default=2520, help="trading days: ten years")
    parser.add_argument("--keep", action="store_true", help="leave the lake there")
    parser.add_argument("--only", default="status,dry run,run", help="of these commands")
    args = parser.parse_args()
    lake, roots = args.lake_root / f"{args.roots}-{args.dates}", args.roots.split(",")
    dates = trading_days(LAST - dt.timedelta(days=2 * args.dates), LAST)[-args.dates :]
    if not lake.exists():
        started = time.perf_counter()
        count = sum(fabricate(lake, root, dates) for root in roots)
        print(f"{count:,} partitions fabricated in {time.perf_counter() - started:.0f} s")
    manifests = [path.stat().st_size for path in lake.glob("*/**/_MANIFEST.json")]
    size = sum(manifests)
    print(f"{machine()}; {len(manifests):,} partitions, {size / 1e6:,.0f} MB of manifests")
    span = f"{dates[0]}:{dates[-1]}"
    commands = {
        "status": ["status", "--lake-root", str(lake)],
        "dry run": [*_run(lake, roots[0], span), "--dry-run"],
        "run": _run(lake, roots[0], span),
    }
    print(f"{'':<24}{'wall s':>9}{'cpu s':>9}{'peak MiB':>10}")
    index = lake / ".index" / "partitions"
    for name, command in commands.items():
        if name not in args.only.split(","):
            continue
        for kind in ("without index", "warm"):
            if kind != "warm":
                shutil.rmtree(index, ignore_errors=True)
            used = run_process([sys.executable, "-m", "src.data_eng", *command])
            told = f"{name}, {kind}"
            print(f"{told:<24}{used.wall:>9.2f}{used.cpu:>9.2f}{used.peak_mib:>10.0f}", flush=True)
    if not args.keep:
        shutil.rmtree(lake)


def _run(lake: Path, root: str, span: str) -> list[str]:
    return [
        *("run", "--product-type", "all", "--layer", "all", "--symbol", root),
        *("--dates", span, "--lake-root", str(lake)),
    ]


if __name__ == "__main__":
    main()
