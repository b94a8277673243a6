"""Row groups by bounds: those that Arrow finds, and none that has such a row is left out."""

from __future__ import annotations

import io
import operator
import random

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from src.data_eng.parquet.bound import Bound
from src.data_eng.parquet.file_footer import FileFooter, file_footer
from src.data_eng.parquet.footer import read_tail
from tests.parquet.parquet_samples import encoded, rows

COMPARISONS = (operator.eq, operator.lt, operator.le, operator.gt, operator.ge)
COLUMNS = ("ts_recv", "instrument_id", "size", "expiration")
ROWS = rows(950)


def stored(name: str) -> list[int | None]:
    kind = pa.int32() if name == "expiration" else pa.int64()
    found: list[int | None] = ROWS[name].cast(kind).to_pylist()
    return found


@pytest.fixture(scope="module")
def footer() -> FileFooter:
    return file_footer(read_tail(io.BytesIO(encoded(ROWS, 100))))


def may_hold(bound: Bound, values: list[int]) -> bool:
    """Tell it by all numbers between the least and the greatest value."""
    low, high = min(values), max(values)
    return any(
        bound.compare(one, bound.value) for one in (low, high, min(bound.value, high)) if low <= one
    )


@pytest.mark.parametrize("column", COLUMNS)
def test_they_are_those_that_may_hold_such_a_value(footer: FileFooter, column: str) -> None:
    chance, values = random.Random(column), stored(column)
    groups = [
        [one for one in values[at : at + 100] if one is not None] for at in range(0, 950, 100)
    ]
    there = sorted({one for one in values if one is not None})
    kind, left_out = ROWS.schema.field(column).type, 0
    for _ in range(100):
        value = chance.choice((*there, there[0], there[-1])) + chance.choice((-1, 0, 1))
        bound = Bound(column, chance.choice(COMPARISONS), value)
        found = footer.row_groups_within([bound])
        assert found == [at for at, group in enumerate(groups) if may_hold(bound, group)]
        scalar = pa.scalar(value, pa.int32() if column == "expiration" else pa.int64()).cast(kind)
        of_arrow = bound.compare(pc.field(column), scalar)
        # Of a column with nulls Arrow leaves out none by equality.
        assert {*found} <= {*footer.row_groups_for(of_arrow, ROWS.schema, pc.scalar(True))}
        left_out += len(groups) - len(found)
    assert left_out


def test_all_of_several_must_hold(footer: FileFooter) -> None:
    first, last = ROWS["ts_recv"][150].value, ROWS["ts_recv"][420].value
    bounds = [Bound("ts_recv", operator.ge, first), Bound("ts_recv", operator.lt, last)]
    assert footer.row_groups_within(bounds) == [1, 2, 3, 4]
    assert footer.row_groups_within(bounds[:1]) == [*range(1, 10)]
    assert footer.row_groups_within([]) == [*range(10)]


def test_without_statistics_all_may_hold_it() -> None:
    data = encoded(ROWS, 300, write_statistics=False)
    found = file_footer(read_tail(io.BytesIO(data)))
    assert found.row_groups_within([Bound("size", operator.lt, -1)]) == [0, 1, 2, 3]


def test_a_column_that_is_not_there_is_an_error(footer: FileFooter) -> None:
    with pytest.raises(LookupError):
        footer.row_groups_within([Bound("nothing", operator.lt, 1)])
