"""``data-eng verify``: every file of a lake, compared with what its manifests say.

Exit codes: 0 all is as a run leaves it, 1 something is damaged, foreign or stale, 2 usage.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from typing import Final

from ..arguments import Parser
from ..edge import one_line
from ..pipeline.inventory import State
from ..pipeline.verification import IS_BAD, Kind, foreign_faults, partition_faults, raw_faults
from ..program import program
from ..words import counted
from .console import setup_logging
from .lake_flags import hashing_flags, is_everything, lake_inventory, lake_parser, lake_settings

_NOTHING: Final = (State.MISSING, State.REMOVED)


def build_parser() -> Parser:
    """Return the parser of the command line."""
    parser = lake_parser(
        program("verify"),
        "Hash a lake and name whatever is wrong in it.",
        "--lake-root lake --workers 2",
    )
    hashing_flags(parser, deep="hash the raw files and look at schemas too")
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Verify a lake, print each fault; return the exit code."""
    args = build_parser().parse_args(argv)
    setup_logging("text", debug=args.debug)
    settings = lake_settings(args, deep=args.deep)
    found = [one for one in lake_inventory(args, settings) if one.state not in _NOTHING]
    faults = list(partition_faults(settings, found))
    if is_everything(args):
        faults += foreign_faults(settings.lake_root, found)
    if args.deep:
        faults += raw_faults(settings, found)
    bad = [one for one in faults if one.kind in IS_BAD]
    size = sum(one.bytes for one in found)
    if args.output == "json":
        body = {"partitions": len(found), "bytes": size, "faults": [asdict(one) for one in faults]}
        sys.stdout.write(json.dumps(body, indent=2) + "\n")
        return int(bool(bad))
    for one in faults:
        stream = sys.stderr if one.kind in IS_BAD else sys.stdout
        reason = one.reason.removeprefix(f"{one.where}: ")
        stream.write(f"{one.kind}: {one_line(f'{one.where}: {reason}')}\n")
    counts = Counter(one.kind for one in faults)
    told = ", ".join(f"{counts[kind]} {kind}" for kind in Kind if counts[kind])
    told = told or ("nothing is wrong" if found else "there is none as asked")
    sys.stdout.write(f"{counted(len(found), 'partition')}, {size / 1e6:,.1f} MB verified: {told}\n")
    return int(bool(bad))
