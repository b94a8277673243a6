"""VPIN against one contract at a time."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from src.data_eng.features.book.quote_records import quote_records
from src.data_eng.features.book.trades import TradeReader
from src.data_eng.features.market.volume_buckets import VolumeBuckets
from tests.features.market.market_days import START, random_records
from tests.features.market.record_streams import SECOND, SNAPSHOT, Record, chunk
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


def test_rows_of_trades_are_their_sizes_and_signs() -> None:
    records = random_records(3, 1500, 0.02)
    part = quote_records(chunk(records))
    trades = TradeReader().add(part)
    found, expected = VolumeBuckets(5, 1900), VolumeBuckets(5, 1900)
    counted = [
        r
        for r in records
        if r.action == "T" and r.price is not None and r.size and not r.flags & SNAPSHOT
    ]
    expected.add(*arrays([r for r in counted if r.t < START]))
    found.start_record()
    expected.start_record()
    found.add_trades(trades, START)
    inside = [r for r in counted if r.t < START + 1900 * SECOND]
    second = np.array([(r.t - START) // SECOND for r in inside], np.int64)
    expected.add(*arrays(inside), second)
    rows = np.arange(1, 1901)
    assert np.array_equal(found.vpin(rows), expected.vpin(rows), equal_nan=True)
    assert not np.isnan(found.vpin(rows)).all()
    before = VolumeBuckets(5, 10)
    before.add_trades(trades)
    before.start_record()
    assert not np.isnan(before.vpin(np.array([1]))).any()


def arrays(records: list[Record]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    signs = {"B": 1, "A": -1, "N": 0}
    size = np.array([r.size or 0 for r in records], np.int64)
    return size, np.array([signs[r.side] for r in records], np.int64)


def test_a_bucket_needs_contracts() -> None:
    with pytest.raises(ValueError, match="bucket of 0"):
        VolumeBuckets(0, SECONDS)
