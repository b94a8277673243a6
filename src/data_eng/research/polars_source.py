"""Published tables as a Polars LazyFrame: columns and filters reach the files."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, Final

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
from polars.io.plugins import register_io_source

from ..lake.paths import Partition
from ..lake.table import DATE, SYMBOL, Table
from .published import PublishedTables

_CELLS: Final = 1 << 25
_TABLES: Final = 32
"""What is read at a time: values, which are 256 MiB, and files that are open."""

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
        conditions = [] if predicate is None else _conjuncts(predicate)
        query = _Query(
            empty.columns if columns is None else columns,
            predicate,
            _bounds(conditions, schema),
            rows if predicate is None else None,
        )
        for frame in query.answer(tables, _wanted(conditions, list(tables.contents))):
            found = frame if rows is None else frame.head(rows)
            rows = None if rows is None else rows - found.height
            yield found
            if rows == 0:
                return

    return register_io_source(read, schema=empty.schema, is_pure=True)


@dataclass(frozen=True)
class _Query:
    """What is read: columns, which rows, what bounds them, and how many are enough."""

    columns: list[str]
    predicate: pl.Expr | None
    where: pc.Expression | None
    enough: int | None

    def answer(
        self, tables: PublishedTables, wanted: Sequence[Partition]
    ) -> Iterator[pl.DataFrame]:
        """Yield the rows by date: of small tables several at once, of a large one a part."""
        stored = [name for name in self.columns if name not in (SYMBOL, DATE)]
        most = max(1, _CELLS // max(1, len(stored)))
        at = 0
        while at < len(wanted):
            with ExitStack() as opened:
                held: list[Table] = []
                parts: list[pl.LazyFrame] = []
                taken = 0
                while at < len(wanted) and len(held) < _TABLES and taken < (self.enough or most):
                    held.append(opened.enter_context(tables.open(wanted[at])))
                    at += 1
                    for first, count in held[-1].verified(stored, self.where):
                        if parts and taken + count > most:
                            yield _collected(held, parts)
                            parts, taken = [], 0
                        parts.append(self._part(held[-1], first, count))
                        taken += count
                if parts:
                    yield _collected(held, parts)

    def _part(self, table: Table, first: int, count: int) -> pl.LazyFrame:
        keys = {SYMBOL: pl.lit(table.partition.symbol), DATE: pl.lit(table.partition.date)}
        asked = [keys.get(name, pl.col(name)).alias(name) for name in self.columns]
        if keys.keys() >= {*self.columns}:
            part = _rows_of_keys(asked, count)
        else:
            # Polars reads what is verified, and only from there.
            part = pl.scan_parquet(table.place, glob=False, hive_partitioning=False)
            if (first, count) != (0, table.rows):
                part = part.slice(first, count)
            part = part.select(asked)
        return part if self.predicate is None else part.filter(self.predicate)


def _collected(tables: list[Table], parts: list[pl.LazyFrame]) -> pl.DataFrame:
    try:
        return pl.concat(parts).collect(engine="in-memory")
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException):
        for table in tables:
            table.explain()
        raise


def _rows_of_keys(asked: list[pl.Expr], count: int) -> pl.LazyFrame:
    return pl.LazyFrame({"": [0]}).select(one.repeat_by(count).explode() for one in asked)


def _conjuncts(predicate: pl.Expr) -> list[pl.Expr]:
    # What must all hold.
    parts = predicate.meta.pop()
    if len(parts) == 2 and predicate.meta.eq(parts[1] & parts[0]):
        return [*_conjuncts(parts[1]), *_conjuncts(parts[0])]
    return [predicate]


def _wanted(conditions: list[pl.Expr], partitions: list[Partition]) -> list[Partition]:
    of_keys = [one for one in conditions if {*one.meta.root_names()} <= {SYMBOL, DATE}]
    if not of_keys:
        return partitions
    keys = [(at, one.symbol, one.date) for at, one in enumerate(partitions)]
    frame = pl.DataFrame(keys, schema=["at", SYMBOL, DATE], orient="row")
    return [partitions[at] for at in frame.filter(of_keys)["at"]]


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
