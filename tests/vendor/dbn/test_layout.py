"""Record layouts against the vendor's sizes, and the words that the kernels count on."""

from __future__ import annotations

import databento_dbn as dbn
import numpy as np
import pytest

from src.data_eng.vendor.dbn.layout import (
    CONTROL_RTYPES,
    FLAGS,
    KNOWN_RTYPES,
    RECORD_HEADER_BYTES,
    SCHEMAS,
    error_dtype,
    record_dtype,
    rtype_of,
    symbol_mapping_dtype,
)

SIZES = {
    "mbo": (56, 56, 56),
    "trades": (48, 48, 48),
    "mbp-1": (80, 80, 80),
    "tbbo": (80, 80, 80),
    "bbo-1s": (80, 80, 80),
    "bbo-1m": (80, 80, 80),
    "mbp-10": (368, 368, 368),
    "definition": (360, 400, 520),
    "statistics": (64, 64, 80),
}


@pytest.mark.parametrize("version", [1, 2, 3])
@pytest.mark.parametrize("schema", sorted(SCHEMAS))
def test_trap_09_record_sizes_by_version(schema: str, version: int) -> None:
    dtype = record_dtype(schema, version)
    assert dtype.itemsize == SIZES[schema][version - 1]
    assert dtype.itemsize % 4 == 0  # the header counts in 4-byte words
    with_ts_out = record_dtype(schema, version, ts_out=True)
    assert with_ts_out.itemsize == dtype.itemsize + 8
    assert with_ts_out.names is not None
    assert with_ts_out.names[-1] == "ts_out"


@pytest.mark.parametrize("schema", sorted(SCHEMAS))
def test_rtype_is_the_vendors(schema: str) -> None:
    assert rtype_of(schema) == int(dbn.RType.from_schema(dbn.Schema.from_str(schema)).value)
    assert rtype_of(schema) in KNOWN_RTYPES
    assert rtype_of(schema) not in CONTROL_RTYPES


def test_every_record_starts_with_the_same_header() -> None:
    for schema in SCHEMAS:
        for version in (1, 2, 3):
            fields = record_dtype(schema, version).fields
            assert fields is not None
            offsets = {name: fields[name][1] for name in ("length", "rtype", "instrument_id")}
            assert offsets == {"length": 0, "rtype": 1, "instrument_id": 4}
            assert fields["ts_event"][1] + 8 == RECORD_HEADER_BYTES


def test_control_records_by_version() -> None:
    assert [symbol_mapping_dtype(v).itemsize for v in (1, 2, 3)] == [80, 176, 176]
    assert symbol_mapping_dtype(3, ts_out=True).itemsize == 184
    assert [error_dtype(v).itemsize for v in (1, 2, 3)] == [80, 320, 320]


def test_mbp10_word_offsets_of_the_kernels() -> None:
    fields = record_dtype("mbp-10", 3, ts_out=True).fields
    assert fields is not None
    words64 = {"ts_event": 1, "price": 2, "ts_recv": 4, "ts_out": 46}
    words32 = {"instrument_id": 1, "size": 6, "action": 7, "ts_in_delta": 10, "sequence": 11}
    for k in range(10):
        words64 |= {f"bid_px_{k:02d}": 6 + 4 * k, f"ask_px_{k:02d}": 7 + 4 * k}
        for i, name in enumerate(("bid_sz", "ask_sz", "bid_ct", "ask_ct")):
            words32[f"{name}_{k:02d}"] = 16 + 8 * k + i
    for name, word in words64.items():
        assert (fields[name][1], fields[name][0].itemsize) == (8 * word, 8), name
    for name, word in words32.items():
        assert fields[name][1] == 4 * word, name
    within = [fields[name][1] - 28 for name in ("action", "side", "flags", "depth")]
    assert within == [0, 1, 2, 3]


def test_flag_bits_are_distinct_and_cover_all_but_the_reserved_one() -> None:
    bits = list(FLAGS.values())
    assert FLAGS == {
        "f_last": 128,
        "f_tob": 64,
        "f_snapshot": 32,
        "f_mbp": 16,
        "f_bad_ts_recv": 8,
        "f_maybe_bad_book": 4,
        "f_publisher_specific": 2,
    }
    assert int(np.bitwise_or.reduce(bits)) == 254
