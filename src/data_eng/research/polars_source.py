"""Published tables as a Polars LazyFrame: columns and filters reach the files."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Final

import numpy as np
import polars as pl
import pyarrow as pa
from polars.io.plugins import register_io_source

from ..lake.keys import DATE, SYMBOL
from .pieces import Rows, decoded
from .predicate import bounds, conditions, is_of_keys, partitions_for
from .published import PublishedTables


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
        all_hold = [] if predicate is None else conditions(predicate)
        names = list(columns_of_rows) if columns is None else columns
        enough = rows if predicate is None else None
        # Of files as they are a filter of stored values would be applied after all were decoded.
        takes_files = predicate is None or is_of_keys(predicate)
        wanted, where = partitions_for(all_hold, partitions), bounds(all_hold, columns_of_rows)
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
