"""The partitions that a question means, verified as they are read.

Nothing is opened before the rows are asked for; a table that was rebuilt with other rows since the
question was asked is an error, not a mixture.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pyarrow as pa

from ..errors import LakeError
from ..lake.paths import Partition
from ..lake.table import Table, Verify, keyed_schema, open_table


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

    @cached_property
    def schema(self) -> pa.Schema:
        """The table contract's columns, then ``symbol`` and ``dt``."""
        partition = next(iter(self.contents))
        return keyed_schema(partition.dataset.contract().arrow_schema)

    @contextmanager
    def open(self, partition: Partition) -> Iterator[Table]:
        """Open one of the partitions.

        Raises
        ------
        CorruptPartitionError
            It is not what was published.
        LakeError
            It cannot be read, is not there any more, or was rebuilt with other rows.
        """
        with open_table(self.lake_root, partition, self.verify) as table:
            if table.manifest.content_sha256 != self.contents[partition]:
                raise LakeError(
                    f"{partition}: was rebuilt with other rows since it was asked for; ask again"
                )
            yield table
