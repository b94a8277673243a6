"""Records lie in the range that their header states."""

from __future__ import annotations

from pathlib import Path

import pytest

from src.data_eng.errors import InputError
from src.data_eng.vendor.dbn.layout import UNDEF_TIMESTAMP
from src.data_eng.vendor.dbn.metadata import DbnMetadata
from src.data_eng.vendor.header_range import check_range
from src.data_eng.vendor.raw_file import RawFile, raw_file


def file_of(start: int, end: int) -> RawFile:
    meta = DbnMetadata(3, "GLBX.MDP3", "mbp-1", start, end, "parent", None, (), (), False)
    return raw_file(Path(f"{start}.dbn"), f"{start}.dbn", meta)


@pytest.mark.parametrize(
    ("first", "last", "is_inside"),
    [(100, 199, True), (99, 150, False), (150, 200, False), (150, 201, False), (99, 200, False)],
)
def test_records_lie_in_the_range_of_their_header(first: int, last: int, is_inside: bool) -> None:
    """Half-open, to the nanosecond."""
    file = file_of(100, 200)
    if is_inside:
        check_range(file, first, last)
        return
    with pytest.raises(InputError, match="outside its header's range 100 to 200"):
        check_range(file, first, last)


def test_a_header_without_a_range_bounds_nothing() -> None:
    check_range(file_of(0, UNDEF_TIMESTAMP), 5, 10**18)
    check_range(file_of(100, 200), 2**63 - 1, -1)  # no record
    with pytest.raises(InputError):
        check_range(file_of(0, 200), 5, 10**18)


@pytest.mark.parametrize("end", [200, UNDEF_TIMESTAMP])
@pytest.mark.parametrize("ts_recv", [2**64 - 1, 2**63])
def test_a_file_of_times_that_are_none_is_not_taken_for_empty(end: int, ts_recv: int) -> None:
    """All of its records were passed over: none lies on the date."""
    read = ts_recv - 2**64  # as the kernels read it
    for first, last in ((read, read), (read, -1)):
        with pytest.raises(InputError, match="outside its header's range"):
            check_range(file_of(0, end), first, last)
