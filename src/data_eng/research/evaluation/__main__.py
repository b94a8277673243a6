"""The evaluation as a command: ``python -m src.data_eng.evaluation --symbol ES --dates D1:D2``.

Exit codes: 0 done, 1 a feature is suspected of knowing the outcome, or a partition cannot be read,
2 usage.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from ...errors import DataEngError, UsageError
from ...exchange.roll import RULES
from ...features.level.levels import level_names
from ..reading import complete_partitions
from ..training import OUTCOME, training_set
from .baseline import MIN_SESSIONS, Score, cross_validated, too_few
from .leaks import Leak, suspected_leaks
from .rates import Rates, outcome_rates
from .samples import Samples, pooled_samples
from .text import as_json, baseline_text, leaks_text, rates_text
from .touches import session_touches


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m src.data_eng.evaluation",
        description="Rates of touches beside placebo levels, and a baseline model.",
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("--symbol", default="ES", help="product root or contract (default ES)")
    add("--dates", metavar="D1:D2", help="inclusive range of dates (default all in the lake)")
    add("--lake-root", type=Path, default=Path("lake"), help="folder of the lake (default lake)")
    add("--roll-rule", choices=RULES, default="volume")
    add("--placebos", type=int, default=20, help="placebo levels for each level (default 20)")
    add("--seed", type=_seed, default=7, help="of placebo levels, bootstrap and models (default 7)")
    add("--without-options", action="store_true", help="features of the futures alone")
    add("--json", type=Path, metavar="FILE", help="write the figures there too")
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Evaluate, print what was found; return the exit code."""
    args = build_parser().parse_args(argv)
    try:
        if args.placebos < 1:
            raise UsageError(f"--placebos {args.placebos}: at least one is needed")
        if args.json is not None and not args.json.parent.is_dir():
            raise UsageError(f"--json {args.json}: {args.json.parent} is no folder")
        samples = _samples(args)
        rates, sessions = _rates(args)
        _say(rates_text(rates, sessions, enough=sessions >= MIN_SESSIONS))
        scores, leaks, why_not = _baseline(samples, args.seed)
        _say(baseline_text(scores, why_not))
        _say(leaks_text(leaks, why_not))
        if args.json is not None:
            asked = {"symbol": args.symbol, "dates": args.dates, "seed": args.seed}
            found = as_json(rates, sessions, scores, leaks)
            args.json.write_text(json.dumps({**asked, **found}, indent=2))
    except DataEngError as error:
        sys.stdout.flush()
        sys.stderr.write(f"error: {error}\n")
        return error.exit_code
    except OSError as error:
        sys.stderr.write(f"error: {error.filename}: {error.strerror}\n")
        return 1
    return int(bool(leaks))


def _rates(args: argparse.Namespace) -> tuple[Rates, int]:
    found = complete_partitions(OUTCOME, args.symbol, args.dates, args.lake_root, args.roll_rule)
    touches = [
        session_touches(
            args.lake_root, one.symbol, one.date, placebos=args.placebos, seed=args.seed
        )
        for one in found
    ]
    real, placebo = zip(*touches, strict=True)
    return outcome_rates(real, placebo, seed=args.seed), len(found)


def _samples(args: argparse.Namespace) -> Samples:
    sets = [
        training_set(
            level,
            symbol=args.symbol,
            dates=args.dates,
            lake_root=args.lake_root,
            roll_rule=args.roll_rule,
            options=not args.without_options,
        )
        for level in level_names()
    ]
    return pooled_samples(sets)


def _baseline(samples: Samples, seed: int) -> tuple[list[Score], list[Leak], str | None]:
    why_not = too_few(samples)
    if why_not is not None:
        return [], [], why_not
    return cross_validated(samples, seed=seed), suspected_leaks(samples), None


def _seed(text: str) -> int:
    seed = int(text)
    if seed < 0:
        raise ValueError
    return seed


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


if __name__ == "__main__":
    sys.exit(main())
