"""What a run does for a partition that it finds complete: it is on the disk, and alone."""

from __future__ import annotations

import contextlib
import datetime as dt
import errno
import logging
import os
from pathlib import Path
from typing import Final

from ..errors import LakeBusyError, LakeError
from .claim import hold
from .folders import lies_at
from .osio import REAL, sync_folder
from .paths import Partition, leftover_date, partition_date, tombstone_dates
from .publish import repair
from .store import store_of

log = logging.getLogger(__name__)

_NEVER_WRITTEN: Final = frozenset({errno.EROFS, errno.EINVAL})


class Settled:
    """What a run has settled: the folder of a table is listed and synced once, not for each date.

    A partition counts as settled while its folder is the one that was there before that sync.
    """

    def __init__(self) -> None:
        self._inodes: dict[tuple[str, str], dict[dt.date, int]] = {}

    def __contains__(self, where: tuple[Path, Partition]) -> bool:
        lake_root, partition = where
        inode = self.of(partition).get(partition.date)
        if inode is None:
            return False
        try:
            return os.stat(f"{lake_root}/{partition.path}").st_ino == inode
        except OSError:
            return False

    def of(self, partition: Partition) -> dict[dt.date, int]:
        """Return what was noted of the table of a partition."""
        return self._inodes.get(_table(partition), {})

    def note(self, partition: Partition, inodes: dict[dt.date, int]) -> None:
        """Note the partitions of a table that were there, and alone, before it was synced."""
        self._inodes[_table(partition)] = inodes


def settle(
    lake_root: Path,
    partition: Partition,
    settled: Settled | None = None,
    *,
    shared: bool = False,
) -> None:
    """Sync a partition that stands, and remove what a killed run left beside it.

    A run that was killed between its rename and its sync leaves a partition that a loss of power
    may still undo; the run after it tells it as complete, and the next step relies on that. One
    that was killed after its sync may leave the partition that it displaced, or its tombstone.

    What cannot be removed is logged and harms nothing; what another process builds meanwhile is
    left to it.

    Raises
    ------
    LakeError
        The sync failed: it is not known whether the partition is on the disk.
    """
    if settled is not None and (lake_root, partition) in settled:
        return
    if store_of(lake_root) is not None:
        # What was put is there to stay, and what lies beside it is the next build's.
        if lies_at(lake_root / partition.tombstone):
            _repair(lake_root, partition, shared=shared)
        return
    inodes, unclean = _look(lake_root, partition)
    if partition.date in unclean:
        _repair(lake_root, partition, shared=shared)
    try:
        sync_folder((lake_root / partition.table_folder).absolute(), REAL)
    except OSError as error:
        if error.errno not in _NEVER_WRITTEN:
            raise LakeError(
                f"{partition}: {lake_root / partition.table_folder}: cannot be synced "
                f"({error.strerror}); what a killed run published may not be on the disk: look at "
                "the disk, and run again"
            ) from error
        return
    if settled is not None:
        settled.note(partition, inodes)


def settled_dates(
    lake_root: Path, partition: Partition, settled: Settled, *, shared: bool = False
) -> frozenset[dt.date]:
    """Settle a partition; return the dates of its table and symbol that are settled with it.

    Raises
    ------
    LakeError
        As `settle`.
    """
    settle(lake_root, partition, settled, shared=shared)
    now, _ = _look(lake_root, partition)
    before = settled.of(partition)
    return frozenset(date for date, inode in now.items() if before.get(date) == inode)


def _repair(lake_root: Path, partition: Partition, *, shared: bool) -> None:
    try:
        with hold(lake_root, partition, 0, shared=shared):
            repair(lake_root, partition)
    except LakeBusyError as busy:
        log.debug("%s", busy)
    except LakeError as error:
        log.warning("%s", error)


def _look(lake_root: Path, partition: Partition) -> tuple[dict[dt.date, int], set[dt.date]]:
    # The inodes of the partitions that are alone, and the dates that have something beside.
    unclean = tombstone_dates((lake_root / partition.tombstone).parent)
    inodes: dict[dt.date, int] = {}
    # One that cannot be read cannot be synced either, and that is told.
    with contextlib.suppress(OSError), os.scandir(lake_root / partition.table_folder) as found:
        for one in found:
            date = leftover_date(one.name)
            if date is not None:
                unclean.add(date)
            elif (date := partition_date(one.name)) is not None:
                inodes[date] = one.inode()
    return {date: inode for date, inode in inodes.items() if date not in unclean}, unclean


def _table(partition: Partition) -> tuple[str, str]:
    return partition.dataset.key, partition.symbol
