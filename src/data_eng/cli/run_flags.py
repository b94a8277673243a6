"""The flags of a run, in the groups of its help."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from ..arguments import Parser, lake_folder
from ..exchange.roll import RULES
from ..pipeline.executors import EXECUTORS
from ..pipeline.plan import ALL, LAYERS, PRODUCT_TYPES
from ..program import program

CONFIG_KEYS: Final = (
    "lake_root",
    "roll_rule",
    "workers",
    "max_expansion",
    "lock_timeout_s",
    "shared_lake",
    "opening_range_minutes",
    "pre_market_start",
)
"""What a configuration file may say."""


def build_parser() -> Parser:
    """Return the parser of the command line."""
    parser = Parser(
        prog=program("run"),
        description="Build the lake's partitions: DBN files to Bronze, Silver and Gold. What is "
        "complete is left as it is. Exit codes: 0 done, 1 some partition failed or is blocked, "
        "2 usage.",
        example="--product-type future --layer all --symbol ES --dt 2025-05-06",
    )
    _what(parser)
    _lake(parser)
    _how(parser)
    _told(parser)
    return parser


def _what(parser: Parser) -> None:
    parser.require_one("--dt", "--dates")
    add = parser.add_argument_group("what to build").add_argument
    add(
        "--product-type",
        required=True,
        choices=(*PRODUCT_TYPES, ALL),
        help="future: book, trades, levels, features; future_option: the options on it; "
        "all: both, and the tables that need both",
    )
    add(
        "--layer",
        required=True,
        choices=(*LAYERS, ALL),
        help="bronze: raw files to Parquet; silver: clean tables, features; gold: 09:30 to 12:30, "
        "outcomes, vectors; all: one after the other",
    )
    add("--symbol", required=True, help="product root (ES); silver and gold take a contract too")
    add(
        "--dt",
        metavar="YYYY-MM-DD",
        help="one date (UTC date of the raw data); with --dates it comes to those",
    )
    add(
        "--dates",
        metavar="D1,D2,...|D1:D2",
        help="several dates, or the trading days of an inclusive range",
    )
    add(
        "--table",
        metavar="T,...",
        help="of what the layers write only these tables: names (level) or keys "
        "(silver.future.level)",
    )


def _lake(parser: Parser) -> None:
    add = parser.add_argument_group("the lake").add_argument
    add("--lake-root", type=lake_folder, help="folder or s3://BUCKET/PREFIX (default lake)")
    add(
        "--config",
        type=Path,
        metavar="FILE",
        help=f"TOML file with any of {', '.join(CONFIG_KEYS)}; flags come before it",
    )
    add("--roll-rule", choices=RULES, help="how Bronze decides the front month (default volume)")
    add(
        "--shared-lake",
        action="store_true",
        default=None,
        help="the lake lies on a network file system, and several hosts may write it",
    )


def _how(parser: Parser) -> None:
    add = parser.add_argument_group("how to build it").add_argument
    add(
        "--dry-run",
        action="store_true",
        help="show what would be written, why, and about how long it takes; do nothing",
    )
    add("--refresh-stale", action="store_true", help="rebuild partitions whose inputs changed")
    add(
        "--force",
        action="store_true",
        help="rebuild what is asked for though it is complete; not what it reads",
    )
    add(
        "--allow-missing",
        action="store_true",
        help="skip a date whose raw file is not there (yet), instead of failing",
    )
    add("--workers", type=int, metavar="N", help="partitions built side by side (default 1)")
    add("--executor", choices=EXECUTORS, default="local", help="who runs tasks (default local)")
    add(
        "--scheduler",
        metavar="ADDRESS",
        help="Dask scheduler that runs, for --executor dask (default: one on this host)",
    )


def _told(parser: Parser) -> None:
    add = parser.add_argument_group("what is told").add_argument
    add(
        "--log-format",
        choices=("text", "json"),
        default="text",
        help="lines for people, or a JSON object a line (default text)",
    )
    add("--debug", action="store_true", help="log everything, and show tracebacks")
    parser.add_version()
