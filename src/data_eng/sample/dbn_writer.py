"""Writing a DBN file as the vendor does: metadata and records in two zstd frames."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pyarrow as pa
from numpy.typing import NDArray

from .delivery import sync_file


class DbnWriter:
    """An open DBN file that takes records in chunks.

    A chunk is compressed by a thread of its own while the caller makes the next one; the
    caller may keep a chunk, but not change it.

    Parameters
    ----------
    path : Path
        The file, replaced if it is there.
    header : bytes
        Encoded DBN metadata.
    """

    def __init__(self, path: Path, header: bytes) -> None:
        path.write_bytes(pa.compress(header, codec="zstd", asbytes=True))
        self._path = path
        self._stream = pa.CompressedOutputStream(pa.PythonFile(path.open("ab"), mode="w"), "zstd")
        self._compressor = ThreadPoolExecutor(1)
        self._pending: Future[Any] | None = None

    def write(self, chunk: NDArray[Any]) -> None:
        """Append the records of a contiguous structured array."""
        if self._pending is not None:
            self._pending.result()
            self._pending = None
        if chunk.size:
            self._pending = self._compressor.submit(self._stream.write, chunk.view("u1").data)

    def __enter__(self) -> Self:
        """Return the writer itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Finish the file and force it to disk; after an error just close it."""
        self._compressor.shutdown()
        try:
            if kind is None and self._pending is not None:
                self._pending.result()
        finally:
            self._stream.close()
        if kind is None:
            sync_file(self._path)
