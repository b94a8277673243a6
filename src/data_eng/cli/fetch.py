"""``data-eng fetch``: order what the raw folders lack, and download it.

Exit codes: 0 all is there (or told, with ``--dry-run``), 1 something was refused, failed or not
confirmed, 2 usage.
"""

from __future__ import annotations

import argparse
import datetime as dt
import math
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ..arguments import Parser, lake_folder
from ..catalogue.datasets import RAW_SCHEMAS
from ..errors import UsageError, VendorError
from ..exchange.asked_symbol import check_symbol
from ..exchange.dates import parse_dates
from ..exchange.option_codes import LEFT_OUT
from ..lake.claim import lake_claim
from ..lake.location import is_remote
from ..lake.lock import lake_lock
from ..lake.mounts import network_file_system
from ..lake.objects.url import parse_url
from ..pipeline.plan import ALL, PRODUCT_TYPES
from ..program import program
from ..vendor.orders.journal import Entry, Journal
from ..vendor.orders.missing import Wanted, missing_orders, wanted_tables
from ..vendor.orders.order import Order
from .console import setup_logging
from .fetch_view import FetchView
from .lake_flags import OUTPUTS

if TYPE_CHECKING:
    from ..vendor.orders.client import Vendor
    from ..vendor.orders.placing import Quote

LOCK: Final = "fetch.lock"
LOCK_TIMEOUT_S: Final = 1.0
_NBBO_SCHEMAS: Final = RAW_SCHEMAS["future_option.nbbo"]


def build_parser() -> Parser:
    """Return the parser of the command line."""
    parser = Parser(
        prog=program("fetch"),
        description="Order the raw files that a lake lacks from Databento, and download them.",
        epilog="The API key is that of the environment variable DATABENTO_API_KEY.",
        example="--product-type future --symbol ES --dt 2025-05-06 --dry-run",
    )
    parser.require_one("--dt", "--dates")
    add = parser.add_argument
    add("--product-type", required=True, choices=(*PRODUCT_TYPES, ALL))
    add("--symbol", required=True, help="product root (ES)")
    add("--dt", metavar="YYYY-MM-DD", help="one date (UTC)")
    add(
        "--dates",
        metavar="D1,D2,...|D1:D2",
        help="several dates, or the trading days of an inclusive range",
    )
    add(
        "--lake-root",
        type=lake_folder,
        default=Path("lake"),
        help="folder of the lake (default lake)",
    )
    add(
        "--nbbo-schema",
        choices=_NBBO_SCHEMAS,
        default=_NBBO_SCHEMAS[0],
        help="of the options' best bid and offer (default %(default)s)",
    )
    add(
        "--parents",
        metavar="P1,P2,...",
        help="parents of options, such as ES.OPT,EW2.OPT (default all on the root)",
    )
    add("--max-cost", type=float, metavar="USD", help="order nothing if all of it costs more")
    add("--yes", action="store_true", help="order without asking")
    add("--dry-run", action="store_true", help="show what is missing and what it costs")
    add("--output", choices=OUTPUTS, default="text", help="how to print (default text)")
    add("--debug", action="store_true", help="log everything")
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Fetch what is missing; return the exit code."""
    args = build_parser().parse_args(argv)
    setup_logging("text", debug=args.debug)
    _check(args)
    dates, _ = parse_dates(args.dt, args.dates)
    kinds = PRODUCT_TYPES if args.product_type == ALL else (args.product_type,)
    parents = tuple(one.strip() for one in args.parents.split(",")) if args.parents else ()
    wanted = wanted_tables(args.symbol, kinds, args.nbbo_schema, parents)
    with nullcontext() if args.dry_run else _alone(args.lake_root), FetchView(args.output) as view:
        if "future_option" in kinds and not parents and args.symbol in LEFT_OUT:
            view.note(
                f"not ordered of the options on {args.symbol}: {LEFT_OUT[args.symbol]}, whose "
                "codes are not known here; name their parents by --parents"
            )
        return _Fetching(args, wanted, view).run(dates)


@contextmanager
def _alone(lake_root: Path) -> Iterator[None]:
    with lake_lock(lake_root, LOCK, LOCK_TIMEOUT_S):
        # Two hosts would buy the same: where a lock does not hold the other one, a claim does.
        is_shared = network_file_system(lake_root) is not None
        with lake_claim(lake_root, LOCK) if is_shared else nullcontext():
            yield


def _check(args: argparse.Namespace) -> None:
    check_symbol(args.symbol, contracts=False)
    if is_remote(args.lake_root):
        raise UsageError(
            f"--lake-root {parse_url(args.lake_root)}: fetch writes to a folder of this host; name "
            "one, keep it (what is missing is told by it), and copy its raw/ to the store: "
            "docs/fetch.md"
        )
    limit = args.max_cost
    if limit is not None and not (math.isfinite(limit) and limit >= 0):
        raise UsageError(f"--max-cost {limit}: use an amount in US dollars, 0 or more")
    if args.output == "json" and not (args.yes or args.dry_run):
        raise UsageError("--output json asks nothing: give --yes or --dry-run too")


class _Fetching:
    def __init__(self, args: argparse.Namespace, wanted: Sequence[Wanted], view: FetchView) -> None:
        self._args = args
        self._lake: Path = args.lake_root
        self._wanted = wanted
        self._view = view
        self._journal = Journal(args.lake_root)

    def run(self, dates: Sequence[dt.date]) -> int:
        """Fetch what some dates lack; return the exit code."""
        entries = self._under_way()
        missing = self._missing(dates, entries)
        # The client takes seconds to import, and a key: not where there is nothing to do.
        if entries or missing:
            from ..vendor.orders.client import Vendor  # noqa: PLC0415 - as said

            vendor = Vendor()
            if self._args.dry_run:
                self._quoted(vendor, missing, entries)
            else:
                self._fetch(vendor, dates, entries)
        return self._view.summary()

    def _fetch(self, vendor: Vendor, dates: Sequence[dt.date], entries: Sequence[Entry]) -> None:
        from ..vendor.orders.placing import place, settled  # noqa: PLC0415 - with the client

        known = []
        for entry in entries:
            with self._view.failures():
                found = settled(vendor, self._journal, entry)
                known += [] if found is None else [found]
        # What an earlier run may have placed is not missing, though there is no job yet.
        missing = self._missing(dates, self._under_way())
        with self._view.failures():
            quotes = self._quoted(vendor, missing, known)
            if quotes:
                self._confirm(quotes)
            for one in quotes:
                known.append(place(vendor, self._journal, one))
                self._view.placed(known[-1])
        for entry in known:
            with self._view.failures():
                self._deliver(vendor, entry)

    def _deliver(self, vendor: Vendor, entry: Entry) -> None:
        from ..vendor.orders.delivery import (  # noqa: PLC0415 - with the client
            ExpiredError,
            deliver,
            discard,
            wait_until_done,
        )

        order, job = entry.order, entry.job or ""
        try:
            wait_until_done(vendor, job, self._view.watch)
        except ExpiredError:
            discard(self._lake, order, job)
            self._journal.forget(order)
            raise
        deliver(vendor, self._lake, order, job, self._view.watch)
        self._journal.forget(order)
        self._view.delivered(entry)

    def _under_way(self) -> list[Entry]:
        tables = {one.table for one in self._wanted}
        found = self._journal.under_way(tidy=not self._args.dry_run)
        mine = [
            entry
            for entry in found
            if entry.order.root == self._args.symbol and entry.order.table in tables
        ]
        self._view.others = len(found) - len(mine)
        return mine

    def _missing(self, dates: Sequence[dt.date], entries: Sequence[Entry]) -> list[Order]:
        under_way = [entry.order for entry in entries]
        return missing_orders(self._lake, self._args.symbol, self._wanted, dates, under_way)

    def _quoted(
        self, vendor: Vendor, missing: Sequence[Order], entries: Sequence[Entry]
    ) -> list[Quote]:
        from ..vendor.orders.placing import quote  # noqa: PLC0415 - with the client

        quotes = [quote(vendor, order) for order in missing]
        self._view.orders(entries, quotes)
        return quotes

    def _confirm(self, quotes: Sequence[Quote]) -> None:
        cost = sum(one.cost_usd for one in quotes)
        limit = self._args.max_cost
        if limit is not None and cost > limit:
            raise VendorError(
                f"{cost:,.2f} USD is more than --max-cost {limit:,.2f}; nothing was ordered"
            )
        if self._args.yes:
            return
        if not sys.stdin.isatty():
            raise UsageError("there is no terminal to ask on: give --yes to order without asking")
        sys.stdout.write(f"Order for {cost:,.2f} USD? Type yes: ")
        sys.stdout.flush()
        if sys.stdin.readline().strip().lower() != "yes":
            raise VendorError("not confirmed; nothing was ordered")
