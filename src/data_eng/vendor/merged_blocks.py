"""Blocks of several files of one time as blocks in one order: by receipt, then by file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import numpy.typing as npt

Block = npt.NDArray[np.void]


class _Source:
    """The records of one file that were not merged yet."""

    def __init__(self, blocks: Iterator[Block], recycle: Callable[[Block], None]) -> None:
        self._blocks, self._recycle = blocks, recycle
        self._reached = np.iinfo(np.int64).min
        self._block: Block | None = None
        self._taken = 0
        self.times: npt.NDArray[np.int64] = np.empty(0, np.int64)
        self.is_done = False
        self.first_ns, self.last_ns = np.iinfo(np.int64).max, -1
        self.refill()

    def refill(self) -> None:
        """Fetch the next block where all of the last is merged."""
        if self._taken < len(self.times) or self.is_done:
            return
        if self._block is not None:
            self._recycle(self._block)
        self._block = next(self._blocks, None)
        self._taken = 0
        if self._block is None:
            self.is_done = True
            self.times = np.empty(0, np.int64)
            return
        times = self._block["ts_recv"].astype(np.int64)
        self.first_ns = min(self.first_ns, int(times.min()))
        self.last_ns = max(self.last_ns, int(times.max()))
        # A record is received once all before it in its file are.
        self.times = np.maximum(np.maximum.accumulate(times), self._reached)
        self._reached = int(self.times[-1])

    def take(self, limit_ns: int, *, at_limit: bool) -> tuple[Block, npt.NDArray[np.int64]] | None:
        """Return the records received before a time that were not taken; None without any.

        Parameters
        ----------
        limit_ns : int, ns since epoch UTC
        at_limit : bool
            Whether those received at that very time are among them.
        """
        end = int(np.searchsorted(self.times, limit_ns, "right" if at_limit else "left"))
        if self._block is None or end == self._taken:
            return None
        part = slice(self._taken, end)
        self._taken = end
        return self._block[part], self.times[part]


class MergedBlocks:
    """The records of several files in the order of their receipt.

    Those received at the same time come in the order of the files; each file keeps its own order.

    Parameters
    ----------
    files : sequence of (iterator of blocks, callable)
        Blocks of each file, all of one layout, and what takes a block back.

    Attributes
    ----------
    spans : list of (int, int)
        Least and greatest ``ts_recv`` seen in each file; (int64 maximum, -1) without a record.
    """

    def __init__(self, files: Sequence[tuple[Iterator[Block], Callable[[Block], None]]]) -> None:
        self._sources = [_Source(*one) for one in files]

    @property
    def spans(self) -> list[tuple[int, int]]:
        """See the class."""
        return [(one.first_ns, one.last_ns) for one in self._sources]

    def blocks(self) -> Iterator[Block]:
        """Yield the records; memory is a block a file and what is yielded."""
        while alive := [one for one in self._sources if not one.is_done]:
            # Until here every file is read. More of this very time may follow in the file that
            # ends here: what the files after it have of it waits.
            ends = [int(one.times[-1]) for one in alive]
            limit = min(ends)
            last = ends.index(limit)
            taken = (one.take(limit, at_limit=n <= last) for n, one in enumerate(alive))
            parts = [part for part in taken if part is not None]
            times = np.concatenate([part[1] for part in parts])
            order = np.argsort(times, kind="stable")
            yield np.concatenate([part[0] for part in parts])[order]
            for one in alive:
                one.refill()
