"""Parquet files with anything for a footer: one error, or what another reader finds there."""

from __future__ import annotations

import contextlib
import io
from pathlib import Path
from random import Random
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from src.data_eng.errors import DataEngError
from src.data_eng.lake.encoding import writer_options
from src.data_eng.parquet.footer import ParquetFooter, read_footer
from tests.published_trades import PARTITION, trades

from ..campaign import Budget, Counts, Kind, Seeds
from ..mutators import mutated_bytes

NAME: Final = "fuzz_footers"
KIND: Final[Kind] = "inputs"
BOUNDED: Final = 3_000
SHARE: Final = 5.0

COLUMNS: Final = 4
"""Of the sample: a small footer, so that changes meet its structure."""


def samples() -> list[bytes]:
    table = trades(90)
    options = writer_options(PARTITION.dataset.contract())
    found = []
    for names in (table.schema.names, table.schema.names[:COLUMNS], table.schema.names[3:6]):
        sink = io.BytesIO()
        small = table.select(names)
        kept = {
            **options,
            "use_dictionary": [name for name in options["use_dictionary"] if name in names],
            "write_statistics": [name for name in options["write_statistics"] if name in names],
            "column_encoding": {
                name: one for name, one in options["column_encoding"].items() if name in names
            },
        }
        pq.write_table(small, sink, row_group_size=40, **kept)
        found.append(sink.getvalue())
    return found


def mutated(data: bytes, one: Random) -> bytes:
    """Return a file with another footer, and a length that fits or not."""
    length = int.from_bytes(data[-8:-4], "little")
    body, footer = data[: -8 - length], data[-8 - length : -8]
    changed = mutated_bytes(footer, one)
    if one.random() < 0.8:
        return body + changed + len(changed).to_bytes(4, "little") + b"PAR1"
    return (
        mutated_bytes(data[-8 - length :], one)
        if one.random() < 0.1
        else body + changed + data[-8:]
    )


def _agrees(read: ParquetFooter, data: bytes) -> bool:
    # Where PyArrow takes the file too, it finds the same rows in the same columns.
    try:
        other = pq.read_metadata(pa.BufferReader(data))
    except (pa.ArrowException, OSError, ValueError):
        return True
    counts = [one.num_rows for one in read.row_groups]
    return (
        read.num_rows == other.num_rows
        and len(read.columns) == other.num_columns
        and counts == [other.row_group(n).num_rows for n in range(other.num_row_groups)]
    )


def _look_at_bounds(read: ParquetFooter) -> None:
    for group in read.row_groups:
        for element in read.columns:
            with contextlib.suppress(DataEngError):  # it has none, or none that can be read
                group.column(element.name).min_max()


def is_right(data: bytes, _folder: Path) -> bool:
    """Read a footer and its bounds; tell whether it says what PyArrow finds."""
    read = read_footer(io.BytesIO(data), "sample")
    _look_at_bounds(read)
    return _agrees(read, data)


def run(rng: Seeds, budget: Budget) -> Counts:
    """Read mutated footers."""
    counts = Counts(NAME, KIND)
    found = samples()
    for number in budget.numbers():
        one = rng.of(number)
        data = mutated(one.choice(found), one)
        with counts.case(number):
            if is_right(data, budget.folder):
                counts.survived_new += 1
            else:
                counts.find("wrong_values", number, "other rows or columns than PyArrow finds")
    return counts
