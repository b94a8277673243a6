"""Partitions that were removed on purpose: what stays of one is its summary.

``{lake}/.removed/{dataset}/{symbol}/{dt}.json`` is written before the partition goes (`removal`),
and goes once the partition is published again. Where both are there, the partition counts.
"""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path
from typing import Any, Final

from ..errors import CorruptPartitionError, LakeError
from .folders import lies_at
from .osio import OsIo, make_folders, sync_folder, write_synced
from .paths import Partition
from .regular import read_regular, too_large
from .removed import is_in_place
from .store import at_hand, store_of
from .summary import Summary, summary_from

SCHEMA_VERSION: Final = 1


def read_tombstone(lake_root: Path, partition: Partition) -> Summary | None:
    """Return what a tombstone says, None where there is none or the partition is there.

    Raises
    ------
    CorruptPartitionError
        It is malformed, or another partition's.
    LakeError
        It cannot be read.
    """
    path = lake_root / partition.tombstone
    try:
        data = read_regular(str(at_hand(path)))
    except OSError as error:
        if too_large(error):
            raise _malformed(partition, path, error.strerror) from error
        if isinstance(error, FileNotFoundError | NotADirectoryError) and not lies_at(path):
            return None
        raise LakeError(
            f"{path}: cannot be read ({error.strerror}); let the user of this run read it"
        ) from error
    if is_in_place(lake_root, partition):
        return None
    try:
        body = json.loads(data)
        version = body.pop("schema_version")
        if version != SCHEMA_VERSION:
            raise ValueError(f"schema version {version}")
        found = summary_from(body)
        said = (found.dataset, found.symbol, found.dt)
        if said != (partition.dataset.key, partition.symbol, partition.date.isoformat()):
            raise ValueError(f"that of {' '.join(said)}")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise _malformed(partition, path, error) from error
    return found


def _malformed(partition: Partition, path: Path, reason: object) -> CorruptPartitionError:
    return CorruptPartitionError(
        f"{partition}: {path}: the tombstone is malformed ({reason}); delete it, and run the "
        f"layer {partition.dataset.layer} of the date again"
    )


def tombstone_body(summary: Summary) -> bytes:
    """Return what the tombstone of a partition holds."""
    body: dict[str, Any] = {"schema_version": SCHEMA_VERSION, **summary.to_json()}
    return (json.dumps(body, indent=2, sort_keys=True) + "\n").encode()


def write_tombstone(lake_root: Path, partition: Partition, summary: Summary, osio: OsIo) -> None:
    """Write and sync a tombstone; the caller holds the partition's lock. Raises `OSError`."""
    path = lake_root.absolute() / partition.tombstone
    make_folders(path.parent, osio, below=lake_root.absolute())
    temporary = _temporary(path)
    if os.path.lexists(temporary):  # of a killed run
        osio.unlink(str(temporary))
    write_synced(temporary, tombstone_body(summary), osio)
    osio.rename(str(temporary), str(path))
    sync_folder(path.parent, osio)


def tidy_tombstone(lake_root: Path, partition: Partition, osio: OsIo) -> None:
    """Remove a tombstone beside its partition; the caller holds the lock."""
    store = store_of(lake_root)
    if store is None:
        stands = (lake_root / partition.folder).exists()
    else:
        # Asked only where a tombstone was listed: a build without one makes no request more.
        stands = store.sees(partition.tombstone.as_posix()) and is_in_place(lake_root, partition)
    if stands:
        drop_tombstone(lake_root, partition, osio)


def drop_tombstone(lake_root: Path, partition: Partition, osio: OsIo) -> None:
    """Remove the tombstone of a partition that is there again; the caller holds its lock.

    One that stays harms nothing: the partition counts, and the next `repair` removes it.
    """
    store = store_of(lake_root)
    if store is not None:
        name = partition.tombstone.as_posix()
        with contextlib.suppress(LakeError):
            if store.sees(name):
                store.remove_tombstone(name)
        return
    path = lake_root.absolute() / partition.tombstone
    for one in (path, _temporary(path)):
        if os.path.lexists(one):
            with contextlib.suppress(OSError):
                osio.unlink(str(one))


def _temporary(path: Path) -> Path:
    return path.with_name(f".tmp-{path.name}")
