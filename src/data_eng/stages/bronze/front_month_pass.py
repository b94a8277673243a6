"""One pass over a day's raw files that counts every instrument and takes one contract's rows."""

from __future__ import annotations

import queue
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ...contract import Contract
from ...dbn.layout import UNDEF_TIMESTAMP
from ...dbn.mbp10_columns import Mbp10Columns
from ...dbn.prefetch import Prefetched
from ...dbn.reader import DbnReader
from ...dbn.stream import RawDigest
from ...errors import InputError
from ...lake.encoding import ROW_GROUP_ROWS
from ...lake.part import ENCODER_THREADS, PartWriter
from ...raw import RawFile
from .tally import Tally

SCHEMA: Final = "mbp-10"
PREFETCH_BLOCKS: Final = 8


class FrontMonthPass:
    """Streams files in order; counts all records and writes those of one instrument.

    Parameters
    ----------
    files : sequence of RawFile
        By start of their range.
    instrument_id : int
        Whose records are written.
    tally : Tally
        Counts, over the partition's range.
    writer : PartWriter
        Where row groups go.
    contract : Contract
        What they satisfy.
    where : str
        The partition, for messages.
    max_expansion : int
        See `RawStream`.

    Attributes
    ----------
    digests : dict
        Size and SHA-256 of each file by its lake-relative path.
    other_records : Counter
        Records of other types that lay between, by rtype.
    gateway_errors : list of str
        Texts of error records.
    symbol_mappings : list of tuple (int, str)
        Of symbol mapping records.
    """

    def __init__(
        self,
        files: Sequence[RawFile],
        instrument_id: int,
        tally: Tally,
        writer: PartWriter,
        contract: Contract,
        where: str,
        max_expansion: int,
    ) -> None:
        self._files = files
        self._instrument_id = instrument_id
        self._tally = tally
        self._writer = writer
        self._contract = contract
        self._where = where
        self._max_expansion = max_expansion
        self._free: queue.SimpleQueue[Mbp10Columns] = queue.SimpleQueue()
        for _ in range(ENCODER_THREADS + 1):
            self._free.put(Mbp10Columns(contract, ROW_GROUP_ROWS))
        self._columns = self._free.get()
        self._last_row: tuple[int, Path] | None = None
        self.digests: dict[str, RawDigest] = {}
        self.other_records: Counter[int] = Counter()
        self.gateway_errors: list[str] = []
        self.symbol_mappings: list[tuple[int, str]] = []

    def run(
        self, after_block: Callable[[int, int], None], progress: Callable[[float], None]
    ) -> None:
        """Read every file whole.

        Parameters
        ----------
        after_block : callable
            Called with the file's number and the largest ``ts_recv`` seen in it; may raise to end
            the pass.
        progress : callable
            Called with the share done.

        Raises
        ------
        DbnDecodeError, InputError, ContractError
        """
        total = sum(file.path.stat().st_size for file in self._files) or 1
        before = 0
        for number, file in enumerate(self._files):
            with DbnReader(file.path, SCHEMA, max_expansion=self._max_expansion) as reader:
                self._tally.start_file()
                with Prefetched(reader.blocks(), PREFETCH_BLOCKS) as blocks:
                    for block in blocks:
                        rows = self._tally.add(block, self._instrument_id)
                        if len(rows):
                            self._take(block, rows, file)
                        after_block(number, self._tally.last_ns)
                        progress((before + reader.stream.position) / total)
                self._check_range(file)
                self.digests[file.relative] = reader.finish()
                self.other_records += reader.other_records
                self.gateway_errors += reader.error_texts
                self.symbol_mappings += reader.symbol_mappings
                before += reader.stream.size
        self._flush()

    def _take(
        self, block: npt.NDArray[np.void], rows: npt.NDArray[np.uint64], file: RawFile
    ) -> None:
        self._check_order(block, rows, file)
        while len(rows):
            rows = rows[self._columns.append(block, rows) :]
            if self._columns.rows == self._columns.capacity:
                self._flush()

    def _flush(self) -> None:
        full = self._columns
        batch = full.batch(self._where, self._writer.rows)

        def recycle() -> None:
            full.clear()
            self._free.put(full)

        self._writer.write(batch, recycle)
        self._columns = self._free.get()

    def _check_order(
        self, block: npt.NDArray[np.void], rows: npt.NDArray[np.uint64], file: RawFile
    ) -> None:
        # Within a file the vendor's order holds; between files it shows that the same time was
        # delivered twice.
        first = int(block["ts_recv"][int(rows[0])])
        if self._last_row is not None and self._last_row[1] != file.path:
            last, other = self._last_row
            if first < last:
                raise InputError(
                    f"{other} and {file.path} both hold records of the contract at the same time; "
                    "keep one of them in the folder"
                )
        self._last_row = (int(block["ts_recv"][int(rows[-1])]), file.path)

    def _check_range(self, file: RawFile) -> None:
        meta: Any = file.metadata
        if (meta.start == 0 and meta.end == UNDEF_TIMESTAMP) or self._tally.last_ns < 0:
            return
        if self._tally.first_ns < meta.start or self._tally.last_ns >= meta.end:
            raise InputError(
                f"{file.path}: holds ts_recv {self._tally.first_ns} to {self._tally.last_ns} ns, "
                f"outside its header's range {meta.start} to {meta.end}; download it again"
            )
