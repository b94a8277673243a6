"""What a run was told, resolved once."""

from __future__ import annotations

import datetime as dt
import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from .errors import UsageError

LOCK_TIMEOUT_S: Final = 900.0
"""How long a run waits for another one that builds the same partition, seconds."""

MAX_EXPANSION: Final = 200
"""Largest ratio of decoded to raw bytes of a raw file; real MBP-10 files reach about 15."""

OPENING_RANGES: Final = (5, 15, 30, 60)
"""Minutes that an opening range may have."""

PRE_MARKET_END: Final = dt.time(9, 30)
"""New York time before which the pre-market starts: the open of every product's session."""

_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


@dataclass(frozen=True)
class Settings:
    """The knobs of a run; each exists because two users need different values.

    Attributes
    ----------
    lake_root : Path
        Folder of the lake.
    roll_rule : str
        How Bronze decides the front month: ``volume`` or ``calendar``.
    refresh_stale : bool
        Rebuild partitions whose inputs, contract, stage or parameters changed.
    force : bool
        Rebuild partitions though they are complete.
    shared_lake : bool
        The lake lies on a file system that several hosts write: builds take claims too.
    allow_missing : bool
        A date without a raw file is a reason to skip it, no failure.
    workers : int
        Processes that build partitions side by side.
    lock_timeout_s : float
        How long to wait for another run that builds the same partition, seconds.
    max_expansion : int
        Largest ratio of decoded to raw bytes that a raw file may have.
    opening_range_minutes : int
        Length of the opening range: 5, 15, 30 or 60.
    deep : bool
        Hash raw files that look unchanged again, instead of believing the lake's index.
    pre_market_start : str
        Start of the pre-market, ``HH:MM`` New York, before 09:30.

    Raises
    ------
    UsageError
        One has a value that it cannot have.
    """

    lake_root: Path = Path("lake")
    roll_rule: str = "volume"
    refresh_stale: bool = False
    force: bool = False
    allow_missing: bool = False
    shared_lake: bool = False
    workers: int = 1
    lock_timeout_s: float = LOCK_TIMEOUT_S
    max_expansion: int = MAX_EXPANSION
    opening_range_minutes: int = 30
    pre_market_start: str = "04:00"
    deep: bool = False

    def __post_init__(self) -> None:
        if "\0" in str(self.lake_root):
            raise UsageError(f"lake_root {str(self.lake_root)!r}: not the name of a folder")
        for name in ("workers", "max_expansion"):
            value = getattr(self, name)
            if type(value) is not int or value < 1:  # True is an int too
                raise UsageError(f"{name} {value!r}: use a whole number, 1 or more")
        wait = self.lock_timeout_s
        if isinstance(wait, bool) or not (math.isfinite(wait) and wait >= 0):
            raise UsageError(f"lock_timeout_s {wait!r}: use a number of seconds, 0 or more")
        if self.opening_range_minutes not in OPENING_RANGES:
            raise UsageError(
                f"opening_range_minutes {self.opening_range_minutes}: use one of "
                f"{', '.join(map(str, OPENING_RANGES))}"
            )
        if not _CLOCK.fullmatch(self.pre_market_start):
            raise UsageError(f"pre_market_start {self.pre_market_start!r}: use HH:MM, as 04:00")
        if dt.time.fromisoformat(self.pre_market_start) >= PRE_MARKET_END:
            raise UsageError(
                f"pre_market_start {self.pre_market_start}: not before {PRE_MARKET_END}"
            )
