"""Run the campaigns: ``python -m tests.faults [--long --minutes N] [--seed S] [--only NAME,...]``.

Bounded, a fixed number of faults of each campaign; long, for so many minutes in all. Exit code 1
if the promise was broken after any fault.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from .campaign import Budget, Campaign, Counts
from .campaigns import CAMPAIGNS
from .children import run_apart
from .table import line, reproducers, table

BOUNDED_S: Final = 120.0
"""Time of a bounded campaign, seconds: its number of cases ends it long before."""


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    add = parser.add_argument
    add("--long", action="store_true", help="for --minutes, instead of a number of faults")
    add("--minutes", type=float, default=10.0, help="time of all campaigns of a long run")
    add("--seed", type=int, default=1)
    add("--only", help="campaigns by name, with commas; ends of names do (default all)")
    add("--number", type=int, help="the one case of this number, as a finding names it")
    add("--folder", type=Path, help="where lakes are made (default /dev/shm where there is one)")
    return parser.parse_args(argv)


def _chosen(only: str | None) -> list[Campaign]:
    if only is None:
        return list(CAMPAIGNS)
    wanted = only.split(",")
    found = [one for one in CAMPAIGNS if any(one.NAME.startswith(name) for name in wanted)]
    if not found:
        known = ", ".join(one.NAME for one in CAMPAIGNS)
        raise SystemExit(f"no campaign {only}; there are {known}")
    return found


def _budget(args: argparse.Namespace, campaign: Campaign, shares: float, folder: Path) -> Budget:
    if args.number is not None:
        return Budget(folder, 1, BOUNDED_S, args.number)
    if args.long:
        return Budget(folder, None, args.minutes * 60 * campaign.SHARE / shares)
    return Budget(folder, campaign.BOUNDED, BOUNDED_S)


def main(argv: Sequence[str] | None = None) -> int:
    args = _arguments(argv)
    chosen = _chosen(args.only)
    shares = sum(one.SHARE for one in chosen)
    memory = Path("/dev/shm")
    # Syncs cost nothing there; what a power loss forgets is modelled, not waited for.
    default = memory if memory.is_dir() and os.access(memory, os.W_OK) else None
    found: list[Counts] = []
    for campaign in chosen:
        folder = Path(tempfile.mkdtemp(prefix="faults-", dir=args.folder or default))
        try:
            counts = run_apart(campaign, args.seed, _budget(args, campaign, shares, folder))
        finally:
            shutil.rmtree(folder)
        found.append(counts)
        sys.stdout.write("\n".join([line(counts), *reproducers(counts, args.seed)]) + "\n")
        sys.stdout.flush()
    sys.stdout.write(f"\n{table(found)}\n")
    return int(any(counts.broken for counts in found))


if __name__ == "__main__":
    raise SystemExit(main())
