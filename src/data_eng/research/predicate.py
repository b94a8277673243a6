"""Which partitions and row groups a filter of Polars leaves: the others cannot hold such rows."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from typing import Any, Final

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from ..lake.keys import DATE, SYMBOL
from ..lake.paths import Partition

Compare = Callable[[Any, Any], Any]

_COMPARISONS: Final[tuple[tuple[Compare, Compare], ...]] = (
    (operator.eq, operator.eq),
    (operator.lt, operator.gt),
    (operator.le, operator.ge),
    (operator.gt, operator.lt),
    (operator.ge, operator.le),
)
"""Each with what it is when the sides change places."""


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


def bounds(all_hold: list[pl.Expr], schema: pa.Schema) -> pc.Expression | None:
    """Return the comparisons of a stored column with a value, for statistics of row groups."""
    found = None
    for condition in all_hold:
        for column, compare, value in _compared(condition):
            kind = schema.field(column).type
            # Polars orders NaN above all numbers, statistics leave it out.
            if column in (SYMBOL, DATE) or pa.types.is_floating(kind):
                continue
            one = _bound(compare, column, value, kind)
            if one is not None:
                found = one if found is None else found & one
    return found


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


def _bound(
    compare: Compare, column: str, value: pl.Expr, kind: pa.DataType
) -> pc.Expression | None:
    if value.meta.root_names() or pa.types.is_dictionary(kind):
        return None
    scalar = pl.select(value).to_series().to_arrow()
    if len(scalar) != 1 or scalar.null_count:
        return None
    try:
        bound = scalar.cast(kind)[0]
    except pa.ArrowInvalid:
        return None
    found: pc.Expression = compare(pc.field(column), bound)
    return found
