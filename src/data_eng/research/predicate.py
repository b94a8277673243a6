"""Which partitions and row groups a filter of Polars leaves: the others cannot hold such rows."""

from __future__ import annotations

import operator
from collections.abc import Iterator
from typing import Final

import polars as pl

from ..lake.keys import DATE, SYMBOL
from ..lake.paths import Partition
from ..parquet.bound import Bound, Compare

_COMPARISONS: Final[tuple[tuple[Compare, Compare], ...]] = (
    (operator.eq, operator.eq),
    (operator.lt, operator.gt),
    (operator.le, operator.ge),
    (operator.gt, operator.lt),
    (operator.ge, operator.le),
)
"""Each with what it is when the sides change places."""

_NANOSECONDS: Final = {"ns": 1, "us": 1_000, "ms": 1_000_000}


def conditions(predicate: pl.Expr) -> list[pl.Expr]:
    """Return the conditions of a filter, which must all hold."""
    parts = predicate.meta.pop()
    if len(parts) == 2 and predicate.meta.eq(parts[1] & parts[0]):
        return [*conditions(parts[1]), *conditions(parts[0])]
    return [predicate]


def partitions_for(all_hold: list[pl.Expr], partitions: list[Partition]) -> list[Partition]:
    """Return the partitions for whose symbol and date the conditions hold."""
    of_keys = [one for one in all_hold if is_of_keys(one)]
    if not of_keys:
        return partitions
    keys = [(at, one.symbol, one.date) for at, one in enumerate(partitions)]
    frame = pl.DataFrame(keys, schema=["at", SYMBOL, DATE], orient="row")
    return [partitions[at] for at in frame.filter(of_keys)["at"]]


def is_of_keys(condition: pl.Expr) -> bool:
    """Tell whether a condition is on nothing but ``symbol`` and ``dt``."""
    return {*condition.meta.root_names()} <= {SYMBOL, DATE}


def bounds(all_hold: list[pl.Expr], schema: pl.Schema) -> list[Bound]:
    """Return the comparisons of a stored column with a value, for statistics of row groups."""
    compared = [
        (column, compare, value)
        for condition in all_hold
        for column, compare, value in _compared(condition)
        if column not in (SYMBOL, DATE)
        and _is_ordered(schema[column])
        and not value.meta.root_names()
    ]
    if not compared:
        return []
    values = [value.alias(str(at)) for at, (_, _, value) in enumerate(compared)]
    stored = [value.to_physical().name.suffix(" as stored") for value in values]
    try:
        found = pl.select(values + stored)
    except pl.exceptions.ShapeError:  # columns beside columns: nothing is one value
        return []
    if found.height != 1:
        return []
    kinds, numbers = found.dtypes[: len(values)], found.row(0)[len(values) :]
    return [
        Bound(column, compare, number * step)
        for (column, compare, _), kind, number in zip(compared, kinds, numbers, strict=True)
        if number is not None and (step := _step(schema[column], kind))
    ]


def _is_ordered(kind: pl.DataType) -> bool:
    # Whether values are stored as whole numbers in their own order; times in nanoseconds.
    is_time = isinstance(kind, pl.Datetime) and kind.time_unit == "ns"
    return is_time or kind.is_signed_integer() or kind in (pl.Date, pl.UInt8, pl.UInt16)


def _step(column: pl.DataType, kind: pl.DataType) -> int:
    # What one unit of a value is in those of the column; 0 where they are not compared as numbers.
    if isinstance(kind, pl.Datetime) and isinstance(column, pl.Datetime):
        return _NANOSECONDS[kind.time_unit]
    are_alike = kind == column if pl.Date in (kind, column) else column.is_integer()
    return int(are_alike and (kind.is_integer() or kind == pl.Date))


def _compared(condition: pl.Expr) -> Iterator[tuple[str, Compare, pl.Expr]]:
    parts = condition.meta.pop()[::-1]
    if len(parts) == 3 and parts[0].meta.is_column():
        column, low, high = parts
        if condition.meta.eq(column.is_between(low, high)):
            name = column.meta.output_name()
            yield name, operator.ge, low
            yield name, operator.le, high
    if len(parts) != 2:
        return
    left, right = parts
    for compare, turned in _COMPARISONS:
        if condition.meta.eq(compare(left, right)):
            if left.meta.is_column():
                yield left.meta.output_name(), compare, right
            elif right.meta.is_column():
                yield right.meta.output_name(), turned, left
