"""A raw file and what its header says: read once as long as the file looks the same."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Final

from ..errors import DbnDecodeError, InputError
from ..lake.store import store_at
from .dbn.metadata import DbnMetadata, read_metadata
from .dbn.stream import FileState, RawStream, current_state

DAY_NS: Final = 86_400 * 10**9
_HEADS: Final = (64 << 10, 4 << 20, 64 << 20)
"""Of a file on object storage so many bytes are fetched for its header; more where it is longer."""


@dataclass(frozen=True)
class RawFile:
    """A raw file and its header.

    Attributes
    ----------
    path : Path
        Where it lies.
    relative : str
        Its path below the lake root, as manifests name it.
    schema : str or None
        Of its header, as `DbnMetadata`.
    start, end : int
        Of its header, as `DbnMetadata`.
    """

    path: Path
    relative: str
    schema: str | None
    start: int
    end: int

    @cached_property
    def metadata(self) -> DbnMetadata:
        """Its whole header; raises `InputError` where it cannot be read any more."""
        return header_now(self.path)

    @cached_property
    def folder(self) -> Path:
        """Where it lies."""
        return self.path.parent

    @property
    def bytes(self) -> int:
        """Its size on disk; 0 where it is gone."""
        try:
            return current_state(self.path).bytes
        except OSError:
            return 0

    @property
    def days(self) -> int:
        """UTC dates that its header's range meets, of a live capture as many as could be."""
        first, last = self.start // DAY_NS, (self.end - 1) // DAY_NS
        return max(last - first + 1, 1)

    def covers(self, start_ns: int, end_ns: int) -> bool:
        """Tell whether the range of the header meets ``[start_ns, end_ns)``."""
        return self.start < end_ns and self.end > start_ns


def raw_file(path: Path, relative: str, header: DbnMetadata) -> RawFile:
    """Return a raw file whose header was read."""
    made = RawFile(path, relative, header.schema, header.start, header.end)
    made.__dict__["metadata"] = header  # it is not read again
    return made


def header_now(path: Path) -> DbnMetadata:
    """Return the header of a file as it is now; raises `InputError`."""
    now = state_now(path)
    return header_of(path, now)


def state_now(path: Path) -> FileState:
    """Return how a file looks now; raises `InputError` where it cannot be looked at."""
    try:
        return current_state(path)
    except OSError as error:
        raise InputError(
            f"{path}: cannot be read ({error.strerror}); restore it or remove it"
        ) from error


@lru_cache(maxsize=4096)
def header_of(path: Path, _now: FileState) -> DbnMetadata:
    """Return the header of a file that looks so; raises `InputError`."""
    # What the file is now is part of the key: one that changed is read again.
    place = store_at(path)
    if place is not None:
        for most in _HEADS:
            head = place.store.fetch_head(place.name, most)
            try:
                with RawStream(head) as stream:
                    return read_metadata(stream)
            except DbnDecodeError as error:
                if head == path or most == _HEADS[-1]:
                    raise DbnDecodeError(str(path), error.offset, error.reason) from error
    with RawStream(path) as stream:
        return read_metadata(stream)
