"""Rows by time, over row groups whose times step back."""

from __future__ import annotations

import io

import numpy as np
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.data_eng.records.arrow_columns import values
from src.data_eng.records.time_slices import Arrays, TimeSlices
from tests.plain_table import PlainTable


def slices(times: list[int], group_rows: int) -> TimeSlices:
    file = io.BytesIO()
    rows = pl.DataFrame({"ts_recv": times, "n": range(len(times))}, {"ts_recv": int, "n": int})
    rows.write_parquet(file, row_group_size=group_rows, use_pyarrow=False)
    file.seek(0)

    def arrays(table: pa.Table) -> Arrays:
        return {"times": values(table["ts_recv"], np.int64), "n": values(table["n"], np.int64)}

    return TimeSlices(PlainTable(file), ["n"], arrays)


def taken(of: TimeSlices, end_ns: int) -> list[int]:
    return [n for rows in of.until(end_ns) for n in rows["n"].tolist()]


def test_a_time_itself_is_not_before_it() -> None:
    rows = slices([1, 5, 5, 9], 10)
    assert [taken(rows, end) for end in (1, 5, 6, 6, 100)] == [[], [0], [1, 2], [], [3]]


@pytest.mark.parametrize("group_rows", [1, 2, 10])
def test_a_row_whose_time_steps_back_comes_with_its_forerunner(group_rows: int) -> None:
    rows = slices([1, 20, 3, 21], group_rows)
    assert [taken(rows, end) for end in (10, 20, 21, 22)] == [[0], [], [1, 2], [3]]


@given(
    times=st.lists(st.integers(0, 30), max_size=12),
    group_rows=st.integers(1, 4),
    ends=st.lists(st.integers(0, 32), min_size=1, max_size=5).map(sorted),
)
def test_slices_equal_a_plain_loop(times: list[int], group_rows: int, ends: list[int]) -> None:
    rows = slices(times, group_rows)
    highest, received = 0, []
    for time in times:
        highest = max(highest, time)
        received.append(highest)
    done = 0
    for end in ends:
        wanted = [n for n in range(done, len(times)) if received[n] < end]
        assert taken(rows, end) == wanted
        done += len(wanted)
