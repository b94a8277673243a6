"""The raw files of one date as the input of a Bronze stage."""

from __future__ import annotations

from dataclasses import dataclass, field

from ...lake.manifest import Manifest, RawInput
from ...lake.paths import Partition
from ...vendor.dbn.stream import RawDigest
from ...vendor.files import RawDay, RawFile, current_digest
from ..stage import Loaded


@dataclass
class LoadedRawDay(Loaded):
    """Raw files, and the partition that is written from them.

    Attributes
    ----------
    partition : Partition
        What is to be written.
    root : str
        Product root.
    day : RawDay
        The files of the date.
    digests : dict
        What each file was when it was read, by lake-relative path; filled by the transform.
    """

    partition: Partition
    root: str
    day: RawDay
    digests: dict[str, RawDigest] = field(default_factory=dict, kw_only=True)

    def input_files(self) -> tuple[RawFile, ...]:
        """Return the files that the rows are made from, in the order of the manifest."""
        return self.day.files

    def current_inputs(self, recorded: Manifest) -> tuple[RawInput, ...]:
        """Return path, size and SHA-256 of the raw files as they are now."""
        now = [(file.relative, current_digest(file.path)) for file in self.input_files()]
        return tuple(RawInput(path, digest.bytes, digest.sha256) for path, digest in now)

    def read_inputs(self) -> tuple[RawInput, ...]:
        """Return path, size and SHA-256 of the raw files as they were read."""
        read = [(file, self.digests[file.relative]) for file in self.input_files()]
        for file, digest in read:
            self.day.verify(file, digest)
        return tuple(RawInput(file.relative, d.bytes, d.sha256) for file, d in read)
