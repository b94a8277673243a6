"""Published tables as a Polars LazyFrame: columns and filters reach the files."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Final

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
from polars.io.plugins import register_io_source

from ..lake.keys import DATE, SYMBOL
from ..lake.paths import Partition
from .pieces import Rows, decoded
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
    columns_of_rows = _polars_schema(tables.contract.sha256, schema)
    partitions = list(tables.marks)

    def read(
        columns: list[str] | None, predicate: pl.Expr | None, rows: int | None, _: int | None
    ) -> Iterator[pl.DataFrame]:
        conditions = [] if predicate is None else _conjuncts(predicate)
        names = list(columns_of_rows) if columns is None else columns
        enough = rows if predicate is None else None
        # Of files as they are a filter of stored values would be applied after all were decoded.
        takes_files = predicate is None or _is_of_keys(predicate)
        wanted, where = _wanted(conditions, partitions), _bounds(conditions, schema)
        pieces = tables.pieces(names, wanted, where, enough, takes_files=takes_files)
        decode = partial(_collected, tables, names, predicate)
        # Rows that are enough are there at once: nothing is read ahead of them.
        frames = decoded(pieces, decode) if enough is None else map(decode, pieces)
        for whole in frames:
            frame = whole if rows is None else whole.head(rows)
            rows = None if rows is None else rows - frame.height
            yield frame
            if rows == 0:
                return

    return register_io_source(read, schema=columns_of_rows, is_pure=True)


_schemas: Final[dict[str, pl.Schema]] = {}
"""Those of contracts, by their hashes: that of an Arrow schema takes longer than a small query."""


def _polars_schema(contract: str, schema: pa.Schema) -> pl.Schema:
    if contract in _schemas:
        return _schemas[contract]
    frame = pl.from_arrow(schema.empty_table())
    assert isinstance(frame, pl.DataFrame)
    _schemas[contract] = frame.schema
    return frame.schema


def _collected(
    tables: PublishedTables, names: list[str], predicate: pl.Expr | None, rows: Rows
) -> pl.DataFrame:
    # Without a name it is the number of rows that counts.
    # What statistics rule out is not among them.
    frame = pl.scan_parquet(
        list(rows.parquet), hive_partitioning=False, glob=False, use_statistics=False
    )
    if rows.counts:
        frame = _with_keys(frame, rows, names)
    frame = frame.select(names or pl.all())
    if predicate is not None:
        frame = frame.filter(predicate)
    try:
        return frame.collect(engine="in-memory")
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException):
        tables.explain(rows.partitions)
        raise


def _with_keys(frame: pl.LazyFrame, rows: Rows, names: list[str]) -> pl.LazyFrame:
    # With the columns that files of partitions do not have.
    found: dict[str, pl.Expr | pl.Series] = {}
    if DATE in names:
        days = np.array([one.date for one in rows.partitions], "datetime64[D]").astype(np.int32)
        found[DATE] = pl.Series(np.repeat(days, rows.counts)).cast(pl.Date)
    symbols = [one.symbol for one in rows.partitions]
    if SYMBOL in names and len({*symbols}) == 1:
        found[SYMBOL] = pl.lit(symbols[0])
    elif SYMBOL in names:
        which = np.repeat(np.arange(len(symbols)), rows.counts)
        found[SYMBOL] = pl.Series(symbols, dtype=pl.String).gather(which)
    return frame.with_columns(**found)


def _conjuncts(predicate: pl.Expr) -> list[pl.Expr]:
    # What must all hold.
    parts = predicate.meta.pop()
    if len(parts) == 2 and predicate.meta.eq(parts[1] & parts[0]):
        return [*_conjuncts(parts[1]), *_conjuncts(parts[0])]
    return [predicate]


def _wanted(conditions: list[pl.Expr], partitions: list[Partition]) -> list[Partition]:
    of_keys = [one for one in conditions if _is_of_keys(one)]
    if not of_keys:
        return partitions
    keys = [(at, one.symbol, one.date) for at, one in enumerate(partitions)]
    frame = pl.DataFrame(keys, schema=["at", SYMBOL, DATE], orient="row")
    return [partitions[at] for at in frame.filter(of_keys)["at"]]


def _is_of_keys(condition: pl.Expr) -> bool:
    return {*condition.meta.root_names()} <= {SYMBOL, DATE}


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
