"""Which records of options are of the date and of a kept instrument, beside NumPy."""

from __future__ import annotations

import numpy as np
import pytest

from src.data_eng.vendor.definitions import Kind
from src.data_eng.vendor.instrument_selection import InstrumentSelection
from tests.dbn_files import Records, blank_records

START, END = 1_000, 2_000
KNOWN = {7: Kind.OUTRIGHT, 8: Kind.SPREAD, 2**31 + 9: Kind.OUTRIGHT, 10: Kind.OTHER_UNDERLYING}
UNKNOWN = (1, 2**32 - 1)


def records_at(times: list[int]) -> Records:
    """Return a record of each instrument at each time."""
    ids = [*KNOWN, *UNKNOWN]
    records = blank_records("trades", len(times) * len(ids))
    records["ts_recv"] = np.repeat(times, len(ids))
    records["instrument_id"] = np.tile(ids, len(times))
    return records


def select(blocks: list[Records]) -> tuple[InstrumentSelection, list[tuple[int, int]]]:
    kinds = np.array([int(one) for one in KNOWN.values()], np.int8)
    selection = InstrumentSelection(np.array([*KNOWN], np.uint32), kinds, (START, END))
    found = []
    for block in blocks:
        taken = block[selection.select(block)]
        found += list(zip(taken["ts_recv"].tolist(), taken["instrument_id"].tolist(), strict=True))
    return selection, found


@pytest.mark.parametrize(
    "times",
    [
        [START, END - 1],
        [START - 1, START, START + 1],
        [END - 1, END, END + 1],
        [START - 1, START, END - 1, END],
        [START - 2, START - 1],
        [END, END + 1],
    ],
)
def test_records_of_other_dates_are_neither_kept_nor_counted(times: list[int]) -> None:
    inside = [one for one in times if START <= one < END]
    selection, found = select([records_at(times)])
    assert found == [(one, i) for one in inside for i in (7, 2**31 + 9)]
    counts = selection.records_by_kind()
    assert counts == {kind.label: 0 for kind in Kind} | {
        "outright": 2 * len(inside),
        "spread": len(inside),
        "other_underlying": len(inside),
    }
    told = selection.without_definition()
    assert told["records"] == len(inside) * len(UNKNOWN)
    assert told["first_ids"] == (list(UNKNOWN) if inside else [])
    # Of a file, all that it holds: the header is compared with it.
    assert (selection.first_ns, selection.last_ns) == (min(times), max(times))


def test_blocks_are_counted_together_and_files_have_spans_of_their_own() -> None:
    selection, found = select([records_at([START, START + 5]), records_at([START + 3])])
    assert len(found) == 6
    assert selection.without_definition() == {
        "count": 2, "records": 6, "first_ids": list(UNKNOWN),
    }  # fmt: skip
    assert (selection.first_ns, selection.last_ns) == (START, START + 5)
    selection.start_file()
    assert selection.last_ns == -1
    assert selection.first_ns > 2**62
    selection.select(records_at([START + 4]))
    assert (selection.first_ns, selection.last_ns) == (START + 4, START + 4)
