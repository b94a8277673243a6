"""Files of one time as one: against a plain sort of all records."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
from hypothesis import given
from hypothesis import strategies as st

from src.data_eng.vendor.merged_blocks import MergedBlocks

RECORD = np.dtype([("ts_recv", np.uint64), ("file", np.int64), ("row", np.int64)])
TIMES = st.lists(st.lists(st.integers(0, 12), max_size=9), min_size=1, max_size=4)


def blocks_of(records: npt.NDArray[np.void], size: int) -> Iterator[npt.NDArray[np.void]]:
    for at in range(0, len(records), size):
        yield records[at : at + size]


@given(TIMES, st.integers(1, 9))
def test_records_come_by_receipt_each_file_in_its_order(times: list[list[int]], size: int) -> None:
    files, wanted = [], []
    for number, of_file in enumerate(times):
        records = np.zeros(len(of_file), RECORD)
        records["ts_recv"], records["file"] = of_file, number
        records["row"] = np.arange(len(of_file))
        files.append(records)
        reached = 0
        for row, time in enumerate(of_file):
            reached = max(reached, time)  # received once all before it are
            wanted.append((reached, number, row))
    merged = MergedBlocks([(blocks_of(one, size), lambda _block: None) for one in files])
    got = [(int(r["file"]), int(r["row"])) for block in merged.blocks() for r in block]
    assert got == [(number, row) for _, number, row in sorted(wanted)]
    spans = [(min(one), max(one)) if one else (np.iinfo(np.int64).max, -1) for one in times]
    assert merged.spans == spans
