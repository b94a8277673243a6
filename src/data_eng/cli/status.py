"""``data-eng status``: what a lake holds, how it stands, and what its raw data cover.

Exit codes: 0 told, 1 some partition is damaged, 2 usage.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ..arguments import Parser
from ..catalogue.datasets import registry
from ..errors import with_names
from ..exchange.symbols import root_of
from ..lake.paths import table_folders
from ..pipeline.causes import causes
from ..pipeline.inventory import Found, State
from ..pipeline.verification import Kind, partition_faults, raw_faults
from ..program import program
from ..vendor.dbn.stream import current_state
from ..vendor.raw_listing import raw_paths
from .console import setup_logging
from .lake_flags import (
    Wanted,
    hashing_flags,
    is_everything,
    lake_inventory,
    lake_parser,
    lake_settings,
    wanted,
)
from .status_view import Status, print_status


def build_parser() -> Parser:
    """Return the parser of the command line."""
    parser = lake_parser(
        program("status"),
        "Show what a lake holds and how it stands.",
        "--lake-root lake --symbol ES --dates 2025-05-05:2025-05-09",
    )
    text = "a line for each partition that is not complete"
    parser.add_argument("--list", action="store_true", help=text)
    hashing_flags(parser, deep="hash data and raw files, not only read manifests")
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Print the state of a lake; return the exit code."""
    args = build_parser().parse_args(argv)
    setup_logging("text", debug=args.debug)
    asked, settings = wanted(args), lake_settings(args, deep=args.deep)
    found = lake_inventory(args, settings)
    faults = []
    if args.deep:
        whole = [one for one in found if one.state in (State.COMPLETE, State.STALE)]
        hashed = (one for one in partition_faults(settings, whole) if one.kind is not Kind.STALE)
        faults = [f"{one.where}: {one.reason}" for one in (*hashed, *raw_faults(settings, found))]
    damaged = [_told(one) for one in found if one.state is State.DAMAGED]
    damaged += faults
    deliveries = [one.delivered for one in found if one.delivered is not None]
    stale = causes(
        (one.partition.dataset.key, one.partition.date, one.reason)
        for one in found
        if one.state is State.STALE
    )
    raw_bytes = dict(_raw_bytes(settings.lake_root, asked))
    free = shutil.disk_usage(settings.lake_root).free
    where = with_names(str(settings.lake_root.absolute()))
    nothing = f"no partition in {where}: {program('run')} builds them from raw files"
    if not is_everything(args):
        nothing = "no partition as asked: without --symbol, --dt and --dates all are told"
    told = Status(found, deliveries, damaged, stale, raw_bytes, free, nothing)
    if args.output == "json":
        sys.stdout.write(json.dumps(_as_json(told), indent=2) + "\n")
    else:
        print_status(told, is_full=args.list)
    return int(bool(damaged))


def _told(damaged: Found) -> str:
    # Most reasons name the partition themselves.
    where = f"{damaged.partition}: "
    return where + damaged.reason.removeprefix(where)


def _raw_bytes(lake_root: Path, asked: Wanted) -> Iterable[tuple[str, int]]:
    kinds = {one.product_type for one in asked.tables}
    wanted_root = None if asked.symbol is None else root_of(asked.symbol)
    for table in registry().values():
        if table.layer == "raw" and table.product_type in kinds:
            there = table_folders(lake_root, table)
            folders = (folder for root, folder in there if wanted_root in (None, root))
            paths = [path for folder in folders for path in raw_paths(folder)]
            if paths:
                yield table.key, sum(map(_bytes, paths))


def _bytes(path: Path) -> int:
    try:
        return current_state(path).bytes  # on object storage it need not lie on this host
    except OSError:
        return 0  # a link that leads nowhere, or gone


def _as_json(told: Status) -> dict[str, Any]:
    tables: Counter[str] = Counter()
    for one in told.found:
        tables[one.partition.dataset.key] += one.bytes
    return {
        "partitions": [
            {
                "dataset": one.partition.dataset.key,
                "symbol": one.partition.symbol,
                "dt": one.partition.date.isoformat(),
                "state": str(one.state),
                "reason": one.reason,
                "rows": one.rows,
                "bytes": one.bytes,
            }
            for one in told.found
        ],
        "stale": [one.to_json() for one in told.stale],
        "raw_data": [asdict(one) for one in told.deliveries],
        "damaged": list(told.damaged),
        "disk": {
            "tables": dict(tables),
            "bytes": sum(tables.values()),
            "raw": told.raw_bytes,
            "raw_bytes": sum(told.raw_bytes.values()),
            "free_bytes": told.free_bytes,
        },
    }
