"""The command line: parse, call the pipeline, map what happened to exit codes.

Exit codes: 0 all done or nothing to do, 1 some partition failed (the others are finished),
2 usage; `edge` adds those of signals.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import sys
import traceback
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from ..catalogue.datasets import dataset, registry
from ..edge import one_line
from ..errors import DataEngError, UsageError
from ..exchange.asked_symbol import nearest_symbols
from ..exchange.calendar import closure_reason
from ..exchange.dates import parse_dates
from ..exchange.products import PRODUCTS
from ..exchange.symbols import root_of
from ..lake.front import FUTURES
from ..lake.location import check_writable, is_remote, open_lake, take_requests
from ..lake.mounts import ON_NETWORK, network_file_system
from ..lake.paths import table_folders
from ..pipeline.estimate import estimate
from ..pipeline.executors.make import make_executor
from ..pipeline.plan import Graph, Request, build_graph
from ..pipeline.read_ahead import readers
from ..pipeline.run_log import RunLog, new_run_id
from ..pipeline.scheduler import Run
from ..pipeline.space import needed_space
from ..pipeline.task_log import emit
from ..stages.outcome import Status
from ..stages.reads import ReadRaw
from ..suggestion import question
from .console import json_line, setup_logging
from .run_flags import build_parser
from .run_settings import resolve_settings
from .run_view import RunView


def run(args: argparse.Namespace, name: str) -> int:
    """Run what the arguments ask for, under a run id; return the exit code."""
    settings = resolve_settings(args)
    dates, left_out = parse_dates(args.dt, args.dates)
    tables = tuple(one.strip() for one in args.table.split(",")) if args.table is not None else ()
    request = Request(
        args.product_type, args.layer, args.symbol, tuple(dates), settings, args.dry_run, tables
    )
    graph = build_graph(request)
    if is_remote(settings.lake_root) and not args.dry_run:
        check_writable(settings.lake_root)
    lake_root = open_lake(settings.lake_root)
    require_lake(lake_root, graph, args.symbol)
    if not is_remote(settings.lake_root):
        require_symbol(lake_root, args.symbol)
    if not settings.shared_lake:
        require_local(lake_root)
    partitions = sum(len(graph.stage_of[key].writes) for key, _ in graph.nodes)
    with (
        RunView(args.log_format, partitions, name) as view,
        RunLog(lake_root, name, _asked(args, dates)) as run_log,
    ):
        view.note_left_out([(day, closure_reason(day) or "") for day in left_out])
        _check_space(view, request, graph, lake_root)
        executor = make_executor(args.executor, settings, args.scheduler, view.advance)
        made = Run(request, graph, executor, name, readers())
        # Whatever ends the loop ends the workers, and not only when it is cleared away.
        with closing(made.results()) as results:
            for result in results:
                if result.lines:
                    with view.aside():
                        emit(result)
                view.show(result.outcomes)
                if not args.dry_run:
                    run_log.add(result)
        if not args.dry_run:
            run_log.end(Counter(str(one.status) for one in view.outcomes), view.seconds)
    view.summary(made.peak_bytes, made.requests + take_requests())
    if args.dry_run:
        expected = estimate(lake_root, view.outcomes)
        view.note("estimate", expected.words(settings.workers), asdict(expected))
    bad = (Status.FAILED, Status.BLOCKED)
    return int(any(outcome.status in bad for outcome in view.outcomes))


def _check_space(view: RunView, request: Request, graph: Graph, lake_root: Path) -> None:
    if is_remote(request.settings.lake_root):
        return  # what is built is put there, and this host keeps what it has room for
    need = needed_space(
        replace(request, settings=replace(request.settings, lake_root=lake_root)), graph
    )
    if need.partitions:
        view.note("space", need.words(), asdict(need))
    if not request.dry_run:
        need.require(lake_root)


def require_lake(lake_root: Path, graph: Graph, symbol: str) -> None:
    """Return where there is a lake; raises `UsageError`, which says what to put where."""
    if os.path.lexists(lake_root):
        if lake_root.is_file():
            raise UsageError(f"--lake-root {lake_root}: a file; name the folder of a lake")
        return  # what it holds, and whether it can be read, is each stage's to tell
    raw = [
        lake_root / dataset(read.key).folder(symbol)
        for stage in graph.stages
        for read in stage.reads
        if isinstance(read, ReadRaw)
    ]
    if raw:
        remedy = f"make {raw[0]} and put the vendor's .dbn or .dbn.zst files into it"
    else:
        remedy = "give the lake's folder by --lake-root, or build one by --layer all"
    raise UsageError(f"--lake-root {lake_root}: there is no such folder; {remedy}")


def require_symbol(lake_root: Path, symbol: str) -> None:
    """Return where a product is known or the lake has some of it; raises `UsageError`."""
    root = root_of(symbol)
    if root in PRODUCTS:
        return
    future = dataset(FUTURES)
    tables = [one for one in registry().values() if one.layer == "raw"]
    if any((lake_root / one.folder(root)).is_dir() for one in tables) or any(
        root_of(contract) == root for contract, _ in table_folders(lake_root, future)
    ):
        return
    hint = question(nearest_symbols(root)) or f"known are {', '.join(PRODUCTS)}"
    raise UsageError(
        f"--symbol {symbol}: no product of that root is known, and {lake_root} has no data of it; "
        f"{hint}"
    )


def require_local(lake_root: Path) -> None:
    """Return where a lake lies on a disk of this host; raises `UsageError`."""
    kind = network_file_system(lake_root)
    if kind is not None:
        raise UsageError(f"--lake-root {lake_root}: {ON_NETWORK.format(kind)}")


def _asked(args: argparse.Namespace, dates: Sequence[dt.date]) -> dict[str, Any]:
    # Of the command line what tells runs apart; no path.
    names = ("product_type", "layer", "symbol", "table", "executor", "force", "refresh_stale")
    asked = {name: getattr(args, name) for name in names}
    return {**asked, "dates": [day.isoformat() for day in sorted(set(dates))]}


def main(argv: Sequence[str] | None = None) -> int:
    """Parse ``argv`` and run; return the exit code."""
    debug = "--debug" in (sys.argv if argv is None else argv)
    setup_logging("text", debug=debug)
    name, log_format = new_run_id(), "text"
    try:
        args = build_parser().parse_args(argv)
        log_format = args.log_format
        setup_logging(log_format, debug=args.debug, run=name)
        return run(args, name)
    except DataEngError as error:
        if debug:
            traceback.print_exc()
        text = one_line(str(error))
        if log_format == "json":
            body = {"event": "error", "message": text, "exit_code": error.exit_code}
            sys.stderr.write(json_line("error", name, body) + "\n")
        else:
            sys.stderr.write(f"error: {text}\n")
        return error.exit_code
