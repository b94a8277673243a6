"""``data-eng lineage``: what a partition was made from, up to the raw files, and what of it.

Exit codes: 0 told, 1 there is no such partition or it cannot be read, 2 usage.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import Any, Final

from rich.text import Text
from rich.tree import Tree

from ..arguments import Parser
from ..edge import one_line
from ..pipeline.inventory import State
from ..pipeline.lineage import Lineage, Node, RawNode, Sessions, parse_partition
from ..program import program
from ..words import counted
from .console import plain_console, setup_logging
from .lake_flags import OUTPUTS, lake_settings, settings_flags

_SHORT: Final = 12
_WIDEST: Final = 4_000
"""Columns of a line: what is longer than the terminal it wraps, where rich would cut it."""


def build_parser() -> Parser:
    """Return the parser of the command line."""
    parser = Parser(
        prog=program("lineage"),
        description="Show what a partition was made from, up to the raw files; with --down what is "
        "made of it. Each is marked complete, stale, removed or damaged; tables of other "
        "sessions are counted, --output json names them.",
        example="silver.future.level ES 2025-05-06",
    )
    add = parser.add_argument
    add(
        "partition",
        nargs="+",
        metavar="PARTITION",
        help="DATASET SYMBOL YYYY-MM-DD (a root means its contract of the date), or the path of a "
        "partition's folder",
    )
    add("--down", action="store_true", help="what is made of it, instead of what it is made from")
    settings_flags(parser)
    add("--output", choices=OUTPUTS, default="text", help="how to print (default text)")
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Print the tree of a partition; return the exit code."""
    args = build_parser().parse_args(argv)
    setup_logging("text", debug=args.debug)
    root, partition = parse_partition(args.partition)
    if args.lake_root is None and root is not None:
        args.lake_root = root
    lineage = Lineage(lake_settings(args, deep=False))
    where = lineage.resolve(partition)
    node = lineage.down(where) if args.down else lineage.up(where)
    if args.output == "json":
        sys.stdout.write(json.dumps(_as_json(node), indent=2) + "\n")
        return 0
    console = plain_console()
    console.width = _WIDEST
    console.print(_tree(node))
    return 0


def _tree(node: Node) -> Tree:
    tree = Tree(_text(_words(node)))
    for one in node.nodes:
        tree.children.append(_tree(one))
    for sessions in node.sessions:
        tree.add(_text(_of_sessions(sessions)))
    for raw in node.raw:
        tree.add(_text(_of_raw(raw)))
    return tree


def _text(words: str) -> Text:
    return Text(one_line(words))  # manifests say some of it


def _words(node: Node) -> str:
    found = node.found
    told = f"{found.partition}: {found.state}"
    if found.state in (State.STALE, State.DAMAGED, State.REMOVED):
        told += f" ({found.reason})"
    if found.summary is not None:
        rows = counted(found.summary.rows, "row")
        told += f", {rows}, content {found.summary.content_sha256[:_SHORT]}"
    return f"{told}, as above" if node.is_known else told


def _of_sessions(sessions: Sessions) -> str:
    days = [day for _, day, _ in sessions.partitions]
    counts = ", ".join(f"{count} {state}" for state, count in sessions.counts.items())
    return f"{sessions.dataset} of sessions from {min(days)} to {max(days)}: {counts}"


def _of_raw(raw: RawNode) -> str:
    return f"{raw.path}: {raw.state}, {raw.bytes / 1e6:,.1f} MB, SHA-256 {raw.sha256[:_SHORT]}"


def _as_json(node: Node) -> dict[str, Any]:
    found = node.found
    return {
        "dataset": found.partition.dataset.key,
        "symbol": found.partition.symbol,
        "dt": found.partition.date.isoformat(),
        "state": str(found.state),
        "reason": found.reason,
        "rows": found.rows,
        "content_sha256": None if found.summary is None else found.summary.content_sha256,
        "told_before": node.is_known,
        "partitions": [_as_json(one) for one in node.nodes],
        "sessions": [
            {"dataset": one.dataset, "symbol": symbol, "dt": day, "state": state}
            for one in node.sessions
            for symbol, day, state in one.partitions
        ],
        "raw": [
            {"path": one.path, "bytes": one.bytes, "sha256": one.sha256, "state": one.state}
            for one in node.raw
        ],
    }
