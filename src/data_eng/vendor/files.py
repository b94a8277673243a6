"""Which raw files hold a date: told by their headers.

The name tells only of a file whose header cannot be read, and only which dates it leaves alone.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..catalogue.datasets import Dataset
from ..errors import DbnDecodeError, InputError, NoRawDataError, NoRawFilesError
from ..words import counted
from .dbn.layout import UNDEF_TIMESTAMP
from .dbn.stream import RawDigest
from .delivery import Delivery, read_delivery
from .raw_file import RawFile
from .raw_listing import SIDE_SCHEMA, RawListing, raw_paths


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
    lake_root: Path,
    raw: Dataset,
    symbol: str,
    date: dt.date,
    definitions: Dataset | None = None,
    listing: RawListing | None = None,
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
    listing : RawListing, optional
        Of a run that asks for many dates; by default the folders are looked at anew.

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
    listing = RawListing(lake_root) if listing is None else listing
    folder = listing.place(raw, symbol)
    here = listing.folder(folder)
    here.require_readable(date)
    found = here.files
    if not found:
        raise NoRawFilesError(
            f"{folder}: no raw file for {date} (looked for *.dbn and *.dbn.zst there and in its "
            "delivery folders); download the date into it"
        )
    data = [file for file in here.covering(date) if not _is_side(file, raw)]
    for file in data:
        # A live capture names no schema; its records are told apart one by one.
        if file.schema not in (*raw.schemas, None):
            raise DbnDecodeError(
                str(file.path),
                8,
                f"holds schema {file.schema}, but table={raw.table} takes "
                f"{', '.join(raw.schemas)}; move it to the folder of its table",
            )
    if not data:
        raise NoRawDataError(
            f"{folder}: no raw file (*.dbn, *.dbn.zst) holds {date} by its header; "
            f"{counted(len(found), 'file')} there, of {_ranges(found)}; download the date into it"
        )
    listing.require_whole(folder, date)
    beside = [] if SIDE_SCHEMA in raw.schemas else list(here.definitions)
    if definitions is not None:
        there = listing.folder(listing.place(definitions, symbol))
        there.require_readable(date)
        beside += there.files
    files = tuple(sorted(data, key=lambda file: (file.start, file.relative)))
    places = sorted({file.folder for file in files})
    sides = (listing.delivery(place) for place in places)
    words = [word for side in sides if (word := side.condition(date)) is not None]
    return RawDay(date, folder, files, tuple(beside), words[0] if words else None)


def has_raw_files(lake_root: Path, raw: Dataset, symbol: str) -> bool:
    """Return whether a raw table of a product root has any file, of whatever date."""
    return bool(raw_paths(lake_root / raw.folder(symbol)))


def _is_side(file: RawFile, raw: Dataset) -> bool:
    return file.schema == SIDE_SCHEMA and SIDE_SCHEMA not in raw.schemas


def _ranges(files: Sequence[RawFile]) -> str:
    known = [file for file in files if 0 < file.end < UNDEF_TIMESTAMP]
    if not known:
        return "no known range"
    first, last = min(one.start for one in known), max(one.end for one in known)
    return " to ".join(
        dt.datetime.fromtimestamp(ns // 10**9, dt.UTC).strftime("%Y-%m-%d %H:%M UTC")
        for ns in (first, last)
    )
