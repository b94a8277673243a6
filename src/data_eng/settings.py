"""What a run was told, resolved once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from .dbn.stream import MAX_EXPANSION
from .lake.lock import LOCK_TIMEOUT_S


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
    workers : int
        Processes that build partitions side by side.
    lock_timeout_s : float
        How long to wait for another run that builds the same partition, seconds.
    max_expansion : int
        Largest ratio of decoded to raw bytes that a raw file may have.
    """

    lake_root: Path = Path("lake")
    roll_rule: str = "volume"
    refresh_stale: bool = False
    workers: int = 1
    lock_timeout_s: float = LOCK_TIMEOUT_S
    max_expansion: int = MAX_EXPANSION
