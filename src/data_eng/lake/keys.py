"""The columns ``symbol`` and ``dt``, which are the partition's, not the file's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pyarrow as pa

from .paths import Partition

if TYPE_CHECKING:
    import pyarrow.compute as pc

SYMBOL: Final = "symbol"
DATE: Final = "dt"
KEYS: Final = pa.schema([pa.field(SYMBOL, pa.string()), pa.field(DATE, pa.date32())])


def keyed_schema(schema: pa.Schema) -> pa.Schema:
    """Return the schema of a table with the columns ``symbol`` and ``dt`` after its own."""
    return pa.schema([*schema, *KEYS])


def partition_expression(partition: Partition) -> pc.Expression:
    """Return what holds of ``symbol`` and ``dt`` in every row of a partition."""
    import pyarrow.compute as pc  # noqa: PLC0415 - as long as PyArrow itself; only readers ask

    is_symbol = pc.field(SYMBOL) == pa.scalar(partition.symbol)
    return is_symbol & (pc.field(DATE) == pa.scalar(partition.date))
