"""Which row groups of a table of records are read for a window."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from src.data_eng.records.row_groups import RowGroups
from tests.plain_table import PlainTable

TIMES = (10, 11, 12, 20, 30, 30, 3, 4, 40, 41)
RECEIVED = (10, 11, 12, 20, 30, 30, 30, 30, 40, 41)


@pytest.mark.parametrize(
    ("window", "expected"),
    [
        ((0, 100), [0, 2, 4, 6, 8]),
        ((12, 13), [2]),
        ((0, 12), [0]),
        ((11, 12), [0]),  # half-open: a group that ends as the window begins has a row of it
        ((30, 31), [4, 6]),
        ((25, 35), [4, 6]),  # the rows at 3 and 4 come after those at 30: they are as late
        ((31, 50), [8]),
        ((0, 25), [0, 2]),
        ((42, 50), []),
    ],
)
def test_row_groups_without_a_row_of_the_window_are_not_read(
    tmp_path: Path, window: tuple[int, int], expected: list[int]
) -> None:
    times = pa.array(TIMES, pa.int64()).cast(pa.timestamp("ns", "UTC"))
    pq.write_table(pa.table({"ts_recv": times}), tmp_path / "t.parquet", row_group_size=2)
    with (tmp_path / "t.parquet").open("rb") as file:
        groups = RowGroups(PlainTable(file), ["ts_recv"])
        found = list(groups.between(*window))
    assert [first_row for first_row, _ in found] == expected
    for first_row, table in found:
        read = table["ts_recv"].cast(pa.int64()).to_numpy().tolist()
        assert read == list(RECEIVED[first_row : first_row + 2])


@pytest.mark.parametrize(
    ("before", "count"), [(None, 5), (10, 0), (11, 1), (12, 1), (13, 2), (30, 2), (31, 4), (99, 5)]
)
def test_row_groups_from_a_time_on_are_not_read(
    tmp_path: Path, before: int | None, count: int
) -> None:
    times = pa.array(TIMES, pa.int64()).cast(pa.timestamp("ns", "UTC"))
    pq.write_table(pa.table({"ts_recv": times}), tmp_path / "t.parquet", row_group_size=2)
    with (tmp_path / "t.parquet").open("rb") as file:
        found = RowGroups(PlainTable(file), ["ts_recv"]).tables(before)
        read = [one["ts_recv"].cast(pa.int64()).to_pylist() for one in found]
    assert read == [list(RECEIVED[2 * n : 2 * n + 2]) for n in range(count)]


def test_a_group_whose_times_step_back_behind_the_window_is_not_in_it(tmp_path: Path) -> None:
    times = pa.array((10, 30, 3, 4, 40, 41), pa.int64()).cast(pa.timestamp("ns", "UTC"))
    pq.write_table(pa.table({"ts_recv": times}), tmp_path / "t.parquet", row_group_size=2)
    with (tmp_path / "t.parquet").open("rb") as file:
        groups = RowGroups(PlainTable(file), ["ts_recv"])
        assert [first_row for first_row, _ in groups.between(0, 25)] == [0]
        assert len(list(groups.tables(25))) == 1
        assert [first_row for first_row, _ in groups.between(0, 31)] == [0, 2]
        assert groups.last_ns() == 41


def test_the_latest_time_is_not_that_of_the_last_group(tmp_path: Path) -> None:
    times = pa.array((10, 30, 3, 4), pa.int64()).cast(pa.timestamp("ns", "UTC"))
    pq.write_table(pa.table({"ts_recv": times}), tmp_path / "t.parquet", row_group_size=2)
    with (tmp_path / "t.parquet").open("rb") as file:
        assert RowGroups(PlainTable(file), ["ts_recv"]).last_ns() == 30
