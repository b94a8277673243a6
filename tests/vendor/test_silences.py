"""Times without a record, by hand."""

from __future__ import annotations

import numpy as np

from src.data_eng.vendor.silences import RootSilences

S = 10**9


def test_silences_are_found_within_and_between_blocks() -> None:
    found = RootSilences()
    found.add(np.zeros(0, np.uint64))
    assert found.ranges() == []
    found.add(np.array([0, 59, 119, 178], np.uint64) * S)
    assert found.ranges() == [[59 * S, 119 * S], [178 * S, None]]
    found.add(np.zeros(0, np.uint64))
    found.add(np.array([300], np.uint64) * S)
    assert found.ranges() == [[59 * S, 119 * S], [178 * S, 300 * S], [300 * S, None]]


def test_a_time_that_steps_back_ends_no_silence() -> None:
    found = RootSilences()
    found.add(np.array([100, 10, 170], np.uint64) * S)
    found.add(np.array([20, 240], np.uint64) * S)
    assert found.ranges() == [[100 * S, 170 * S], [170 * S, 240 * S], [240 * S, None]]
