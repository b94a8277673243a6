"""The promise: after any fault a partition is the old one, the new one, or none if none was."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from src.data_eng.errors import CorruptPartitionError, LakeError
from tests.lake_partitions import PARTITION, entries, publish, visible

from .campaign import Counts

LAST = b"what the next run publishes" * 30


def look(
    counts: Counts,
    number: int,
    lake: Path,
    before: bytes | None,
    news: Collection[bytes],
    *,
    may_be_absent: bool = False,
) -> None:
    """Count what a reader sees after a fault, then what the next run makes of it.

    Parameters
    ----------
    before : bytes or None
        Content of the old partition.
    news : collection of bytes
        Contents that were being published.
    may_be_absent : bool
        Whether two renames, where there is no exchange, may have left neither for a moment.
    """
    try:
        seen = visible(lake)
    except CorruptPartitionError as error:
        counts.find("half_written", number, str(error))
        return
    if seen == before or (seen is None and may_be_absent):
        counts.survived_old += 1
    elif seen in news:
        counts.survived_new += 1
    elif seen is None:
        counts.find("lost", number, "no partition where there was one")
    else:
        counts.find("half_written", number, f"{seen[:20]!r} was never published")
    try:
        publish(lake, LAST)
        after = visible(lake)
    except LakeError as error:
        counts.find("lost", number, f"the next run fails: {error}")
        return
    left = [name for name in entries(lake) if name != f"dt={PARTITION.date}"]
    if after != LAST or left:
        counts.find("lost", number, f"the next run leaves {left or 'another partition'}")
