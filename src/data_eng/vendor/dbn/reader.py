"""Records of a DBN file as blocks of NumPy views, in file order and bounded memory.

1. `RawStream` decodes and hashes the bytes, `read_metadata` takes the header.
2. `DbnReader.blocks` fills a buffer, keeps the tail of a record that is not whole for the next
   round, and checks every header of the block at once: same length, same record type.
3. Where that fails (live captures and gateways put symbol mapping, system and error records
   between the data) `_split` walks the headers one by one and sorts the records out.
4. At the end the file must be read whole, end with a whole record, and be unchanged.
"""

from __future__ import annotations

import contextlib
from collections import Counter, deque
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt

from ...errors import DbnDecodeError
from ...settings import MAX_EXPANSION
from .layout import (
    CONTROL_RTYPES,
    KNOWN_RTYPES,
    RECORD_HEADER_BYTES,
    RTYPE_ERROR,
    RTYPE_SYMBOL_MAPPING,
    SCHEMAS,
    error_dtype,
    record_dtype,
    rtype_of,
    symbol_mapping_dtype,
)
from .metadata import DbnMetadata, read_metadata
from .stream import RawDigest, RawStream

BLOCK_RECORDS: Final = 4096
"""Records of MBP-10 in a block: 1.5 MB stay in the second-level cache."""
BLOCK_BYTES: Final = BLOCK_RECORDS * 368
MAX_RECORD_BYTES: Final = 255 * 4
MAX_ERROR_TEXTS: Final = 20

Block = npt.NDArray[np.void]


class DbnReader:
    """One DBN file of one schema.

    Parameters
    ----------
    path : Path
        ``.dbn`` or ``.dbn.zst``, DBN version 1, 2 or 3.
    schema : str, optional
        The schema wanted. By default the file's own; needed for a live capture, which has none.
    block_records : int, optional
        Records in a block; by default as many as are `BLOCK_BYTES`.
    max_expansion : int
        See `RawStream`.

    Attributes
    ----------
    metadata : DbnMetadata
        The header.
    dtype : numpy.dtype
        Type of the records of a block; with ``ts_out`` where the file has it.
    other_records : Counter
        Number of records of each other type that lay between, by rtype.
    error_texts : list of str
        Texts of the gateway's error records, the first `MAX_ERROR_TEXTS`.
    symbol_mappings : list of tuple (int, str)
        Instrument id and symbol of each symbol mapping record.

    Raises
    ------
    DbnDecodeError
        The file is not a DBN file, or not of the schema wanted.
    """

    def __init__(
        self,
        path: Path,
        schema: str | None = None,
        *,
        block_records: int | None = None,
        max_expansion: int = MAX_EXPANSION,
    ) -> None:
        self.path = path
        self.stream = RawStream(path, max_expansion=max_expansion)
        try:
            self.metadata: DbnMetadata = read_metadata(self.stream)
            self.schema = self._schema(schema)
        except BaseException:
            self.stream.close()
            raise
        meta = self.metadata
        self.dtype = record_dtype(self.schema, meta.version, ts_out=meta.ts_out)
        size = self.dtype.itemsize
        self.other_records: Counter[int] = Counter()
        self.error_texts: list[str] = []
        self.symbol_mappings: list[tuple[int, str]] = []
        self._free: deque[bytearray] = deque()
        self._block_bytes = (block_records or BLOCK_BYTES // size) * size

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stream.close()

    def blocks(self) -> Iterator[Block]:
        """Yield the records in file order; a block is the caller's, until it is recycled.

        Yields
        ------
        numpy.ndarray of `dtype`, shape (n,), 0 < n <= ``block_records``, or more where those are
        fewer bytes than the largest record can have

        Raises
        ------
        DbnDecodeError
            Truncated or corrupt data, an illegal record header; names the byte offset.
        """
        rest = b""
        while True:
            buffer = self._buffer(max(self._block_bytes, len(rest) + MAX_RECORD_BYTES))
            buffer[: len(rest)] = rest
            end = len(rest) + self.stream.readinto(memoryview(buffer)[len(rest) :])
            at_end = end < len(buffer)
            block, used = self._records(buffer, end)
            if len(block):
                yield block
            rest = bytes(buffer[used:end])
            if at_end:
                break
        if rest:
            raise self._error(
                used, end, "truncated in the middle of a record; download the file again"
            )

    def recycle(self, block: Block) -> None:
        """Give a block back, which is no longer looked at, for another to take its memory.

        Memory that is taken anew for every block is cleared and mapped page by page, a tenth of
        the time of a run.
        """
        base: Any = block.base
        while isinstance(base, np.ndarray):
            base = base.base
        buffer = getattr(base, "obj", base)  # NumPy keeps a view of the buffer
        if isinstance(buffer, bytearray):
            self._free.append(buffer)

    def _buffer(self, size: int) -> bytearray:
        # From the thread that fetches blocks, while another one recycles them.
        with contextlib.suppress(IndexError):
            free = self._free.pop()
            if len(free) == size:
                return free
        return bytearray(size)

    def finish(self) -> RawDigest:
        """Return size and SHA-256 of the file, once `blocks` is exhausted."""
        return self.stream.finish()

    def _schema(self, wanted: str | None) -> str:
        own = self.metadata.schema
        if own is not None and wanted is not None and own != wanted:
            raise DbnDecodeError(
                str(self.path),
                8,
                f"holds schema {own}, but {wanted} is wanted; move it to the folder of its table",
            )
        schema = own or wanted
        if schema is None or schema not in SCHEMAS:
            raise DbnDecodeError(
                str(self.path), 8, f"schema {schema} is not one of {', '.join(sorted(SCHEMAS))}"
            )
        return schema

    def _records(self, buffer: bytearray, end: int) -> tuple[Block, int]:
        size = self.dtype.itemsize
        count = end // size
        # Length and type, the first two bytes of a record, looked at as one number.
        starts = np.frombuffer(buffer, "<u2", count * size // 2)[:: size // 2]
        if (starts == size // 4 + (rtype_of(self.schema) << 8)).all():
            # An empty or short block says nothing of what follows: `_split` looks at it.
            if count and end - count * size < RECORD_HEADER_BYTES:
                return np.frombuffer(buffer, self.dtype, count), count * size
            if count and end == len(buffer):
                return np.frombuffer(buffer, self.dtype, count), count * size
        return self._split(buffer, end)

    def _split(self, buffer: bytearray, end: int) -> tuple[Block, int]:
        # Slow path: some record in the block is of another type, or the file ends here.
        size, rtype = self.dtype.itemsize, rtype_of(self.schema)
        starts: list[int] = []
        at = 0
        while at + RECORD_HEADER_BYTES <= end:
            length, kind = buffer[at] * 4, buffer[at + 1]
            self._check_header(at, end, length, kind)
            if at + length > end:
                break
            if kind == rtype:
                starts.append(at)
            else:
                self._other(buffer, at, length, kind)
            at += length
        data = np.frombuffer(buffer, np.uint8, end)
        index = np.array(starts, np.int64)[:, None] + np.arange(size, dtype=np.int64)
        return data[index].reshape(-1).view(self.dtype), at

    def _check_header(self, at: int, end: int, length: int, kind: int) -> None:
        if length < RECORD_HEADER_BYTES:
            raise self._error(
                at, end, f"a record header claims {length} bytes; the file is corrupt"
            )
        if kind not in KNOWN_RTYPES:
            raise self._error(at, end, f"unknown record type 0x{kind:02X}; the file is corrupt")
        if kind != rtype_of(self.schema) and not self._may_lie_between(kind):
            raise self._error(
                at, end, f"a record of type 0x{kind:02X} in a {self.schema} file, which is corrupt"
            )
        if kind == rtype_of(self.schema) and length != self.dtype.itemsize:
            raise self._error(
                at, end, f"a {self.schema} record of {length} bytes, not {self.dtype.itemsize}"
            )

    def _may_lie_between(self, kind: int) -> bool:
        # Only a live capture, which names no schema, mixes them.
        return kind in CONTROL_RTYPES or self.metadata.schema is None

    def _other(self, buffer: bytearray, at: int, length: int, kind: int) -> None:
        self.other_records[kind] += 1
        if kind == RTYPE_ERROR and len(self.error_texts) < MAX_ERROR_TEXTS:
            record = _view(buffer, at, length, error_dtype(self.metadata.version))
            if record is not None:
                self.error_texts.append(_text(record["err"]))
        if kind == RTYPE_SYMBOL_MAPPING:
            meta = self.metadata
            layout = symbol_mapping_dtype(meta.version, ts_out=meta.ts_out)
            record = _view(buffer, at, length, layout)
            if record is not None:
                symbol = _text(record["stype_out_symbol"])
                self.symbol_mappings.append((int(record["instrument_id"]), symbol))

    def _error(self, at: int, end: int, reason: str) -> DbnDecodeError:
        # `at` counts in the buffer, whose end is what has been decoded so far.
        decoded = self.stream.decoded - end + at
        position = decoded if not self.stream.is_compressed else self.stream.position
        where = f" (byte {decoded} of the decoded data)" if self.stream.is_compressed else ""
        return DbnDecodeError(str(self.path), position, reason + where)


def _view(buffer: bytearray, at: int, length: int, layout: np.dtype[np.void]) -> Any:
    # A record of another length than its layout's is counted, not read.
    if length < layout.itemsize:
        return None
    return np.frombuffer(buffer, layout, 1, at)[0]


def _text(value: bytes) -> str:
    return value.decode("utf-8", "replace")
