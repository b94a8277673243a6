"""The way from nothing to Gold in one command: a sample day, all layers, and how to look at it.

``python -m src.data_eng.demo`` writes a sample day of futures and of the options on them into the
lake if it has no raw data of ES, runs every layer on it, writes the report of the day beside the
lake, and shows where the result lies and how to open it. ``--symbol CL`` does so for the futures of
another root. Columns that compare with earlier sessions are empty on one day; ``--sessions 25``
writes 24 smaller sessions before it, which fills them too; that wants a lake without raw data of
the root.
"""

from __future__ import annotations

import datetime as dt
import os
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.markup import escape

from ..arguments import Parser, lake_folder
from ..catalogue.datasets import dataset
from ..edge import error_line
from ..errors import DataEngError, PartitionNotFoundError
from ..exchange.calendar import sessions_before
from ..exchange.dates import parse_date
from ..lake.location import is_remote
from ..program import program
from ..sample import (
    SAMPLE_ROOTS,
    SampleFuture,
    SampleOptions,
)
from .demo_days import write_days
from .run import main as run

WITH_OPTIONS: Final = "ES"
"""The root whose sample has options."""
DATE: Final = "2025-05-06"  # the front month has options on both sides of 30 days
SEED: Final = 17  # on that date the price comes to every level, and closes on both sides of it
QUOTES: Final = 600_000
EARLIER_RECORDS: Final = 200_000  # with fewer the price jumps over levels, and books have gaps
EARLIER_QUOTES: Final = 100_000
_WORKERS: Final = 2
"""Processes, where there are as many processors: they mostly compile."""

_OPEN: Final = """
[bold]The result[/]  {gold}

[bold]DuckDB[/]      duckdb.sql(\"\"\"
  SELECT symbol, dt, action, count(*) AS records, sum(size) AS contracts
  FROM read_parquet('{futures}', hive_partitioning = true)
  GROUP BY ALL ORDER BY records DESC\"\"\")

[bold]Polars[/]      (polars.scan_parquet('{trades}', hive_partitioning=True)
                .select('ts_event_est', 'symbol', 'side', 'price', 'size').head().collect())

[bold]Features[/]    data_eng.scan('gold.future.{vector}', lake_root='{lake}').collect()

{missing}[bold]The day[/]     {report}
"""

_MISSING: Final = """\
[bold]Not here[/]    {names}: in a checkout by uv run --no-dev --extra research python

"""


def build_parser() -> Parser:
    """Return the parser of the command line."""
    parser = Parser(
        prog=program("demo"),
        description="Write a sample day into a lake without raw data of the root, build every "
        "layer of it, write the report of the day beside the lake, and tell how to open it.",
        example="--symbol CL --lake-root /tmp/crude",
    )
    add = parser.add_argument
    add(
        "--lake-root",
        type=lake_folder,
        default=Path("lake"),
        help="folder of the lake, made where there is none (default %(default)s)",
    )
    add(
        "--symbol",
        default=WITH_OPTIONS,
        choices=SAMPLE_ROOTS,
        metavar="ROOT",
        help=f"product root, of {', '.join(SAMPLE_ROOTS)} (default %(default)s, with options)",
    )
    add("--dt", default=DATE, metavar="YYYY-MM-DD", help="date of the day (default %(default)s)")
    add(
        "--records",
        type=int,
        default=500_000,
        metavar="N",
        help="records of the sample day (default %(default)s)",
    )
    add(
        "--sessions",
        type=int,
        default=1,
        metavar="N",
        help="sample sessions up to --dt; 25 fill the columns that compare with earlier sessions "
        "(default %(default)s)",
    )
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run the demo; return the exit code of the run."""
    parser = build_parser()
    args = parser.parse_args(argv)
    if args.sessions < 1:
        parser.error(f"--sessions must be 1 or more, got {args.sessions}")
    if is_remote(args.lake_root):
        parser.error("--lake-root: the demo is for a folder of this host")
    console = Console(soft_wrap=True, highlight=False)
    workers = min(_WORKERS, len(os.sched_getaffinity(0)))
    try:
        last = parse_date(args.dt)
        dates = [*reversed(sessions_before(last, args.sessions - 1)), last]
        if args.lake_root.is_file():
            parser.error(f"--lake-root {args.lake_root}: a file; name a folder, or none yet")
        days = _sample_days(args.symbol, dates, args.records)
        write_days(console, args.lake_root, *days, processes=workers)
    except DataEngError as error:
        sys.stderr.write(f"{error_line(error)}\n")
        return error.exit_code
    except OSError as error:
        sys.stderr.write(f"{error_line(error)}\n")
        return 1
    with_options = args.symbol == WITH_OPTIONS
    command = ["--product-type", "all" if with_options else "future", "--layer", "all"]
    command += ["--symbol", args.symbol]
    command += ["--dt" if len(dates) == 1 else "--dates", ",".join(map(str, dates))]
    command += ["--lake-root", str(args.lake_root), "--workers", str(workers)]
    console.print(f"$ {program('run')} {' '.join(command)}", markup=False)
    code = run(command)
    if code == 0:
        try:
            report = _report(args.lake_root, args.symbol, args.dt)
        except OSError as error:
            sys.stderr.write(f"{error_line(error)}\n")
            return 1
        console.print(_how_to_open(args.lake_root, args.symbol, report))
    return code


def _report(lake_root: Path, root: str, date: str) -> str:
    # The page beside the lake; on a date without a regular session there is nothing to show.
    from ..research.report.days import DayPages, write_day  # noqa: PLC0415 - after the run

    try:
        return str(write_day(DayPages(root, lake_root), date, lake_root.parent))
    except PartitionNotFoundError:
        return f"no report: {date} has no levels in this lake"


def _how_to_open(lake_root: Path, root: str, report: str) -> str:
    with_options = root == WITH_OPTIONS
    trades = "gold.future_option.trades_first3h" if with_options else "silver.future.trades"
    futures, trades = (
        f"{lake_root / dataset(key).folder('*')}/**/*.parquet"
        for key in ("gold.future.market_by_price_10_first3h", trades)
    )
    lost = [name for name in ("duckdb", "polars") if find_spec(name) is None]
    missing = _MISSING.format(names=" and ".join(lost)) if lost else ""
    where = {"gold": lake_root / "gold", "lake": lake_root, "futures": futures, "trades": trades}
    return _OPEN.format(
        report=escape(report),
        missing=missing,
        vector="feature_vector" if with_options else "feature_vector_without_options",
        **{name: escape(str(path)) for name, path in where.items()},
    )


def _sample_days(
    root: str, dates: list[dt.date], records: int
) -> tuple[list[SampleFuture], list[SampleOptions]]:
    # The last date in full, those before it smaller.
    sizes = [EARLIER_RECORDS] * (len(dates) - 1) + [records]
    days = [
        SampleFuture(date=date, root=root, records=size, seed=SEED)
        for date, size in zip(dates, sizes, strict=True)
    ]
    if root != WITH_OPTIONS:
        return days, []
    chains = [SampleOptions(day, quotes=EARLIER_QUOTES) for day in days[:-1]]
    return days, [*chains, SampleOptions(days[-1], quotes=QUOTES)]


if __name__ == "__main__":
    sys.exit(main())
