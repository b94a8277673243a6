"""Headers: every version, padding, live captures, and headers that are wrong."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from src.data_eng.errors import DbnDecodeError
from src.data_eng.vendor.dbn import metadata
from src.data_eng.vendor.dbn.layout import UNDEF_TIMESTAMP
from src.data_eng.vendor.dbn.metadata import DbnMetadata, Mapping, read_metadata
from src.data_eng.vendor.dbn.stream import RawStream
from tests.dbn_files import (
    DATE,
    DAY_NS,
    Mapped,
    day_ns,
    decode,
    encode_header,
    live_header,
    mbp10_records,
    write_dbn,
    write_mbp10,
)

D1, D2, D3 = dt.date(2025, 6, 1), dt.date(2025, 6, 9), dt.date(2025, 6, 20)
INTERVALS: list[Mapped] = [
    ("ESM5", "5002", D1, D2),
    ("ESM5", "6001", D2, D3),
    ("ESM5-ESU5", "7", D1, D3),
]


def header_of(path: Path) -> DbnMetadata:
    with RawStream(path) as stream:
        return read_metadata(stream)


@pytest.mark.parametrize("version", [1, 2, 3])
@pytest.mark.parametrize("name", ["a.dbn", "a.dbn.zst"])
def test_every_entry_of_the_header(tmp_path: Path, version: int, name: str) -> None:
    path = write_mbp10(tmp_path / name, [], mappings=INTERVALS, version=version, ts_out=True)
    assert header_of(path) == DbnMetadata(
        version=version,
        dataset="GLBX.MDP3",
        schema="mbp-10",
        start=day_ns(DATE),
        end=day_ns(DATE) + DAY_NS,
        stype_in="parent",
        stype_out="instrument_id",
        symbols=("ES.FUT",),
        mappings=tuple(Mapping(*mapped) for mapped in INTERVALS),
        ts_out=True,
    )


@pytest.mark.parametrize("padding", [0, 1, 7, 8, 4096, 3 << 20])
@pytest.mark.parametrize("version", [1, 2, 3])
def test_trap_07_padding_of_the_header_is_passed_over(
    tmp_path: Path, version: int, padding: int
) -> None:
    records = mbp10_records(3)
    path = write_mbp10(tmp_path / "a.dbn", records, version=version, padding=padding)
    assert decode(path)[0].tobytes() == records.tobytes()


def test_trap_10_symbols_are_the_query_and_mappings_the_contents(shared_data: Path) -> None:
    meta = header_of(shared_data / "definition/definition-glbx-es-opt.dbn.zst")
    assert meta.symbols == ("ES.OPT",)
    assert len({mapping.symbol_in for mapping in meta.mappings}) == 11_294


def test_trap_11_partly_mapped_symbols_are_no_error(shared_data: Path) -> None:
    # 8,429 of the symbols are listed as partial too.
    meta = header_of(shared_data / "definition/definition-glbx-es-opt.dbn.zst")
    assert len(meta.mappings) > 11_294


def test_trap_12_intervals_may_reach_beyond_the_query(shared_data: Path) -> None:
    path = shared_data / "future_ES/futures_trades_2024-07-01T23-58_2024-07-02T00-02.dbn.zst"
    meta = header_of(path)
    last = max(mapping.end for mapping in meta.mappings)
    assert day_ns(last) > meta.end
    assert last == dt.date(2024, 7, 3)


@pytest.mark.parametrize("version", [1, 2, 3])
def test_trap_13_header_of_a_live_capture(tmp_path: Path, version: int) -> None:
    meta = header_of(write_dbn(tmp_path / "a.dbn", live_header(version), []))
    assert (meta.schema, meta.stype_in, meta.start, meta.end) == (None, None, 0, UNDEF_TIMESTAMP)
    assert meta.mappings == ()


def test_an_interval_without_a_symbol_maps_nothing(tmp_path: Path) -> None:
    path = write_mbp10(tmp_path / "a.dbn", [], mappings=[("ESM5", "", D1, D2), *INTERVALS[1:]])
    assert [mapping.start for mapping in header_of(path).mappings] == [D2, D1]


@pytest.mark.parametrize("version", [0, 4, 127, 255])
def test_trap_14_other_versions_are_refused(tmp_path: Path, version: int) -> None:
    header = bytearray(encode_header())
    header[3] = version
    path = write_dbn(tmp_path / "a.dbn", bytes(header), mbp10_records(1))
    with pytest.raises(DbnDecodeError, match=rf"DBN version {version} is not supported") as caught:
        header_of(path)
    assert caught.value.offset == 3


@pytest.mark.parametrize("length", [2**32 - 1, 2**31, (256 << 20) + 1])
@pytest.mark.parametrize("name", ["a.dbn", "a.dbn.zst"])
def test_a_header_that_claims_gigabytes_is_refused(tmp_path: Path, name: str, length: int) -> None:
    header = encode_header()
    path = write_dbn(tmp_path / name, header[:4] + length.to_bytes(4, "little") + header[8:], [])
    with pytest.raises(DbnDecodeError, match=rf"the header claims {length} bytes"):
        header_of(path)


@pytest.mark.parametrize("version", [1, 2, 3])
@pytest.mark.parametrize("length", [0, 1, 50, 99, 100, 101, 102, 103])
def test_a_header_that_claims_too_little_is_refused(
    tmp_path: Path, length: int, version: int
) -> None:
    """From 100 to 103 bytes the vendor's decoder panics."""
    header = encode_header(version=version)
    path = write_dbn(tmp_path / "a.dbn", header[:4] + length.to_bytes(4, "little") + header[8:], [])
    with pytest.raises(DbnDecodeError, match=rf"the header claims {length} bytes"):
        header_of(path)


def test_a_panic_of_the_decoder_is_a_malformed_header(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class PanicException(BaseException):
        pass

    def panics(_header: bytes) -> None:
        raise PanicException("mid > len")

    monkeypatch.setattr(metadata, "_decoded", panics)
    path = write_dbn(tmp_path / "a.dbn", encode_header(), [])
    with pytest.raises(DbnDecodeError, match=r"the header is malformed \(mid > len\)"):
        header_of(path)


def test_a_header_that_claims_more_than_the_file_holds(tmp_path: Path) -> None:
    header = encode_header()
    longer = header[:4] + (200 << 20).to_bytes(4, "little") + header[8:]
    path = write_dbn(tmp_path / "a.dbn", longer, [])
    with pytest.raises(DbnDecodeError, match="truncated in the header") as caught:
        header_of(path)
    assert caught.value.offset == len(header)


@pytest.mark.parametrize("version", [1, 2, 3])
def test_symbols_that_are_not_utf_8_are_refused(tmp_path: Path, version: int) -> None:
    header = encode_header(version=version, mappings=INTERVALS)
    at = header.index(b"ESM5")
    path = write_dbn(tmp_path / "a.dbn", header[:at] + b"\xff\xfe" + header[at + 2 :], [])
    with pytest.raises(DbnDecodeError, match="the header is malformed") as caught:
        header_of(path)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize("date", [0, 1, 99_999_999, 20_250_230, 2**32 - 1])
def test_mapping_dates_that_are_no_dates_are_refused(tmp_path: Path, date: int) -> None:
    header = encode_header(mappings=INTERVALS)
    wrong = header.replace((20_250_609).to_bytes(4, "little"), date.to_bytes(4, "little"))
    assert wrong != header
    path = write_dbn(tmp_path / "a.dbn", wrong, [])
    with pytest.raises(DbnDecodeError, match="the header is malformed"):
        header_of(path)


@pytest.mark.parametrize("content", [b"D", b"DBN", b"DBN\x03\x00", b"PK\x03\x04" * 9, b"\0" * 99])
def test_what_is_no_dbn_file_says_so(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.dbn"
    path.write_bytes(content)
    with pytest.raises(DbnDecodeError, match="not a DBN file") as caught:
        header_of(path)
    assert (caught.value.path, caught.value.offset) == (str(path), 0)


def test_trap_14_a_fragment_without_header_says_so(tmp_path: Path) -> None:
    path = tmp_path / "a.dbn.frag"
    path.write_bytes(mbp10_records(2).tobytes())
    with pytest.raises(DbnDecodeError, match="not a DBN file"):
        header_of(path)
