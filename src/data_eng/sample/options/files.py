"""The four DBN files of an option day, laid out and named as the vendor does."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..dbn_writer import DbnWriter
from ..delivery import DeliveredDay, record_delivery, sync_folder
from ..header import file_metadata
from .day import OptionDay, SampleOptions
from .definitions import definition_records
from .expiries import parents
from .layout import trades_of
from .statistics import flow_statistics, scheduled_statistics

# The tables of the lake and the vendor's schemas of their files.
SCHEMAS: Final = {
    "definition": "definition",
    "trades": "trades",
    "nbbo": "mbp-1",
    "statistics": "statistics",
}


class OptionChunk(NamedTuple):
    """Records of successive stretches of the day, each in file order.

    Attributes
    ----------
    nbbo : MBP1_DTYPE array
    trades : TRADE_DTYPE array
        The trades among `nbbo`.
    statistics : STATISTICS_DTYPE array
    """

    nbbo: NDArray[Any]
    trades: NDArray[Any]
    statistics: NDArray[Any]


def option_chunks(day: OptionDay) -> Iterator[OptionChunk]:
    """Yield the day's quotes, trades and statistics in bounded chunks."""
    scheduled = scheduled_statistics(day)
    sequence = 0
    for quotes, events in day.flow():
        until = quotes["ts_recv"][-1] if quotes.size else 0
        due = int(np.searchsorted(scheduled["ts_recv"], until))
        statistics = np.concatenate([scheduled[:due], flow_statistics(events)])
        scheduled = scheduled[due:]
        statistics = statistics[np.argsort(statistics["ts_recv"], kind="stable")]
        sequence = _set_sequences(statistics, sequence)
        yield OptionChunk(quotes, trades_of(quotes), statistics)
    if scheduled.size:
        _set_sequences(scheduled, sequence)
        nothing = quotes[:0]
        yield OptionChunk(nothing, trades_of(nothing), scheduled)


def _set_sequences(statistics: NDArray[Any], last: int) -> int:
    # Scheduled ones take the number of the channel's last packet.
    own = statistics["sequence"].astype(np.int64)
    running = np.maximum.accumulate(np.append(last, own))
    statistics["sequence"] = running[1:]
    return int(running[-1])


def option_folder(raw_root: Path, sample: SampleOptions, table: str) -> Path:
    """Return the folder of the raw layer that holds the files of one table."""
    partition = f"source=databento/product_type=future_option/symbol={sample.future.root}"
    return raw_root / partition / f"table={table}"


def option_file(raw_root: Path, sample: SampleOptions, table: str) -> Path:
    """Return the path of one table's file, with the name that the vendor gives it."""
    name = f"glbx-mdp3-{sample.future.date:%Y%m%d}.{SCHEMAS[table]}.dbn.zst"
    return option_folder(raw_root, sample, table) / name


def write_option_day(raw_root: Path, sample: SampleOptions) -> list[Path]:
    """Write the day's four files and the vendor's side files beside each.

    A date whose four files are there is left alone, whatever sample it was made from; if
    one is missing all are written, so that they always belong together.

    Parameters
    ----------
    raw_root : Path
        The raw layer, ``{lake}/raw``.
    sample : SampleOptions

    Returns
    -------
    list of Path
        Definition, trades, NBBO, statistics: DBN version 3 in two zstd frames each.
    """
    targets = {table: option_file(raw_root, sample, table) for table in SCHEMAS}
    for target in targets.values():
        target.parent.mkdir(parents=True, exist_ok=True)
    day = OptionDay(sample)
    if not all(target.exists() for target in targets.values()):
        temporaries = {
            table: target.with_name(f".{target.name}.{os.getpid()}.tmp")
            for table, target in targets.items()
        }
        try:
            _write(temporaries, day)
            for table, temporary in temporaries.items():
                temporary.replace(targets[table])
        finally:
            for temporary in temporaries.values():
                temporary.unlink(missing_ok=True)
    for table, target in targets.items():
        sync_folder(target.parent)
        record_delivery(target.parent, target, _delivered(day, SCHEMAS[table]))
    return list(targets.values())


def _delivered(day: OptionDay, schema: str) -> DeliveredDay:
    future = day.sample.future
    return DeliveredDay(future.date, schema, tuple(parents(future.root)), tuple(day.mappings()))


def _write(paths: dict[str, Path], day: OptionDay) -> None:
    with ExitStack() as stack:
        files = {
            table: stack.enter_context(
                DbnWriter(path, file_metadata(_delivered(day, SCHEMAS[table])).encode())
            )
            for table, path in paths.items()
        }
        files["definition"].write(definition_records(day))
        for chunk in option_chunks(day):
            files["nbbo"].write(chunk.nbbo)
            files["trades"].write(chunk.trades)
            files["statistics"].write(chunk.statistics)
