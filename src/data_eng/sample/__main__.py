"""``python -m src.data_eng.sample``: write one sample day into a lake's raw layer."""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from collections.abc import Sequence
from pathlib import Path

from ..errors import DataEngError
from . import SampleFuture, write_future_day


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m src.data_eng.sample",
        description="Write a deterministic day of CME futures market data as a DBN file.",
    )
    parser.add_argument("--lake-root", type=Path, default=Path("lake"), help="the lake's folder")
    parser.add_argument("--symbol", default="ES", help="product root (default: %(default)s)")
    parser.add_argument(
        "--dt",
        type=dt.date.fromisoformat,
        required=True,
        metavar="YYYY-MM-DD",
        help="UTC day of the file",
    )
    parser.add_argument(
        "--records", type=int, default=200_000, help="records in all (default: %(default)s)"
    )
    parser.add_argument("--instruments", type=int, default=3, help="1 to 46 (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=7, help="default: %(default)s")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code."""
    options = _parser().parse_args(arguments)
    try:
        sample = SampleFuture(
            date=options.dt,
            root=options.symbol,
            records=options.records,
            instruments=options.instruments,
            seed=options.seed,
        )
        path = write_future_day(options.lake_root / "raw", sample)
    except DataEngError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    sys.stdout.write(f"{path}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
