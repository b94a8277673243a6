"""Counts by instrument, beside NumPy's: of more instruments than the first table has room for."""

from __future__ import annotations

import numpy as np
import pytest

from src.data_eng.exchange.roll import Candidate
from src.data_eng.vendor.dbn.reader import BLOCK_RECORDS
from src.data_eng.vendor.tally import Tally
from tests.dbn_files import blank_records

START, OPEN, END = 1_000, 2_000, 3_000
UNDEFINED = 2**32 - 1


@pytest.mark.parametrize("block_rows", [BLOCK_RECORDS, 3 * BLOCK_RECORDS])
def test_counts_are_the_same_however_many_instruments_there_are(block_rows: int) -> None:
    rng = np.random.default_rng(1)
    records = blank_records("mbp-10", 3 * BLOCK_RECORDS)
    # Each id once, and then some again; ids of 32 bits without a sign, many of one place.
    each = np.unique(rng.integers(0, 2**32, 2 * BLOCK_RECORDS) & ~np.int64(7))
    ids = np.append(each, each[rng.integers(0, 50, len(records) - len(each))])
    records["instrument_id"] = ids
    records["action"] = rng.choice([b"T", b"A"], len(records))
    records["size"] = rng.choice([1, 5, 2**31 + 1, UNDEFINED], len(records))
    records["ts_recv"] = rng.choice([START - 1, START, OPEN - 1, OPEN, END - 1, END], len(records))
    tally = Tally(START, END, OPEN, int(ids[0]))
    rows = [
        at + tally.select(records[at : at + block_rows]).astype(np.int64)
        for at in range(0, len(records), block_rows)
    ]
    inside = (records["ts_recv"] >= START) & (records["ts_recv"] < END)
    assert np.array_equal(np.concatenate(rows), np.flatnonzero(inside & (ids == ids[0])))
    assert (tally.first_ns, tally.last_ns) == (START - 1, END)
    traded = inside & (records["action"] == b"T") & (records["size"] != UNDEFINED)
    volume = np.where(traded, records["size"].astype(np.int64), 0)
    early = np.where(records["ts_recv"] < OPEN, volume, 0)
    known, which = np.unique(ids, return_inverse=True)
    counts = np.zeros((len(known), 3), np.int64)
    np.add.at(counts, which, np.stack([inside, early, volume], axis=1))
    expected = {
        int(one): tuple(row) for one, row in zip(known, counts.tolist(), strict=True) if row[0]
    }
    found = {one.instrument_id: one for one in tally.candidates({})}
    assert found == {one: Candidate(str(one), one, *row) for one, row in expected.items()}
    assert tally.instruments() == sorted(expected)
    assert tally.records == inside.sum()
    assert tally.volume_before_open() == early.sum()
    assert tally.activity(int(ids[1])) == (found[int(ids[1])].volume, found[int(ids[1])].records)
