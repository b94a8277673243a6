"""Run one stage on one date, as a process of its own: ``python -m benchmarks.run_stage``."""

from __future__ import annotations

import argparse
import datetime as dt
import logging
import sys
from pathlib import Path

from src.data_eng.catalogue.datasets import dataset
from src.data_eng.pipeline.plan import clean_stages, stages
from src.data_eng.settings import Settings
from src.data_eng.stages.stage import Context


def stage_command(lake: Path, key: str, symbol: str, date: dt.date) -> list[str]:
    """Return the command that runs the stage which writes a dataset."""
    module = [sys.executable, "-m", "benchmarks.run_stage"]
    return [*module, str(lake), key, symbol, date.isoformat()]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("lake", type=Path)
    parser.add_argument("key", help="dataset that the stage writes")
    parser.add_argument("symbol")
    parser.add_argument("date", type=dt.date.fromisoformat)
    args = parser.parse_args()
    logging.disable(logging.WARNING)
    table = dataset(args.key)
    # Without what the other Silver stages compile.
    is_clean = table.table.endswith("_clean")
    candidates = (
        clean_stages(table.product_type) if is_clean else stages(table.product_type, table.layer)
    )
    (stage,) = (s for s in candidates if s.output.key == args.key)
    outcome = stage.run(Context(Settings(lake_root=args.lake)), args.symbol, args.date)
    print(outcome)


if __name__ == "__main__":
    main()
