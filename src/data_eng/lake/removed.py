"""Whether a partition was removed on purpose: its tombstone is there, and nothing in its place."""

from __future__ import annotations

import os
from pathlib import Path

from .folders import lies_at
from .paths import SUCCESS, Partition
from .store import store_of


def is_in_place(lake_root: Path, partition: Partition) -> bool:
    """Tell whether something lies where a partition does: it counts then, and not its tombstone.

    On object storage that is ``_SUCCESS`` alone: a removal deletes it first, and a build puts it
    last.
    """
    store = store_of(lake_root)
    if store is not None:
        return store.state(f"{partition.path}/{SUCCESS}") is not None
    return os.path.lexists(lake_root / partition.folder)


def is_removed(lake_root: Path, partition: Partition) -> bool:
    """Tell whether a partition has a tombstone that counts."""
    return lies_at(lake_root / partition.tombstone) and not is_in_place(lake_root, partition)
