"""The duplicate check as a command: ``python -m src.data_eng.check_features``.

1. The names of the declared features, and what they say of themselves (`catalogue.names`,
   `catalogue.properties`): always.
2. The values in a lake, pooled over sessions (`checks.values`): copies, identities among three
   columns, products, session-constant offsets, mixed families, linear dependence, the clock, null
   masks. With fewer than 20 dates nothing is concluded about values, and the command says so.
3. How often what the book says of a level is null at the decision rows of its touches
   (`checks.decision_rows`), where the lake has outcomes.

Exit codes: 0 no FAIL, 1 a FAIL or a partition that cannot be read, 2 usage.
"""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from collections import Counter
from collections.abc import Container, Iterable, Sequence
from pathlib import Path
from typing import Final

from ..arguments import Parser, lake_folder
from ..catalogue.datasets import Dataset, registry
from ..catalogue.feature_tables import FeatureTable, feature_datasets, feature_table
from ..catalogue.finding import Finding, Severity
from ..catalogue.names import name_findings
from ..catalogue.properties import property_findings
from ..edge import error_line
from ..errors import DataEngError
from ..exchange.asked_symbol import check_symbol
from ..lake.location import open_lake_to_read
from ..lake.sessions_found import find_sessions
from ..program import program
from ..words import counted
from .checks.allowed import read_allowed, unknown_findings, with_allowed
from .checks.decision_rows import decision_row_findings, read_decision_rows
from .checks.pool import MIN_SESSIONS
from .checks.pooling import PooledLake, read_pool
from .checks.values import value_findings
from .dates import WantedDates
from .verify_flag import add_verify

LAYERS: Final = ("gold", "silver")


def build_parser() -> Parser:
    """Return the parser of the command line."""
    parser = Parser(
        prog=program("check"),
        description="Look for features that stand twice or mix families: names and values.",
        example="--lake-root lake --symbol ES",
    )
    add = parser.add_argument
    add(
        "--lake-root",
        type=lake_folder,
        default=Path("lake"),
        help="folder or s3://BUCKET/PREFIX (default lake)",
    )
    add("--layer", choices=LAYERS, default="gold", help="whose values to read (default gold)")
    add("--symbol", default="ES", help="product root or contract (default ES)")
    add(
        "--dates",
        metavar="D1:D2|D1,D2,...",
        help="a range, or several dates (default all)",
    )
    add_verify(parser)
    return parser


def main(argv: Sequence[str] | None = None, datasets: Iterable[Dataset] | None = None) -> int:
    """Check the feature tables; return the exit code.

    Parameters
    ----------
    argv : sequence of str, optional
        Arguments; those of the process by default.
    datasets : iterable of Dataset, optional
        What is declared; by default the registry.
    """
    args = build_parser().parse_args(argv)
    try:
        check_symbol(args.symbol)
        dates = None if args.dates is None else WantedDates(args.dates)
        args.lake_root = open_lake_to_read(args.lake_root)
        declared = feature_datasets(registry().values() if datasets is None else datasets)
        findings = _check_names(declared)
        findings += _check_values(args, declared, dates)
    except DataEngError as error:
        sys.stdout.flush()
        sys.stderr.write(f"{error_line(error)}\n")
        return error.exit_code
    counts = Counter(found.severity for found in findings)
    _say("result: " + ", ".join(f"{counts[severity]} {severity}" for severity in Severity))
    return int(counts[Severity.FAIL] > 0)


def _check_names(declared: Sequence[Dataset]) -> list[Finding]:
    tables = [feature_table(found) for found in declared]
    names = {name for table in tables for name in table.columns}
    findings = name_findings(tables) + property_findings(declared)
    findings += unknown_findings(read_allowed(), names)
    _say(f"names: {len(names)} features of {len({table.base_key for table in tables})} tables")
    _show(findings)
    return findings


def _check_values(
    args: argparse.Namespace, declared: Sequence[Dataset], dates: Container[dt.date] | None
) -> list[Finding]:
    datasets = [found for found in declared if found.layer == args.layer]
    sessions = find_sessions(args.lake_root, datasets, args.symbol, dates)
    lake = read_pool(args.lake_root, datasets, sessions, args.verify)
    _say(_pooled_text(lake, args.layer, args.symbol))
    if (pooled := len({date for _, date in lake.sessions})) < MIN_SESSIONS:
        _say(
            f"values: NOT CHECKED, no conclusion: {counted(pooled, 'session')} pooled, "
            f"{MIN_SESSIONS} are needed"
        )
        return []
    tables = [feature_table(found) for found in datasets]
    findings = with_allowed(value_findings(lake.pool, tables), read_allowed())
    _say(f"values: {counted(len(lake.pool.names), 'feature')} compared")
    _show(findings)
    return findings + _check_decision_rows(args, lake, tables)


def _check_decision_rows(
    args: argparse.Namespace, lake: PooledLake, tables: Sequence[FeatureTable]
) -> list[Finding]:
    rows = read_decision_rows(args.lake_root, lake, tables, args.verify)
    if not rows.null_share:
        return []
    touches, sessions = (
        counted(rows.touches, "touch", "touches"),
        counted(rows.sessions, "session"),
    )
    _say(f"decision rows: {touches} of {sessions}; null there:")
    for base, share in rows.null_share.items():
        _say(f"{share:7.1%} {base}")
    findings = decision_row_findings(rows)
    _show(findings)
    return findings


def _pooled_text(lake: PooledLake, layer: str, symbol: str) -> str:
    if not lake.sessions:
        return f"pooled: no session of {symbol} in {layer}"
    dates = sorted({date for _, date in lake.sessions})
    covered = ", ".join(f"{key} in {count}" for key, count in lake.covered.items())
    return (
        f"pooled: {counted(len(dates), 'session')} of {symbol} in {layer}, {dates[0]} to "
        f"{dates[-1]}, {counted(lake.pool.rows, 'row')} ({covered})"
    )


def _show(findings: Iterable[Finding]) -> None:
    for found in findings:
        _say(str(found))


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    sys.exit(main())
