"""The evaluation as a command: ``python -m src.data_eng.evaluation --symbol ES --dates D1:D2``.

Exit codes: 0 done, 1 a feature is suspected of knowing the outcome, or a partition cannot be read,
2 usage.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from ...arguments import Parser, lake_folder
from ...catalogue.vectors import OUTCOME, VECTOR, VECTOR_WITHOUT_OPTIONS
from ...edge import error_line
from ...errors import DataEngError, PartitionNotFoundError, UsageError
from ...exchange.roll import RULES
from ...features.book.day_seconds import F64
from ...features.level.levels import fixed_level_names, level_names
from ...lake.location import open_lake_to_read
from ...lake.paths import Partition
from ...program import program
from ..found import find_partitions
from ..reading import complete_partitions
from ..training import training_set
from ..verify_flag import add_verify
from ..web.output import write_page
from .baseline import out_of_sample, too_few
from .found import Evaluation, as_json
from .leaks import suspected_leaks
from .page import evaluation_page
from .placebo import MIN_SESSIONS
from .rates import label_differences, outcome_rates
from .samples import Samples, pooled_samples
from .session_day import read_distances, read_session
from .text import evaluation_text
from .touches import PLACEBO_SETS, Pairs, session_touches


def build_parser() -> Parser:
    """Return the parser of the command line."""
    parser = Parser(
        prog=program("evaluate"),
        description="Touches beside placebo levels and a price without drift, and simple models.",
        example="--symbol ES --dates 2025-04-01:2025-05-06 --output levels.html",
    )
    add = parser.add_argument
    add("--symbol", default="ES", help="product root or contract (default ES)")
    add(
        "--dates",
        metavar="D1:D2|D1,D2,...",
        help="a range, or several dates (default all)",
    )
    add(
        "--lake-root",
        type=lake_folder,
        default=Path("lake"),
        help="folder or s3://BUCKET/PREFIX (default lake)",
    )
    add("--roll-rule", choices=RULES, default="volume")
    add("--placebos", type=int, default=20, help="drawn for each fixed level (default 20)")
    add("--seed", type=_seed, default=7, help="of placebo levels, bootstrap and models (default 7)")
    add(
        "--without-options",
        action="store_true",
        help="features of the futures alone, as where the lake has none of the options",
    )
    add("--json", type=Path, metavar="FILE", help="write the figures there too")
    add("--output", type=Path, metavar="FILE", help="write a page of charts there too")
    add_verify(parser)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Evaluate, print what was found; return the exit code."""
    args = build_parser().parse_args(argv)
    try:
        if args.placebos < 1:
            raise UsageError(f"--placebos {args.placebos}: at least one is needed")
        for flag, file in (("--json", args.json), ("--output", args.output)):
            if file is not None and not file.parent.is_dir():
                raise UsageError(f"{flag} {file}: {file.parent} is no folder; make it first")
            if file is not None and file.is_dir():
                raise UsageError(f"{flag} {file}: a folder; name a file in it")
        args.lake_root = open_lake_to_read(args.lake_root)
        found = evaluate(args)
        sys.stdout.write(f"{evaluation_text(found)}\n")
        if args.json is not None:
            asked = {"symbol": args.symbol, "dates": args.dates, "seed": args.seed}
            _write(args.json, json.dumps({**asked, **as_json(found)}, indent=2))
        if args.output is not None:
            write_page(args.output, evaluation_page(found, args.symbol, args.dates))
            sys.stdout.write(f"\nThe page    {args.output}\n")
    except DataEngError as error:
        sys.stdout.flush()
        sys.stderr.write(f"{error_line(error)}\n")
        return error.exit_code
    except OSError as error:
        sys.stderr.write(f"{error_line(error)}\n")
        return 1
    return int(bool(found.leaks))


def evaluate(args: argparse.Namespace) -> Evaluation:
    """Return what is found under the options of a command line."""
    vector = _vector(args)
    samples = _samples(args, options=vector == VECTOR)
    dates = complete_partitions(OUTCOME, args.symbol, args.dates, args.lake_root, args.roll_rule)
    distances = [read_distances(args.lake_root, one, args.verify) for one in dates]
    pairs = [
        _session(args, one, _distances(distances[:n] + distances[n + 1 :]))
        for n, one in enumerate(dates)
    ]
    rates, labels = {}, {}
    for name in PLACEBO_SETS:
        real, placebo = zip(*(one[name] for one in pairs), strict=True)
        rates[name] = outcome_rates(real, placebo, seed=args.seed)
        labels[name] = label_differences(real, placebo, seed=args.seed)
    known = _distances(distances)
    fixed = [name for name in fixed_level_names() if name in known]
    why_not = too_few(samples)
    return Evaluation(
        sessions=len(dates),
        uniform=tuple(name for name in fixed if len(known[name]) <= MIN_SESSIONS),
        rates=rates,
        labels=labels,
        scores=[] if why_not else out_of_sample(samples, seed=args.seed),
        leaks=[] if why_not else suspected_leaks(samples),
        why_not=why_not,
        vector=vector,
        span=(dates[0].date, dates[-1].date),
    )


def _vector(args: argparse.Namespace) -> str:
    # Most roots have no options: then features of the futures alone are what there is.
    if args.without_options:
        return VECTOR_WITHOUT_OPTIONS
    try:
        find_partitions(VECTOR, args.symbol, None, args.lake_root, args.roll_rule, strict=False)
    except PartitionNotFoundError:
        return VECTOR_WITHOUT_OPTIONS
    return VECTOR


def _session(args: argparse.Namespace, one: Partition, distances: Mapping[str, F64]) -> Pairs:
    day = read_session(args.lake_root, one, args.verify)
    return session_touches(day, distances, placebos=args.placebos, seed=args.seed)


def _distances(sessions: Sequence[Mapping[str, float]]) -> dict[str, F64]:
    names = {name for one in sessions for name in one}
    return {name: np.array([one[name] for one in sessions if name in one]) for name in names}


def _samples(args: argparse.Namespace, *, options: bool) -> Samples:
    sets = [
        training_set(
            level,
            symbol=args.symbol,
            dates=args.dates,
            lake_root=args.lake_root,
            roll_rule=args.roll_rule,
            options=options,
            other_levels=False,
            timeouts=True,
            orient=True,
            verify=args.verify,
        )
        for level in level_names()
    ]
    return pooled_samples(sets)


def _write(file: Path, text: str) -> None:
    # In place, since it may be a device; an error while bytes are written does not name the file.
    try:
        file.write_text(text)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(file)) from error


def _seed(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r}: use a whole number, 0 or more")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
