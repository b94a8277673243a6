"""What readers of a partition's file raise, as one error that names partition and remedy."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Final

import pyarrow as pa

from ..edge import is_out_of_memory
from ..errors import CorruptPartitionError
from .reader import PublishedPartition

_DAMAGE: Final = (CorruptPartitionError, OSError, ValueError, LookupError, pa.ArrowException)
"""By which PyArrow (OSError without a number, its own errors) and our readers tell damage."""


@contextlib.contextmanager
def explained(published: PublishedPartition) -> Iterator[None]:
    """Make what a reader of the partition's file raises the error of the partition.

    Raises
    ------
    CorruptPartitionError
        The file is damaged.
    LakeError
        The system refused to read it.
    MemoryError
        There is too little of it: nothing is damaged.
    """
    try:
        yield
    except MemoryError:  # one of PyArrow's is an error of its own too
        raise
    except _DAMAGE as error:
        if is_out_of_memory(error):
            raise MemoryError(str(error)) from error
        if isinstance(error, OSError) and error.errno is not None:
            raise published.unreadable(error) from error
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise published.corrupt(f"its data cannot be read ({reason})") from error
