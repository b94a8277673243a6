"""One pass over a day's raw files that selects rows and writes them as row groups."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from typing import Any, Final, Protocol

import numpy as np
import numpy.typing as npt

from ..errors import InputError
from ..lake.inputs import COVERED_FACT
from ..lake.part import PartWriter
from ..lake.paths import Partition
from .coverage import covered_ranges
from .dbn.prefetch import Prefetched
from .dbn.reader import DbnReader
from .dbn.stream import RawDigest
from .header_range import check_range
from .merged_blocks import MergedBlocks
from .raw_file import RawFile
from .selected_rows import Columns, Rows, SelectedRows

PREFETCH_BLOCKS: Final = 2
"""Few: what waits is to be in the cache still when it is looked at."""


class Selection(Protocol):
    """Which rows of a block are written, and the range of ``ts_recv`` seen in a file."""

    @property
    def first_ns(self) -> int:
        """Smallest ``ts_recv`` since `start_file`."""

    @property
    def last_ns(self) -> int:
        """Largest ``ts_recv`` since `start_file`; -1 where there was none."""

    def start_file(self) -> None:
        """Forget the range of ``ts_recv`` seen."""

    def select(self, block: npt.NDArray[np.void]) -> Rows:
        """Return row numbers of a block, ascending."""


class RawPass:
    """Streams files in order and writes the selected rows, as they come.

    Parameters
    ----------
    files : sequence of RawFile
        By start of their range.
    schema : str
        Vendor schema of the files.
    selection : Selection
        Sees every record.
    new_columns, writer, partition
        See `SelectedRows`.
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
        schema: str,
        selection: Selection,
        new_columns: Callable[[], Columns],
        writer: PartWriter,
        partition: Partition,
        max_expansion: int,
    ) -> None:
        self._files = files
        self._schema = schema
        self._selection = selection
        self._rows = SelectedRows(new_columns, writer, partition)
        self._date = partition.date
        self._max_expansion = max_expansion
        self.digests: dict[str, RawDigest] = {}
        self.other_records: Counter[int] = Counter()
        self.gateway_errors: list[str] = []
        self.symbol_mappings: list[tuple[int, str]] = []

    def run_merged(self, progress: Callable[[float], None]) -> None:
        """Read every file whole; those of one time that were asked for otherwise as one file.

        Several parents of a product may lie in a file each: their records are merged by receipt.

        Parameters
        ----------
        progress : callable
            Called with the share done.

        Raises
        ------
        DbnDecodeError, InputError, ContractError
        """
        for group, report in _reported(files_of_one_time(self._files), progress):
            if len(group) == 1:
                self._read(group[0], lambda _last_ns: None, report)
            else:
                self._merge(group, report)
        self._rows.finish()

    def run(
        self, after_block: Callable[[int, int], None], progress: Callable[[float], None]
    ) -> None:
        """Read every file whole, one after the other.

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
        for number, ((file,), report) in enumerate(_reported([[f] for f in self._files], progress)):
            self._read(file, partial(after_block, number), report)
        self._rows.finish()

    def _read(
        self, file: RawFile, after_block: Callable[[int], None], report: Callable[[int], None]
    ) -> None:
        with DbnReader(file.path, self._schema, max_expansion=self._max_expansion) as reader:
            self._selection.start_file()
            with Prefetched(reader.blocks(), PREFETCH_BLOCKS) as blocks:
                for block in blocks:
                    rows = self._selection.select(block)
                    if len(rows):
                        self._rows.take(block, rows, str(file.path))
                    after_block(self._selection.last_ns)
                    report(reader.stream.position)
                    reader.recycle(block)
            self._finish(file, reader, (self._selection.first_ns, self._selection.last_ns))

    def _finish(self, file: RawFile, reader: DbnReader, span: tuple[int, int]) -> None:
        check_range(file, *span)
        self.digests[file.relative] = reader.finish()
        self.other_records += reader.other_records
        self.gateway_errors += reader.error_texts
        self.symbol_mappings += reader.symbol_mappings

    def _merge(self, group: Sequence[RawFile], report: Callable[[int], None]) -> None:
        with ExitStack() as opened:
            readers = [
                opened.enter_context(
                    DbnReader(file.path, self._schema, max_expansion=self._max_expansion)
                )
                for file in group
            ]
            self._require_one_layout(group, readers)
            blocks = [
                (opened.enter_context(Prefetched(one.blocks(), PREFETCH_BLOCKS)), one.recycle)
                for one in readers
            ]
            merged = MergedBlocks(blocks)
            sources = " and ".join(str(file.path) for file in group)
            self._selection.start_file()
            for block in merged.blocks():
                rows = self._selection.select(block)
                if len(rows):
                    self._rows.take(block, rows, sources)
                report(sum(one.stream.position for one in readers))
            for file, reader, span in zip(group, readers, merged.spans, strict=True):
                self._finish(file, reader, span)

    @staticmethod
    def _require_one_layout(group: Sequence[RawFile], readers: Sequence[DbnReader]) -> None:
        for file, reader in zip(group, readers, strict=True):
            if reader.dtype != readers[0].dtype:
                raise InputError(
                    f"{group[0].path} and {file.path}: records of different layouts (one with the "
                    "gateway's send time); download both in one way"
                )

    def facts(self) -> dict[str, Any]:
        """Return what a manifest records of the files besides their records."""
        return {
            COVERED_FACT: covered_ranges(self._files, self._date),
            **self._rows.facts(),
            "other_records": {f"0x{k:02X}": n for k, n in sorted(self.other_records.items())},
            "gateway_errors": self.gateway_errors,
        }


def _reported(
    groups: Iterable[list[RawFile]], progress: Callable[[float], None]
) -> Iterator[tuple[list[RawFile], Callable[[int], None]]]:
    # Groups of files, and what takes the bytes that are read of a group.
    sized = [(group, sum(file.bytes for file in group)) for group in groups]
    total = sum(size for _, size in sized) or 1
    before = 0
    for group, size in sized:
        yield group, partial(_report, progress, before, total)
        before += size


def _report(progress: Callable[[float], None], before: int, total: int, position: int) -> None:
    progress((before + position) / total)


def files_of_one_time(files: Sequence[RawFile]) -> list[list[RawFile]]:
    """Return the files in groups: those whose ranges meet, and whose requests differ where they do.

    A symbol that was asked for twice of one time stays apart: its records come twice, which
    `RawPass` refuses. One that was asked for piece by piece, beside another of the whole time, does
    not.

    Parameters
    ----------
    files : sequence of RawFile
        By start of their range.
    """
    groups: list[list[RawFile]] = []
    for file in files:
        asked = set(file.metadata.symbols)
        for group in groups:
            met = [one for one in group if file.covers(one.start, one.end)]
            if met and not any(asked & set(one.metadata.symbols) for one in met):
                group.append(file)
                break
        else:
            groups.append([file])
    return groups
