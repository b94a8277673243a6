"""What a run did with a partition, and what a partition is to those that read it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

ALREADY: Final = "already complete"
"""The reason of a partition that is there and current, and of which nothing else is to be told."""


class Status(StrEnum):
    """What a partition came to in a run."""

    WRITTEN = "written"
    PLANNED = "would write"  # in a dry run
    COMPLETE = "complete"
    SKIPPED = "skipped"  # nothing to do on this date, or for this symbol
    STALE = "stale"
    REMOVED = "removed"  # by `clean`, and not built again unless that is asked for
    BLOCKED = "blocked"  # what it reads failed, is stale or was not made
    FAILED = "failed"


@dataclass(frozen=True)
class Outcome:
    """What a run did with one partition.

    Attributes
    ----------
    dataset : str
        Dataset key.
    symbol : str
        Symbol of the partition; the root where no contract was decided.
    date : datetime.date
        The partition's date.
    status : Status
    reason : str
        Why it stays as it is, is blocked or failed; empty where it was written.
    rows : int or None
        Rows of the partition, where there is one.
    seconds : float
        Wall time spent.
    content_sha256 : str or None
        Content hash of the partition, where there is one.
    bytes : int
        Size of the data files that were written.
    cause : str
        Of a blocked partition what is to be mended, however far up.
    """

    dataset: str
    symbol: str
    date: dt.date
    status: Status
    reason: str = ""
    rows: int | None = None
    seconds: float = 0.0
    content_sha256: str | None = None
    bytes: int = 0
    cause: str = ""


@dataclass(frozen=True)
class Standing:
    """A partition as its dependants see it.

    Attributes
    ----------
    symbol : str
        Its contract; the product root where there is no partition.
    content_sha256 : str or None
        None where it is absent.
    stale : str or None
        Why it is stale.
    is_new : bool
        It was written in this run.
    is_planned : bool
        It would be written, were this no dry run.
    is_removed : bool
        It was removed by ``clean``: current, but there is nothing to read.
    """

    symbol: str
    content_sha256: str | None
    stale: str | None = None
    is_new: bool = False
    is_planned: bool = False
    is_removed: bool = False


def standing_of(outcome: Outcome) -> Standing:
    """Return what an outcome of this run means to those that read the partition."""
    is_stale = outcome.status is Status.STALE
    return Standing(
        outcome.symbol,
        outcome.content_sha256,
        outcome.reason if is_stale else None,
        outcome.status is Status.WRITTEN,
        outcome.status is Status.PLANNED,
        outcome.status is Status.REMOVED,
    )
