"""Blocks of records: what lies between them, where blocks end, and illegal headers."""

from __future__ import annotations

import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from src.data_eng.errors import DbnDecodeError
from src.data_eng.vendor.dbn.layout import CONTROL_RTYPES, KNOWN_RTYPES, rtype_of
from src.data_eng.vendor.dbn.reader import MAX_ERROR_TEXTS, DbnReader
from tests.dbn_files import (
    Part,
    blank_records,
    decode,
    encode_header,
    error_record,
    live_header,
    mbp10_records,
    symbol_mapping_record,
    system_record,
    write_dbn,
    write_mbp10,
)

RECORDS = mbp10_records(12)
SIZE = RECORDS.dtype.itemsize

in_tmp_path = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def control(kind: str, version: int, ts_out: bool) -> bytes:
    if kind == "system":
        return system_record(version=version, ts_out=ts_out)
    if kind == "error":
        return error_record("slow reader", version=version, ts_out=ts_out)
    return symbol_mapping_record(77, "ESM5", version=version, ts_out=ts_out)


@pytest.mark.parametrize("version", [1, 2, 3])
@pytest.mark.parametrize("block_records", [1, 3, 4, 4096])
@pytest.mark.parametrize("kind", ["system", "error", "mapping"])
def test_a_control_record_at_every_position(
    tmp_path: Path, kind: str, block_records: int, version: int
) -> None:
    """Block boundaries among them, as ``block_records`` divides the number of records."""
    for at in range(len(RECORDS) + 1):
        between = control(kind, version, ts_out=False)
        parts: list[Part] = [RECORDS[:at], between, RECORDS[at:]]
        path = write_mbp10(tmp_path / "a.dbn", parts, version=version)
        records, reader, _ = decode(path, block_records=block_records)
        assert records.tobytes() == RECORDS.tobytes()
        assert dict(reader.other_records) == {between[1]: 1}
        assert reader.error_texts == (["slow reader"] if kind == "error" else [])
        assert reader.symbol_mappings == ([(77, "ESM5")] if kind == "mapping" else [])


@in_tmp_path
@given(
    pattern=st.lists(st.sampled_from("drsem"), max_size=30),
    block_records=st.integers(1, 9),
    version=st.sampled_from([1, 2, 3]),
    ts_out=st.booleans(),
    live=st.booleans(),
    frames=st.integers(0, 4),
)
def test_any_mixture_in_any_blocks(
    tmp_path: Path,
    pattern: list[str],
    block_records: int,
    version: int,
    ts_out: bool,
    live: bool,
    frames: int,
) -> None:
    """Trap 13: a live capture mixes record types, here with trades (``r``) as well."""
    records = mbp10_records(30, ts_out=ts_out)
    trade = blank_records("trades", 1, ts_out=ts_out)
    kinds = {"s": "system", "e": "error", "m": "mapping"}
    parts: list[Part] = []
    taken = 0
    for letter in pattern:
        if letter == "d" or (letter == "r" and not live):
            parts.append(records[taken : taken + 1])
            taken += 1
        else:
            parts.append(trade if letter == "r" else control(kinds[letter], version, ts_out))
    header = live_header if live else encode_header
    path = write_dbn(
        tmp_path / "a.dbn",
        header(version=version, ts_out=ts_out),
        parts,
        compression="zstd" if frames else "none",
        frames=max(frames, 1),
    )
    found, reader, _ = decode(path, "mbp-10", block_records=block_records)
    assert found.tobytes() == records[:taken].tobytes()
    assert reader.other_records.total() == len(parts) - taken
    assert len(reader.symbol_mappings) == pattern.count("m")
    assert len(reader.error_texts) == min(pattern.count("e"), MAX_ERROR_TEXTS)


@pytest.mark.parametrize("name", ["a.dbn", "a.dbn.zst"])
@pytest.mark.parametrize("version", [1, 2, 3])
def test_ts_out_follows_every_record(tmp_path: Path, version: int, name: str) -> None:
    records = mbp10_records(9, ts_out=True)
    path = write_mbp10(tmp_path / name, records, version=version, ts_out=True)
    found, _, _ = decode(path, block_records=4)
    assert found.dtype.itemsize == 376
    np.testing.assert_array_equal(found["ts_out"], records["ts_out"])
    assert found.tobytes() == records.tobytes()


@pytest.mark.parametrize("ts_out", [False, True])
def test_records_and_header_must_agree_on_ts_out(tmp_path: Path, ts_out: bool) -> None:
    path = write_mbp10(tmp_path / "a.dbn", mbp10_records(3, ts_out=not ts_out), ts_out=ts_out)
    wrong, right = (376, 368) if not ts_out else (368, 376)
    with pytest.raises(DbnDecodeError, match=rf"a mbp-10 record of {wrong} bytes, not {right}"):
        decode(path)


@pytest.mark.parametrize("name", ["a.dbn", "a.dbn.zst"])
def test_a_file_without_records(tmp_path: Path, name: str) -> None:
    records, reader, digest = decode(write_mbp10(tmp_path / name, []))
    assert len(records) == 0
    assert not reader.other_records
    assert digest.bytes == (tmp_path / name).stat().st_size


def test_a_file_of_control_records_alone(tmp_path: Path) -> None:
    parts: list[Part] = [system_record(), symbol_mapping_record(1, "ESM5")] * 50
    records, reader, _ = decode(write_mbp10(tmp_path / "a.dbn", parts), block_records=1)
    assert len(records) == 0
    assert reader.symbol_mappings == [(1, "ESM5")] * 50


@pytest.mark.parametrize("count", [7, 8, 9, 16])
def test_blocks_are_as_large_as_asked_for_and_the_callers_to_keep(
    tmp_path: Path, count: int
) -> None:
    records = mbp10_records(count)
    with DbnReader(write_mbp10(tmp_path / "a.dbn.zst", records), block_records=8) as reader:
        blocks = list(reader.blocks())
    assert [len(block) for block in blocks] == [8] * (count // 8) + [count % 8] * (count % 8 > 0)
    assert np.concatenate(blocks).tobytes() == records.tobytes()


def test_error_texts_are_bounded(tmp_path: Path) -> None:
    parts: list[Part] = [error_record(f"error {i}") for i in range(50)]
    _, reader, _ = decode(write_mbp10(tmp_path / "a.dbn", parts))
    assert reader.other_records[0x15] == 50
    assert reader.error_texts == [f"error {i}" for i in range(MAX_ERROR_TEXTS)]


def test_texts_that_are_not_utf_8_are_shown_with_marks(tmp_path: Path) -> None:
    wrong = symbol_mapping_record(5, "ESM5").replace(b"ESM5", b"ES\xff5")
    _, reader, _ = decode(write_mbp10(tmp_path / "a.dbn", [wrong]))
    assert reader.symbol_mappings == [(5, "ES\ufffd5")]


def test_control_records_of_another_length_are_counted_not_read(tmp_path: Path) -> None:
    short = bytearray(symbol_mapping_record(5, "ESM5")[:32])
    short[0] = 8
    long = bytearray(error_record("long") + bytes(100))
    long[0] = len(long) // 4
    records, reader, _ = decode(
        write_mbp10(tmp_path / "a.dbn", [bytes(short), RECORDS, bytes(long)])
    )
    assert records.tobytes() == RECORDS.tobytes()
    assert reader.symbol_mappings == []
    assert reader.error_texts == ["long"]
    assert dict(reader.other_records) == {0x16: 1, 0x15: 1}


@pytest.mark.parametrize("block_records", [1, 5, 4096])
@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("length", 0, "a record header claims 0 bytes"),
        ("length", 3, "a record header claims 12 bytes"),
        ("length", 4, "a mbp-10 record of 16 bytes, not 368"),
        ("length", 91, "a mbp-10 record of 364 bytes, not 368"),
        ("length", 93, "a mbp-10 record of 372 bytes, not 368"),
        ("length", 255, "a mbp-10 record of 1020 bytes, not 368"),
        ("rtype", 0xFF, "unknown record type 0xFF"),
        ("rtype", 0x0B, "unknown record type 0x0B"),
    ],
)
@pytest.mark.parametrize("at", [0, 4, 5, 11])
def test_an_illegal_header_names_its_byte(
    tmp_path: Path, at: int, field: str, value: int, reason: str, block_records: int
) -> None:
    records = RECORDS.copy()
    records[field][at] = value
    header = encode_header()
    plain = write_dbn(tmp_path / "a.dbn", header, records)
    with pytest.raises(DbnDecodeError, match=reason) as caught:
        decode(plain, block_records=block_records)
    assert caught.value.offset == len(header) + at * SIZE
    assert str(plain) in str(caught.value)
    packed = write_dbn(tmp_path / "a.dbn.zst", header, records)
    with pytest.raises(DbnDecodeError, match=reason) as caught:
        decode(packed, block_records=block_records)
    where = f"(byte {len(header) + at * SIZE} of the decoded data)"
    assert where in str(caught.value)
    assert caught.value.offset <= packed.stat().st_size


@pytest.mark.parametrize("rtype", sorted(KNOWN_RTYPES - CONTROL_RTYPES - {rtype_of("mbp-10")}))
def test_another_type_in_a_file_of_one_schema_is_never_dropped_in_silence(
    tmp_path: Path, rtype: int
) -> None:
    records = RECORDS.copy()
    records["rtype"][5] = rtype
    path = write_mbp10(tmp_path / "a.dbn", records)
    with pytest.raises(DbnDecodeError, match=rf"type 0x{rtype:02X} in a mbp-10 file"):
        decode(path)


def test_trap_13_a_live_capture_needs_the_schema(tmp_path: Path) -> None:
    path = write_dbn(tmp_path / "a.dbn", live_header(), RECORDS)
    with pytest.raises(DbnDecodeError, match="schema None is not one of"):
        DbnReader(path)
    assert decode(path, "mbp-10")[0].tobytes() == RECORDS.tobytes()


def test_a_file_of_another_schema_than_wanted(tmp_path: Path) -> None:
    path = write_mbp10(tmp_path / "a.dbn", RECORDS)
    with pytest.raises(DbnDecodeError, match="holds schema mbp-10, but trades is wanted"):
        DbnReader(path, "trades")


def test_a_schema_that_is_not_decoded(tmp_path: Path) -> None:
    path = write_dbn(tmp_path / "a.dbn", encode_header(schema="ohlcv-1m"), [])
    with pytest.raises(DbnDecodeError, match="schema ohlcv-1m is not one of bbo-1m"):
        DbnReader(path)


@pytest.mark.parametrize("wrong", [b"", b"DBN", b"x" * 500])
def test_a_file_that_cannot_be_opened_is_closed_again(tmp_path: Path, wrong: bytes) -> None:
    """An open file that is collected is a ResourceWarning, which is an error in tests."""
    path = tmp_path / "a.dbn"
    path.write_bytes(wrong)
    with pytest.raises(DbnDecodeError):
        DbnReader(path)


def test_trap_01_memory_is_a_block_whatever_the_files_size(tmp_path: Path) -> None:
    """The reader holds one block: earlier blocks are gone once the caller lets go of them."""
    path = write_mbp10(tmp_path / "a.dbn", [mbp10_records(1000)] * 60)
    tracemalloc.start()
    with DbnReader(path, block_records=256) as reader:
        counted = sum(len(block) for block in reader.blocks())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert counted == 60_000
    assert peak < 6 << 20 < 60_000 * SIZE / 3  # four steps of a megabyte may wait to be hashed


@in_tmp_path
@given(data=st.data())
def test_all_field_values_pass_unchanged(tmp_path: Path, data: Any) -> None:
    records = RECORDS[:3].copy()
    for name in records.dtype.names or ():
        if name in {"length", "rtype"} or data.draw(st.booleans()):
            continue
        kind = records.dtype[name]
        raw = data.draw(st.binary(min_size=kind.itemsize, max_size=kind.itemsize))
        records[name][1] = np.frombuffer(raw, kind)[0]
    assert decode(write_mbp10(tmp_path / "a.dbn", records))[0].tobytes() == records.tobytes()


def test_a_recycled_block_gives_its_memory_to_a_later_one(tmp_path: Path) -> None:
    path = write_mbp10(tmp_path / "a.dbn", [mbp10_records(1000)] * 4)
    with DbnReader(path, block_records=500) as reader:
        seen, memory = [], set()
        for block in reader.blocks():
            seen.append(block.copy())
            memory.add(block.__array_interface__["data"][0])
            reader.recycle(block)
    assert len(memory) == 1 < len(seen)
    assert np.concatenate(seen).tobytes() == decode(path)[0].tobytes()
