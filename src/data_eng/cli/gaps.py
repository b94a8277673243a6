"""``data-eng gaps``: trading days without raw data, and holes in tables.

Exit codes: 0 there is none, 1 there is one, 2 usage.
"""

from __future__ import annotations

import datetime as dt
import json
import sys
from collections.abc import Sequence

from ..arguments import Parser
from ..edge import one_line
from ..pipeline.gaps import Gap, Gaps, spans
from ..program import program
from ..words import counted
from .console import setup_logging
from .lake_flags import lake_parser, lake_settings, wanted


def build_parser() -> Parser:
    """Return the parser of the command line."""
    parser = lake_parser(
        program("gaps"),
        "Tell trading days without raw data and holes in tables, from the first to the last date "
        "that a root has, or over --dt and --dates. It exits with 1 where there is a gap.",
        "--lake-root lake --symbol ES --dates 2025-01-02:2025-06-30 --coverage",
    )
    text = "dates whose raw data do not cover the session, or fall silent, are gaps too"
    parser.add_argument("--coverage", action="store_true", help=text)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Print the gaps of a lake; return the exit code."""
    args = build_parser().parse_args(argv)
    setup_logging("text", debug=args.debug)
    settings = lake_settings(args, deep=False)
    asked = wanted(args)
    gaps = Gaps(settings, asked.tables, asked.symbol, asked.dates)
    found = list(gaps.find(coverage=args.coverage))
    if args.output == "json":
        body = {"gaps": [_as_json(one) for one in found]}
        sys.stdout.write(json.dumps(body, indent=2) + "\n")
    else:
        _print(found, is_empty=gaps.is_empty)
    return int(bool(found))


def _print(found: Sequence[Gap], *, is_empty: bool) -> None:
    groups: dict[tuple[str, str, str, str], list[dt.date]] = {}
    for one in found:
        where = str(one.kind), one.dataset, one.symbol, one.reason
        groups.setdefault(where, []).append(one.date)
    for (kind, key, symbol, reason), days in groups.items():
        for first, last, count in spans(days):
            over = f"{first}" if count == 1 else f"{first} to {last} ({count} days)"
            sys.stdout.write(one_line(f"{kind}: {key} {symbol} {over}: {reason}") + "\n")
    dates = len({one.date for one in found})
    told = f"{counted(len(found), 'gap')} on {counted(dates, 'date')}" if found else "no gap"
    if is_empty and not found:
        told = "no gap, as the lake has nothing of what was asked for"
    sys.stdout.write(f"{told}\n")


def _as_json(one: Gap) -> dict[str, str]:
    return {
        "kind": str(one.kind),
        "dataset": one.dataset,
        "symbol": one.symbol,
        "dt": one.date.isoformat(),
        "reason": one.reason,
    }
