"""The partitions that a question means, read one after the other and verified as they are read.

Nothing is opened before the rows are asked for; a table that was rebuilt with other rows since the
question was asked is an error, not a mixture.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from ..errors import LakeError
from ..lake.paths import Partition
from ..lake.table import Verify, keyed_schema, open_table


@dataclass(frozen=True)
class PublishedTables:
    """Partitions of one dataset.

    Attributes
    ----------
    lake_root : Path
    contents : dict of str
        Content hash by partition, as it was when they were found.
    verify : str
        As of `lake.table.Table`.
    """

    lake_root: Path
    contents: dict[Partition, str]
    verify: Verify

    @property
    def schema(self) -> pa.Schema:
        """The table contract's columns, then ``symbol`` and ``dt``."""
        partition = next(iter(self.contents))
        return keyed_schema(partition.dataset.contract().arrow_schema)

    def batches(
        self,
        columns: Sequence[str],
        where: pc.Expression | None = None,
        *,
        only: bool = True,
        wants: Callable[[Partition], bool] = lambda _: True,
    ) -> Iterator[pa.RecordBatch]:
        """Yield the rows by date.

        Parameters
        ----------
        columns, where, only
            As of `lake.table.Table.batches`.
        wants : callable
            Which partitions are read; the others are not opened.

        Raises
        ------
        CorruptPartitionError
            What is read of a partition is not what was published.
        LakeError
            A partition cannot be read, is not there any more, or was rebuilt with other rows.
        """
        for partition, content in self.contents.items():
            if not wants(partition):
                continue
            with open_table(self.lake_root, partition, self.verify) as table:
                if table.manifest.content_sha256 != content:
                    raise LakeError(
                        f"{partition}: was rebuilt with other rows since it was asked for; "
                        "ask again"
                    )
                yield from table.batches(columns, where, only=only)
