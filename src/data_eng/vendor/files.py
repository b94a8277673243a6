"""Which raw files hold a date: told by their headers.

The name tells only of a file whose header cannot be read, and only which dates it leaves alone.
"""

from __future__ import annotations

import datetime as dt
import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from ..catalogue.datasets import Dataset
from ..errors import DbnDecodeError, InputError, NoRawDataError, NoRawFilesError
from ..exchange.sessions import utc_day_ns
from ..lake.folders import entries, is_folder
from ..lake.store import store_at
from .dbn.layout import UNDEF_TIMESTAMP
from .dbn.metadata import DbnMetadata, read_metadata
from .dbn.stream import FileState, RawDigest, RawStream, current_state
from .delivery import MANIFEST_NAME, Delivery, read_delivery

log = logging.getLogger(__name__)

SUFFIXES: Final = (".dbn", ".dbn.zst", ".dbz")
_DATE_IN_NAME: Final = re.compile(r"(?<![0-9])(20[0-9]{2}[01][0-9][0-3][0-9])(?![0-9])")
SIDE_SCHEMA: Final = "definition"
"""Definition files may lie beside the data: they name the contracts of a continuous request."""
_HEADS: Final = (64 << 10, 4 << 20, 64 << 20)
"""Of a file on object storage so many bytes are fetched for its header; more where it is longer."""


@dataclass(frozen=True)
class RawFile:
    """A raw file and its header.

    Attributes
    ----------
    path : Path
        Where it lies.
    relative : str
        Its path below the lake root, as manifests name it.
    metadata : DbnMetadata
        Its header.
    """

    path: Path
    relative: str
    metadata: DbnMetadata

    def covers(self, start_ns: int, end_ns: int) -> bool:
        """Tell whether the range of the header meets ``[start_ns, end_ns)``."""
        return self.metadata.start < end_ns and self.metadata.end > start_ns


@dataclass(frozen=True)
class RawDay:
    """The raw files that hold one date of one symbol.

    Attributes
    ----------
    files : tuple of RawFile
        Data files by start of their range, then by name.
    definitions : tuple of RawFile
        Definition files beside them, of any date.
    condition : str or None
        The vendor's word for the date: available, degraded, pending, missing.
    """

    date: dt.date
    folder: Path
    files: tuple[RawFile, ...]
    definitions: tuple[RawFile, ...]
    condition: str | None

    def verify(self, file: RawFile, digest: RawDigest) -> None:
        """Compare a file that was read with the vendor's manifest, where there is one.

        Raises
        ------
        InputError
            Size or SHA-256 differ.
        """
        expected = read_delivery(file.path.parent).expected(file.path.name)
        if expected is not None and expected != (digest.bytes, digest.sha256):
            raise InputError(
                f"{file.path}: {digest.bytes} bytes with SHA-256 {digest.sha256}; manifest.json "
                f"says {expected[0]} bytes with {expected[1]}; download the file again"
            )

    def deliveries(self) -> Iterator[Delivery]:
        """Yield the side files of each folder that holds a data file."""
        for folder in sorted({file.path.parent for file in self.files}):
            yield read_delivery(folder)


def find_raw_day(
    lake_root: Path, raw: Dataset, symbol: str, date: dt.date, definitions: Dataset | None = None
) -> RawDay:
    """Return the raw files of a date.

    Parameters
    ----------
    lake_root : Path
        The lake.
    raw : Dataset
        A raw dataset.
    symbol : str
        Product root.
    date : datetime.date
        UTC date of the partition.
    definitions : Dataset, optional
        Raw dataset in which definition files are looked for too.

    Raises
    ------
    NoRawDataError
        There is no folder, or no file of it holds the date; names what was looked for.
    LakeError
        A folder on the way cannot be read: which files it holds is not known.
    InputError
        A file's header cannot be read and its name does not say that it is of other dates, it is
        of another schema, or a delivery's manifest names a file of the date that is not there.
    """
    folder = lake_root / raw.folder(symbol)
    found = list(_headers(lake_root, folder, date))
    if not found:
        raise NoRawFilesError(
            f"{folder}: no raw file for {date} (looked for *.dbn and *.dbn.zst there and in its "
            "delivery folders); download the date into it"
        )
    start_ns, end_ns = utc_day_ns(date)
    inside = [file for file in found if file.covers(start_ns, end_ns)]
    data = [file for file in inside if not _is_side(file, raw)]
    for file in data:
        # A live capture names no schema; its records are told apart one by one.
        if file.metadata.schema not in (*raw.schemas, None):
            raise DbnDecodeError(
                str(file.path),
                8,
                f"holds schema {file.metadata.schema}, but table={raw.table} takes "
                f"{', '.join(raw.schemas)}; move it to the folder of its table",
            )
    if not data:
        raise NoRawDataError(
            f"{folder}: none of its {len(found)} raw files (*.dbn, *.dbn.zst) holds {date} by its "
            f"header; they hold {_ranges(found)}; download the date into it"
        )
    _require_whole_deliveries(folder, date)
    beside = [file for file in found if _is_side(file, raw)]
    if definitions is not None:
        beside += _headers(lake_root, lake_root / definitions.folder(symbol), date)
    files = tuple(sorted(data, key=lambda file: (file.metadata.start, file.relative)))
    day = RawDay(date, folder, files, tuple(beside), None)
    words = [word for side in day.deliveries() if (word := side.condition(date)) is not None]
    return RawDay(date, folder, files, tuple(beside), words[0] if words else None)


def has_raw_files(lake_root: Path, raw: Dataset, symbol: str) -> bool:
    """Return whether a raw table of a product root has any file, of whatever date."""
    return bool(raw_paths(lake_root / raw.folder(symbol)))


def raw_paths(folder: Path) -> list[Path]:
    """Return what is named as a raw file in a folder and in its delivery folders, sorted.

    A batch delivery may be dropped in as the folder that the vendor makes. What is hidden is
    passed over; a link that leads nowhere, or a pipe, is not: it is an error when it is read.

    Raises
    ------
    LakeError
        A folder cannot be read: which files it holds is not known.
    """
    inside = _visible(folder)
    delivered = [path for one in inside if is_folder(one) for path in _visible(one)]
    return sorted(
        path
        for path in (*inside, *delivered)
        if path.name.endswith(SUFFIXES) and not is_folder(path)
    )


def _visible(folder: Path) -> list[Path]:
    return [path for path in entries(folder) if not path.name.startswith(".")]


def _is_side(file: RawFile, raw: Dataset) -> bool:
    return file.metadata.schema == SIDE_SCHEMA and SIDE_SCHEMA not in raw.schemas


def _headers(lake_root: Path, folder: Path, date: dt.date) -> Iterator[RawFile]:
    for path in raw_paths(folder):
        relative = path.relative_to(lake_root).as_posix()
        try:
            metadata = _header_now(path)
        except InputError as error:
            # A bad file of one date holds no other back; without a date in its name any may be.
            if not _is_named_for_others(path.name, date):
                raise
            log.debug("%s; by its name it does not hold %s", error, date)
            continue
        yield RawFile(path, relative, metadata)


def _header_now(path: Path) -> DbnMetadata:
    try:
        now = current_state(path)
    except OSError as error:
        raise InputError(
            f"{path}: cannot be read ({error.strerror}); restore it or remove it"
        ) from error
    return _header(path, now)


def _require_whole_deliveries(folder: Path, date: dt.date) -> None:
    # The rest of a date whose download was broken off looks like the whole of it.
    for place in (folder, *(one for one in _visible(folder) if is_folder(one))):
        there = {path.name for path in entries(place)}
        if MANIFEST_NAME not in there:
            continue
        for name in read_delivery(place).files:
            is_there = name in there or name.removesuffix(".zst") in there  # decompressed
            if name.endswith(SUFFIXES) and not is_there and _is_named_for(name, date):
                raise InputError(
                    f"{place / MANIFEST_NAME}: names {name}, which is not there: download it "
                    f"again, or delete {MANIFEST_NAME} to go on without it"
                )


def _is_named_for(name: str, date: dt.date) -> bool:
    # The vendor names a file by its date, or by the first and the last one.
    days = _DATE_IN_NAME.findall(name)
    return bool(days) and min(days) <= date.strftime("%Y%m%d") <= max(days)


def _is_named_for_others(name: str, date: dt.date) -> bool:
    return bool(_DATE_IN_NAME.findall(name)) and not _is_named_for(name, date)


@lru_cache(maxsize=4096)
def _header(path: Path, _now: FileState) -> DbnMetadata:
    # What the file is now is part of the key: one that changed is read again.
    place = store_at(path)
    if place is not None:
        for most in _HEADS:
            head = place.store.fetch_head(place.name, most)
            try:
                with RawStream(head) as stream:
                    return read_metadata(stream)
            except DbnDecodeError as error:
                if head == path or most == _HEADS[-1]:
                    raise DbnDecodeError(str(path), error.offset, error.reason) from error
    with RawStream(path) as stream:
        return read_metadata(stream)


def _ranges(files: list[RawFile]) -> str:
    known = [file.metadata for file in files if 0 < file.metadata.end < UNDEF_TIMESTAMP]
    if not known:
        return "no known range"
    first, last = min(meta.start for meta in known), max(meta.end for meta in known)
    return " to ".join(
        dt.datetime.fromtimestamp(ns // 10**9, dt.UTC).strftime("%Y-%m-%d %H:%M UTC")
        for ns in (first, last)
    )
