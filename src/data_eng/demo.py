"""The way from nothing to Gold in one command: a sample day, all layers, and how to look at it.

``python -m src.data_eng.demo`` writes a sample day into the lake if it has no raw data of the
symbol, runs every layer on it, and shows where the result lies and how to open it.
"""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from .datasets import dataset
from .errors import DataEngError
from .runner import main as run
from .runner import parse_date
from .sample import SampleFuture, write_future_day

_OPEN = """
[bold]The result[/]  {gold}

[bold]DuckDB[/]      duckdb.sql(\"\"\"
  SELECT symbol, dt, action, count(*) AS records, sum(size) AS contracts
  FROM read_parquet('{glob}', hive_partitioning = true)
  GROUP BY ALL ORDER BY records DESC\"\"\")

[bold]Polars[/]      polars.scan_parquet('{glob}', hive_partitioning=True)
                .filter(polars.col('action') == 'T')
                .select('ts_event_est', 'side', 'price', 'size').head().collect()
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the demo; return the exit code of the run."""
    parser = argparse.ArgumentParser(prog="python -m src.data_eng.demo", description=__doc__)
    parser.add_argument("--lake-root", type=Path, default=Path("lake"))
    parser.add_argument("--symbol", default="ES")
    parser.add_argument("--dt", default="2025-06-05", metavar="YYYY-MM-DD")
    parser.add_argument("--records", type=int, default=500_000, help="records of the sample day")
    args = parser.parse_args(argv)
    console = Console(soft_wrap=True, highlight=False)
    try:
        date = parse_date(args.dt)
        _write_sample(console, args.lake_root, args.symbol, date, args.records)
    except DataEngError as error:
        sys.stderr.write(f"error: {error}\n")
        return error.exit_code
    command = ["--product-type", "future", "--layer", "all", "--symbol", args.symbol]
    command += ["--dt", args.dt, "--lake-root", str(args.lake_root)]
    console.print(f"$ python -m src.data_eng.runner {' '.join(command)}")
    code = run(command)
    if code == 0:
        gold = args.lake_root / "gold"
        console.print(_OPEN.format(gold=gold, glob=f"{gold}/**/*.parquet"))
    return code


def _write_sample(
    console: Console, lake_root: Path, symbol: str, date: dt.date, records: int
) -> None:
    folder = lake_root / dataset("raw.future.market_by_price_10").folder(symbol)
    if folder.is_dir() and any(folder.rglob("*.dbn*")):
        console.print(f"{folder} has raw data: no sample day is written")
        return
    with console.status(f"writing a sample day of {records:,} records into {folder}"):
        path = write_future_day(
            lake_root / "raw", SampleFuture(date=date, root=symbol, records=records)
        )
    console.print(f"wrote a sample day: {path}")


if __name__ == "__main__":
    sys.exit(main())
