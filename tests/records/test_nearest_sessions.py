"""How many sessions before fill the buckets of VPIN, beside a walk of single contracts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.data_eng.features.definitions import VPIN_BUCKETS
from src.data_eng.records.market_history import nearest_sessions


@pytest.mark.parametrize(
    ("nearest", "count"),
    [
        (VPIN_BUCKETS * 10, 2),  # the bucket under way at its start is no whole one
        ((VPIN_BUCKETS + 1) * 10 - 1, 2),
        ((VPIN_BUCKETS + 1) * 10, 1),
    ],
)
def test_a_bucket_more_than_are_averaged_is_held(nearest: int, count: int) -> None:
    found, filled = nearest_sessions([nearest, 17, 8], 10)
    assert found == count
    assert filled == sum([nearest, 17, 8][count:]) % 10


def test_all_are_taken_where_they_are_too_few() -> None:
    assert nearest_sessions([3, 4], 10) == (2, 0)
    assert nearest_sessions([], 10) == (0, 0)


@given(st.lists(st.integers(0, 60), max_size=8), st.integers(1, 4))
def test_what_was_filled_before_is_that_of_all_sessions_in_a_row(
    volumes: list[int], bucket: int
) -> None:
    count, filled = nearest_sessions(volumes, bucket)
    under_way = 0
    for volume in reversed(volumes[count:]):
        for _ in range(volume):
            under_way = (under_way + 1) % bucket
    assert filled == under_way
    held = [sum(volumes[:n]) >= (VPIN_BUCKETS + 1) * bucket for n in range(len(volumes) + 1)]
    assert count == (held.index(True) if any(held) else len(volumes))
