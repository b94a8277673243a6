"""The inputs of one run of a stage: named, open, verified, closed."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from ..catalogue.datasets import dataset
from ..errors import ContractError, PartitionNotFoundError
from ..exchange.symbols import root_of
from ..lake.front import contract_of_date
from ..lake.inputs import InputTable
from ..lake.manifest import AbsentInput, Input, RawInput
from ..lake.paths import Partition
from ..lake.view import LakeView
from ..settings import Settings
from ..vendor.dbn.stream import RawDigest
from ..vendor.files import RawDay
from ..vendor.raw_file import RawFile
from ..vendor.raw_index import remember
from ..vendor.raw_listing import RawListing
from .left_out import why_left_out
from .reads import Declared, Read, ReadEarlier

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class EarlierSession:
    """A table of one earlier session.

    Attributes
    ----------
    date : datetime.date
    table : InputTable or None
        None where the session has no complete partition of it.
    """

    date: dt.date
    table: InputTable | None


@dataclass
class RawInputs:
    """Raw files of a date: those that rows are made from, and what they were when read.

    Attributes
    ----------
    day : RawDay
        Of the stage's own raw table.
    beside : tuple of RawFile
        Other files that decide what the rows are: definitions.
    digests : dict
        What each file was when it was read, by lake-relative path; filled by the transform.
    """

    day: RawDay
    beside: tuple[RawFile, ...] = ()
    digests: dict[str, RawDigest] = field(default_factory=dict)

    def files(self) -> tuple[RawFile, ...]:
        """Return every file once, in the order of the manifest."""
        return tuple({one.relative: one for one in (*self.day.files, *self.beside)}.values())

    def current(self, settings: Settings, listing: RawListing) -> tuple[RawInput, ...]:
        """Return the files as they are now; without ``deep`` those that look the same are."""
        now = [
            (one.relative, listing.digest(one.relative, deep=settings.deep)) for one in self.files()
        ]
        return tuple(RawInput(path, digest.bytes, digest.sha256) for path, digest in now)

    def entries(self, lake_root: Path) -> tuple[RawInput, ...]:
        """Return the files as they were read; raises `InputError` where the vendor says else."""
        read = [(file, self.digests[file.relative]) for file in self.files()]
        for file, digest in read:
            self.day.verify(file, digest)
            remember(lake_root, file.relative, digest)
        return tuple(RawInput(file.relative, d.bytes, d.sha256) for file, d in read)


class Inputs:
    """What a stage reads of one date; a context manager that closes it.

    Parameters
    ----------
    lake_root : Path
    reads : sequence of declarations
        Of the stage.
    symbol : str
        Contract; of a stage of raw files the product root.
    date : datetime.date
    roll_rule : str
        Tells the front month of an earlier session with several contracts.

    Attributes
    ----------
    symbol : str
    date : datetime.date
    raw : RawInputs or None
        Set by stages of raw files.
    left_out : dict of str
        Why a table of the date was left out, by its dataset.

    Raises
    ------
    PartitionNotFoundError, CorruptPartitionError, NewerLakeError, ContractError
        A table of the date is missing or cannot be used.
    """

    def __init__(
        self, lake_root: Path, reads: Sequence[Declared], symbol: str, date: dt.date, roll_rule: str
    ) -> None:
        self.symbol, self.date = symbol, date
        self.raw: RawInputs | None = None
        self.left_out: dict[str, str] = {}
        self._lake_root, self._roll_rule = lake_root, roll_rule
        self._view = LakeView(lake_root)
        self._tables: dict[str, InputTable] = {}
        self._earlier: dict[str, tuple[EarlierSession, ...]] = {}
        named = [one.key for one in reads if isinstance(one, Read | ReadEarlier)]
        self._order = tuple(dict.fromkeys(named))
        with ExitStack() as opened:
            for one in reads:
                if isinstance(one, Read):
                    table = self._open(one)
                    if table is not None:
                        self._tables[one.key] = table
                        opened.callback(table.close)
                elif isinstance(one, ReadEarlier):
                    self._earlier[one.key] = self._open_earlier(one, opened)
            self._opened = opened.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def raw_inputs(self) -> RawInputs:
        """The raw files of a stage that reads them."""
        assert self.raw is not None, "the stage reads raw files"
        return self.raw

    @property
    def raw_day(self) -> RawDay:
        """The raw files of the stage's own table."""
        return self.raw_inputs.day

    def __getitem__(self, key: str) -> InputTable:
        """Return a table of the date, open."""
        return self._tables[key]

    def get(self, key: str) -> InputTable | None:
        """Return a table of the date, open; None where it was left out."""
        return self._tables.get(key)

    def earlier(self, key: str) -> tuple[EarlierSession, ...]:
        """Return a table of the earlier sessions, the nearest first."""
        return self._earlier[key]

    def verify(self, *, whole: bool = False) -> None:
        """Return once the bytes that were read are known to be those of their manifests.

        Parameters
        ----------
        whole : bool
            Also all bytes of the earlier sessions, of which page checksums are trusted.

        Raises
        ------
        CorruptPartitionError
            They are not; names the first one.
        """
        for table in self._tables.values():
            table.verify()
        sessions = [one for found in self._earlier.values() for one in found] if whole else []
        for session in sessions:
            if session.table is not None:
                session.table.verify(whole=True)

    def entries(self) -> tuple[Input, ...]:
        """Return what was read, as a manifest records it, verified.

        Raises
        ------
        CorruptPartitionError, InputError
            The bytes that were read are not those that the input's own manifest names.
        """
        self.verify()
        found: list[Input] = [] if self.raw is None else list(self.raw.entries(self._lake_root))
        for key in self._order:
            if key in self._tables:
                found.append(self._tables[key].entry)
            if key in self.left_out:
                found.append(AbsentInput(key, root_of(self.symbol), self.date.isoformat()))
            found += [_entry(key, self.symbol, one) for one in self._earlier.get(key, ())]
        return tuple(found)

    def close(self) -> None:
        """Close every table."""
        self._opened.close()

    def _open(self, read: Read) -> InputTable | None:
        partition = Partition(dataset(read.key), self.symbol, self.date)
        try:
            return InputTable(self._lake_root, partition)
        except PartitionNotFoundError:
            if not read.may_be_left_out:
                raise
            reason = why_left_out(self._lake_root, partition.dataset, self.symbol, self.date)
            if reason is None:
                raise
            self.left_out[read.key] = reason
            return None

    def _open_earlier(self, read: ReadEarlier, opened: ExitStack) -> tuple[EarlierSession, ...]:
        found = []
        for day in read.dates(self.date):
            table = self._open_of_session(read.key, day)
            if table is not None:
                opened.callback(table.close)
            found.append(EarlierSession(day, table))
        return tuple(found)

    def _open_of_session(self, key: str, day: dt.date) -> InputTable | None:
        table = dataset(key)
        contract = contract_of_date(self._view, table, self.symbol, day, self._roll_rule)
        if contract is None:
            return None
        try:
            return InputTable(self._lake_root, Partition(table, contract, day), by_pages=True)
        except PartitionNotFoundError:
            return None
        except ContractError as error:
            # Else a change of contract would ask for every date of the lake at once.
            log.warning("left out of history: %s", error)
            return None


def _entry(key: str, symbol: str, session: EarlierSession) -> Input:
    if session.table is None:
        return AbsentInput(key, root_of(symbol), session.date.isoformat())
    return session.table.entry
