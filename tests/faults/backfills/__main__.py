"""Kill backfills: ``python -m tests.faults.backfills --executor dask --lake s3 --minutes 5``.

Makes raw days and the lake that a run without faults builds of them (kept in ``--folder``, and used
again), then builds lakes under faults for so many minutes, and compares them. Exit code 1 if
anything was broken.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import json
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from random import Random
from typing import Final

from src.data_eng.exchange.calendar import sessions_before
from src.data_eng.sample import SampleFuture, write_future_day
from tests.s3_server import serve

from .attempt import Attempt
from .backfill import Backfill, Found
from .crew import EXECUTORS, WORKERS, Crew
from .judged import broken
from .places import BucketPlace, FolderPlace, Place

LAST: Final = dt.date(2025, 6, 6)
RECORDS: Final = 5_000
"""Of a day: the fewest that a sample day has."""


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.backfills", description=__doc__)
    add = parser.add_argument
    add("--executor", choices=EXECUTORS, default="local", help="cluster: Dask with --scheduler")
    add("--lake", choices=("folder", "s3"), default="folder")
    add("--days", type=int, default=40)
    add("--tables", help="of these tables only, with commas (default all)")
    add("--seed", type=int, default=1)
    add("--minutes", type=float, default=5.0, help="for which faults are made")
    add("--gap", type=float, default=10.0, help="mean time between two of them, seconds")
    add("--folder", type=Path, help="where all is kept (default a temporary one, removed)")
    return parser.parse_args(argv)


def write_raw(folder: Path, days: int) -> tuple[Path, list[dt.date]]:
    """Write the raw days that are not there yet; return their layer and the dates."""
    dates = [*reversed(sessions_before(LAST, days - 1)), LAST]
    dates = sorted(dates)
    for date in dates:
        write_future_day(folder / "raw", SampleFuture(date=date, records=RECORDS))
    return folder / "raw", dates


def run_arguments(dates: Sequence[dt.date], tables: str | None) -> list[str]:
    """Return what a run is asked for."""
    what = ["--product-type", "future", "--layer", "all", "--symbol", "ES"]
    what += ["--dates", ",".join(map(str, dates))]
    return what if tables is None else [*what, "--table", tables]


def build_whole(folder: Path, raw: Path, arguments: Sequence[str]) -> dict[str, str]:
    """Return the hashes of a lake that is built without a fault; made once."""
    kept = folder / "whole.json"
    if kept.is_file():
        found = json.loads(kept.read_text())
        if found["arguments"] == list(arguments):
            return dict(found["files"])
    shutil.rmtree(folder / "whole", ignore_errors=True)
    shutil.rmtree(folder / "whole-run", ignore_errors=True)
    place = FolderPlace(folder / "whole", raw)
    command = ["src.data_eng.runner", *arguments, "--lake-root", place.name]
    attempt = Attempt([*command, "--workers", str(WORKERS)], {}, folder / "whole-run")
    if attempt.process.wait():
        raise SystemExit(f"a run without faults failed: {attempt.errors}")
    files = place.contents()
    kept.write_text(json.dumps({"arguments": list(arguments), "files": files}))
    return files


@contextmanager
def _place(kind: str, home: Path, raw: Path, number: int) -> Iterator[Place]:
    with ExitStack() as around:
        place: Place
        if kind == "s3":
            server = around.enter_context(contextlib.contextmanager(serve)())
            place = BucketPlace(server, f"bucket-{number}", raw, home / "scratch")
        else:
            place = FolderPlace(home / "lake", raw)
        around.callback(place.close)
        yield place


def backfill(args: argparse.Namespace, home: Path, raw: Path, dates: Sequence[dt.date],
             whole: dict[str, str], number: int, until: float) -> Found:  # fmt: skip
    """Build one lake under faults until then, and judge it."""
    home.mkdir()
    with _place(args.lake, home, raw, number) as place, ExitStack() as around:
        crew = Crew(args.executor, home / "cluster", place.environment)
        around.callback(crew.close)
        rng = Random(f"{args.executor}:{args.lake}:{args.seed}:{number}")
        made = Backfill(place, crew, run_arguments(dates, args.tables), home, rng, args.gap)
        made.run(until)
        if not made.found.broken:
            made.found.broken += broken(place, whole)
        return made.found


def _tell(number: int, found: Found, seconds: float) -> None:
    write = sys.stdout.write
    write(f"lake {number}: {found.hurt.total()} faults, {found.ended.total()} runs, "
          f"{len(found.broken)} broken, {seconds:.0f} s\n")  # fmt: skip
    write("  done to it: " + ", ".join(f"{n} {one}" for one, n in found.hurt.most_common()) + "\n")
    write("  exit codes: " + ", ".join(f"{n} of {one}" for one, n in found.ended.items()) + "\n")
    for line, count in found.lines.most_common():
        write(f"  {count:5} {line}\n")
    for one in found.broken:
        write(f"  BROKEN {one}\n")
    sys.stdout.flush()


def main(argv: Sequence[str] | None = None) -> int:
    args = _arguments(argv)
    # What is ignored here (of a job in the background, by `nohup`) the runs would ignore too.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    with ExitStack() as around:
        folder = args.folder
        if folder is None:
            folder = Path(around.enter_context(tempfile.TemporaryDirectory(prefix="backfills-")))
        folder.mkdir(parents=True, exist_ok=True)
        raw, dates = write_raw(folder, args.days)
        whole = build_whole(folder, raw, run_arguments(dates, args.tables))
        sys.stdout.write(f"{len(dates)} days, {len(whole):,} files, {args.executor}, {args.lake}\n")
        sys.stdout.flush()
        until, bad = time.monotonic() + args.minutes * 60, 0
        number = 0
        while not number or time.monotonic() < until:
            started = time.monotonic()
            home = folder / f"{args.executor}-{args.lake}-{args.seed}-{number}"
            found = backfill(args, home, raw, dates, whole, number, until)
            _tell(number, found, time.monotonic() - started)
            bad += len(found.broken)
            number += 1
            if found.broken:
                break
            shutil.rmtree(home)
        return int(bool(bad))


if __name__ == "__main__":
    raise SystemExit(main())
