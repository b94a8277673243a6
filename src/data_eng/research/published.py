"""The partitions that a question means, verified as they are read.

Nothing but ``_SUCCESS`` is opened before the rows are asked for. A table that was rebuilt since the
question was asked is an error, not a mixture.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from ..catalogue.contract import Contract
from ..catalogue.field import Field
from ..catalogue.violation import first_violation
from ..errors import ContractError, LakeError, PartitionNotFoundError
from ..lake.inputs import LEVEL_PARAMETERS
from ..lake.keys import DATE, KEYS, keyed_schema
from ..lake.manifest import Manifest
from ..lake.paths import Partition
from ..lake.reader import PublishedPartition
from ..lake.table import Table, Verify, open_table
from ..parquet.bound import Bound
from .pieces import Piece, Rows

_CELLS: Final = 1 << 23
"""What is read at a time, values: 64 MiB of them, three times while the next are decoded."""

_MANY_COLUMNS: Final = 8
"""Copying so many column chunks takes as long as a reader needs to open one file more."""

_CONSTANTS: Final = {field.name: field.with_nullable(False) for field in KEYS}


@dataclass(frozen=True)
class PublishedTables:
    """Partitions of one dataset.

    Attributes
    ----------
    lake_root : Path
    marks : dict of str
        By what each partition was known when they were found (`mark_of`); not empty.
    verify : str
        As of `lake.table.Table`.
    """

    lake_root: Path
    marks: dict[Partition, str]
    verify: Verify

    @cached_property
    def schema(self) -> pa.Schema:
        """The table contract's columns, then ``symbol`` and ``dt``."""
        return keyed_schema(self.contract.arrow_schema)

    def check(self, *, every: bool = False) -> None:
        """Look at the manifests of the first and the last partition, or of all.

        What was made otherwise mostly was before some day or after it: that is told at once, and
        of the partitions in between when they are read. Errors as of `open`.
        """
        ends = dict.fromkeys((self._first, next(reversed(self.marks))))
        for partition in self.marks if every else ends:
            with PublishedPartition(self.lake_root, partition) as published:
                self._compare(partition, published)

    @contextmanager
    def open(self, partition: Partition) -> Iterator[Table]:
        """Open one of the partitions.

        Raises
        ------
        CorruptPartitionError
            It is not what was published.
        LakeError
            It cannot be read, is not there any more, or was rebuilt.
        ContractError
            It was written under another version of its contract, or made otherwise than the first.
        """
        with open_table(self.lake_root, partition, self.verify) as table:
            self._compare(partition, table.published)
            yield table

    def pieces(
        self,
        columns: Sequence[str],
        wanted: Sequence[Partition],
        where: pc.Expression | Sequence[Bound] | None = None,
        enough: int | None = None,
        *,
        takes_files: bool = False,
    ) -> Generator[Rows, None, None]:
        """Yield columns of partitions in order, many small partitions or a part of a large one.

        Parameters
        ----------
        columns : sequence of str
            Of `schema`; if there is none, ``dt``.
        wanted : sequence of Partition
        where : pyarrow.compute.Expression or sequence of Bound, optional
            Row groups whose statistics contradict it are left out.
        enough : int, optional
            How many rows the first of what is yielded must have.
        takes_files : bool
            Whether small partitions of which most is asked for may come as they are.
        """
        names = columns or [DATE]
        stored = pa.schema([self.schema.field(name) for name in names if name not in _CONSTANTS])
        constants = pa.schema([field for name, field in _CONSTANTS.items() if name in names])
        most = max(1, _CELLS // len(names))
        new = partial(Piece, stored, constants, most if enough is None else min(most, enough))
        takes_files = takes_files and len(stored) >= _MANY_COLUMNS
        piece = new()
        for partition in wanted:
            with self.open(partition) as table:
                row_groups = table.row_groups_for(where)
                if enough is None:
                    table.hold(len(row_groups) * len(stored))
                parts = [(index, table.rows_of(index)) for index in row_groups]
                is_file = takes_files and table.held is not None and len(parts) == table.row_groups
                if is_file:
                    table.check_contract(self.contract)
                for index, rows in [(None, table.rows)] if is_file else parts:
                    if not piece.takes(rows, is_file=is_file):
                        yield piece.confirmed()
                        piece = new()
                    piece.add(table, index)
        if piece.rows:
            yield piece.confirmed(is_last=True)

    def explain(self, partitions: Sequence[Partition]) -> None:
        """Raise the error of a damaged file if an error of another library came from damage."""
        for partition in dict.fromkeys(partitions):
            with self.open(partition) as table:
                table.explain()

    @cached_property
    def _first(self) -> Partition:
        return next(iter(self.marks))

    @cached_property
    def contract(self) -> Contract:
        """The table's contract."""
        return self._first.dataset.contract()

    @cached_property
    def _made(self) -> tuple[Any, ...]:
        with PublishedPartition(self.lake_root, self._first) as published:
            return made_by(published.manifest)

    def _compare(self, partition: Partition, published: PublishedPartition) -> None:
        if published.mark != self.marks[partition]:
            raise LakeError(f"{partition}: was rebuilt since it was asked for; ask again")
        check_contract(partition, published.manifest, self.contract)
        if partition != self._first:
            check_made_alike(partition, published.manifest, self._first, self._made)


def published_manifest(
    partition: Partition, lake_root: Path, contract: Contract
) -> Manifest | None:
    """Return the manifest of a complete partition, None without one; errors as of `check`."""
    try:
        with PublishedPartition(lake_root, partition) as published:
            manifest = published.manifest
    except PartitionNotFoundError:
        return None
    check_contract(partition, manifest, contract)
    return manifest


def check_contract(partition: Partition, manifest: Manifest, contract: Contract) -> None:
    """Raise `ContractError` where rows were written under another version of their contract."""
    if manifest.contract_sha256 != contract.sha256:
        raise ContractError(
            f"{partition}: was written under another version of contract {contract.path}; "
            f"rebuild it with --layer {partition.dataset.layer} --refresh-stale"
        )


def check_rows(partition: Partition, rows: pa.Table) -> None:
    """Raise `ContractError` where rows, of some columns, are none that a stage would have written.

    A manifest and hashes that fit them can be written by whoever may write the lake.
    """
    for field in partition.dataset.contract().fields:
        if field.name not in rows.column_names:
            continue
        column = rows[field.name].combine_chunks()
        found = first_violation(field, column)
        if found is None and pa.types.is_floating(field.type):
            found = _beyond_bounds(field, column)
        if found is not None:
            row, rule = found
            raise ContractError(
                f"{partition}: field {field.name}, row {row}: value {column[row].as_py()!r} "
                f"{rule}; no stage writes that: delete the partition and run its layer again"
            )


def _beyond_bounds(field: Field, column: pa.Array) -> tuple[int, str] | None:
    # A price beyond it has no number of ticks in 32 bits.
    from ..features.book.record_chunk import MOST_DOLLARS  # noqa: PLC0415 - compiled

    prices = pc.greater(pc.abs(column), float(MOST_DOLLARS)) if field.unit == "dollars" else None
    bounds = [(pc.is_inf(column), "is not finite"), (prices, f"is beyond {MOST_DOLLARS:,}")]
    for wrong, rule in bounds:
        row = -1 if wrong is None else pc.index(wrong, True).as_py()
        if row >= 0:
            return row, rule
    return None


def made_by(manifest: Manifest) -> tuple[Any, ...]:
    """Return what rows that are read together have in common: stage, version, level parameters."""
    return manifest.stage, manifest.stage_version, manifest.facts.get(LEVEL_PARAMETERS)


def check_made_alike(
    partition: Partition, manifest: Manifest, first: Partition, made: tuple[Any, ...]
) -> None:
    """Raise `ContractError` where a partition was made otherwise than the first one."""
    # Rows of a 15- and of a 30-minute opening range have the same columns.
    stage, version, parameters = made_by(manifest)
    if (stage, version) != made[:2]:
        what = f"{stage} version {version}"
    elif parameters != made[2]:
        what = f"levels of {parameters}"
    else:
        return
    raise ContractError(
        f"{partition}: made otherwise than {first.date} ({what}); rebuild with --layer all "
        "--refresh-stale, or name dates that belong together"
    )
