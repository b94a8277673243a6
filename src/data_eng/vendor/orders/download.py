"""One file of a job, into a folder that Bronze does not look into: resumed, and verified."""

from __future__ import annotations

import contextlib
import hashlib
import logging
from collections.abc import Callable
from pathlib import Path
from typing import IO, Final

import requests
from databento.common.http import check_http_error

from ...errors import LakeError, VendorError
from ...lake.osio import REAL, sync_folder
from .client import JobFile, Vendor
from .failures import FAILURES, failure_of, wait_before_next

log = logging.getLogger(__name__)

PART: Final = ".part"
_PIECE: Final = 1 << 20
_PARTIAL: Final = 206

Progress = Callable[[int], None]
"""Told the bytes of a file that are there."""


def download(vendor: Vendor, file: JobFile, folder: Path, progress: Progress) -> Path:
    """Download a file, from where an earlier try was broken off; return where it lies.

    It has its name only once its size and SHA-256 are those that the vendor lists, and then stays
    as it is.

    Raises
    ------
    VendorError
        It cannot be had, or is not what the vendor lists, twice.
    LakeError
        It cannot be written.
    """
    target = folder / file.name
    part = folder / f"{file.name}{PART}"
    try:
        if target.is_file() and target.stat().st_size == file.bytes:
            progress(file.bytes)
            return target
        for tried in range(2):
            _complete(vendor, file, part, progress)
            if _sha256(part) == file.sha256:
                _force_to_disk(part)
                REAL.rename(str(part), str(target))
                sync_folder(folder, REAL)
                return target
            part.unlink()
            if not tried:
                log.warning("%s: SHA-256 differs from the vendor's; downloaded again", file.name)
    except OSError as error:
        raise LakeError(
            f"{part}: cannot be written ({error.strerror}); what is there is kept: run again"
        ) from error
    raise VendorError(
        f"{file.name}: its SHA-256 differs from the one that the vendor lists, twice; none of it "
        "is kept: run again later, or ask support@databento.com"
    )


def _complete(vendor: Vendor, file: JobFile, part: Path, progress: Progress) -> None:
    # A try that brings bytes is no failure: the next one starts where it ended.
    tried = 0
    while not part.exists() or _size(part) != file.bytes:
        before = _size(part)
        try:
            _append(vendor, file, part, progress)
            continue
        except FAILURES as error:
            if isinstance(error, OSError) and not isinstance(error, requests.RequestException):
                raise  # of the disk
            failure = failure_of(error, vendor.key)
        tried = 1 if _size(part) > before else tried + 1
        wait_before_next(file.name, failure, tried)


def _append(vendor: Vendor, file: JobFile, part: Path, progress: Progress) -> None:
    start = _size(part)
    if start > file.bytes:  # not of this file
        start = 0
    with contextlib.closing(vendor.open(file, start)) as answer:
        check_http_error(answer)
        if start and not _continues(answer, start):
            start = 0  # the whole file again
        with part.open("ab") as out:
            out.truncate(start)
            _copy(answer, out, file, start, progress)


def _copy(
    answer: requests.Response, out: IO[bytes], file: JobFile, start: int, progress: Progress
) -> None:
    done = start
    for piece in answer.iter_content(_PIECE):
        done += len(piece)
        if done > file.bytes:
            raise VendorError(
                f"{file.name}: the vendor sends more than the {file.bytes:,} bytes that it lists; "
                "run again later, or ask support@databento.com"
            )
        out.write(piece)
        progress(done)
    if done < file.bytes:
        raise requests.ConnectionError(f"{done:,} of {file.bytes:,} bytes")


def _continues(answer: requests.Response, start: int) -> bool:
    said = answer.headers.get("Content-Range", "")
    return bool(answer.status_code == _PARTIAL and said.startswith(f"bytes {start}-"))


def _force_to_disk(path: Path) -> None:
    # Here and not as it is written: a run that was killed may have written the last of it.
    with path.open("rb") as file:
        REAL.fsync(file.fileno())


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
