"""What manifests said when they were last read, so that planning parses none of them twice.

``{lake}/.index/partitions/{version}/{dataset}/{symbol}.lines`` has a line for each partition
(`index_lines`), by its date, in parts with tabs between: size, inode and times of ``_SUCCESS``,
manifest and data file; who made it, which many lines have alike; its numbers and hashes; facts and
inputs, which are seldom looked into. Where the files look so still, the manifest is taken for
unchanged. Of a lake on object storage sizes and ETags stand in their place, and the index is each
host's own, in its mirror. It can be deleted at any time: what it does not tell is read again.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from .index_lines import IndexLines
from .manifest import SCHEMA_VERSION
from .paths import MANIFEST, PART, SUCCESS, Partition
from .store import Store
from .summary import Summary

log = logging.getLogger(__name__)

FOLDER: Final = f".index/partitions/{SCHEMA_VERSION}.2"
"""A release with other manifests, or another form of lines, has an index of its own."""

_TICK_NS: Final = 2 * 10**9
"""Coarsest clock of a file system that a lake may lie on: what changed just now is not kept."""

State = tuple[int | str, ...]
"""Of each file of a partition its size, inode, time of change and of the inode's change; on object
storage its size and ETag."""

_Maker = tuple[str, int, str, str, str]
"""Stage, its version, SHA-256 of the contract, parameters as JSON, what was left out."""


def state_of(folder: str) -> State | None:
    """Return by what the files of a partition are taken for unchanged, None without one."""
    try:
        success = os.lstat(f"{folder}/{SUCCESS}")
        manifest = os.lstat(f"{folder}/{MANIFEST}")
        part = os.lstat(f"{folder}/{PART}")
    except OSError:
        return None
    return (
        *(success.st_size, success.st_ino, success.st_mtime_ns, success.st_ctime_ns),
        *(manifest.st_size, manifest.st_ino, manifest.st_mtime_ns, manifest.st_ctime_ns),
        *(part.st_size, part.st_ino, part.st_mtime_ns, part.st_ctime_ns),
    )


def object_state_of(store: Store, folder: str) -> State | None:
    """Return by what the objects of a partition are taken for unchanged, None without one."""
    found: list[int | str] = []
    for name in (SUCCESS, MANIFEST, PART):
        one = store.state(f"{folder}/{name}")
        if one is None:
            return None
        found += one
    return tuple(found)


def _is_at_rest(state: State) -> bool:
    # Whether what is changed from now on will look changed: by its ETag it always does.
    times = [one for one in state[2::4] + state[3::4] if isinstance(one, int)]
    return isinstance(state[1], str) or time.time_ns() - max(times) > _TICK_NS


def line_of(state: State, summary: Summary) -> str | None:
    """Return what the index keeps of a partition whose files looked so before it was read.

    None where they changed so lately that another change might look the same.
    """
    if not _is_at_rest(state):
        return None
    one = summary
    made_by = (one.stage, one.stage_version, one.contract_sha256, one.parameters_text)
    numbers = f"{one.rows} {one.bytes} {one.content_sha256} {one.manifest_sha256} {one.made_of}"
    parts = (str(state), json.dumps([*made_by, one.left_out]), numbers)
    return "\t".join((*parts, one.facts_text, one.entries_text))


class PartitionIndex:
    """The index of a lake.

    Parameters
    ----------
    lake_root : Path
    """

    def __init__(self, lake_root: Path) -> None:
        self._lines = IndexLines(lake_root / FOLDER)
        self._makers: dict[str, _Maker] = {}

    def find(self, partition: Partition, state: State) -> Summary | None:
        """Return what is known of a partition whose files look so, None where nothing is."""
        found = self.find_all(partition.dataset.key, partition.symbol, {partition.date: state})
        return found.get(partition.date)

    def find_all(
        self, key: str, symbol: str, states: Mapping[dt.date, State]
    ) -> dict[dt.date, Summary]:
        """Return what is known of those dates of a table's symbol whose files look so.

        Parameters
        ----------
        key, symbol : str
        states : mapping of datetime.date to State
        """
        lines = self._lines.of(f"{key}/{symbol}")
        found: dict[dt.date, Summary] = {}
        for date, state in states.items():
            name = date.isoformat()
            line = lines.get(name)
            if line is None:
                continue
            try:
                was, made_by, numbers, facts, entries = line.split("\t")
                if was != str(state):
                    continue
                rows, size, content, manifest, made_of = numbers.split(" ")
                stage, version, contract, parameters, left_out = self._maker(made_by)
                counts = int(rows), int(size)
            except (ValueError, KeyError, TypeError, RecursionError) as error:
                log.debug("%s %s %s: not in the index (%s)", key, symbol, name, error)
                continue
            found[date] = Summary(
                *(key, symbol, name, stage, version, contract, parameters, *counts),
                *(content, manifest, left_out, made_of, facts, entries),
            )
        return found

    def has(self, key: str, symbol: str) -> bool:
        """Tell whether anything is known of a symbol of a table, without reading what."""
        return self._lines.has(f"{key}/{symbol}")

    def keep(self, partition: Partition, state: State, summary: Summary) -> None:
        """Keep what was read of a partition whose files looked so before."""
        text = line_of(state, summary)
        if text is not None:
            self.put(partition.dataset.key, partition.symbol, summary.dt, text)

    def put(self, key: str, symbol: str, dt: str, line: str) -> None:
        """Keep the line that `line_of` gives for a partition."""
        self._lines.put(f"{key}/{symbol}", dt, line)

    def release(self, key: str, symbol: str) -> None:
        """Free the memory that the lines of a symbol of a table take; they can be read again."""
        self._lines.release(f"{key}/{symbol}")

    def _maker(self, text: str) -> _Maker:
        # A lake of years has some dozens: each is parsed once.
        found = self._makers.get(text)
        if found is None:
            stage, version, contract, parameters, left_out = json.loads(text)
            found = self._makers[text] = stage, version, contract, parameters, left_out
        return found
