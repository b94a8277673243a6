"""The report as a command: ``python -m src.data_eng.report --symbol ES --dt 2025-05-06``.

Exit codes: 0 written, 1 a table is missing or corrupt, 2 usage.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from ...arguments import Parser, lake_folder
from ...edge import error_line
from ...errors import DataEngError, UsageError
from ...exchange.roll import RULES
from ...lake.location import open_lake_to_read
from ...program import program
from ..verify_flag import add_verify
from .days import DayPages, write_day, write_days


def build_parser() -> Parser:
    """Return the parser of the command line."""
    parser = Parser(
        prog=program("report"),
        description="Write an HTML page about a date: levels, touches, the book, features, data "
        "quality; or one about each date of several, and an index of them.",
        example="--symbol ES --dt 2025-05-06",
    )
    parser.require_one("--dt", "--dates")
    add = parser.add_argument
    add("--symbol", default="ES", help="product root or contract (default ES)")
    add("--dt", metavar="YYYY-MM-DD", help="one date")
    add(
        "--dates",
        metavar="D1:D2",
        help="an inclusive range, or a comma list: a page a date and index.html; with --dt both",
    )
    add(
        "--lake-root",
        type=lake_folder,
        default=Path("lake"),
        help="folder or s3://BUCKET/PREFIX (default lake)",
    )
    add("--roll-rule", choices=RULES, default="volume")
    add(
        "--output",
        type=Path,
        help="the page, or a folder for it (default {symbol}-{dt}.html); with --dates the folder "
        "of the pages (default {symbol}-report)",
    )
    add("--touch", type=int, help="number of the touch that is shown first; with --dt alone")
    add("--features", help="tracks to show, separated by commas")
    add_verify(parser)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Write the pages; return the exit code."""
    args = build_parser().parse_args(argv)
    try:
        features = None if args.features is None else _names(args.features)
        pages = DayPages(
            args.symbol, open_lake_to_read(args.lake_root), args.roll_rule, features, args.verify
        )
        if args.dates is None:
            sys.stdout.write(f"{write_day(pages, args.dt, args.output, touch=args.touch)}\n")
            return 0
        if args.touch is not None:
            raise UsageError("--touch belongs to one date; leave out --dates")
        folder = args.output or Path(f"{args.symbol}-report")
        if folder.suffix == ".html" and not folder.is_dir():
            raise UsageError(
                f"--output {folder}: --dates writes a page a date; name a folder for them"
            )
        index, failed = write_days(pages, args.dt, args.dates, folder)
        sys.stdout.write(f"{index}\n")
        for error in failed:
            sys.stderr.write(f"{error_line(error)}\n")
        return int(bool(failed))
    except DataEngError as error:
        sys.stderr.write(f"{error_line(error)}\n")
        return error.exit_code
    except OSError as error:
        sys.stderr.write(f"{error_line(error)}\n")
        return 1


def _names(text: str) -> list[str]:
    names = [name.strip() for name in text.split(",") if name.strip()]
    if not names:
        raise UsageError(f"--features {text!r}: no feature is named")
    return names


if __name__ == "__main__":
    sys.exit(main())
