"""Definitions in force, beside a walk through every moment."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from src.data_eng.records.definitions_in_force import in_force

ROWS = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 3)), max_size=12)


def walked(rows: list[tuple[int, int]], start: int, end: int) -> list[bool]:
    """Return which rows are some instrument's last one at some moment of the window."""
    held = [False] * len(rows)
    for moment in range(start, end):
        last: dict[int, int] = {}
        received = 0
        for number, (time, instrument) in enumerate(rows):
            received = max(received, time)  # a step back was received with its forerunner
            if received <= moment:
                last[instrument] = number
        for number in last.values():
            held[number] = True
    return held


@given(ROWS, st.integers(0, 6), st.integers(1, 6))
def test_it_is_what_a_walk_finds(rows: list[tuple[int, int]], start: int, length: int) -> None:
    received = np.array([time for time, _ in rows], np.int64)
    ids = np.array([instrument for _, instrument in rows], np.int64)
    found = in_force(received, ids, start, start + length)
    assert found.tolist() == walked(rows, start, start + length)


def test_a_definition_replaced_at_the_start_is_not_in_force() -> None:
    received, ids = np.array([0, 5, 5, 9]), np.array([1, 1, 2, 2])
    assert in_force(received, ids, 5, 9).tolist() == [False, True, True, False]
