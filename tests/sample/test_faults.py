"""Clears, books that may be bad, one-sided moments, and half days."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from src.data_eng.errors import UsageError
from src.data_eng.sample import SampleFuture, sample_instruments

from .conftest import SUMMER, records_of
from .measures import BAD, SECOND, UNDEFINED, at, between
from .replay import Replay

Day = tuple[SampleFuture, NDArray[Any]]


def sides(rows: NDArray[Any]) -> NDArray[np.int64]:
    has = (rows["bid_px_00"] != UNDEFINED).astype(np.int64)
    return np.asarray(has + 2 * (rows["ask_px_00"] != UNDEFINED), np.int64)


def test_every_book_is_cleared_and_comes_back(small: Day) -> None:
    sample, records = small
    for item in sample_instruments(sample):
        rows = records[records["instrument_id"] == item.instrument_id]
        clears = np.flatnonzero(rows["action"] == b"R")
        assert clears.size == sample.faults
        for n in clears:
            assert sides(rows[n : n + 3]).tolist() == [0, 1, 3]
            assert rows["flags"][n : n + 3].tolist() == [130, 40, 168]
            assert rows["size"][n] == 0


def test_the_book_may_be_bad_before_a_clear_and_at_other_times(day: Day) -> None:
    records = day[1]
    doubtful = np.flatnonzero(records["flags"] & BAD != 0)
    assert 10 < doubtful.size < 0.01 * records.size
    runs = np.split(doubtful, np.flatnonzero(np.diff(doubtful) > 1) + 1)
    following = [records["action"][run[-1] + 1] == b"R" for run in runs]
    assert any(following)
    assert not all(following)


def test_a_side_of_the_front_month_goes_and_comes_back(front: NDArray[Any]) -> None:
    gone = np.flatnonzero((sides(front) % 3 != 0) & (front["action"] == b"C"))
    assert gone.size == 2
    for n in gone:
        pause = int(front["ts_event"][n + 1]) - int(front["ts_event"][n])
        assert 0.3 * SECOND <= pause <= 2.6 * SECOND
        assert front["action"][n + 1] == b"A"
        assert sides(front[n - 1 : n + 2]).tolist().count(3) == 2


def test_each_kind_falls_into_the_regular_session(front: NDArray[Any]) -> None:
    rows = between(front, at(SUMMER, 9, 30), at(SUMMER, 16))
    assert (rows["action"] == b"R").any()
    assert (rows["flags"] & BAD != 0).any()
    assert (sides(rows) == 3).mean() > 0.999
    assert ((sides(rows) % 3 != 0) & (rows["action"] == b"C")).any()


def test_a_day_without_faults() -> None:
    records = records_of(SampleFuture(SUMMER, records=20_000, instruments=1, faults=0))
    assert (sides(records) == 3).all()
    assert (records["action"] != b"R").all()
    assert (records["flags"] & BAD == 0).all()


@pytest.mark.parametrize("faults", [-1, 21])
def test_how_many_faults_a_day_may_have(faults: int) -> None:
    with pytest.raises(UsageError, match="faults"):
        SampleFuture(SUMMER, faults=faults)


def test_a_half_day_ends_at_1315_new_york() -> None:
    half = dt.date(2025, 7, 3)
    sample = SampleFuture(half, records=20_000, instruments=2)
    records = records_of(sample)
    assert abs(records.size / sample.records - 1) < 0.02
    assert between(records, at(half, 13, 15), at(half, 18)).size == 0
    last_hour = between(records, at(half, 12, 15), at(half, 13)).size
    assert last_hour > between(records, at(half, 11, 30), at(half, 12, 15)).size
    auction = between(records, at(half, 18), at(half, 18, 1))
    assert (auction["action"][0], auction["side"][0]) == (b"T", b"N")
    Replay().check(records)
