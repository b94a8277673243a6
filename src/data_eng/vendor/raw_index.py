"""What raw files were when they were last hashed, so that planning reads no raw data.

``{lake}/.index/{lake-relative path}.json`` holds a file's SHA-256 beside the size, time of change
and inode that it had then. A file that has them still is taken for unchanged. The index can be
deleted at any time: what it does not tell is hashed again. On object storage the ETag stands for
time and inode, and the index lies in the lake and in its mirror.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import secrets
from collections.abc import Collection
from functools import lru_cache
from pathlib import Path
from typing import Final

from ..errors import InputError, LakeError
from ..lake.regular import read_regular
from ..lake.side_by_side import side_by_side
from ..lake.store import ObjectState, store_of
from .dbn.stream import FileState, RawDigest, RawState, current_state, raw_digest

log = logging.getLogger(__name__)

FOLDER: Final = ".index"

_MALFORMED: Final = (ValueError, TypeError, KeyError, OverflowError, RecursionError)


def current_digest(lake_root: Path, relative: str, *, deep: bool = False) -> RawDigest:
    """Return size and SHA-256 of a raw file as it is now.

    Parameters
    ----------
    lake_root : Path
    relative : str
        Its path below the lake root.
    deep : bool
        Hash it, whatever the index says; once in a process, as long as it looks the same.

    Raises
    ------
    InputError
        It cannot be read.
    """
    path = lake_root / relative
    try:
        state = current_state(path)
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from error
    if deep:
        return _hashed(path, state)
    known = _known(lake_root, relative, state)
    if known is not None and known.state == state:
        return known
    digest = raw_digest(lake_root / relative)
    remember(lake_root, relative, digest)
    return digest


def fetch_digests(lake_root: Path, relatives: Collection[str]) -> None:
    """Bring what other hosts know of raw files of a lake on object storage to this one."""

    def fetch(relative: str) -> None:
        with contextlib.suppress(OSError):  # it is gone: whoever reads it tells
            _known(lake_root, relative, current_state(lake_root / relative))

    if store_of(lake_root) is not None:
        side_by_side(fetch, sorted(relatives))


@lru_cache(maxsize=4096)
def _hashed(path: Path, _state: FileState) -> RawDigest:
    # Definitions are input of every table of options, and `verify` compares what is planned too.
    return raw_digest(path)


def remember(lake_root: Path, relative: str, digest: RawDigest) -> None:
    """Keep what a raw file was when it was hashed; where that cannot be, it is hashed again."""
    state, store = digest.state, store_of(lake_root)
    if store is not None and isinstance(state, RawState):
        state = store.fetched_state(relative, state)
    if state is None:
        return
    text = json.dumps({"sha256": digest.sha256, **state._asdict()}, sort_keys=True)
    _keep(_entry(lake_root, relative), text)
    if store is not None:
        # For the other hosts: they need not fetch the file to know its hash.
        try:
            store.write_note(_name(relative), text.encode())
        except LakeError as error:
            log.debug("%s", error)


def _keep(path: Path, text: str) -> None:
    temporary = path.with_name(f".{path.name}-{os.getpid()}-{secrets.token_hex(4)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_text(text)
        temporary.replace(path)
    except OSError as error:
        # A lake that is full or read-only is planned all the same.
        log.debug("%s: not indexed (%s)", path, error.strerror)
        with contextlib.suppress(OSError):  # it may never have been made
            temporary.unlink()


def _known(lake_root: Path, relative: str, now: FileState) -> RawDigest | None:
    store = store_of(lake_root)
    try:
        known = _parsed(read_regular(str(_entry(lake_root, relative))))
        if known.state == now or store is None:
            return known
    except (OSError, *_MALFORMED) as error:
        log.debug("%s: not in the index (%s)", relative, error)
    note = None if store is None else store.read_note(_name(relative))
    try:
        if note is None:
            return None
        known = _parsed(note)
        if known.state == now:  # the next time it is known here
            _keep(_entry(lake_root, relative), note.decode())
        return known
    except _MALFORMED as error:
        log.debug("%s: not in the lake's index (%s)", relative, error)
        return None


def _parsed(text: str | bytes) -> RawDigest:
    body = json.loads(text)
    state: FileState
    if "etag" in body:
        state = ObjectState(int(body["bytes"]), str(body["etag"]))
    else:
        state = RawState(**{name: int(body[name]) for name in RawState._fields})
    return RawDigest(state.bytes, str(body["sha256"]), state)


def _name(relative: str) -> str:
    return f"{FOLDER}/{relative}.json"


def _entry(lake_root: Path, relative: str) -> Path:
    return lake_root / FOLDER / f"{relative}.json"
