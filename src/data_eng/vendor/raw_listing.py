"""The raw files of folders and their headers: each folder is listed, each header read, once.

A plan over years asks for each date which files hold it. What lies in a folder is told as of the
first look of a listing; a run has one, and what is built asks anew.
"""

from __future__ import annotations

import datetime as dt
import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Final

from ..catalogue.datasets import Dataset
from ..errors import InputError
from ..exchange.sessions import utc_day_ns
from ..lake.folders import kinds, names
from ..lake.side_by_side import side_by_side
from ..lake.store import store_of
from .dbn.stream import FileState, RawDigest
from .delivery import MANIFEST_NAME, Delivery, read_delivery
from .raw_file import DAY_NS, RawFile, header_now, header_of, raw_file, state_now
from .raw_headers import KnownFile, RawHeaders
from .raw_index import current_digest

log = logging.getLogger(__name__)

SIDE_SCHEMA: Final = "definition"
"""Definition files may lie beside the data: they name the contracts of a continuous request."""

SUFFIXES: Final = (".dbn", ".dbn.zst", ".dbz")
_DATE_IN_NAME: Final = re.compile(r"(?<![0-9])(20[0-9]{2}[01][0-9][0-3][0-9])(?![0-9])")
_EPOCH: Final = dt.date(1970, 1, 1)
_LONG_DAYS: Final = 400
"""A file of more days is looked at for each date."""


@dataclass
class RawFolder:
    """What a folder of raw files, and the delivery folders in it, hold.

    Attributes
    ----------
    files : tuple of RawFile
        By path.
    unreadable : tuple of (Path, InputError)
        Files whose header cannot be read.
    """

    files: tuple[RawFile, ...]
    unreadable: tuple[tuple[Path, InputError], ...]
    _by_day: dict[int, list[RawFile]] = field(default_factory=dict)
    _long: list[RawFile] = field(default_factory=list)

    def __post_init__(self) -> None:
        for file in self.files:
            if file.days > _LONG_DAYS:
                self._long.append(file)
                continue
            first = file.start // DAY_NS
            for day in range(first, first + file.days):
                self._by_day.setdefault(day, []).append(file)

    @cached_property
    def definitions(self) -> list[RawFile]:
        """The files of definitions, by path."""
        return [one for one in self.files if one.schema == SIDE_SCHEMA]

    def dates(self) -> list[dt.date]:
        """Return the UTC dates that files of at most `_LONG_DAYS` days meet, in order."""
        return [_EPOCH + dt.timedelta(days=day) for day in sorted(self._by_day)]

    def covering(self, date: dt.date) -> list[RawFile]:
        """Return the files whose header's range meets a UTC date, by path."""
        start_ns, end_ns = utc_day_ns(date)
        near = [*self._by_day.get(start_ns // DAY_NS, ()), *self._long]
        return sorted(
            (one for one in near if one.covers(start_ns, end_ns)), key=lambda one: one.path
        )

    def require_readable(self, date: dt.date) -> None:
        """Raise the `InputError` of a file that may hold a date and cannot be read."""
        for path, error in self.unreadable:
            # A bad file of one date holds no other back; without a date in its name any may be.
            if not _is_named_for_others(path.name, date):
                raise error
            log.debug("%s; by its name it does not hold %s", error, date)


class RawListing:
    """The folders of raw files that were looked at.

    Parameters
    ----------
    lake_root : Path
    indexed : bool
        Believe, and keep, the lake's index of headers.
    """

    def __init__(self, lake_root: Path, *, indexed: bool = False) -> None:
        self._lake_root = lake_root
        # On object storage a file is known by its ETag: what lies here may be of before.
        self._is_remote = store_of(lake_root) is not None
        self._index = RawHeaders(lake_root) if indexed and not self._is_remote else None
        self._known: dict[str, tuple[FileState, KnownFile]] = {}
        self._places: dict[tuple[str, str], Path] = {}
        self._folders: dict[Path, RawFolder] = {}
        self._deliveries: dict[Path, Delivery] = {}
        self._digests: dict[tuple[str, bool], RawDigest] = {}
        self._missing: dict[Path, list[tuple[Path, str]]] = {}

    def folder(self, folder: Path) -> RawFolder:
        """Return what a folder holds.

        Raises
        ------
        LakeError
            It, or one in it, cannot be read: which files it holds is not known.
        """
        if folder not in self._folders:
            self._folders[folder] = self._look(folder)
        return self._folders[folder]

    def place(self, raw: Dataset, symbol: str) -> Path:
        """Return the folder of a symbol of a raw dataset: the same object each time."""
        key = raw.key, symbol
        if key not in self._places:
            self._places[key] = self._lake_root / raw.folder(symbol)
        return self._places[key]

    def digest(self, relative: str, *, deep: bool = False) -> RawDigest:
        """Return what a raw file is, as `current_digest`; looked at once."""
        # Definitions are input of every table of options.
        if (relative, deep) not in self._digests:
            now = None if deep else self._known_digest(relative)
            if now is None:
                now = current_digest(self._lake_root, relative, deep=deep)
                self._keep(relative, now)
            self._digests[(relative, deep)] = now
        return self._digests[(relative, deep)]

    def require_whole(self, folder: Path, date: dt.date) -> None:
        """Raise `InputError` where a delivery names a file of a date that is not there."""
        # The rest of a date whose download was broken off looks like the whole of it.
        if folder not in self._missing:
            self._missing[folder] = list(self._named_alone(folder))
        for manifest, name in self._missing[folder]:
            if _is_named_for(name, date):
                raise InputError(
                    f"{manifest}: names {name}, which is not there: download it "
                    f"again, or delete {MANIFEST_NAME} to go on without it"
                )

    def delivery(self, folder: Path) -> Delivery:
        """Return the side files of a folder; raises `InputError` as `read_delivery`."""
        if folder not in self._deliveries:
            self._deliveries[folder] = read_delivery(folder)
        return self._deliveries[folder]

    def _known_digest(self, relative: str) -> RawDigest | None:
        state, known = self._known.get(relative, (None, None))
        if state is None or known is None or known.sha256 is None:
            return None
        return RawDigest(state.bytes, known.sha256, state)

    def _keep(self, relative: str, digest: RawDigest) -> None:
        state, known = self._known.get(relative, (None, None))
        if self._index is None or state is None or known is None or state != digest.state:
            return
        self._index.keep(relative, state, known._replace(sha256=digest.sha256))

    def _look(self, folder: Path) -> RawFolder:
        files, unreadable = [], []
        place = folder.relative_to(self._lake_root).as_posix()
        paths = raw_paths(folder)
        if self._is_remote:
            side_by_side(header_now, paths)
        for path in paths:
            try:
                files.append(self._file(path, f"{place}{str(path)[len(str(folder)) :]}"))
            except InputError as error:
                unreadable.append((path, error))
        return RawFolder(tuple(files), tuple(unreadable))

    def _file(self, path: Path, relative: str) -> RawFile:
        if self._index is None:
            return raw_file(path, relative, header_now(path))
        state = state_now(path)
        known = self._index.find(relative, state)
        if known is None:
            header = header_of(path, state)
            known = KnownFile(header.schema, header.start, header.end, None)
            self._index.keep(relative, state, known)
        self._known[relative] = state, known
        return RawFile(path, relative, known.schema, known.start, known.end)

    def _named_alone(self, folder: Path) -> Iterator[tuple[Path, str]]:
        places = (folder, *(one for one, is_place in _visible(folder) if is_place))
        inside = {one: set(names(one)) for one in places}
        delivered = [one for one in places if MANIFEST_NAME in inside[one]]
        if self._is_remote:
            side_by_side(self.delivery, delivered)
        for place in delivered:
            there = inside[place]
            for name in self.delivery(place).files:
                is_there = name in there or name.removesuffix(".zst") in there  # decompressed
                if name.endswith(SUFFIXES) and not is_there:
                    yield place / MANIFEST_NAME, name


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
    delivered = [found for one, is_place in inside if is_place for found in _visible(one)]
    return sorted(
        path
        for path, is_place in (*inside, *delivered)
        if not is_place and path.name.endswith(SUFFIXES)
    )


def _visible(folder: Path) -> list[tuple[Path, bool]]:
    return [found for found in kinds(folder) if not found[0].name.startswith(".")]


def _is_named_for(name: str, date: dt.date) -> bool:
    # The vendor names a file by its date, or by the first and the last one.
    days = _DATE_IN_NAME.findall(name)
    return bool(days) and min(days) <= date.strftime("%Y%m%d") <= max(days)


def _is_named_for_others(name: str, date: dt.date) -> bool:
    return bool(_DATE_IN_NAME.findall(name)) and not _is_named_for(name, date)
