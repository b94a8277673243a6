"""What a stage is run with, what it writes, and what its transform leaves."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..catalogue.datasets import Dataset
from ..lake.part import PartWriter
from ..settings import Settings
from .staleness import Currency


@dataclass(frozen=True)
class Context:
    """What a stage is run with.

    Attributes
    ----------
    settings : Settings
    currency : Currency
        Tells which partitions are current.
    progress : callable
        Where the stage reports its progress, from 0 to 1.
    """

    settings: Settings
    currency: Currency
    progress: Callable[[float], None] = field(default=lambda _: None)


@dataclass(frozen=True)
class Target:
    """What a run of a stage writes.

    Attributes
    ----------
    symbol : str
        Contract of the partitions.
    date : datetime.date
    choice : object
        What the stage found out while it chose the contract.
    """

    symbol: str
    date: dt.date
    choice: Any = None


@dataclass(frozen=True)
class Made:
    """What a transform leaves besides rows.

    Attributes
    ----------
    parameters : mapping
        Decided on the way, for the manifest.
    facts : mapping
        What was found; they are part of the content.
    """

    parameters: Mapping[str, Any] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)


class RetargetError(Exception):
    """The rows turned out to belong to another partition than the target."""

    def __init__(self, target: Target) -> None:
        super().__init__(target)
        self.target = target


class Writers:
    """Where the rows of each table go; of a table that stands already they go nowhere."""

    def __init__(self, writers: Mapping[str, PartWriter]) -> None:
        self._writers = writers

    def wants(self, dataset: Dataset) -> bool:
        """Return whether the rows of a table are to be written."""
        return dataset.key in self._writers

    def __getitem__(self, dataset: Dataset) -> PartWriter:
        """Return the writer of a table that is wanted."""
        return self._writers[dataset.key]
