"""What the day's data are worth: records, gaps, broken books, missing values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from ...catalogue.datasets import dataset
from ...catalogue.feature_tables import KEYS
from ...catalogue.tables import CLEAN
from ...catalogue.vectors import MARKET, OPTION_MARKET, level_tables
from ...features.book.record_chunk import FLAG_MAYBE_BAD_BOOK, TRADE
from ...features.level.levels import level_words
from ...lake.paths import Partition
from ...lake.table import open_table
from ...records.arrow_columns import dollars, letters, values
from ...records.row_groups import RowGroups
from .day import ReportDay, numbers

_COLUMNS: Final = ("ts_recv", "action", "flags", "f_last", "bid_px_00", "ask_px_00")


@dataclass(frozen=True)
class Quality:
    """Figures of the records and of the features of a day.

    Attributes
    ----------
    records, window_records : int
        Of the partition, and with ``ts_recv`` in 09:30 to 12:30 New York.
    longest_gap_ns, gap_start_ns : int
        Longest time of the window without a record, its ends among them, and when it began.
    books, crossed, locked : int
        Complete books of the window, those with the ask below and at the bid.
    unknown : int
        Records of the window that clear the book or say that it may be bad.
    missing : dict of (float, float, float)
        By family of features: share of missing values in all rows, before and after the level is
        known; NaN where there are no such rows.
    """

    records: int
    window_records: int
    longest_gap_ns: int
    gap_start_ns: int
    books: int
    crossed: int
    locked: int
    unknown: int
    missing: dict[str, tuple[float, float, float]]


def measure_quality(day: ReportDay) -> Quality:
    """Read the window's records once, and count."""
    start_ns, end_ns = day.window_ns
    window = books = crossed = locked = unknown = longest = 0
    last_ns = gap_start = start_ns
    partition = Partition(dataset(CLEAN), day.symbol, day.date)
    with open_table(day.lake_root, partition, day.verify) as clean:
        clean.check_contract()
        groups = RowGroups(clean, _COLUMNS)
        for _, table in groups.between(start_ns, end_ns):
            times = np.maximum.accumulate(values(table["ts_recv"], np.int64))
            inside = (times >= start_ns) & (times < end_ns)
            kept = np.append(last_ns, times[inside])
            if len(kept) > 1:
                gaps = np.diff(kept)
                widest = int(gaps.argmax())
                if gaps[widest] > longest:
                    longest, gap_start = int(gaps[widest]), int(kept[widest])
            last_ns = int(kept[-1])
            action = letters(table["action"])
            is_book = np.array(table["f_last"].combine_chunks()) & (action != TRADE) & inside
            bid, ask = dollars(table["bid_px_00"])[is_book], dollars(table["ask_px_00"])[is_book]
            window += int(inside.sum())
            books += len(bid)
            crossed += int((ask < bid).sum())
            locked += int((ask == bid).sum())
            is_bad = values(table["flags"], np.int32) & FLAG_MAYBE_BAD_BOOK != 0
            unknown += int(((is_bad | (action == ord("R"))) & inside).sum())
    if end_ns - last_ns > longest:
        longest, gap_start = end_ns - last_ns, last_ns
    records = day.manifests[CLEAN][0].rows
    return Quality(
        records, window, longest, gap_start, books, crossed, locked, unknown, _missing(day)
    )


def _missing(day: ReportDay) -> dict[str, tuple[float, float, float]]:
    found = {}
    for key, words in ((MARKET, "MARKET, futures"), (OPTION_MARKET, "MARKET, options")):
        if key in day.tables:
            found[words] = (_share(day, key, None), float("nan"), float("nan"))
    for level, key in level_tables().items():
        known = ~np.isnan(numbers(day.tables[key], f"{level}_touch_count"))
        shares = [_share(day, key, rows) for rows in (None, ~known, known)]
        found[level_words(level)] = (shares[0], shares[1], shares[2])
    return found


def _share(day: ReportDay, key: str, rows: npt.NDArray[np.bool_] | None) -> float:
    table = day.tables[key]
    features = [name for name in table.column_names if name not in KEYS]
    is_null = np.stack([np.array(table[name].combine_chunks().is_null()) for name in features])
    chosen = is_null if rows is None else is_null[:, rows]
    return float(chosen.mean()) if chosen.size else float("nan")
