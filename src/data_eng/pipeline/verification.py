"""What is wrong in a lake: every file of it is looked at, and each fault is named.

1. Each partition: ``_SUCCESS``, manifest, sizes, rows, the SHA-256 of its data and of its footer,
   files that do not belong there, and whether what it was made from is there as it was.
2. Each folder between the lake's root and its partitions: whatever a stage never writes.
3. With ``deep`` also the raw files that manifests name, and each table's schema.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from ..catalogue.datasets import registry
from ..errors import DataEngError, InputError, LakeError
from ..lake.folders import entries, is_folder
from ..lake.manifest import RawInput
from ..lake.paths import (
    MANIFEST,
    PART,
    SUCCESS,
    TEMPORARY_PREFIX,
    partition_date,
    table_folders,
)
from ..lake.reader import PublishedPartition
from ..lake.table import Table
from ..settings import Settings
from ..vendor.dbn.stream import current_state
from ..vendor.raw_index import current_digest
from .inventory import Found, State

OWN: Final = frozenset({PART, MANIFEST, SUCCESS})


class Kind(StrEnum):
    """What sort of fault."""

    DAMAGED = "damaged"
    FOREIGN = "foreign"
    LEFTOVER = "leftover"
    STALE = "stale"
    RAW = "raw file"


@dataclass(frozen=True)
class Fault:
    """Something that is not as a run leaves it.

    Attributes
    ----------
    kind : Kind
    where : str
        The partition, or a path below the lake root.
    reason : str
        What is wrong, and what to do.
    """

    kind: Kind
    where: str
    reason: str


IS_BAD: Final = frozenset({Kind.DAMAGED, Kind.FOREIGN, Kind.STALE, Kind.RAW})
"""What `verify` fails for; a leftover of a killed run is told and harms nothing."""


def partition_faults(
    settings: Settings, found: Sequence[Found], progress: Callable[[], None] = lambda: None
) -> Iterator[Fault]:
    """Yield the faults of partitions, in their order; data are hashed by several threads.

    Parameters
    ----------
    settings : Settings
        ``workers`` says how many threads, ``deep`` whether schemas are looked at too.
    found : sequence of Found
    progress : callable
        Called after each partition.
    """
    with ThreadPoolExecutor(max(settings.workers, 1), "verify") as pool:
        for faults in pool.map(lambda one: _faults_of(settings, one), found):
            progress()
            yield from faults


def raw_faults(settings: Settings, found: Sequence[Found]) -> Iterator[Fault]:
    """Yield the raw files that are not what manifests say; archived ones contradict nothing."""
    named: dict[str, RawInput] = {}
    for one in found:
        if one.summary is not None and one.state is not State.REMOVED:
            inputs = (item for item in one.summary.inputs if isinstance(item, RawInput))
            named.update({item.path: item for item in inputs})
    for path, was in sorted(named.items()):
        if not _is_there(settings.lake_root / path):
            continue
        try:
            now = current_digest(settings.lake_root, path, deep=True)
        except InputError as error:
            yield Fault(Kind.RAW, path, str(error))
            continue
        if (now.bytes, now.sha256) != (was.bytes, was.sha256):
            yield Fault(
                Kind.RAW,
                path,
                f"{now.bytes} bytes with SHA-256 {now.sha256}, not the {was.bytes} bytes with "
                f"{was.sha256} that were read; restore it, or run with --refresh-stale",
            )


def foreign_faults(lake_root: Path, found: Sequence[Found]) -> Iterator[Fault]:
    """Yield what lies in the layers and is neither a partition nor on the way to one."""
    known = {str(one.partition.folder) for one in found}
    parents = _on_the_way(lake_root)
    for layer in ("bronze", "silver", "gold"):
        yield from _foreign(lake_root, layer, known, parents)


def _on_the_way(lake_root: Path) -> set[str]:
    # Folders that lead to a table of today, with partitions or not yet: a build makes them first.
    found: set[Path] = set()
    for table in registry().values():
        found.update(Path(table.path).parents)
        for _, folder in table_folders(lake_root, table):
            place = folder.relative_to(lake_root)
            found.update((place, *place.parents))
    return {str(one) for one in found}


def _foreign(lake_root: Path, place: str, known: set[str], parents: set[str]) -> Iterator[Fault]:
    try:
        names = [one.name for one in entries(lake_root / place)]
    except LakeError as error:
        yield Fault(Kind.DAMAGED, place, str(error))
        return
    for name in names:
        path = f"{place}/{name}"
        if path in known:
            continue
        if path in parents and is_folder(lake_root / path):
            yield from _foreign(lake_root, path, known, parents)
        elif name.startswith(TEMPORARY_PREFIX):
            told = "of a build under way or of a killed one, whose next build removes it"
            yield Fault(Kind.LEFTOVER, path, told)
        elif partition_date(name) is None or not is_folder(lake_root / path):
            yield Fault(Kind.FOREIGN, path, "no stage writes it; move it out of the lake")
        else:
            yield Fault(Kind.FOREIGN, path, "no partition of a table of today; remove it")


def _is_there(path: Path) -> bool:
    try:
        current_state(path)
    except OSError:
        return False
    return True


def _faults_of(settings: Settings, found: Found) -> list[Fault]:
    where = str(found.partition)
    if found.state is State.DAMAGED:
        return [Fault(Kind.DAMAGED, where, found.reason)]
    faults = []
    try:
        with PublishedPartition(settings.lake_root, found.partition) as published:
            published.verify()
            _check_table(published, deep=settings.deep)
            names = set(published.names())
        faults += [
            Fault(Kind.FOREIGN, where, f"{name} does not belong there; remove it")
            for name in sorted(names - OWN)
        ]
    except DataEngError as error:
        faults.append(Fault(Kind.DAMAGED, where, str(error)))
    except OSError as error:
        faults.append(Fault(Kind.DAMAGED, where, f"cannot be read ({error.strerror})"))
    if found.state is State.STALE:
        faults.append(Fault(Kind.STALE, where, f"{found.reason}; run with --refresh-stale"))
    return faults


def _check_table(published: PublishedPartition, *, deep: bool) -> None:
    # By the footer alone: readers of a few pages rely on its hash, and plans on the rows.
    manifest = published.manifest
    table = Table(published)
    try:
        if not table.rows == manifest.rows == sum(entry.rows for entry in manifest.files):
            raise published.corrupt(f"has {table.rows} rows, not those that the manifest says")
        if deep:
            table.check_contract()
    finally:
        table.close()
