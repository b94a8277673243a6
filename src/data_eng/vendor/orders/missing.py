"""What of some dates the raw folders of a root do not hold, as orders."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ...catalogue.datasets import dataset_of_key
from ...errors import NoRawDataError, UsageError
from ...exchange.option_codes import option_codes
from ...exchange.symbols import is_root
from ..coverage import option_parents
from ..files import find_raw_day
from ..raw_listing import RawListing
from .order import Order

FUTURES: Final = "raw.future.market_by_price_10"
NBBO: Final = "raw.future_option.nbbo"
# Definitions first: without them the other tables of options say nothing.
OPTIONS: Final = tuple(
    f"raw.future_option.{table}" for table in ("definition", "trades", "nbbo", "statistics")
)


@dataclass(frozen=True)
class Wanted:
    """A raw table, the schema to order it in, and the parents that it is of."""

    table: str
    schema: str
    parents: tuple[str, ...]


def wanted_tables(
    root: str, product_types: Iterable[str], nbbo_schema: str, parents: Sequence[str] = ()
) -> list[Wanted]:
    """Return the raw tables of a root.

    Parameters
    ----------
    root : str
    product_types : iterable of str
        ``future``, ``future_option``.
    nbbo_schema : str
    parents : sequence of str
        Parents of options, such as ``EW2.OPT``; by default those of all that are known.

    Raises
    ------
    UsageError
        The options on the root are not known, or a parent is none.
    """
    found = []
    if "future" in product_types:
        found.append(Wanted(FUTURES, "mbp-10", (f"{root}.FUT",)))
    if "future_option" in product_types:
        named = tuple(parents) or tuple(f"{code}.OPT" for code in option_codes(root))
        for one in named:
            if not (one.endswith(".OPT") and is_root(one.removesuffix(".OPT"))):
                raise UsageError(f"--parents {one!r}: not a parent of options, such as EW2.OPT")
        named = tuple(sorted(set(named)))
        for table in OPTIONS:
            schema = nbbo_schema if table == NBBO else dataset_of_key(table).schemas[0]
            found.append(Wanted(table, schema, named))
    return found


def missing_orders(
    lake_root: Path,
    root: str,
    wanted: Iterable[Wanted],
    dates: Iterable[dt.date],
    under_way: Sequence[Order] = (),
) -> list[Order]:
    """Return what to order: consecutive dates that lack the same together.

    What holds a date is found as Bronze finds it. Files of options that were asked for by some
    parents hold those alone; any other request stands for all.

    Parameters
    ----------
    lake_root : Path
    root : str
    wanted : iterable of Wanted
    dates : iterable of datetime.date
    under_way : sequence of Order
        What was ordered and is not there yet.

    Raises
    ------
    InputError, LakeError
        Which files hold a date is not known.
    """
    days, listing = sorted(set(dates)), RawListing(lake_root)
    return [
        order
        for one in wanted
        for order in _joined(
            root, one.table, _lacking(lake_root, root, one, days, under_way, listing)
        )
    ]


_Lack = tuple[dt.date, str, tuple[str, ...]]


def _lacking(
    lake_root: Path,
    root: str,
    wanted: Wanted,
    days: Iterable[dt.date],
    under_way: Sequence[Order],
    listing: RawListing,
) -> Iterator[_Lack]:
    for date in days:
        there, schema = _held(lake_root, root, wanted, date, listing)
        ordered = [
            one
            for one in under_way
            if (one.table, one.root) == (wanted.table, root) and one.first <= date <= one.last
        ]
        there = there.union(*(one.parents for one in ordered))
        # Bronze takes one schema a date.
        schema = schema or next((one.schema for one in ordered), None) or wanted.schema
        lacking = tuple(one for one in wanted.parents if one not in there)
        if lacking:
            yield date, schema, lacking


def _held(
    lake_root: Path, root: str, wanted: Wanted, date: dt.date, listing: RawListing
) -> tuple[frozenset[str], str | None]:
    try:
        raw = dataset_of_key(wanted.table)
        day = find_raw_day(lake_root, raw, root, date, listing=listing)
    except NoRawDataError:
        return frozenset(), None
    asked = [option_parents(file.metadata) for file in day.files]
    is_all = not all(asked)
    return frozenset(wanted.parents if is_all else ()).union(*asked), day.files[0].metadata.schema


def _joined(root: str, table: str, lacks: Iterable[_Lack]) -> list[Order]:
    found: list[Order] = []
    for date, schema, parents in lacks:
        before = found[-1] if found else None
        if before is not None and (before.end, before.schema, before.parents) == (
            date,
            schema,
            parents,
        ):
            found[-1] = Order(table, root, schema, parents, before.first, date)
        else:
            found.append(Order(table, root, schema, parents, date, date))
    return found
