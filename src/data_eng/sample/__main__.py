"""``python -m src.data_eng.sample``: write a sample day into a lake's raw layer."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from ..arguments import Parser, lake_folder
from ..edge import error_line, run_command
from ..errors import DataEngError
from ..exchange.dates import parse_date
from ..program import program
from . import SampleFuture, SampleOptions, write_future_day, write_option_day


def build_parser() -> Parser:
    """Return the parser of the command line."""
    parser = Parser(
        prog=program("sample"),
        description="Write a deterministic day of CME market data as DBN files.",
        example="--symbol ES --dt 2025-05-06 --product-type all",
    )
    parser.add_argument(
        "--lake-root", type=lake_folder, default=Path("lake"), help="the lake's folder"
    )
    parser.add_argument(
        "--product-type",
        choices=("future", "future_option", "all"),
        default="future",
        help="futures, the options on them, or both (default: %(default)s)",
    )
    parser.add_argument("--symbol", default="ES", help="product root (default: %(default)s)")
    parser.add_argument(
        "--dt",
        required=True,
        metavar="YYYY-MM-DD",
        help="UTC day of the file",
    )
    parser.add_argument(
        "--records", type=int, default=200_000, help="of the future (default: %(default)s)"
    )
    parser.add_argument(
        "--quotes", type=int, default=100_000, help="of the options (default: %(default)s)"
    )
    parser.add_argument("--instruments", type=int, default=3, help="1 to 46 (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=7, help="default: %(default)s")
    parser.add_argument(
        "--martingale",
        action="store_true",
        help="a mid without reversal, for tests of a market without drift",
    )
    parser.add_argument(
        "--faults",
        type=int,
        default=2,
        help="gaps, doubtful stretches and one-sided moments, each (default: %(default)s)",
    )
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code."""
    parser = build_parser()
    options = parser.parse_args(arguments)
    if options.lake_root.is_file():
        parser.error(f"--lake-root {options.lake_root}: a file; name a folder, or none yet")
    try:
        sample = SampleFuture(
            date=parse_date(options.dt),
            root=options.symbol,
            records=options.records,
            instruments=options.instruments,
            seed=options.seed,
            martingale=options.martingale,
            faults=options.faults,
        )
        raw, paths = options.lake_root / "raw", []
        if options.product_type != "future_option":
            paths.append(write_future_day(raw, sample))
        if options.product_type != "future":
            paths += write_option_day(raw, SampleOptions(sample, quotes=options.quotes))
    except DataEngError as error:
        sys.stderr.write(f"{error_line(error)}\n")
        return error.exit_code
    except OSError as error:
        sys.stderr.write(f"{error_line(error)}\n")
        return 1
    sys.stdout.writelines(f"{path}\n" for path in paths)
    return 0


if __name__ == "__main__":
    sys.exit(run_command(lambda: main))
