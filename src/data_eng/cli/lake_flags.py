"""The flags of commands that look at a lake, and what they mean."""

from __future__ import annotations

import argparse
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ..arguments import Parser, lake_folder
from ..catalogue.datasets import Dataset, dataset, registry
from ..errors import UsageError
from ..exchange.asked_symbol import check_symbol
from ..exchange.dates import DateRange, parse_date
from ..exchange.roll import RULES
from ..exchange.symbols import outright_of_root
from ..lake.location import open_lake_to_read
from ..lake.paths import Partition
from ..pipeline.inventory import Found, lake_tables, take_inventory
from ..pipeline.plan import ALL, LAYERS, PRODUCT_TYPES
from ..pipeline.read_ahead import readers
from ..settings import Settings
from ..suggestion import did_you_mean
from .run_settings import chosen

OUTPUTS = ("text", "json")


def lake_parser(prog: str, description: str, example: str) -> Parser:
    """Return a parser with the flags that these commands share; ``example`` is without ``prog``."""
    parser = Parser(prog=prog, description=description, example=example)
    add = parser.add_argument
    add("--product-type", choices=(*PRODUCT_TYPES, ALL), default=ALL)
    add("--layer", choices=(*LAYERS, ALL), default=ALL)
    add("--symbol", help="product root or contract (default all)")
    add("--dt", metavar="YYYY-MM-DD", help="one date (default all); with --dates it comes to those")
    add("--dates", metavar="D1:D2|D1,D2,...", help="an inclusive range, or several dates")
    add("--output", choices=OUTPUTS, default="text", help="how to print (default text)")
    settings_flags(parser)
    return parser


def settings_flags(parser: argparse.ArgumentParser) -> None:
    """Add the flags that say which lake it is, and by which settings it is kept."""
    add = parser.add_argument
    add("--lake-root", type=lake_folder, help="folder or s3://BUCKET/PREFIX (default lake)")
    add("--config", type=Path, help="TOML file of the runs that keep the lake")
    add("--roll-rule", choices=RULES, help="of the runs that keep the lake (default volume)")
    add("--debug", action="store_true", help="log everything")


def hashing_flags(parser: argparse.ArgumentParser, deep: str) -> None:
    """Add the flags of commands that hash; ``deep`` says what they hash with ``--deep``."""
    add = parser.add_argument
    add("--deep", action="store_true", help=deep)
    add("--workers", type=int, help="files that are hashed side by side (default 1)")


@dataclass(frozen=True)
class Wanted:
    """What was asked for.

    Attributes
    ----------
    tables : tuple of Dataset
        Not raw.
    symbol : str or None
        A contract, or a root; None means all.
    dates : DateRange or frozenset of datetime.date, or None
        None means all.
    """

    tables: tuple[Dataset, ...]
    symbol: str | None
    dates: DateRange | frozenset[dt.date] | None

    def has(self, partition: Partition) -> bool:
        """Tell whether a partition of one of the tables was asked for."""
        of_symbol = self.symbol in (None, partition.symbol) or (
            outright_of_root(partition.symbol, str(self.symbol)) is not None
        )
        return of_symbol and (self.dates is None or partition.date in self.dates)


def wanted(args: argparse.Namespace) -> Wanted:
    """Return what was asked for; raises `UsageError`."""
    symbol = args.symbol
    if symbol is not None:
        check_symbol(symbol)
    kinds = PRODUCT_TYPES if args.product_type == ALL else (args.product_type,)
    layers = LAYERS if args.layer == ALL else (args.layer,)
    tables = [one for one in lake_tables(kinds) if one.layer in layers]
    if getattr(args, "table", None) is not None:
        tables = [one for name in args.table.split(",") for one in _named(tables, name.strip())]
    return Wanted(tuple(tables), symbol, _dates(args.dt, args.dates))


def is_everything(args: argparse.Namespace) -> bool:
    """Tell whether no flag narrows what was asked for."""
    named = (args.symbol, args.dt, args.dates, getattr(args, "table", None))
    return args.product_type == args.layer == ALL and all(one is None for one in named)


def _named(tables: Sequence[Dataset], name: str) -> list[Dataset]:
    # By its key, or by the table's name alone.
    found = [one for one in tables if name in (one.key, one.table)]
    if not found:
        if "." in name:
            dataset(name)  # raises where there is none
        elsewhere = [one.key for one in registry().values() if name in (one.key, one.table)]
        if elsewhere:
            which = f"raw, or not of --layer and --product-type: {' and '.join(elsewhere)}"
        else:
            meant = did_you_mean(name, {one.table for one in tables})
            which = meant or "docs/concepts.md lists the tables"
            which = f"no table of the lake; {which}"
        raise UsageError(f"--table {name}: {which}")
    return found


def _dates(single: str | None, several: str | None) -> DateRange | frozenset[dt.date] | None:
    if several is not None and "," in several:
        days = {parse_date(one.strip()) for one in several.split(",")}
    elif several is not None and single is not None:
        asked = DateRange(several)
        length = (asked.last - asked.first).days + 1
        days = {asked.first + dt.timedelta(days=n) for n in range(length)}
    else:
        text = several if single is None else single
        return None if text is None else DateRange(text)
    return frozenset(days if single is None else {parse_date(single), *days})


def lake_settings(args: argparse.Namespace, *, deep: bool) -> Settings:
    """Return the settings of the runs that keep the lake; raises `UsageError`."""
    settings = Settings(**chosen(args), deep=deep)
    return replace(settings, lake_root=open_lake_to_read(settings.lake_root))


def lake_inventory(args: argparse.Namespace, settings: Settings) -> Sequence[Found]:
    """Return what the lake holds of what was asked for; raises `UsageError`."""
    asked = wanted(args)
    return tuple(take_inventory(settings, asked.tables, asked.symbol, asked.dates, readers()))
