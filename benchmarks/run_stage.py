"""Run one stage on one date, as a process of its own: ``python -m benchmarks.run_stage``."""

from __future__ import annotations

import argparse
import datetime as dt
import logging
import shutil
import sys
from pathlib import Path

from src.data_eng.settings import Settings
from src.data_eng.stages.outcome import Outcome, Status
from src.data_eng.stages.registry import producer
from src.data_eng.stages.staleness import Currency
from src.data_eng.stages.target import Context


def stage_command(lake: Path, key: str, symbol: str, date: dt.date) -> list[str]:
    """Return the command that runs the stage which writes a dataset."""
    module = [sys.executable, "-m", "benchmarks.run_stage"]
    return [*module, str(lake), key, symbol, date.isoformat()]


def run_stage(lake: Path, key: str, symbol: str, date: dt.date) -> Outcome:
    """Run the stage that writes a dataset in this process; exit where it does not write."""
    settings = Settings(lake_root=lake)
    context = Context(settings, Currency(settings, {}, producer))
    outcomes = producer(key).run(context, symbol, date)
    outcome = next(one for one in outcomes if one.dataset == key)
    if outcome.status is not Status.WRITTEN:
        sys.exit(f"{key}: {outcome.status}: {outcome.reason}")
    return outcome


def rebuild(lake: Path, key: str, symbol: str, date: dt.date) -> None:
    """Remove the partitions of the stage that writes a dataset, and run it."""
    for found in producer(key).writes:
        shutil.rmtree(lake / found.folder(symbol) / f"dt={date}", ignore_errors=True)
    run_stage(lake, key, symbol, date)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("lake", type=Path)
    parser.add_argument("key", help="dataset that the stage writes")
    parser.add_argument("symbol")
    parser.add_argument("date", type=dt.date.fromisoformat)
    args = parser.parse_args()
    logging.disable(logging.WARNING)
    print(run_stage(args.lake, args.key, args.symbol, args.date))


if __name__ == "__main__":
    main()
