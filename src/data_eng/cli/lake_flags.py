"""The flags of commands that look at a lake, and what they mean."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

from ..errors import UsageError
from ..exchange.dates import DateRange
from ..exchange.roll import RULES
from ..exchange.symbols import is_contract, is_root
from ..lake.location import open_lake
from ..pipeline.inventory import Found, lake_tables, take_inventory
from ..pipeline.plan import ALL, LAYERS, PRODUCT_TYPES
from ..settings import Settings
from .run import read_config

OUTPUTS = ("text", "json")


class LakeParser(argparse.ArgumentParser):
    """A parser whose errors are those of the package."""

    def error(self, message: str) -> NoReturn:
        """Raise `UsageError`."""
        raise UsageError(f"{message}; see --help")


def lake_parser(prog: str, description: str) -> LakeParser:
    """Return a parser with the flags that these commands share."""
    parser = LakeParser(prog=prog, description=description, allow_abbrev=False)
    add = parser.add_argument
    add("--lake-root", type=Path, help="folder or s3://BUCKET/PREFIX (default lake)")
    add("--product-type", choices=(*PRODUCT_TYPES, ALL), default=ALL)
    add("--layer", choices=(*LAYERS, ALL), default=ALL)
    add("--symbol", help="product root or contract (default all)")
    add("--dates", metavar="D1:D2", help="one date, or an inclusive range (default all)")
    add("--config", type=Path, help="TOML file of the runs that keep the lake")
    add("--roll-rule", choices=RULES, help="of the runs that keep the lake (default volume)")
    add("--workers", type=int, help="files that are hashed side by side (default 1)")
    add("--output", choices=OUTPUTS, default="text", help="how to print (default text)")
    add("--debug", action="store_true", help="log everything")
    return parser


def lake_settings(args: argparse.Namespace, *, deep: bool) -> Settings:
    """Return the settings of the runs that keep the lake; raises `UsageError`."""
    values: dict[str, Any] = read_config(args.config) if args.config else {}
    for key in ("lake_root", "roll_rule", "workers"):
        if getattr(args, key) is not None:
            values[key] = getattr(args, key)
    if "lake_root" in values:
        values["lake_root"] = Path(values["lake_root"])
    settings = Settings(**values, deep=deep)
    settings = replace(settings, lake_root=open_lake(settings.lake_root))
    if not settings.lake_root.is_dir():
        raise UsageError(f"--lake-root {settings.lake_root}: no such folder")
    return settings


def lake_inventory(args: argparse.Namespace, settings: Settings) -> Sequence[Found]:
    """Return what the lake holds of what was asked for; raises `UsageError`."""
    symbol = args.symbol
    if symbol is not None and not (is_root(symbol) or is_contract(symbol)):
        raise UsageError(f"--symbol {symbol!r}: neither a product root such as ES nor a contract")
    dates = None if args.dates is None else DateRange(args.dates)
    kinds = PRODUCT_TYPES if args.product_type == ALL else (args.product_type,)
    layers = LAYERS if args.layer == ALL else (args.layer,)
    tables = [one for one in lake_tables(kinds) if one.layer in layers]
    return tuple(take_inventory(settings, tables, symbol, dates))
