"""The command line: parse, call the pipeline, map what happened to exit codes.

Exit codes: 0 all done or nothing to do, 1 some partition failed (the others are finished),
2 usage; `edge` adds those of signals.
"""

from __future__ import annotations

import argparse
import sys
import tomllib
import traceback
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, NoReturn

from ..edge import one_line
from ..errors import DataEngError, UsageError
from ..exchange.calendar import closure_reason
from ..exchange.dates import parse_dates
from ..exchange.roll import RULES
from ..pipeline.executors import EXECUTORS
from ..pipeline.plan import ALL, LAYERS, PRODUCT_TYPES, Request, build_graph
from ..pipeline.scheduler import Run, make_executor
from ..pipeline.task import emit
from ..program import program
from ..settings import Settings
from ..stages.outcome import Status
from .console import RunView, setup_logging

_CONFIG_KEYS: Final = (
    "lake_root",
    "roll_rule",
    "workers",
    "max_expansion",
    "lock_timeout_s",
    "opening_range_minutes",
    "pre_market_start",
)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message}; see --help")


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = _Parser(
        prog=program("run"),
        description="Build the lake's partitions: DBN files to Bronze, Silver and Gold.",
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("--product-type", required=True, choices=(*PRODUCT_TYPES, ALL))
    add("--layer", required=True, choices=(*LAYERS, ALL))
    add("--symbol", required=True, help="product root (ES); silver and gold take a contract too")
    add("--dt", metavar="YYYY-MM-DD", help="one date (UTC date of the raw data)")
    add(
        "--dates",
        metavar="D1,D2,...|D1:D2",
        help="several dates, or the trading days of an inclusive range",
    )
    add("--workers", type=int, help="partitions built side by side (default 1)")
    add("--lake-root", type=Path, help="folder of the lake (default lake)")
    add("--config", type=Path, help=f"TOML file with any of {', '.join(_CONFIG_KEYS)}")
    add("--roll-rule", choices=RULES, help="how Bronze decides the front month (default volume)")
    add("--refresh-stale", action="store_true", help="rebuild partitions whose inputs changed")
    add("--dry-run", action="store_true", help="show what would be done, and do nothing")
    add("--executor", choices=EXECUTORS, default="local", help="who runs tasks (default local)")
    add(
        "--scheduler",
        metavar="ADDRESS",
        help="Dask scheduler that runs, for --executor dask (default: one on this host)",
    )
    add("--log-format", choices=("text", "json"), default="text")
    add("--debug", action="store_true", help="log everything, and show tracebacks")
    return parser


def resolve_settings(args: argparse.Namespace) -> Settings:
    """Return the settings: flags before the config file, before the defaults."""
    values: dict[str, Any] = read_config(args.config) if args.config else {}
    for key in ("lake_root", "roll_rule", "workers"):
        if getattr(args, key) is not None:
            values[key] = getattr(args, key)
    if "lake_root" in values:
        values["lake_root"] = Path(values["lake_root"])
    settings = Settings(**values, refresh_stale=args.refresh_stale)
    if args.executor == "dask":
        # Workers have folders of their own.
        settings = replace(settings, lake_root=settings.lake_root.absolute())
    elif args.scheduler is not None:
        raise UsageError("--scheduler is of --executor dask")
    if settings.roll_rule not in RULES:
        raise UsageError(f"roll_rule {settings.roll_rule!r}: use one of {', '.join(RULES)}")
    return settings


def read_config(path: Path) -> dict[str, Any]:
    """Return the settings of a configuration file; raises `UsageError`."""
    try:
        values = tomllib.loads(path.read_bytes().decode())  # TOML is UTF-8 in any locale
    except OSError as error:
        raise UsageError(f"--config {path}: cannot be read ({error.strerror})") from error
    except (ValueError, RecursionError) as error:
        raise UsageError(f"--config {path}: not TOML ({error})") from error
    for key, value in values.items():
        if key not in _CONFIG_KEYS:
            raise UsageError(f"--config {path}: unknown key {key}; use {', '.join(_CONFIG_KEYS)}")
        wanted: Any = type(getattr(Settings, key)) if key != "lake_root" else str
        # By the type itself: true is an int to isinstance.
        if type(value) is not wanted and not (wanted is float and type(value) is int):
            raise UsageError(f"--config {path}: {key} must be a {wanted.__name__}")
    return values


def run(args: argparse.Namespace) -> int:
    """Run what the arguments ask for; return the exit code."""
    settings = resolve_settings(args)
    dates, left_out = parse_dates(args.dt, args.dates)
    request = Request(
        args.product_type, args.layer, args.symbol, tuple(dates), settings, args.dry_run
    )
    graph = build_graph(request)
    partitions = sum(len(graph.stage_of[key].writes) for key, _ in graph.nodes)
    with RunView(args.log_format, partitions) as view:
        view.note_left_out([(day, closure_reason(day) or "") for day in left_out])
        executor = make_executor(args.executor, settings, args.scheduler, view.advance)
        made = Run(request, graph, executor)
        # Whatever ends the loop ends the workers, and not only when it is cleared away.
        with closing(made.results()) as results:
            for result in results:
                emit(result.lines)
                view.show(result.outcomes)
    view.summary(made.peak_bytes)
    bad = (Status.FAILED, Status.BLOCKED)
    return int(any(outcome.status in bad for outcome in view.outcomes))


def main(argv: Sequence[str] | None = None) -> int:
    """Parse ``argv`` and run; return the exit code."""
    debug = "--debug" in (sys.argv if argv is None else argv)
    setup_logging("text", debug=debug)
    try:
        args = build_parser().parse_args(argv)
        setup_logging(args.log_format, debug=args.debug)
        return run(args)
    except DataEngError as error:
        if debug:
            traceback.print_exc()
        sys.stderr.write(f"error: {one_line(str(error))}\n")
        return error.exit_code
