"""What can go from a lake: leftovers of killed runs, lock files that nobody holds, old partitions.

Nothing goes that is in use: a partition's lock is taken before anything of it is removed.
"""

from __future__ import annotations

import datetime as dt
import os
import stat
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from ..catalogue.datasets import Dataset
from ..errors import LakeBusyError, LakeError
from ..exchange.symbols import root_of
from ..lake.claim import hold
from ..lake.folders import names
from ..lake.lock import lake_lock
from ..lake.osio import REAL
from ..lake.paths import (
    LOCKS,
    NOTE_PREFIX,
    Partition,
    leftover_date,
    partition_date,
    table_folders,
)
from ..lake.publish import remove_tree, repair
from ..lake.removal import remove_partition
from ..lake.store import Store, store_of
from ..stages.reads import ReadEarlier
from ..stages.registry import registered_stages
from .inventory import Found, State

GRACE_S: Final = 6 * 3600.0
"""How long nothing of a leftover must have changed; a run on another host may hold no lock here."""


class Kind(StrEnum):
    """What sort of leftover."""

    TEMPORARY = "temporary folder"
    TOMBSTONE = "half-written tombstone"
    LOCK = "lock file"
    UNFINISHED = "unfinished partition"  # on object storage, as a claim
    CLAIM = "claim"
    NOTE = "note of a killed Dask run"
    PROBE = "probe of a killed run"  # of object storage: what it can, or its clock


@dataclass(frozen=True)
class Leftover:
    """Something that no run uses any more.

    Attributes
    ----------
    kind : Kind
    path : str
        Below the lake root.
    bytes : int
    age_s : float
        Since the last change of it or of a file in it, seconds.
    partition : Partition or None
        Whose it is; None for what is of the whole lake.
    """

    kind: Kind
    path: str
    bytes: int
    age_s: float
    partition: Partition | None = None


def find_leftovers(
    lake_root: Path, tables: Sequence[Dataset], older_than_s: float
) -> Iterator[Leftover]:
    """Yield what killed runs left of some tables, all notes and lock files, of at least an age.

    Of a lake on object storage that is what lies there, by the store's clock, and what lies in its
    mirror on this host.
    """
    store = store_of(lake_root)
    for table in tables:
        for symbol, folder in table_folders(lake_root, table):
            if store is not None:
                yield from _unfinished(store, table, symbol, older_than_s)
            graves = (lake_root / Partition(table, symbol, dt.date.min).tombstone).parent
            inside = names(folder) if store is None else _local_names(folder)
            places = [(folder / name, Kind.TEMPORARY) for name in inside]
            places += [(graves / name, Kind.TOMBSTONE) for name in names(graves)]
            for path, kind in places:
                date = leftover_date(path.name)
                if date is not None:
                    one = Partition(table, symbol, date)
                    yield from _aged(lake_root, path, kind, older_than_s, one)
    for name in names(lake_root) if store is None else ():
        if name.startswith(NOTE_PREFIX):
            yield from _aged(lake_root, lake_root / name, Kind.NOTE, older_than_s)
    if store is not None:
        yield from _notes(store, older_than_s)
    for name in names(lake_root / LOCKS):
        yield from _aged(lake_root, lake_root / LOCKS / name, Kind.LOCK, older_than_s)


def remove_leftover(lake_root: Path, leftover: Leftover, *, shared: bool) -> str:
    """Remove a leftover; return why it stays, empty where it is gone.

    A claim of a run that is gone is taken over, which the server's clock allows, and given back.

    Raises
    ------
    LakeError
        It cannot be removed.
    """
    path, of = lake_root.absolute() / leftover.path, leftover.partition
    held: AbstractContextManager[object] = nullcontext()
    if of is not None:
        held = hold(lake_root, of, 0, shared=shared)
    elif leftover.kind is Kind.LOCK:
        held = lake_lock(lake_root, path.name, 0)
    try:
        with held:
            store = store_of(lake_root)
            if of is not None:
                repair(lake_root, of)
            if store is not None and leftover.kind is Kind.UNFINISHED:
                store.remove_unfinished(leftover.path)
            if store is not None and leftover.kind in (Kind.NOTE, Kind.PROBE):
                store.remove_note(leftover.path)
            elif of is None or leftover.kind is Kind.TOMBSTONE:
                # Who waits for a lock file that is gone makes another one.
                remove_tree(path, REAL)
    except LakeBusyError:
        return "in use"
    except OSError as error:
        raise LakeError(
            f"{path}: cannot be removed ({error.strerror}); check that the lake root can be "
            "written, and run again"
        ) from error
    return ""


@dataclass(frozen=True)
class Removable:
    """A partition that was asked for, and why it stays.

    Attributes
    ----------
    found : Found
    kept : str
        Empty where it can go.
    """

    found: Found
    kept: str = ""


def removable(found: Sequence[Found], latest: dict[tuple[str, str], dt.date]) -> list[Removable]:
    """Return partitions with why they stay, those that are missing or removed already left out.

    Parameters
    ----------
    found : sequence of Found
    latest : dict
        The last date of each table and product root, of which the next ones are history.
    """
    history = {
        (key, root): _history(key, last + dt.timedelta(days=1))
        for (key, root), last in latest.items()
    }
    told = []
    for one in found:
        if one.state in (State.MISSING, State.REMOVED):
            continue
        where = one.partition
        kept = ""
        if one.state is not State.COMPLETE:
            kept = f"it is {one.state}: what is made of it would count as current"
        elif where.date in history.get((where.dataset.key, root_of(where.symbol)), ()):
            kept = "the next session reads it as history"
        told.append(Removable(one, kept))
    return told


def remove(lake_root: Path, partition: Partition, *, shared: bool) -> str:
    """Remove a complete partition and leave its tombstone; return why it stays, as above.

    Raises
    ------
    LakeError
        It is not whole, or cannot be removed.
    """
    try:
        with hold(lake_root, partition, 0, shared=shared):
            remove_partition(lake_root, partition)
    except LakeBusyError:
        return "in use"
    return ""


def _history(key: str, next_date: dt.date) -> set[dt.date]:
    # The sessions of a table that stages of the next date read.
    reads = [one for stage in registered_stages() for one in stage.reads if one.key == key]
    earlier = [one for one in reads if isinstance(one, ReadEarlier)]
    return {day for one in earlier for day in one.dates(next_date)}


def _unfinished(
    store: Store, table: Dataset, symbol: str, older_than_s: float
) -> Iterator[Leftover]:
    for one in store.unfinished(table.folder(symbol).as_posix()):
        age_s = (store.now() - one.modified).total_seconds()
        date = partition_date(one.folder.rpartition("/")[2])
        if age_s >= older_than_s and date is not None:
            kind = Kind.CLAIM if one.is_claim else Kind.UNFINISHED
            yield Leftover(kind, one.folder, one.bytes, age_s, Partition(table, symbol, date))


def _notes(store: Store, older_than_s: float) -> Iterator[Leftover]:
    for one in store.passing_notes():
        age_s = (store.now() - one.modified).total_seconds()
        if age_s >= older_than_s:
            kind = Kind.NOTE if one.name.startswith(NOTE_PREFIX) else Kind.PROBE
            yield Leftover(kind, one.name, one.bytes, age_s)


def _local_names(folder: Path) -> list[str]:
    try:
        return sorted(os.listdir(folder))
    except OSError:
        return []


def _aged(
    lake_root: Path, path: Path, kind: Kind, older_than_s: float, partition: Partition | None = None
) -> Iterator[Leftover]:
    try:
        files = [path, *(path / name for name in os.listdir(path))] if path.is_dir() else [path]
        states = [one.lstat() for one in files]
    except OSError:
        return  # it is gone, or on its way
    age_s = time.time() - max(one.st_mtime for one in states)
    if age_s >= older_than_s:
        size = sum(one.st_size for one in states if stat.S_ISREG(one.st_mode))
        relative = path.relative_to(lake_root).as_posix()
        yield Leftover(kind, relative, size, age_s, partition)
