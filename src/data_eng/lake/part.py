"""Write a partition's Parquet file from row groups: new ones encoded in parallel, others copied."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, BinaryIO, Final, Self, cast

import pyarrow as pa
import pyarrow.parquet as pq

from ..catalogue.contract import Contract
from ..parquet.splice import ParquetSource, SplicedParquetWriter
from .encoding import writer_options
from .publish import PartitionFile

ENCODER_THREADS: Final = 2


class PartWriter:
    """Row groups in, one Parquet file out; a context manager.

    Each new row group is checked against the contract and encoded in a thread of its own while
    the next one is being filled; they are put together in the order they were given. At most
    `ENCODER_THREADS` row groups are under way, so memory does not grow with the day.

    Parameters
    ----------
    file : PartitionFile
        Where to write.
    contract : Contract
        What every row must satisfy.
    where : str
        The partition, for messages.
    """

    def __init__(self, file: PartitionFile, contract: Contract, where: str) -> None:
        self.rows = 0
        self._contract = contract
        self._where = where
        self._options = writer_options(contract)
        sink = cast(BinaryIO, file)  # only its write is used
        self._writer = SplicedParquetWriter(sink, contract.arrow_schema, **self._options)
        self._pool = ThreadPoolExecutor(ENCODER_THREADS, thread_name_prefix="encode")
        self._pending: deque[tuple[Future[pa.Buffer], Callable[[], None]]] = deque()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)

    def write(self, batch: pa.RecordBatch, done: Callable[[], None] = lambda: None) -> None:
        """Add the rows of ``batch`` as one row group.

        Parameters
        ----------
        batch : pyarrow.RecordBatch
            At most `ROW_GROUP_ROWS` rows; not to be changed until ``done`` is called.
        done : callable
            Called once the batch's memory is free again.

        Raises
        ------
        ContractError
            This row group, or one given before, breaks the contract.
        """
        if len(self._pending) == ENCODER_THREADS:
            self._take()
        if not batch.num_rows:
            done()
            return
        self._pending.append((self._pool.submit(self._encode, batch, self.rows), done))
        self.rows += batch.num_rows

    def copy(self, source: ParquetSource, index: int, aliases: Mapping[str, str]) -> None:
        """Add a row group of another file as its bytes are.

        Parameters
        ----------
        source : ParquetSource
            A file whose rows satisfied a contract with the same fields.
        index : int
            Row group of it.
        aliases : mapping
            New column name to the source column of equal values.
        """
        self._drain()
        self._writer.copy_row_group(source, index, aliases)
        self.rows += source.footer.row_groups[index].num_rows

    @property
    def footer_sha256(self) -> str:
        """SHA-256 of what ends the file, once it is closed."""
        return self._writer.footer_sha256

    def close(self) -> None:
        """Write what is pending and the footer."""
        self._drain()
        self._writer.close()

    def _drain(self) -> None:
        while self._pending:
            self._take()

    def _take(self) -> None:
        future, done = self._pending.popleft()
        encoded = future.result()
        done()
        self._writer.copy_row_group(ParquetSource(pa.BufferReader(encoded)), 0)

    def _encode(self, batch: pa.RecordBatch, first_row: int) -> pa.Buffer:
        self._contract.check(batch, self._where, first_row)
        sink = pa.BufferOutputStream()
        options: dict[str, Any] = self._options
        with pq.ParquetWriter(sink, batch.schema, **options) as writer:
            writer.write_batch(batch, row_group_size=batch.num_rows)
        return sink.getvalue()
