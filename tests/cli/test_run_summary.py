"""The closing summary: what is told of many partitions at once."""

from __future__ import annotations

import datetime as dt

import pytest
from rich.console import Console

from src.data_eng.cli.run_summary import (
    FOLDED,
    count_table,
    folded,
    open_words,
    status_words,
    totals,
)
from src.data_eng.stages.outcome import Outcome, Status

D1, D2 = dt.date(2025, 6, 4), dt.date(2025, 6, 5)


def outcome(status: Status, table: str = "a", date: dt.date = D1, cause: str = "") -> Outcome:
    key = f"silver.future.{table}"
    return Outcome(key, "ESM5", date, status, "why", rows=10, bytes=500, cause=cause)


@pytest.mark.parametrize("status", Status)
def test_every_status_has_its_column(status: Status) -> None:
    table = count_table(Console(width=80), [outcome(status)])
    (column,) = [one for one in table.columns if one.header == status]
    assert list(column.cells) == ["1"]
    assert status_words({str(status): 1_000}) == f"1,000 {status}"


def test_the_table_has_a_row_a_layer_and_fits_a_narrow_terminal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    keys = ("gold.future.feature_vector_without_options", "bronze.future_option.nbbo")
    made = [Outcome(key, "ESM5", D1, Status.WRITTEN, rows=10**9) for key in (*keys, keys[0])]
    usual = [status for status in Status if status not in (Status.PLANNED, Status.REMOVED)]
    made += [outcome(status) for status in usual]
    console = Console(width=80)
    table = count_table(console, made)
    assert [list(table.columns[n].cells) for n in (0, 1, 2)] == [
        ["bronze", "silver", "gold"],
        ["future_option", "future", "future"],
        ["1", "1", "2"],
    ]
    console.print(table)
    text = capsys.readouterr().out
    assert all(str(status) in text for status in usual)
    assert max(map(len, text.splitlines())) <= 80
    Console(width=100).print(count_table(Console(width=100), made))
    assert "2,000,000,000" in capsys.readouterr().out


def test_what_is_left_to_do_is_a_line_a_cause_over_all_dates() -> None:
    failed = outcome(Status.FAILED, "x")
    many = [
        outcome(Status.BLOCKED, f"t{n}", date, "x failed") for date in (D1, D2) for n in range(4)
    ]
    alone = outcome(Status.BLOCKED, "other", D2)
    assert open_words([*many, failed, alone, outcome(Status.COMPLETE)]) == [
        f"failed: 1 partition of {D1}: silver.future.x: see the error above",
        f"blocked: 8 partitions of {D1}, {D2}: x failed",
        f"blocked: 1 partition of {D2}: why",
    ]
    days = [outcome(Status.BLOCKED, date=D1 + dt.timedelta(n), cause="y") for n in range(5)]
    assert open_words(days) == [f"blocked: 5 partitions of 5 dates from {D1} to 2025-06-08: y"]


def test_what_is_stale_is_told_once_by_what_made_it_so() -> None:
    chain = "its input silver.future.a is stale: why"
    below = [Outcome("gold.future.b", "ESM5", date, Status.STALE, chain) for date in (D1, D2)]
    assert open_words([outcome(Status.STALE), *below]) == [
        f"stale: 3 partitions of {D1}, {D2}: silver.future.a: why; --refresh-stale rebuilds"
    ]


def test_where_all_is_done_or_a_few_are_told_just_above_nothing_is_said_again() -> None:
    assert open_words([outcome(Status.WRITTEN), outcome(Status.SKIPPED)] * 9) == []
    assert open_words([outcome(Status.FAILED)]) == []


@pytest.mark.parametrize("status", FOLDED)
def test_a_few_are_told_each_and_many_once(status: Status) -> None:
    few = [outcome(status, f"t{n}") for n in range(3)]
    assert folded(few) == [(one, 1) for one in few]
    many = [outcome(status, f"t{n}") for n in range(4)]
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
