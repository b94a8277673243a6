"""Errors with one-line messages: what is wrong, where, and what to do."""

from __future__ import annotations

from typing import ClassVar, Final

_NAMES: Final[dict[str, str]] = {}


def tell_as(folder: str, name: str) -> None:
    """Tell a folder by another name in all messages from now on: a copy by what it is a copy of."""
    _NAMES[folder] = name


def with_names(text: str) -> str:
    """Return a message with the names of `tell_as`."""
    for folder, name in _NAMES.items():
        text = text.replace(folder, name)
    return text


class DataEngError(Exception):
    """Base of all errors that a user can act on.

    Subclasses pass the same positional arguments to ``super().__init__`` that they
    take themselves, so that an error survives a process boundary.
    """

    exit_code: ClassVar[int] = 1

    def __str__(self) -> str:
        return with_names(super().__str__())


class UsageError(DataEngError):
    """A flag, a setting or a combination of them is not valid."""

    exit_code: ClassVar[int] = 2


class OutputError(DataEngError):
    """Standard output or standard error cannot be written."""


class ReaderGoneError(OutputError):
    """Whoever read standard output or standard error has ended."""


class InputError(DataEngError):
    """The raw input, or an input partition, is missing or not usable."""


class NoRawDataError(InputError):
    """No raw file holds the date."""


class NoRawFilesError(NoRawDataError):
    """A raw table has no file that may hold the date."""


class DbnDecodeError(InputError):
    """A DBN file is not what it claims to be.

    Parameters
    ----------
    path : str
        The file.
    offset : int
        Byte offset in the file as it lies on disk at which reading stopped.
    reason : str
        What is wrong, and what to do.
    """

    def __init__(self, path: str, offset: int, reason: str) -> None:
        super().__init__(path, offset, reason)
        self.path = path
        self.offset = offset
        self.reason = reason

    def __str__(self) -> str:
        return with_names(f"{self.path}: at byte {self.offset}: {self.reason}")


class SymbologyError(InputError):
    """Instrument ids and symbols cannot be resolved without a guess."""


class FrontMonthError(InputError):
    """The front-month contract cannot be decided without a guess."""


class ContractError(DataEngError):
    """A contract file is not valid, or data do not satisfy it; nothing was published."""


class LakeError(DataEngError):
    """The lake cannot be read or written."""


class PartitionNotFoundError(LakeError):
    """An input partition does not exist or is not complete."""


class PartitionRemovedError(PartitionNotFoundError):
    """A partition was removed by ``clean``, and is not built again unless that is asked for."""


class CorruptPartitionError(LakeError):
    """A published partition does not match its own hashes."""


class LakeBusyError(LakeError):
    """Another process holds the lock or the claim of what is asked for."""


class NewerLakeError(LakeError):
    """A newer release wrote a partition; this one neither reads nor rebuilds it."""


class VendorError(DataEngError):
    """The vendor cannot be reached, or answers what cannot be used."""


class VendorRefusedError(VendorError):
    """The vendor refused a request: nothing was done."""


class LostWorkerError(DataEngError):
    """A worker process ended while it worked."""


class LostSchedulerError(DataEngError):
    """The scheduler of a cluster ended, and no task can be given to anybody."""
