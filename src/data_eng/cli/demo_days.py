"""The sample days that the demo writes: those of options beside those of futures.

Nearly all of the time goes into compiling the two markets, which are independent of each other.
"""

from __future__ import annotations

import contextlib
import signal
import sys
from collections.abc import Iterator, Sequence
from multiprocessing import get_context
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from ..catalogue.datasets import dataset
from ..pipeline.children import spared
from ..pipeline.executors.local import start_worker
from ..pipeline.task_log import log_level
from ..sample import SampleFuture, SampleOptions, write_future_day, write_option_day
from ..vendor.raw_listing import raw_paths


def write_days(
    console: Console,
    lake_root: Path,
    futures: Sequence[SampleFuture],
    options: Sequence[SampleOptions],
    processes: int,
) -> None:
    """Write sample days into a lake, each kind where the lake has no raw data of the root.

    Parameters
    ----------
    console : rich.console.Console
        Told what is written.
    lake_root : Path
    futures : sequence of SampleFuture
        Of one root; not empty.
    options : sequence of SampleOptions
        On them, or none.
    processes : int
        With two, options are written by a process of their own meanwhile.

    Raises
    ------
    DataEngError, OSError
        A day cannot be written.
    """
    raw, root = lake_root / "raw", futures[0].root
    future, definition = (
        lake_root / dataset(f"raw.{key}").folder(root)
        for key in ("future.market_by_price_10", "future_option.definition")
    )
    days = [] if _is_there(console, future) else futures
    chains = [] if not options or _is_there(console, definition) else options
    with contextlib.ExitStack() as stack:
        if days and chains and processes > 1:
            stack.enter_context(_begun(raw, chains))
        with console.status(f"writing sample days into {escape(str(future))}"):
            for day in days:
                _tell(console, write_future_day(raw, day))
    with console.status("writing sample days of options"):
        for chain in chains:
            for path in write_option_day(raw, chain):
                _tell(console, path)


def _is_there(console: Console, folder: Path) -> bool:
    if not raw_paths(folder):
        return False
    console.print(f"{folder} has raw data: no sample day is written", markup=False)
    return True


def _tell(console: Console, path: Path) -> None:
    console.print(f"wrote a sample day: {path}", markup=False)


@contextlib.contextmanager
def _begun(raw: Path, chains: Sequence[SampleOptions]) -> Iterator[None]:
    # Writes options meanwhile; what is missing at the end is written by this process.
    arguments = raw, chains, log_level()
    writer = get_context("spawn").Process(target=_write, args=arguments, daemon=True)
    with spared():
        writer.start()
    try:
        yield
        writer.join()
    finally:
        writer.terminate()


def _write(raw: Path, chains: Sequence[SampleOptions], level: int) -> None:
    start_worker(level)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # what is half written is removed
    # An error is met, and told, by the process that waits.
    with contextlib.suppress(Exception):
        for chain in chains:
            write_option_day(raw, chain)
