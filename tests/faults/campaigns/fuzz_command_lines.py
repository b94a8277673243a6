"""Command lines of anything: a usage error, or a request for what the line says."""

from __future__ import annotations

import contextlib
import io
from argparse import Namespace
from random import Random
from typing import Final

from src.data_eng.catalogue.datasets import dataset
from src.data_eng.cli.lake_flags import lake_parser, wanted
from src.data_eng.cli.run_flags import build_parser
from src.data_eng.cli.run_settings import resolve_settings
from src.data_eng.exchange.dates import DateRange, parse_dates
from src.data_eng.lake.paths import Partition
from src.data_eng.pipeline.plan import Request, build_graph

from ..campaign import Budget, Counts, Kind, Seeds

NAME: Final = "fuzz_command_lines"
KIND: Final[Kind] = "inputs"
BOUNDED: Final = 1_500
SHARE: Final = 6.0

_RUNS: Final = build_parser()
_LOOKS: Final = lake_parser("status", "", "")
FLAGS: Final = (
    "--product-type", "--layer", "--symbol", "--dt", "--dates", "--workers", "--lake-root",
    "--roll-rule", "--executor", "--scheduler", "--log-format", "--refresh-stale", "--dry-run",
    "--debug", "--output", "--dat", "--", "-", "--symbol=", "--unknown",
)  # fmt: skip
_VALUES: Final = (
    "future", "future_option", "all", "bronze", "silver", "gold", "ES", "ESM5", "ESM5-ESU5", "NQ",
    "2025-06-05", "2025-06-04,2025-06-05", "2025-06-02:2025-06-06", "0001-01-01", "9999-12-31",
    "9999-12-30:9999-12-31", "0001-01-01:0001-02-01", "1900-01-01:1900-03-01", "2025-02-30",
    "2025-06-05:2025-06-04", "2005-01-01:2026-01-01", ":", "::", ",", ",,", "1", "2", "0", "-1",
    "9" * 21, "1e3", "\u0663", "volume", "calendar", "local", "dask", "text", "json", "", " ", ".",
    "..", "../../x", "/", "a/b", "\0", "\n", "\ud800", "\u202e", "ES\n", "es", "\u0415S", "E" * 300,
    "%s", "$(x)", "@file", "--", "symbol=ES", "ES.FUT", "tcp://x:1", "2025-\u0660\u0666-05",
)  # fmt: skip
GOOD: Final = (
    ("--product-type", "future"), ("--layer", "all"), ("--symbol", "ES"), ("--dt", "2025-06-05"),
    ("--dry-run",),
)  # fmt: skip


def _line(one: Random) -> list[str]:
    parts = [list(part) for part in GOOD]
    for _ in range(one.choice((1, 1, 2, 3, 5))):
        kind = one.randrange(5)
        at = one.randrange(len(parts)) if parts else 0
        if kind == 0 or not parts:
            parts.append([one.choice(FLAGS), one.choice(_VALUES)])
        elif kind == 1:
            parts[at][-1] = one.choice(_VALUES)
        elif kind == 2:
            parts[at][-1] += one.choice(_VALUES)
        elif kind == 3:
            del parts[at]
        else:
            one.shuffle(parts)
    return [word for part in parts for word in part]


def _asked(args: Namespace) -> bool:
    # As the command does, until it would begin; tells whether it means what the line says.
    settings = resolve_settings(args)
    dates, left_out = parse_dates(args.dt, args.dates)
    request = Request(args.product_type, args.layer, args.symbol, tuple(dates), settings)
    graph = build_graph(request)
    # A symbol becomes part of paths: no way out of the lake may come of it.
    place = Partition(dataset("silver.future.trades"), args.symbol, dates[0]).folder
    is_inside = ".." not in place.parts and not place.is_absolute()
    named = {str(day) for day in (*dates, *left_out)}
    texts = [text for text in (args.dt, *(args.dates or "").split(",")) if text and ":" not in text]
    return is_inside and bool(graph.nodes) and {text.strip() for text in texts} <= named


def _looked(args: Namespace) -> bool:
    asked = wanted(args)
    is_ordered = not isinstance(asked.dates, DateRange) or asked.dates.first <= asked.dates.last
    return is_ordered and "/" not in str(asked.symbol)


def is_right(line: list[str], *, is_run: bool) -> bool:
    """Parse a line by the parser of the run, or of the looks at a lake."""
    parser, check = (_RUNS, _asked) if is_run else (_LOOKS, _looked)
    with contextlib.redirect_stdout(io.StringIO()):
        return check(parser.parse_args(line))


def run(rng: Seeds, budget: Budget) -> Counts:
    """Parse mutated lines by the parsers of the commands."""
    counts = Counts(NAME, KIND)
    for number in budget.numbers():
        one = rng.of(number)
        line = _line(one)
        with counts.case(number):
            if is_right(line, is_run=bool(number % 4)):
                counts.survived_new += 1
            else:
                counts.find("wrong_values", number, f"{line!r} is taken for another request")
    return counts
