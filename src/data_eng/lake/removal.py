"""Remove a complete partition on purpose: after any kill it stands, or its tombstone does.

1. `repair` removes what a killed run left; a partition that is not complete is refused.
2. The tombstone is written, synced, and so is its folder.
3. One rename makes the partition a leftover, and the table's folder is synced: only then are its
   files deleted, which could else reach the disk ahead of the rename.

Of a lake on object storage `objects.removal` has the steps.
"""

from __future__ import annotations

import contextlib
from pathlib import Path

from ..errors import LakeError
from .osio import REAL, OsIo, sync_folder
from .paths import Partition
from .publish import remove_tree, repair
from .reader import PublishedPartition
from .store import store_of
from .summary import Summary, summary_of
from .tombstone import tombstone_body, write_tombstone


def remove_partition(lake_root: Path, partition: Partition, osio: OsIo = REAL) -> Summary:
    """Remove a complete partition and leave its tombstone; return what it says.

    The caller holds the partition's lock, on object storage its claim too.

    Raises
    ------
    PartitionNotFoundError, CorruptPartitionError
        It is not there, or not whole: nothing was removed.
    LakeError
        The lake cannot be written; either the partition stands or its tombstone does.
    """
    repair(lake_root, partition, osio)
    with PublishedPartition(lake_root, partition) as published:
        summary, mark = summary_of(published.manifest, published.manifest_sha256), published.mark
    store = store_of(lake_root)
    if store is not None:
        name = partition.tombstone.as_posix()
        store.remove(partition.folder.as_posix(), mark, name, tombstone_body(summary))
        return summary
    target = lake_root.absolute() / partition.folder
    aside = lake_root.absolute() / partition.new_temporary()
    try:
        write_tombstone(lake_root, partition, summary, osio)
        osio.rename(str(target), str(aside))
        sync_folder(target.parent, osio)
    except OSError as error:
        raise LakeError(
            f"{partition}: {error.filename or target}: cannot be removed ({error.strerror}); check "
            "that the lake root can be written, and run again"
        ) from error
    with contextlib.suppress(OSError):  # what stays is removed by the next `clean`
        remove_tree(aside, osio)
    return summary
