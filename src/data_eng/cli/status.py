"""``data-eng status``: what a lake holds, how it stands, and what its raw data cover.

Exit codes: 0 told, 1 some partition is damaged, 2 usage.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any, Final

from rich.console import Console
from rich.table import Column, Table

from ..edge import one_line
from ..pipeline.inventory import Found, State
from ..pipeline.verification import Kind, partition_faults, raw_faults
from ..program import program
from ..vendor.delivered_date import DeliveredDate, delivered_date
from .console import PLAIN_WIDTH, dataset_column, plain_console, setup_logging
from .lake_flags import lake_inventory, lake_parser, lake_settings

MAX_DATES: Final = 40
_REASONS: Final = 20


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = lake_parser(program("status"), "Show what a lake holds and how it stands.")
    add = parser.add_argument
    add("--deep", action="store_true", help="hash data and raw files, not only read manifests")
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Print the state of a lake; return the exit code."""
    args = build_parser().parse_args(argv)
    setup_logging("text", debug=args.debug)
    settings = lake_settings(args, deep=args.deep)
    found = lake_inventory(args, settings)
    faults = []
    if args.deep:
        whole = [one for one in found if one.state in (State.COMPLETE, State.STALE)]
        hashed = (one for one in partition_faults(settings, whole) if one.kind is not Kind.STALE)
        faults = [f"{one.where}: {one.reason}" for one in (*hashed, *raw_faults(settings, found))]
    damaged = [f"{one.partition}: {one.reason}" for one in found if one.state is State.DAMAGED]
    damaged += faults
    deliveries = [
        delivered_date(one.manifest)
        for one in found
        if one.manifest is not None and one.partition.dataset.layer == "bronze"
    ]
    if args.output == "json":
        sys.stdout.write(json.dumps(_as_json(found, deliveries, damaged), indent=2) + "\n")
    else:
        _print(found, deliveries, damaged)
    return int(bool(damaged))


def _as_json(
    found: Sequence[Found], deliveries: Sequence[DeliveredDate], damaged: Sequence[str]
) -> dict[str, Any]:
    return {
        "partitions": [
            {
                "dataset": one.partition.dataset.key,
                "symbol": one.partition.symbol,
                "dt": one.partition.date.isoformat(),
                "state": str(one.state),
                "reason": one.reason,
                "rows": None if one.manifest is None else one.manifest.rows,
                "bytes": _bytes(one),
            }
            for one in found
        ],
        "raw_data": [asdict(one) for one in deliveries],
        "damaged": list(damaged),
    }


def _print(
    found: Sequence[Found], deliveries: Sequence[DeliveredDate], damaged: Sequence[str]
) -> None:
    console = plain_console()
    if not console.is_terminal:
        console.width = PLAIN_WIDTH
    console.print(_tables(found))
    shown = deliveries
    if len({one.dt for one in deliveries}) > MAX_DATES:
        shown = [one for one in deliveries if one.is_notable]
        rest = len(deliveries) - len(shown)
        console.print(f"raw data: {rest} tables of a date are whole; the others:")
    if shown:
        console.print(_raw_data(shown))
        for one in shown:
            if one.shortfall is not None:
                console.print(f"not whole: {one.dataset} {one.symbol} {one.dt}: {one.shortfall}")
    for state in (State.COMPLETE, State.STALE, State.MISSING):
        _print_reasons(console, state, [one for one in found if one.state is state and one.reason])
    for line in damaged:
        console.print(f"damaged: {one_line(line)}")
    counts = Counter(str(one.state) for one in found)
    size = sum(_bytes(one) for one in found)
    told = ", ".join(f"{counts[state]:,} {state}" for state in State if counts[state])
    console.print(f"{told or 'no partition'}; {size / 1e6:,.1f} MB of data")


def _tables(found: Sequence[Found]) -> Table:
    table = Table(dataset_column(), "symbols", "first date", "last date", *State, "rows", "MB")
    for column in table.columns[4:]:
        column.justify = "right"
    for key in dict.fromkeys(one.partition.dataset.key for one in found):
        mine = [one for one in found if one.partition.dataset.key == key]
        counts = Counter(one.state for one in mine)
        dates = [one.partition.date for one in mine]
        rows = sum(one.manifest.rows for one in mine if one.manifest is not None)
        table.add_row(
            key,
            _few(sorted({one.partition.symbol for one in mine})),
            str(min(dates)),
            str(max(dates)),
            *(f"{counts[state]:,}" if counts[state] else "" for state in State),
            f"{rows:,}",
            f"{sum(map(_bytes, mine)) / 1e6:,.1f}",
        )
    return table


def _raw_data(deliveries: Iterable[DeliveredDate]) -> Table:
    table = Table(
        "date",
        Column("table", no_wrap=True, overflow="ignore"),
        "symbol",
        "files cover",
        "records",
        "silences",
        "steps back",
        "dropped",
        "condition",
        "whole",
    )
    for one in sorted(deliveries, key=lambda item: (item.dt, item.dataset)):
        table.add_row(
            one.dt,
            one.dataset.removeprefix("bronze."),
            one.symbol,
            one.cover_words,
            one.records,
            one.silence_words,
            one.step_back_words,
            one.dropped_words,
            one.condition or "not stated",
            "no" if one.shortfall else "yes",
        )
    return table


def _print_reasons(console: Console, state: State, found: Sequence[Found]) -> None:
    # Grouped: a new version of one stage makes a year stale for one reason.
    groups: dict[tuple[str, str], list[Found]] = {}
    for one in found:
        groups.setdefault((one.partition.dataset.key, one.reason), []).append(one)
    for (key, reason), mine in list(groups.items())[:_REASONS]:
        dates = [one.partition.date for one in mine]
        console.print(
            f"{state}: {key}: {len(mine):,} from {min(dates)} to {max(dates)}: {one_line(reason)}"
        )
    if len(groups) > _REASONS:
        console.print(f"{state}: {len(groups) - _REASONS} more reasons; --output json has all")


def _bytes(one: Found) -> int:
    return 0 if one.manifest is None else sum(entry.bytes for entry in one.manifest.files)


def _few(names: Sequence[str]) -> str:
    return ", ".join(names) if len(names) <= 3 else f"{names[0]} ... {names[-1]} ({len(names)})"
