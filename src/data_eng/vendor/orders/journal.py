"""What was ordered and is not in the lake yet: ``{lake}/.fetch/{order}.json``, a file an order.

An entry is on disk before the order is sent, and has the job's id as soon as the vendor tells it,
so that a fetch that was killed anywhere knows what it may have bought.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import secrets
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from ...errors import LakeError, UsageError
from ...lake.folders import entries
from ...lake.osio import REAL, make_folders, sync_folder, write_synced
from ...lake.regular import read_regular
from .order import PLAIN_NAME, Order

FOLDER: Final = ".fetch"
_SUFFIX: Final = ".json"


@dataclass(frozen=True)
class Entry:
    """An order, when it was to be sent, and the vendor's id of the job where it is known."""

    order: Order
    asked: dt.datetime
    job: str | None = None


class Journal:
    """The entries of a lake; used under the lock of its fetches.

    Its methods raise `LakeError` where the lake cannot be written.
    """

    def __init__(self, lake_root: Path) -> None:
        self._lake_root = lake_root.absolute()
        self._folder = self._lake_root / FOLDER

    def entries(self) -> list[Entry]:
        """Return every entry, in the order of their names.

        Raises
        ------
        LakeError
            One cannot be read: whether it was ordered is not known.
        """
        paths = [path for path in entries(self._folder) if path.name.endswith(_SUFFIX)]
        return [_read(path) for path in paths if not path.name.startswith(".")]

    def under_way(self, *, tidy: bool) -> list[Entry]:
        """Return the entries whose files are not in the lake yet.

        Parameters
        ----------
        tidy : bool
            Remove those whose files are: a run was killed before it did.
        """
        found = []
        for entry in self.entries():
            place = self._lake_root / entry.order.folder
            if entry.job is None or not (place / entry.job).is_dir():
                found.append(entry)
            elif tidy:
                self.forget(entry.order)
        return found

    def path(self, order: Order) -> Path:
        """Return where the entry of an order lies."""
        return self._folder / f"{order.name}{_SUFFIX}"

    def keep(self, entry: Entry) -> None:
        """Write an entry, over the one of the same order; it is on disk when this returns."""
        path = self.path(entry.order)
        body = {"order": entry.order.as_json(), "asked": entry.asked.isoformat(), "job": entry.job}
        text = json.dumps(body, indent=2, sort_keys=True) + "\n"
        temporary = path.with_name(f".tmp-{os.getpid()}-{secrets.token_hex(4)}")
        try:
            make_folders(self._folder, REAL)
            write_synced(temporary, text.encode(), REAL)
            REAL.rename(str(temporary), str(path))
            sync_folder(self._folder, REAL)
        except OSError as error:
            raise LakeError(f"{path}: cannot be written ({error.strerror})") from error

    def with_job(self, entry: Entry, job: str) -> Entry:
        """Keep the vendor's id of an order's job; return the entry."""
        known = replace(entry, job=job)
        self.keep(known)
        return known

    def forget(self, order: Order) -> None:
        """Remove the entry of an order, where there is one."""
        path = self.path(order)
        try:
            path.unlink(missing_ok=True)
            if self._folder.is_dir():
                sync_folder(self._folder, REAL)
        except OSError as error:
            raise LakeError(f"{path}: cannot be removed ({error.strerror})") from error


def _read(path: Path) -> Entry:
    try:
        body = json.loads(read_regular(str(path)))
        job = body["job"]
        if job is not None and not PLAIN_NAME.fullmatch(job):
            raise ValueError("job")
        asked = dt.datetime.fromisoformat(body["asked"])
        if asked.tzinfo is None:
            raise ValueError("asked")
        entry = Entry(Order.of_json(body["order"]), asked, job)
    except (OSError, ValueError, TypeError, KeyError, RecursionError, UsageError) as error:
        raise LakeError(
            f"{path}: cannot be read as an order ({type(error).__name__}): see in the vendor's "
            "portal whether it was placed, then remove the file"
        ) from error
    return entry
