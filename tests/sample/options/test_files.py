from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import databento
import databento_dbn
import numpy as np
import pytest
import zstandard
from databento.common.symbology import InstrumentMap

from src.data_eng.errors import UsageError
from src.data_eng.sample import SampleFuture, SampleOptions, write_option_day
from src.data_eng.sample.options import files as module

from ..conftest import SUMMER
from .conftest import SAMPLE, Recorded, midnight

FOLDER = "source=databento/product_type=future_option/symbol=ES"
NAMES = {
    "definition": "glbx-mdp3-20250605.definition.dbn.zst",
    "trades": "glbx-mdp3-20250605.trades.dbn.zst",
    "nbbo": "glbx-mdp3-20250605.mbp-1.dbn.zst",
    "statistics": "glbx-mdp3-20250605.statistics.dbn.zst",
}
MESSAGES = {
    "definition": databento_dbn.InstrumentDefMsg,
    "trades": databento_dbn.TradeMsg,
    "nbbo": databento_dbn.MBP1Msg,
    "statistics": databento_dbn.StatMsg,
}


def file_of(lake: Path, table: str) -> Path:
    return lake / FOLDER / f"table={table}" / NAMES[table]


def stored(lake: Path, table: str) -> Any:
    return databento.DBNStore.from_bytes(file_of(lake, table).read_bytes())


def small(seed: int = 7, **changes: Any) -> SampleOptions:
    given: dict[str, Any] = {"quotes": 6_000, "strikes": 7, "spreads": 50, "seed": seed}
    return SampleOptions(SampleFuture(SUMMER), **(given | changes))


@pytest.mark.parametrize("table", NAMES)
def test_the_vendors_client_reads_back_the_same_records(
    option_lake: Path, options: Recorded, table: str
) -> None:
    store = stored(option_lake, table)
    records = store.to_ndarray()
    assert records.dtype == np.dtype(MESSAGES[table]._dtypes)
    assert records.tobytes() == getattr(options, table).tobytes()


@pytest.mark.parametrize("table", NAMES)
def test_metadata_is_that_of_a_request_by_parents(
    option_lake: Path, options: Recorded, table: str
) -> None:
    meta = stored(option_lake, table).metadata
    schema = {"nbbo": "mbp-1"}.get(table, table)
    assert (meta.version, meta.dataset, str(meta.schema)) == (3, "GLBX.MDP3", schema)
    assert (str(meta.stype_in), str(meta.stype_out)) == ("parent", "instrument_id")
    assert meta.symbols[0] == "ES.OPT"
    assert {"E1D.OPT", "EW1.OPT", "EW.OPT"} <= set(meta.symbols)
    assert {f"{item.asset}.OPT" for item in options.day.chain.expiries} <= set(meta.symbols)
    assert (meta.start, meta.end) == (midnight(SUMMER), midnight(SUMMER) + 86_400 * 10**9)
    interval = {"start_date": SUMMER, "end_date": dt.date(2025, 6, 6)}
    assert meta.mappings == {
        symbol: [interval | {"symbol": str(number)}] for symbol, number in options.day.mappings()
    }


def test_the_vendors_client_names_the_instruments(option_lake: Path, options: Recorded) -> None:
    names = InstrumentMap()
    names.insert_metadata(stored(option_lake, "trades").metadata)
    resolved = {number: names.resolve(number, SUMMER) for _, number in options.day.mappings()}
    assert resolved == {number: symbol for symbol, number in options.day.mappings()}


def test_records_stay_inside_the_day_in_order_of_receipt(options: Recorded) -> None:
    start = midnight(SUMMER)
    for table in NAMES:
        received = getattr(options, table)["ts_recv"].astype(np.int64)
        assert (np.diff(received) >= 0).all(), table
        assert start <= received[0], table
        assert received[-1] < start + 86_400 * 10**9, table


def test_metadata_and_records_are_frames_of_their_own(option_lake: Path) -> None:
    data = file_of(option_lake, "statistics").read_bytes()
    frames = []
    while data:
        frame = zstandard.ZstdDecompressor().decompressobj()
        frames.append(frame.decompress(data))
        data = frame.unused_data
    assert len(frames) == 2
    assert frames[0][:4] == b"DBN\x03"
    assert len(frames[1]) % 80 == 0


def test_same_sample_same_bytes_other_seed_other_bytes(tmp_path: Path) -> None:
    first = [path.read_bytes() for path in write_option_day(tmp_path / "a", small())]
    assert [path.read_bytes() for path in write_option_day(tmp_path / "b", small())] == first
    other = [path.read_bytes() for path in write_option_day(tmp_path / "c", small(seed=8))]
    assert all(a != b for a, b in zip(first, other, strict=True))


def test_side_files_of_two_days(tmp_path: Path) -> None:
    write_option_day(tmp_path, small())
    later = SampleFuture(dt.date(2025, 6, 6))
    write_option_day(tmp_path, SampleOptions(later, quotes=6_000, strikes=7, spreads=50))
    for table, name in NAMES.items():
        folder = tmp_path / FOLDER / f"table={table}"
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        named = {item["filename"] for item in manifest["files"]}
        assert {name, name.replace("0605", "0606")} <= named
        query = json.loads((folder / "metadata.json").read_text(encoding="utf-8"))["query"]
        assert query["schema"] == name.split(".")[1]
        symbology = json.loads((folder / "symbology.json").read_text(encoding="utf-8"))
        # 0DTE of the first day is gone on the second, the quarterly is on both.
        counts = {key: len(value) for key, value in symbology["result"].items()}
        assert {counts[key] for key in counts if key.startswith("E1DM5 ")} == {1}
        assert 2 in {counts[key] for key in counts if key.startswith("ESM5 ")}
        assert "E1D.OPT" in symbology["symbols"]
        # Every day is asked for by the same parents, whatever is listed on it.
        metas = [
            databento.DBNStore.from_bytes((folder / one).read_bytes()).metadata
            for one in (name, name.replace("0605", "0606"))
        ]
        assert metas[0].symbols == metas[1].symbols


def test_a_day_that_is_there_is_left_alone_and_a_broken_one_made_whole(tmp_path: Path) -> None:
    paths = write_option_day(tmp_path, small())
    before = [path.stat().st_mtime_ns for path in paths]
    write_option_day(tmp_path, small(seed=8))
    assert [path.stat().st_mtime_ns for path in paths] == before
    content = [path.read_bytes() for path in paths]
    paths[1].unlink()
    write_option_day(tmp_path, small())
    assert [path.read_bytes() for path in paths] == content


def test_a_failed_write_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: Any) -> Any:
        raise OSError("disk full")
        yield

    monkeypatch.setattr(module, "option_chunks", broken)
    with pytest.raises(OSError, match="disk full"):
        write_option_day(tmp_path, small())
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"strikes": 4}, "strikes must be 5 to 450"),
        ({"spreads": -1}, "spreads must be 0"),
        ({"spread_share": 1.0}, "spread_share"),
        ({"seed": -1}, "seed"),
        ({"quotes": 100}, "quotes must be"),
        ({"future": SampleFuture(SUMMER, root="NQ")}, "roots with options: ES"),
    ],
)
def test_what_cannot_be_built_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        SampleOptions(**({"future": SAMPLE.future} | changes))
