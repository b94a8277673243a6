"""What a stage says of itself: its name, what it reads and writes, what it depends on."""

from __future__ import annotations

import datetime as dt
from abc import ABC
from collections.abc import Mapping
from typing import Any, ClassVar

from ..catalogue.datasets import Dataset
from ..lake.manifest import RawInput
from ..settings import Settings
from ..vendor.raw_listing import RawListing
from .reads import Declared, ReadRaw


class Declaration(ABC):
    """Registry, order, staleness and lineage follow from it; it builds nothing.

    Attributes
    ----------
    name : str
    version : int
        Raised when the same input gives other rows.
    reads : tuple of Declared
    writes : tuple of Dataset
    """

    name: ClassVar[str]
    version: ClassVar[int]
    reads: tuple[Declared, ...]
    writes: tuple[Dataset, ...]

    @property
    def output(self) -> Dataset:
        """The table of a stage that writes one."""
        (found,) = self.writes
        return found

    @property
    def is_raw(self) -> bool:
        """Whether it reads the vendor's files, and so is asked for by product root."""
        return any(isinstance(one, ReadRaw) for one in self.reads)

    def closure(self, date: dt.date) -> str | None:
        """Return why there is nothing to do on a date, else None."""
        return None

    def exclusion(self, symbol: str) -> str | None:
        """Return why there is nothing to do for a symbol, else None."""
        return None

    def parameters(self, settings: Settings, symbol: str) -> Mapping[str, Any]:
        """Return what the output depends on besides inputs, contract and version."""
        return {}

    def raw_now(
        self, settings: Settings, root: str, date: dt.date, listing: RawListing
    ) -> tuple[RawInput, ...]:
        """Return the raw files of a date as they are now; raises `NoRawDataError` without."""
        return ()
