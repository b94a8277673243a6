"""The report as a command: ``python -m src.data_eng.report --symbol ES --dt 2025-05-06``.

Exit codes: 0 written, 1 a table is missing or corrupt, 2 usage.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from ...errors import DataEngError, UsageError
from ...exchange.dates import parse_date
from ...exchange.roll import RULES
from ...program import program
from ..reading import complete_partitions
from .day import OUTCOME, load_day
from .page import report_page


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(
        prog=program("report"),
        description="Write one HTML page about a date: levels, touches, features, data quality.",
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("--symbol", default="ES", help="product root or contract (default ES)")
    add("--dt", required=True, metavar="YYYY-MM-DD")
    add("--lake-root", type=Path, default=Path("lake"), help="folder of the lake (default lake)")
    add("--roll-rule", choices=RULES, default="volume")
    add("--output", type=Path, help="the page (default {symbol}-{dt}.html)")
    add("--touch", type=int, help="number of the touch whose book is shown")
    add("--features", help="tracks to show, separated by commas")
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Write the page; return the exit code."""
    args = build_parser().parse_args(argv)
    try:
        date = parse_date(args.dt)
        found = complete_partitions(OUTCOME, args.symbol, date, args.lake_root, args.roll_rule)
        day = load_day(args.lake_root, found[0].symbol, date)
        features = None if args.features is None else _names(args.features)
        page = report_page(day, touch=args.touch, features=features)
        path: Path = args.output or Path(f"{day.symbol}-{date}.html")
        path.write_text(page, encoding="utf-8")
    except DataEngError as error:
        sys.stderr.write(f"error: {error}\n")
        return error.exit_code
    except OSError as error:
        sys.stderr.write(f"error: {error.filename}: {error.strerror}\n")
        return 1
    sys.stdout.write(f"{path}\n")
    return 0


def _names(text: str) -> list[str]:
    names = [name.strip() for name in text.split(",") if name.strip()]
    if not names:
        raise UsageError(f"--features {text!r}: no feature is named")
    return names


if __name__ == "__main__":
    sys.exit(main())
