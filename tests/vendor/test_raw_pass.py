"""What the files of one pass must have in common, and what their headers bound."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from src.data_eng.errors import InputError
from src.data_eng.stages.outcome import Status
from src.data_eng.vendor.dbn.metadata import DbnMetadata
from src.data_eng.vendor.dbn.reader import DbnReader
from src.data_eng.vendor.raw_file import RawFile, raw_file
from src.data_eng.vendor.raw_pass import RawPass, files_of_one_time
from tests.dbn_files import DATE, mbp10_records, write_mbp10
from tests.lakes import run_request
from tests.option_files import CHAIN, events, write_day, write_table
from tests.s3_hosts import Hosts


def file_of(start: int, end: int, *symbols: str) -> RawFile:
    meta = DbnMetadata(3, "GLBX.MDP3", "mbp-1", start, end, "parent", None, symbols, (), False)
    return raw_file(Path(f"{start}.dbn"), f"{start}.dbn", meta)


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


def test_files_on_object_storage_are_fetched_when_they_are_read(
    hosts: Hosts, tmp_path: Path
) -> None:
    # Larger than what is fetched for a header: before the pass only that much is here.
    write_day(tmp_path)
    ids = [option.instrument_id for option in CHAIN] * 2_000
    quotes = events("mbp-1", ids, action=b"A", bid_px_00=10**9)
    quotes["sequence"] = np.random.default_rng(1).integers(0, 2**32, len(quotes))
    path = write_table(tmp_path, "nbbo", "mbp-1", quotes)
    assert path.stat().st_size > 64 << 10
    for one in (tmp_path / "raw").rglob("*.dbn*"):
        hosts.client().put(one.relative_to(tmp_path).as_posix(), one)
    found = run_request("future_option", "bronze", [DATE], hosts.host("here"))
    assert {one.status for one in found} == {Status.WRITTEN}
