"""A Parquet file of a test as the table of a partition, without a lake."""

from __future__ import annotations

from typing import Any, BinaryIO

import pyarrow.parquet as pq

from src.data_eng.lake.table import Table


class PlainTable(Table):
    """A file that no manifest speaks of."""

    def __init__(self, file: BinaryIO) -> None:
        self.partition: Any = "records"
        self._file = self._native = file
        self._parquet = pq.ParquetFile(file, page_checksum_verification=True)
        self.rows = self._parquet.metadata.num_rows
        self._source = None
        self._verifies = False
