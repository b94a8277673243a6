"""The way from nothing to Gold in one command: a sample day, all layers, and how to look at it.

``python -m src.data_eng.demo`` writes a sample day of futures and of the options on them into the
lake if it has no raw data of ES, runs every layer on it, and shows where the result lies
and how to open it.
"""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from rich.console import Console

from ..catalogue.datasets import dataset
from ..errors import DataEngError
from ..exchange.dates import parse_date
from ..sample import SampleFuture, SampleOptions, write_future_day, write_option_day
from .run import main as run

SYMBOL: Final = "ES"
_OPEN: Final = """
[bold]The result[/]  {gold}

[bold]DuckDB[/]      duckdb.sql(\"\"\"
  SELECT symbol, dt, action, count(*) AS records, sum(size) AS contracts
  FROM read_parquet('{futures}', hive_partitioning = true)
  GROUP BY ALL ORDER BY records DESC\"\"\")

[bold]Polars[/]      polars.scan_parquet('{trades}', hive_partitioning=True)
                .select('ts_event_est', 'raw_symbol', 'side', 'price', 'size').head().collect()

[bold]Features[/]    data_eng.scan('gold.future.feature_vector', lake_root='{lake}').collect()

[bold]The day[/]     python -m src.data_eng.report --symbol ES --dt {date} --lake-root {lake}
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the demo; return the exit code of the run."""
    parser = argparse.ArgumentParser(prog="python -m src.data_eng.demo", description=__doc__)
    parser.add_argument("--lake-root", type=Path, default=Path("lake"))
    parser.add_argument("--dt", default="2025-06-05", metavar="YYYY-MM-DD")
    parser.add_argument("--records", type=int, default=500_000, help="records of the sample day")
    args = parser.parse_args(argv)
    console = Console(soft_wrap=True, highlight=False)
    try:
        date = parse_date(args.dt)
        _write_sample(console, args.lake_root, date, args.records)
    except DataEngError as error:
        sys.stderr.write(f"error: {error}\n")
        return error.exit_code
    command = ["--product-type", "all", "--layer", "all", "--symbol", SYMBOL]
    command += ["--dt", args.dt, "--lake-root", str(args.lake_root)]
    console.print(f"$ python -m src.data_eng.runner {' '.join(command)}")
    code = run(command)
    if code == 0:
        gold = args.lake_root / "gold"
        futures, trades = (
            f"{args.lake_root / dataset(f'gold.{key}').folder('*')}/**/*.parquet"
            for key in ("future.market_by_price_10_first3h", "future_option.trades_first3h")
        )
        where = {"gold": gold, "lake": args.lake_root, "date": args.dt}
        console.print(_OPEN.format(futures=futures, trades=trades, **where))
    return code


def _write_sample(console: Console, lake_root: Path, date: dt.date, records: int) -> None:
    sample = SampleFuture(date=date, root=SYMBOL, records=records)
    folders = {
        key: lake_root / dataset(f"raw.{key}").folder(SYMBOL)
        for key in ("future.market_by_price_10", "future_option.definition")
    }
    future, options = folders.values()
    if _has_raw_data(future):
        console.print(f"{future} has raw data: no sample day is written")
    else:
        with console.status(f"writing a sample day of {records:,} records into {future}"):
            console.print(f"wrote a sample day: {write_future_day(lake_root / 'raw', sample)}")
    if _has_raw_data(options):
        console.print(f"{options} has raw data: no sample day is written")
    else:
        with console.status("writing the sample day of options"):
            for path in write_option_day(lake_root / "raw", SampleOptions(sample)):
                console.print(f"wrote a sample day: {path}")


def _has_raw_data(folder: Path) -> bool:
    return folder.is_dir() and any(folder.rglob("*.dbn*"))


if __name__ == "__main__":
    sys.exit(main())
