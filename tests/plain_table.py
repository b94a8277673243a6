"""A Parquet file of a test as the table of a partition, without a lake."""

from __future__ import annotations

from typing import Any, BinaryIO

import pyarrow.parquet as pq

from src.data_eng.lake.table import Table
from src.data_eng.parquet.file_footer import file_footer
from src.data_eng.parquet.footer import read_tail


class PlainTable(Table):
    """A file that no manifest speaks of."""

    def __init__(self, file: BinaryIO) -> None:
        self.partition: Any = "records"
        self.published: Any = None
        self._file = file
        self._footer = file_footer(read_tail(file))
        self._parquet = pq.ParquetFile(file, page_checksum_verification=True)
        self.rows = self._footer.metadata.num_rows
        self._source = None
        self._verifies = False
