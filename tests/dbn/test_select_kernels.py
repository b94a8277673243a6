"""The compiled selection against plain Python, on generated blocks."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from src.data_eng.dbn.select_kernels import hash_table, select_instruments
from tests.dbn_records import blank_records

IDS = st.integers(0, 2**32 - 1)


@given(
    known=st.lists(st.tuples(IDS, st.booleans()), max_size=60, unique_by=lambda pair: pair[0]),
    strangers=st.lists(IDS, min_size=1, max_size=5),
    picks=st.lists(st.tuples(st.integers(0, 64), st.integers(0, 10)), min_size=1, max_size=80),
)
def test_select_equals_plain_python(
    known: list[tuple[int, bool]], strangers: list[int], picks: list[tuple[int, int]]
) -> None:
    pool = [instrument for instrument, _ in known] + strangers
    block = blank_records("trades", len(picks))
    block["instrument_id"] = [pool[pick % len(pool)] for pick, _ in picks]
    block["ts_recv"] = [time for _, time in picks]
    keys, slots = hash_table(np.array([i for i, _ in known], np.int64))
    kept = np.array([keep for _, keep in known], np.bool_)
    counts = np.zeros(len(known), np.int64)
    rows, unknown = np.zeros(len(picks), np.uint64), np.zeros(len(picks), np.uint64)
    span = np.array([2**62, -1, 0], np.int64)
    words = block.view(np.int64).reshape(len(block), -1)
    n = select_instruments(words, 4, 2, 9, keys, slots, kept, counts, rows, unknown, span)
    inside = [
        (row, int(r["instrument_id"])) for row, r in enumerate(block) if 2 <= r["ts_recv"] < 9
    ]
    keeps = dict(known)
    assert rows[:n].tolist() == [row for row, i in inside if keeps.get(i)]
    assert unknown[: span[2]].tolist() == [row for row, i in inside if i not in keeps]
    assert counts.tolist() == [sum(i == k for _, i in inside) for k, _ in known]
    assert span[:2].tolist() == [block["ts_recv"].min(), block["ts_recv"].max()]
