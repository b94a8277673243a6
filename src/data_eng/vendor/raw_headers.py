"""What planning needs of raw files, kept by folder: which dates they hold, and their SHA-256.

``{lake}/.index/raw_headers/{version}/{folder}.lines`` has a line for each raw file of a folder
(`lake.index_lines`): size, time of change and inode that it had, and schema, range and SHA-256 that
it has as long as it looks so still. A header may be megabytes of symbols; a plan opens none twice.
"""

from __future__ import annotations

import json
import logging
import time
from pathlib import Path
from typing import Final, NamedTuple

from ..lake.index_lines import IndexLines
from .dbn.stream import FileState, RawState

log = logging.getLogger(__name__)

FOLDER: Final = ".index/raw_headers/1"
_TICK_NS: Final = 2 * 10**9
"""Coarsest clock of a file system that a lake may lie on: what changed just now is not kept."""


class KnownFile(NamedTuple):
    """A raw file that looks as it did when it was read.

    Attributes
    ----------
    schema : str or None
        As `DbnMetadata`.
    start, end : int
        As `DbnMetadata`.
    sha256 : str or None
        None where it was not hashed.
    """

    schema: str | None
    start: int
    end: int
    sha256: str | None


class RawHeaders:
    """The index of the raw files of a lake.

    Parameters
    ----------
    lake_root : Path
    """

    def __init__(self, lake_root: Path) -> None:
        self._lines = IndexLines(lake_root / FOLDER)

    def find(self, relative: str, state: FileState) -> KnownFile | None:
        """Return what is known of a file that looks so, None where nothing is."""
        folder, _, name = relative.rpartition("/")
        text = self._lines.of(folder).get(name)
        if text is None:
            return None
        try:
            was, schema, start, end, sha256 = json.loads(text)
        except (ValueError, TypeError, RecursionError) as error:
            log.debug("%s: not in the index (%s)", relative, error)
            return None
        return KnownFile(schema, start, end, sha256) if was == list(state) else None

    def keep(self, relative: str, state: FileState, known: KnownFile) -> None:
        """Keep what was read of a file that looked so before."""
        folder, _, name = relative.rpartition("/")
        is_new = not isinstance(state, RawState) or time.time_ns() - state.mtime_ns <= _TICK_NS
        if not is_new and "\n" not in name and "\t" not in name:
            self._lines.put(folder, name, json.dumps([list(state), *known]))
