"""A job's files as one delivery folder of a raw table: all of them verified, or none in sight."""

from __future__ import annotations

import json
import logging
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from ...errors import LakeError, VendorError
from ...lake.osio import REAL, make_folders, sync_folder, write_synced
from ..delivery import MANIFEST_NAME
from .client import JobFile, Vendor
from .download import download
from .failures import pause
from .order import Order

log = logging.getLogger(__name__)

WAITING_PREFIX: Final = ".fetch-"
"""What is hidden in a raw folder is not looked into."""
FIRST_POLL_S: Final = 2.0
LAST_POLL_S: Final = 60.0
_READY: Final = "done"
_GONE: Final = "expired"

Watch = Callable[[str, str, int, int], None]
"""Told the job, what is under way (a state or a file), and its bytes: there, and in all."""


class ExpiredError(VendorError):
    """The vendor no longer keeps the job's files."""


def wait_until_done(vendor: Vendor, job: str, watch: Watch) -> None:
    """Wait until the vendor has made the files of a job.

    Raises
    ------
    ExpiredError
        It no longer has them.
    VendorError
        Its state cannot be told.
    """
    poll_s = FIRST_POLL_S
    while (state := vendor.state(job)) != _READY:
        if state == _GONE:
            raise ExpiredError(
                f"job {job}: the vendor no longer keeps its files; run again: it is ordered anew "
                "once you confirm what it costs"
            )
        watch(job, state, 0, 0)
        pause(poll_s)
        poll_s = min(poll_s * 1.5, LAST_POLL_S)


def deliver(vendor: Vendor, lake_root: Path, order: Order, job: str, watch: Watch) -> Path:
    """Download the files of a job that is done, and show them to Bronze at once.

    Returns
    -------
    Path
        The delivery folder, named as the job.

    Raises
    ------
    VendorError
        A file cannot be had as the vendor lists it; those that were stay, out of sight.
    LakeError
        The lake cannot be written, or has no room.
    """
    table = (lake_root / order.folder).absolute()
    waiting, final = table / f"{WAITING_PREFIX}{job}", table / job
    files = vendor.files(job)
    try:
        make_folders(waiting, REAL)
        _require_room(waiting, files)
        for file in files:
            _download(vendor, job, file, waiting, watch)
        if all(file.name != MANIFEST_NAME for file in files):
            _write_manifest(waiting, files)
        sync_folder(waiting, REAL)
        # No file system renames a folder over one that holds anything; not all know `renameat2`.
        REAL.rename(str(waiting), str(final))
        sync_folder(table, REAL)
    except OSError as error:
        raise LakeError(f"{final}: cannot be made ({error.strerror})") from error
    return final


def discard(lake_root: Path, order: Order, job: str) -> None:
    """Remove what is there of a job that will not be delivered; raises `LakeError`."""
    waiting = lake_root / order.folder / f"{WAITING_PREFIX}{job}"
    try:
        if waiting.is_dir():
            shutil.rmtree(waiting)
    except OSError as error:
        raise LakeError(f"{waiting}: cannot be removed ({error.strerror})") from error


def _download(vendor: Vendor, job: str, file: JobFile, folder: Path, watch: Watch) -> None:
    download(vendor, file, folder, lambda there: watch(job, file.name, there, file.bytes))


def _require_room(folder: Path, files: Sequence[JobFile]) -> None:
    there = sum(path.stat().st_size for path in folder.iterdir())
    needed = sum(file.bytes for file in files) - there
    free = shutil.disk_usage(folder).free
    if needed > free:
        raise LakeError(
            f"{folder.parent}: {needed / 1e9:,.2f} GB are still to come and {free / 1e9:,.2f} GB "
            "are free; make room and run again: the order stands"
        )


def _write_manifest(folder: Path, files: Sequence[JobFile]) -> None:
    # Bronze compares files with it, and misses those that are not there.
    path = folder / MANIFEST_NAME
    path.unlink(missing_ok=True)
    listed = [
        {"filename": file.name, "size": file.bytes, "hash": f"sha256:{file.sha256}"}
        for file in files
    ]
    write_synced(path, (json.dumps(listed, indent=2) + "\n").encode(), REAL)
