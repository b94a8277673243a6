"""Read published partitions: whole, unmixed and, on request, verified to the last byte."""

from __future__ import annotations

import hashlib
import os
import time
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Final, Self

from ..errors import CorruptPartitionError, LakeError, PartitionNotFoundError
from .manifest import Manifest, manifest_sha256, parse_manifest
from .paths import MANIFEST, PART, SUCCESS, Partition

_ATTEMPTS: Final = 5
_RETRY_S: Final = 0.05


class PublishedPartition:
    """A published partition, opened once: a rebuild meanwhile does not mix old and new.

    The folder is opened first and every file relative to it, then ``_SUCCESS``, manifest and file
    sizes are compared. Use it as a context manager.

    Attributes
    ----------
    manifest : Manifest
        What the partition holds.
    manifest_sha256 : str
        By which a stage records it as its input.
    """

    def __init__(self, lake_root: Path, partition: Partition) -> None:
        self.partition = partition
        self._path = lake_root / partition.folder
        self._fd, data = self._open()
        self.manifest: Manifest = parse_manifest(data, str(self._path))
        self.manifest_sha256 = manifest_sha256(data)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the folder; files opened from it stay open."""
        os.close(self._fd)

    def open_part(self) -> BinaryIO:
        """Open the data file."""
        return open(self._open_relative(PART), "rb")

    def verify(self) -> None:
        """Hash the data files and compare them with the manifest.

        Raises
        ------
        CorruptPartitionError
            Names the file that differs.
        """
        for entry in self.manifest.files:
            with open(self._open_relative(entry.name), "rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            if digest != entry.sha256:
                raise self.corrupt(f"SHA-256 of {entry.name} is not the manifest's")

    def corrupt(self, reason: str) -> CorruptPartitionError:
        """Return the error that says what is wrong with this partition and what to do."""
        return CorruptPartitionError(
            f"{self.partition}: {self._path}: {reason}; "
            "delete the partition and run its layer again"
        )

    def _open(self) -> tuple[int, bytes]:
        # A rebuild deletes the folder it displaced; one that was opened just before is then found
        # half empty, and opening again finds the new one.
        for attempt in range(_ATTEMPTS):
            try:
                fd = os.open(self._path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            except (FileNotFoundError, NotADirectoryError):
                break
            except OSError as error:
                raise LakeError(f"{self._path}: cannot be read ({error.strerror})") from error
            self._fd = fd
            try:
                return fd, self._checked_manifest()
            except FileNotFoundError:
                os.close(fd)
                if not (self._path / SUCCESS).exists():
                    break
                time.sleep(_RETRY_S * attempt)
            except BaseException:
                os.close(fd)
                raise
        raise PartitionNotFoundError(
            f"{self.partition}: no complete partition (with {SUCCESS}) at {self._path}; "
            f"run --layer {self.partition.dataset.layer} for this date first"
        )

    def _checked_manifest(self) -> bytes:
        success = self._read(SUCCESS).decode("ascii", "replace").strip()
        data = self._read(MANIFEST)
        if manifest_sha256(data) != success:
            raise self.corrupt(f"{SUCCESS} does not match {MANIFEST}")
        for entry in parse_manifest(data, str(self._path)).files:
            size = os.stat(entry.name, dir_fd=self._fd).st_size
            if size != entry.bytes:
                raise self.corrupt(f"{entry.name} has {size} bytes, not {entry.bytes}")
        return data

    def _open_relative(self, name: str) -> int:
        return os.open(name, os.O_RDONLY | os.O_CLOEXEC, dir_fd=self._fd)

    def _read(self, name: str) -> bytes:
        with open(self._open_relative(name), "rb") as file:
            return file.read()
