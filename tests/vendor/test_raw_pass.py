"""What the files of one pass must have in common, and what their headers bound."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from src.data_eng.errors import InputError
from src.data_eng.vendor.dbn.layout import UNDEF_TIMESTAMP
from src.data_eng.vendor.dbn.metadata import DbnMetadata
from src.data_eng.vendor.dbn.reader import DbnReader
from src.data_eng.vendor.raw_listing import RawFile, raw_file
from src.data_eng.vendor.raw_pass import RawPass, _check_range, files_of_one_time
from tests.dbn_files import mbp10_records, write_mbp10


def file_of(start: int, end: int, *symbols: str) -> RawFile:
    meta = DbnMetadata(3, "GLBX.MDP3", "mbp-1", start, end, "parent", None, symbols, (), False)
    return raw_file(Path(f"{start}.dbn"), f"{start}.dbn", meta)


@pytest.mark.parametrize(
    ("first", "last", "is_inside"),
    [(100, 199, True), (99, 150, False), (150, 200, False), (150, 201, False), (99, 200, False)],
)
def test_records_lie_in_the_range_of_their_header(first: int, last: int, is_inside: bool) -> None:
    """Half-open, to the nanosecond."""
    file = file_of(100, 200)
    if is_inside:
        _check_range(file, first, last)
        return
    with pytest.raises(InputError, match="outside its header's range 100 to 200"):
        _check_range(file, first, last)


def test_a_header_without_a_range_bounds_nothing() -> None:
    _check_range(file_of(0, UNDEF_TIMESTAMP), 5, 10**18)
    _check_range(file_of(100, 200), 2**63 - 1, -1)  # no record
    with pytest.raises(InputError):
        _check_range(file_of(0, 200), 5, 10**18)


@pytest.mark.parametrize("end", [200, UNDEF_TIMESTAMP])
@pytest.mark.parametrize("ts_recv", [2**64 - 1, 2**63])
def test_a_file_of_times_that_are_none_is_not_taken_for_empty(end: int, ts_recv: int) -> None:
    """All of its records were passed over: none lies on the date."""
    read = ts_recv - 2**64  # as the kernels read it
    for first, last in ((read, read), (read, -1)):
        with pytest.raises(InputError, match="outside its header's range"):
            _check_range(file_of(0, end), first, last)


def test_files_of_different_layouts_are_not_merged(tmp_path: Path) -> None:
    plain = write_mbp10(tmp_path / "plain.dbn", mbp10_records(2))
    sent = write_mbp10(tmp_path / "sent.dbn", mbp10_records(2, ts_out=True), ts_out=True)
    files = [replace(file_of(0, 1), path=path) for path in (plain, sent)]
    with DbnReader(plain) as one, DbnReader(plain) as again, DbnReader(sent) as other:
        RawPass._require_one_layout([files[0], files[0]], [one, again])
        with pytest.raises(InputError, match=r"plain.dbn and .*sent.dbn: records of different"):
            RawPass._require_one_layout(files, [one, other])


def test_what_was_asked_for_twice_of_one_time_stays_apart() -> None:
    es, ew, both = file_of(0, 10, "ES"), file_of(1, 10, "EW"), file_of(2, 9, "EW", "ES")
    assert files_of_one_time([es, ew]) == [[es, ew]]
    assert files_of_one_time([es, ew, both]) == [[es, ew], [both]]
    later = file_of(10, 20, "ES")
    assert files_of_one_time([es, later]) == [[es], [later]]
