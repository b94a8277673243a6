"""The closing summary: what is told of many partitions at once."""

from __future__ import annotations

import datetime as dt

import pytest

from src.data_eng.cli.run_summary import (
    blocked_words,
    count_table,
    folded,
    partition_table,
    status_words,
    totals,
)
from src.data_eng.stages.outcome import Outcome, Status

D1, D2 = dt.date(2025, 6, 4), dt.date(2025, 6, 5)


def outcome(status: Status, table: str = "a", date: dt.date = D1, cause: str = "") -> Outcome:
    key = f"silver.future.{table}"
    return Outcome(key, "ESM5", date, status, "why", rows=10, bytes=500, cause=cause)


@pytest.mark.parametrize("status", Status)
def test_every_status_has_its_row_and_its_column(status: Status) -> None:
    assert partition_table([outcome(status)]).row_count == 1
    (column,) = [one for one in count_table([outcome(status)]).columns if one.header == status]
    assert list(column.cells) == ["1"]
    assert status_words({str(status): 1_000}) == f"1,000 {status}"


def test_what_one_cause_blocks_is_one_line_over_all_dates() -> None:
    many = [
        outcome(Status.BLOCKED, f"t{n}", date, "x failed") for date in (D1, D2) for n in range(4)
    ]
    alone = outcome(Status.BLOCKED, "other", D2)
    assert blocked_words([*many, alone, outcome(Status.COMPLETE)]) == [
        f"blocked: 8 partitions of {D1}, {D2}: x failed",
        f"blocked: 1 partition of {D2}: why",
    ]
    days = [outcome(Status.BLOCKED, date=D1 + dt.timedelta(n), cause="y") for n in range(5)]
    assert blocked_words(days) == [f"blocked: 5 partitions of 5 dates from {D1} to 2025-06-08: y"]


def test_a_few_are_told_each_and_many_once() -> None:
    few = [outcome(Status.SKIPPED, f"t{n}") for n in range(3)]
    assert folded(few) == [(one, 1) for one in few]
    many = [outcome(Status.SKIPPED, f"t{n}") for n in range(4)]
    assert folded(many) == [(many[0], 4)]
    written = [outcome(Status.WRITTEN, f"t{n}") for n in range(9)]
    assert folded(written) == [(one, 1) for one in written]


def test_the_pace_is_of_what_was_written() -> None:
    bronze = Outcome("bronze.future.x", "ESM5", D1, Status.WRITTEN, rows=4_000, bytes=10**6)
    found = totals([bronze, outcome(Status.WRITTEN), outcome(Status.COMPLETE)], 2.0)
    assert (found.records, found.rows, found.bytes) == (4_000, 4_010, 1_000_500)
    assert found.words() == (
        "2 partitions, 4,010 rows, 1.0 MB written in 2.0 s (4,000 records of Bronze, 2,000 a "
        "second; 0.5 MB/s)"
    )
    assert found.as_json()["bytes_per_second"] == 500_250
