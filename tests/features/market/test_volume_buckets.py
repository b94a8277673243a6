"""VPIN against one contract at a time."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from src.data_eng.features.market.volume_buckets import VolumeBuckets
from tests.features.market.vpin_reference import naive

SECONDS = 60


@settings(max_examples=40)
@given(seed=st.integers(0, 10**9), volume=st.integers(1, 30), largest=st.integers(1, 80))
def test_vpin_is_that_of_single_contracts(seed: int, volume: int, largest: int) -> None:
    rng = np.random.default_rng(seed)
    before, count = int(rng.integers(0, 200)), 200
    size = rng.integers(1, largest + 1, before + count)
    sign = rng.integers(-1, 2, before + count)
    second = np.sort(rng.integers(0, SECONDS, count))
    buckets = VolumeBuckets(volume, SECONDS)
    buckets.add(size[:before], sign[:before])
    buckets.start_record()
    cut = int(rng.integers(0, count))
    buckets.add(size[before : before + cut], sign[before : before + cut], second[:cut])
    buckets.add(size[before + cut :], sign[before + cut :], second[cut:])
    rows = np.arange(1, SECONDS + 1)
    found = buckets.vpin(rows)
    trades = list(zip(size.tolist(), sign.tolist(), strict=True))
    for row in rows:
        seen = before + int(np.searchsorted(second, row, side="left"))
        expected = naive(trades[:seen], volume)
        got = float(found[row - 1])
        assert np.isnan(got) == (expected is None)
        if expected is not None:
            assert got == pytest.approx(expected)
            assert 0 <= got <= 1


def test_a_bucket_needs_contracts() -> None:
    with pytest.raises(ValueError, match="bucket of 0"):
        VolumeBuckets(0, SECONDS)
