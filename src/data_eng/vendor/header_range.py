"""The time that a raw file's header states, and the times that its records have."""

from __future__ import annotations

from ..errors import InputError
from .raw_file import RawFile


def check_range(file: RawFile, first_ns: int, last_ns: int) -> None:
    """Raise `InputError` where records were received outside their header's range.

    Parameters
    ----------
    file : RawFile
    first_ns, last_ns : int
        Least and greatest ``ts_recv``, ns since epoch; (int64 maximum, -1) without a record.
    """
    meta = file.metadata
    if first_ns > last_ns:  # no record; an undefined time is one, read as negative
        return
    if first_ns < meta.start or last_ns >= meta.end:
        raise InputError(
            f"{file.path}: holds ts_recv {first_ns} to {last_ns} ns, "
            f"outside its header's range {meta.start} to {meta.end}; download it again"
        )
