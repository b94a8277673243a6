"""``data-eng clean``: remove what killed runs left, and old partitions of a table.

Without ``--yes`` it shows what would go. Exit codes: 0 done, 1 something could not be removed,
2 usage.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from ..arguments import Parser
from ..edge import one_line
from ..errors import LakeError, UsageError
from ..exchange.dates import parse_date
from ..exchange.symbols import root_of
from ..lake.claim import remove_claims
from ..lake.store import store_of
from ..pipeline.cleaning import (
    GRACE_S,
    Leftover,
    Removable,
    find_leftovers,
    removable,
    remove,
    remove_leftover,
)
from ..pipeline.inventory import take_inventory
from ..program import program
from ..settings import Settings
from .console import setup_logging
from .lake_flags import Wanted, is_everything, lake_parser, lake_settings, wanted
from .run import require_local

_UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_AGE: Final = re.compile(r"(\d+(?:\.\d+)?)([smhd])")


@dataclass(frozen=True)
class Line:
    """What becomes of one thing: ``removed``, ``would be removed`` or ``kept``, and why."""

    what: str
    symbol: str
    action: str
    reason: str
    bytes: int
    body: dict[str, Any]


def build_parser() -> Parser:
    """Return the parser of the command line."""
    parser = lake_parser(
        program("clean"),
        "Remove what killed runs left and lock files that nobody holds; with --table and --before "
        "complete partitions of a table, which leave a tombstone: what is made of them stays "
        "current. Without --yes it shows what would go.",
        "--table silver.future.market_by_price_10_clean --before 2025-01-01 --yes",
    )
    add = parser.add_argument
    add(
        "--table",
        metavar="T,...",
        help="tables whose partitions go, with --before: a name or a dataset key",
    )
    add("--before", metavar="YYYY-MM-DD", help="partitions of dates before this one")
    add(
        "--older-than",
        metavar="AGE",
        help="leftovers and lock files that did not change so long: 90m, 6h, 2d (default 6h)",
    )
    add(
        "--claims",
        action="store_true",
        help="claims of hosts that are known to be gone, on a lake of --shared-lake; all that are "
        "older than --older-than",
    )
    add(
        "--shared-lake",
        action="store_true",
        default=None,
        help="the lake lies on a network file system: what another host has claimed stays",
    )
    add("--yes", action="store_true", help="do it; without it nothing is changed")
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Clean a lake, or show what would go; return the exit code."""
    args = build_parser().parse_args(argv)
    setup_logging("text", debug=args.debug)
    settings = lake_settings(args, deep=False)
    if args.claims and store_of(settings.lake_root) is not None:
        raise UsageError(
            "--claims are of a shared file system; on object storage one that is not renewed is "
            "taken over, and clean without --claims removes it"
        )
    if not (settings.shared_lake or args.claims):
        require_local(settings.lake_root)
    asked = wanted(args)
    if (args.table is None) != (args.before is None):
        raise UsageError("--table and --before go together: partitions of a table before a date")
    if args.claims and not is_everything(args):
        raise UsageError("--claims are of the whole lake: it takes no table, symbol or date")
    if args.table is not None and args.older_than is not None:
        raise UsageError(
            "--older-than is of leftovers and claims: which partitions go is told by --before"
        )
    older_than_s = GRACE_S if args.older_than is None else _seconds(args.older_than)
    if args.claims:
        lines = list(_claims(settings, older_than_s, do=args.yes))
    elif args.table is None:
        lines = list(_leftovers(settings, asked, older_than_s, do=args.yes))
    else:
        lines = list(_partitions(settings, asked, args.before, do=args.yes))
    failed = [one for one in lines if one.action == "failed"]
    gone = [one for one in lines if one.action in ("removed", "would be removed")]
    size = sum(one.bytes for one in gone)
    if args.output == "json":
        body = {"done": args.yes, "bytes": size, "items": [_as_json(one) for one in lines]}
        sys.stdout.write(json.dumps(body, indent=2) + "\n")
        return int(bool(failed))
    _print(lines)
    did = "removed" if args.yes else "would be removed"
    hint = "" if args.yes or not gone else "; --yes does it"
    told = f"{len(gone):,} {did}, {size / 1e6:,.1f} MB{hint}" if gone else "nothing to remove"
    sys.stdout.write(f"{told}\n")
    return int(bool(failed))


def _print(lines: Sequence[Line]) -> None:
    groups: dict[tuple[str, str, str, str], list[Line]] = {}
    for one in lines:
        groups.setdefault((one.action, one.what, one.symbol, one.reason), []).append(one)
    for (action, what, symbol, reason), mine in groups.items():
        days = sorted(one.body["dt"] for one in mine if "dt" in one.body)
        over = f" {symbol} {days[0]}" if days else ""
        if len(mine) > 1:
            size = sum(one.bytes for one in mine)
            over += f" to {days[-1]}: {len(mine):,} partitions, {size / 1e6:,.1f} MB"
        told = f": {reason}" if reason else ""
        if action == "failed":
            sys.stderr.write(f"error: {one_line(reason)}\n")
        else:
            sys.stdout.write(one_line(f"{action}: {what}{over}{told}") + "\n")


def _leftovers(
    settings: Settings, asked: Wanted, older_than_s: float, *, do: bool
) -> Iterator[Line]:
    lake_root, shared = settings.lake_root, settings.shared_lake
    for one in find_leftovers(lake_root, asked.tables, older_than_s):
        if one.partition is not None and not asked.has(one.partition):
            continue
        action, reason = "would be removed", ""
        if do:
            action, reason = _done(partial(remove_leftover, lake_root, one, shared=shared))
        what = f"{one.kind} {one.path}, {one.age_s / 3600:,.1f} h old"
        yield Line(what, "", action, reason, one.bytes, _of_leftover(one))


def _claims(settings: Settings, older_than_s: float, *, do: bool) -> Iterator[Line]:
    # A claim is one file or two of one process.
    found = remove_claims(settings.lake_root, older_than_s, dry_run=not do)
    for one in {(each.lock, each.host, each.pid): each for each in found}.values():
        body = {"kind": "claim", "lock": one.lock, "host": one.host, "pid": one.pid}
        action = "removed" if do else "would be removed"
        yield Line(f"claim {one}", "", action, "", 0, {**body, "age_s": round(one.age_s)})


def _partitions(settings: Settings, asked: Wanted, before: str, *, do: bool) -> Iterator[Line]:
    end = parse_date(before)
    found = list(take_inventory(settings, asked.tables, asked.symbol))
    latest: dict[tuple[str, str], Any] = {}
    for one in found:
        key = one.partition.dataset.key, root_of(one.partition.symbol)
        latest[key] = max(latest.get(key, one.partition.date), one.partition.date)
    old = [one for one in found if one.partition.date < end and asked.has(one.partition)]
    for each in removable(old, latest):
        yield _of_partition(settings, each, do=do)


def _of_partition(settings: Settings, each: Removable, *, do: bool) -> Line:
    where = each.found.partition
    action, reason = ("kept", each.kept) if each.kept else ("would be removed", "")
    if do and not each.kept:
        shared = settings.shared_lake
        action, reason = _done(partial(remove, settings.lake_root, where, shared=shared))
    body = {"dataset": where.dataset.key, "symbol": where.symbol, "dt": where.date.isoformat()}
    what, size = {"kind": "partition", **body}, each.found.bytes
    return Line(where.dataset.key, where.symbol, action, reason, size, what)


def _done(act: Callable[[], str]) -> tuple[str, str]:
    try:
        kept = act()
    except LakeError as error:
        return "failed", str(error)
    return ("kept", kept) if kept else ("removed", "")


def _of_leftover(one: Leftover) -> dict[str, Any]:
    return {"kind": str(one.kind), "path": one.path, "age_s": round(one.age_s)}


def _as_json(one: Line) -> dict[str, Any]:
    return {**one.body, "bytes": one.bytes, "action": one.action, "reason": one.reason}


def _seconds(text: str) -> float:
    match = _AGE.fullmatch(text)
    if match is None:
        raise UsageError(f"--older-than {text}: use a number and s, m, h or d, as 6h")
    return float(match[1]) * _UNITS[match[2]]
