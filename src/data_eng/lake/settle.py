"""What a run does for a partition that it finds complete: it is on the disk, and alone."""

from __future__ import annotations

import errno
import logging
from pathlib import Path
from typing import Final

from ..errors import LakeBusyError, LakeError
from .claim import hold
from .osio import REAL, sync_folder
from .paths import Partition
from .publish import leftovers, repair

log = logging.getLogger(__name__)

_NEVER_WRITTEN: Final = frozenset({errno.EROFS, errno.EINVAL})


def settle(lake_root: Path, partition: Partition, *, shared: bool = False) -> None:
    """Sync a partition that stands, and remove what a killed run left beside it.

    A run that was killed between its rename and its sync leaves a partition that a loss of power
    may still undo; the run after it tells it as complete, and the next step relies on that. One
    that was killed after its sync may leave the partition that it displaced.

    What cannot be removed is logged and harms nothing; what another process builds meanwhile is
    left to it.

    Raises
    ------
    LakeError
        The sync failed: it is not known whether the partition is on the disk.
    """
    if leftovers(lake_root, partition):
        try:
            with hold(lake_root, partition, 0, shared=shared):
                repair(lake_root, partition)
        except LakeBusyError as busy:
            log.debug("%s", busy)
        except LakeError as error:
            log.warning("%s", error)
    try:
        sync_folder((lake_root / partition.table_folder).absolute(), REAL)
    except OSError as error:
        if error.errno not in _NEVER_WRITTEN:
            raise LakeError(
                f"{partition}: {lake_root / partition.table_folder}: cannot be synced "
                f"({error.strerror}); what a killed run published may not be on the disk: look at "
                "the disk, and run again"
            ) from error
