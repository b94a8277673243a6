"""Every real file against the vendor's client, and the traps that real files hold."""

from __future__ import annotations

import hashlib
from pathlib import Path

import databento
import numpy as np
import pytest

from src.data_eng.errors import DbnDecodeError
from src.data_eng.vendor.dbn.layout import SCHEMAS, UNDEF_PRICE
from src.data_eng.vendor.dbn.reader import DbnReader
from src.data_eng.vendor.dbn.stream import RawStream
from tests.conftest import SHARED_DATA
from tests.dbn_files import decode

FILES = sorted(
    path.relative_to(SHARED_DATA).as_posix()
    for path in SHARED_DATA.glob("*/*")
    if path.name.endswith((".dbn", ".dbn.zst"))
)
LEGACY = sorted(path.relative_to(SHARED_DATA).as_posix() for path in SHARED_DATA.glob("*/*.dbz"))
NONE = [pytest.param("", marks=pytest.mark.skip("no data"))]
ESH4_DAY = "future_ES/glbx-mdp3-20231225.mbp-10.dbn.zst"


@pytest.mark.parametrize("name", FILES or NONE)
def test_every_field_of_every_file_as_the_vendors_client(shared_data: Path, name: str) -> None:
    """Traps 08, 09: versions 1, 2 and 3 alike, a version 1 definition in its own layout."""
    path = shared_data / name
    if ".ohlcv-" in name or "_ohlcv-" in name:
        with pytest.raises(DbnDecodeError, match=r"schema ohlcv-1m is not one of bbo-1m, "):
            DbnReader(path)
        return
    records, reader, digest = decode(path)
    store = databento.DBNStore.from_bytes(path.read_bytes())
    oracle = store.to_ndarray()
    assert records.dtype == oracle.dtype
    assert len(records) == len(oracle)
    for field in records.dtype.names or ():
        np.testing.assert_array_equal(records[field], oracle[field], err_msg=field)
    assert reader.schema in SCHEMAS
    assert reader.schema == store.metadata.schema
    assert not reader.other_records
    content = path.read_bytes()
    assert (digest.bytes, digest.sha256) == (len(content), hashlib.sha256(content).hexdigest())


@pytest.mark.parametrize("name", LEGACY or NONE)
def test_trap_14_a_legacy_dbz_file_says_what_it_is(shared_data: Path, name: str) -> None:
    with pytest.raises(DbnDecodeError, match="a legacy DBZ file; download it again") as caught:
        DbnReader(shared_data / name)
    assert name in str(caught.value)


@pytest.mark.parametrize("name", FILES[:3] or NONE)
def test_headers_as_the_vendors_client_reads_them(shared_data: Path, name: str) -> None:
    path = shared_data / name
    with DbnReader(path) as reader:
        ours = reader.metadata
    theirs = databento.DBNStore.from_bytes(path.read_bytes()).metadata
    assert (ours.dataset, ours.start, ours.end) == (theirs.dataset, theirs.start, theirs.end)
    assert (ours.stype_in, ours.stype_out) == (theirs.stype_in, theirs.stype_out)
    assert list(ours.symbols) == theirs.symbols


def test_trap_06_the_header_is_a_frame_of_its_own(shared_data: Path) -> None:
    with RawStream(shared_data / "future_ES/esh4-glbx-mdp3-20231225.mbo.dbn.zst") as stream:
        header = stream.read(206)
        assert len(header) == 206  # what a one-frame decoder stops after
        assert 8 + int.from_bytes(header[4:8], "little") == 206
        assert len(stream.read(4 << 20)) == 68_792 * 56


def test_trap_07_header_padding_is_skipped_by_the_length_field(shared_data: Path) -> None:
    raw = (shared_data / "dbn_versions/test_data.mbp-1.dbn").read_bytes()
    length = 8 + int.from_bytes(raw[4:8], "little")
    assert (len(raw) - length) == 2 * 80
    records, _, _ = decode(shared_data / "dbn_versions/test_data.mbp-1.dbn")
    assert records.tobytes() == raw[length:]
    with RawStream(shared_data / "dbn_versions/test_data.mbp-1.v3.dbn.zst") as stream:
        v3 = stream.read(1 << 20)
    assert (8 + int.from_bytes(v3[4:8], "little")) % 8 == 0


def test_trap_04_a_file_may_hold_a_snapshot_alone(shared_data: Path) -> None:
    records, _, _ = decode(shared_data / "future_ES/glbx-mdp3-20231224.mbp-10.dbn.zst")
    assert len(records) == 1
    assert (records["action"][0], records["flags"][0]) == (b"A", 168)


def test_trap_20_21_equal_rows_stay(shared_data: Path) -> None:
    """Byte-identical rows are distinct trades: 9,892 contracts, 9,877 without the equal ones."""
    records, _, _ = decode(shared_data / "future_ES/glbx-mdp3-20231225.trades.dbn.zst")
    assert len(records) == 2973
    assert int(records["size"].sum()) == 9892
    assert len({row.tobytes() for row in records}) == 2973 - 15
    keys = records[["instrument_id", "ts_recv", "sequence"]]
    assert len(np.unique(keys)) < len(records)


def test_trap_22_23_27_trades_have_flags_of_their_own(shared_data: Path) -> None:
    records, _, _ = decode(shared_data / ESH4_DAY)
    trades = records["action"] == b"T"
    assert int(trades.sum()) == 2973
    assert set(records["flags"][trades].tolist()) == {0}  # not F_LAST, and kept all the same
    assert set(records["flags"][~trades].tolist()) <= {128, 130, 168}
    # The book before the trade: level 0 equals that of the record before.
    at = np.flatnonzero(trades)
    before = records[at - 1]
    unchanged = [
        (records["bid_px_00"][at] == before["bid_px_00"]).mean(),
        (records["ask_px_00"][at] == before["ask_px_00"]).mean(),
    ]
    assert min(unchanged) > 0.99


def test_trap_28_29_the_midnight_record_is_delivered_as_it_is(shared_data: Path) -> None:
    records, _, _ = decode(
        shared_data / "future_ES/futures_mbp-1_2024-07-01T23-58_2024-07-02T00-02.dbn.zst"
    )
    midnight = records[records["ts_recv"] % (86_400 * 10**9) == 0]
    assert len(midnight) == 1
    row = midnight[0]
    assert (row["action"], row["side"], int(row["flags"])) == (b"A", b"N", 168)
    assert int(row["ts_in_delta"]) == 0


def test_trap_29_30_31_opening_of_the_session(shared_data: Path) -> None:
    records, _, _ = decode(shared_data / ESH4_DAY)
    assert int(records["ts_recv"][0]) - int(records["ts_event"][0]) > 10 * 3600 * 10**9
    crossed = records["bid_px_00"] > records["ask_px_00"]
    crossed &= (records["bid_px_00"] != UNDEF_PRICE) & (records["ask_px_00"] != UNDEF_PRICE)
    assert int(crossed.sum()) == 144  # real, and not repaired
    auction = records[(records["action"] == b"T") & (records["side"] == b"N")]
    assert auction["size"].tolist() == [44]


def test_trap_34_36_37_order_is_the_files_own(shared_data: Path) -> None:
    records, _, _ = decode(
        shared_data / "future_option_ES/options_bbo-1m_2024-05-09T09-55_2024-05-09T10-05.dbn.zst"
    )
    assert (np.diff(records["ts_recv"].astype(np.int64)) >= 0).all()
    assert (np.diff(records["ts_event"].astype(np.int64)) < 0).any()
    assert len(np.unique(records["instrument_id"])) == 2


def test_trap_35_bytes_of_no_meaning_are_handed_on(shared_data: Path, tmp_path: Path) -> None:
    path = shared_data / "dbn_versions/test_data.bbo-1s.dbn"
    raw = bytearray(path.read_bytes())
    _, reader, _ = decode(path)
    fields = reader.dtype.fields
    assert fields is not None
    reserved = [name for name in fields if name.startswith("_")]
    assert reserved
    raw[len(raw) - reader.dtype.itemsize + fields[reserved[0]][1]] = 0x4D
    copy = tmp_path / "copy.dbn"
    copy.write_bytes(raw)
    records, _, _ = decode(copy)
    assert records[-1].tobytes() == bytes(raw[-reader.dtype.itemsize :])


def test_trap_40_undefined_prices_only_where_a_level_is_empty(shared_data: Path) -> None:
    records, _, _ = decode(shared_data / ESH4_DAY)
    for level in range(10):
        for side in ("bid", "ask"):
            empty = records[f"{side}_px_{level:02d}"] == UNDEF_PRICE
            np.testing.assert_array_equal(records[f"{side}_sz_{level:02d}"] == 0, empty)
            np.testing.assert_array_equal(records[f"{side}_ct_{level:02d}"] == 0, empty)


def test_version_1_and_3_of_one_day_hold_the_same_records(shared_data: Path) -> None:
    v3, _, _ = decode(shared_data / ESH4_DAY)
    v1, reader, _ = decode(shared_data / "future_ES/glbx-mdp3-20231225.mbp-10.v1.dbn.zst")
    assert reader.metadata.version == 1
    assert v1.tobytes() == v3.tobytes()


@pytest.mark.parametrize("block_records", [1, 3, 4096, 100_000])
def test_block_size_does_not_change_the_records(shared_data: Path, block_records: int) -> None:
    path = shared_data / "future_ES/glbx-mdp3-20231225.trades.dbn.zst"
    records, _, _ = decode(path, block_records=block_records)
    assert records.tobytes() == decode(path)[0].tobytes()
