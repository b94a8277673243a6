"""Published tables as a Polars LazyFrame: columns and filters reach the files."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from typing import Any, Final

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
from polars.io.plugins import register_io_source

from ..lake.paths import Partition
from ..lake.table import DATE, SYMBOL
from .published import PublishedTables

Compare = Callable[[Any, Any], Any]

_COMPARISONS: Final[tuple[tuple[Compare, Compare], ...]] = (
    (operator.eq, operator.eq),
    (operator.lt, operator.gt),
    (operator.le, operator.ge),
    (operator.gt, operator.lt),
    (operator.ge, operator.le),
)
"""Each with what it is when the sides change places."""


def lazy_frame(tables: PublishedTables) -> pl.LazyFrame:
    """Return a frame that reads the tables when it is collected.

    Polars plans the query. Of it arrive here the columns, the rows that are enough, and the
    filter, which is applied to what was read; its comparisons of a column with a value also spare
    partitions and row groups that cannot hold such rows.
    """
    schema = tables.schema
    empty = pl.from_arrow(schema.empty_table())
    assert isinstance(empty, pl.DataFrame)

    def read(
        columns: list[str] | None, predicate: pl.Expr | None, rows: int | None, _: int | None
    ) -> Iterator[pl.DataFrame]:
        chosen = empty.columns if columns is None else columns
        conditions = [] if predicate is None else _conjuncts(predicate)
        batches = tables.batches(
            chosen,
            _bounds(conditions, schema),
            only=False,
            wants=lambda partition: _may_hold(conditions, partition),
        )
        for batch in batches:
            frame = pl.from_arrow(batch)
            assert isinstance(frame, pl.DataFrame)
            if predicate is not None:
                frame = frame.filter(predicate)
            if rows is not None:
                frame = frame.head(rows)
                rows -= frame.height
            yield frame
            if rows == 0:
                return

    return register_io_source(read, schema=empty.schema, is_pure=True)


def _conjuncts(predicate: pl.Expr) -> list[pl.Expr]:
    # What must all hold.
    parts = predicate.meta.pop()
    if len(parts) == 2 and predicate.meta.eq(parts[1] & parts[0]):
        return [*_conjuncts(parts[1]), *_conjuncts(parts[0])]
    return [predicate]


def _may_hold(conditions: list[pl.Expr], partition: Partition) -> bool:
    keys = pl.DataFrame({SYMBOL: [partition.symbol], DATE: [partition.date]})
    of_keys = [one for one in conditions if {*one.meta.root_names()} <= {SYMBOL, DATE}]
    return not of_keys or keys.filter(of_keys).height == 1


def _bounds(conditions: list[pl.Expr], schema: pa.Schema) -> pc.Expression | None:
    # The comparisons of a stored column with a value, for the statistics of row groups.
    found = None
    for condition in conditions:
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
