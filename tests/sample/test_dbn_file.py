from __future__ import annotations

import datetime as dt
import hashlib
import json
from pathlib import Path
from typing import Any

import databento
import databento_dbn
import numpy as np
import pytest
import zstandard

from src.data_eng.sample import (
    MBP10_DTYPE,
    SampleFuture,
    market_by_price_10_chunks,
    sample_instruments,
    write_future_day,
)
from src.data_eng.sample import dbn_file as module
from src.data_eng.sample.__main__ import main

from .conftest import SUMMER, records_of

SAMPLE = SampleFuture(SUMMER, records=20_000, instruments=4)
FOLDER = "source=databento/product_type=future/symbol=ES/table=market_by_price_10"


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("lake") / "raw"
    write_future_day(root, SAMPLE)
    return root


def load(folder: Path, name: str) -> Any:
    return json.loads((folder / name).read_text(encoding="utf-8"))


def test_layout_is_the_vendors() -> None:
    assert np.dtype(databento_dbn.MBP10Msg._dtypes) == MBP10_DTYPE
    assert MBP10_DTYPE.itemsize == 368


def test_the_vendors_client_reads_back_the_same_records(lake: Path) -> None:
    path = lake / FOLDER / "glbx-mdp3-20250605.mbp-10.dbn.zst"
    store = databento.DBNStore.from_bytes(path.read_bytes())
    assert store.to_ndarray().tobytes() == records_of(SAMPLE).tobytes()
    meta = store.metadata
    assert (meta.version, meta.dataset, str(meta.schema)) == (3, "GLBX.MDP3", "mbp-10")
    assert (str(meta.stype_in), str(meta.stype_out)) == ("parent", "instrument_id")
    assert meta.symbols == ["ES.FUT"]
    start = int(np.datetime64(SUMMER, "ns").astype(np.int64))
    assert (meta.start, meta.end) == (start, start + 86_400 * 10**9)
    interval = {"start_date": SUMMER, "end_date": dt.date(2025, 6, 6)}
    assert meta.mappings == {
        item.symbol: [interval | {"symbol": str(item.instrument_id)}]
        for item in sample_instruments(SAMPLE)
    }


def test_metadata_and_records_are_frames_of_their_own(lake: Path) -> None:
    data = (lake / FOLDER / "glbx-mdp3-20250605.mbp-10.dbn.zst").read_bytes()
    frames = []
    while data:
        frame = zstandard.ZstdDecompressor().decompressobj()
        frames.append(frame.decompress(data))
        data = frame.unused_data
    assert len(frames) == 2
    assert frames[0][:4] == b"DBN\x03"
    assert len(frames[0]) == 8 + int.from_bytes(frames[0][4:8], "little")
    assert len(frames[1]) == 368 * records_of(SAMPLE).size


def test_same_sample_same_bytes_other_seed_other_bytes(lake: Path, tmp_path: Path) -> None:
    first = (lake / FOLDER / "glbx-mdp3-20250605.mbp-10.dbn.zst").read_bytes()
    assert write_future_day(tmp_path / "again", SAMPLE).read_bytes() == first
    other = SampleFuture(SUMMER, records=20_000, instruments=4, seed=8)
    assert write_future_day(tmp_path / "other", other).read_bytes() != first


def test_two_days_built_in_turn_do_not_disturb_each_other() -> None:
    other = SampleFuture(SUMMER, records=40_000, seed=9)
    pairs = zip(market_by_price_10_chunks(other), market_by_price_10_chunks(other), strict=True)
    assert all(a.tobytes() == b.tobytes() for a, b in pairs)


def test_side_files_of_several_dates_are_merged(tmp_path: Path) -> None:
    for day in (6, 5):
        write_future_day(tmp_path, SampleFuture(dt.date(2025, 6, day), records=5_000))
    folder = tmp_path / FOLDER
    names = ["condition.json", "manifest.json", "metadata.json", "symbology.json"]
    data = [f"glbx-mdp3-2025060{day}.mbp-10.dbn.zst" for day in (5, 6)]
    assert sorted(path.name for path in folder.iterdir()) == sorted(names + data)
    symbology = load(folder, "symbology.json")
    assert (symbology["start_date"], symbology["end_date"]) == ("2025-06-05", "2025-06-07")
    intervals = symbology["result"]["ESM5"]
    assert [(item["d0"], item["d1"]) for item in intervals] == [
        ("2025-06-05", "2025-06-06"),
        ("2025-06-06", "2025-06-07"),
    ]
    condition = load(folder, "condition.json")
    assert [item["date"] for item in condition] == ["2025-06-05", "2025-06-06"]
    assert {item["condition"] for item in condition} == {"available"}
    manifest = load(folder, "manifest.json")
    named = {item["filename"]: item for item in manifest["files"]}
    assert sorted(named) == sorted(set(names + data) - {"manifest.json"})
    for name, item in named.items():
        content = (folder / name).read_bytes()
        assert item["size"] == len(content)
        assert item["hash"] == f"sha256:{hashlib.sha256(content).hexdigest()}"
    assert load(folder, "metadata.json")["job_id"] == manifest["job_id"]


def test_a_date_that_is_there_is_left_alone(lake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = lake / FOLDER
    before = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    monkeypatch.setattr(module, "market_by_price_10_chunks", None)
    write_future_day(lake, SAMPLE)
    assert {path: path.stat().st_mtime_ns for path in folder.iterdir()} == before


def test_a_failed_write_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: SampleFuture) -> Any:
        yield records_of(SAMPLE)[:10]
        raise OSError("disk full")

    monkeypatch.setattr(module, "market_by_price_10_chunks", broken)
    with pytest.raises(OSError, match="disk full"):
        write_future_day(tmp_path, SAMPLE)
    assert list((tmp_path / FOLDER).iterdir()) == []


def test_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--lake-root", str(tmp_path), "--dt", "2025-06-05", "--records", "5000"]
    assert main([*arguments, "--instruments", "2", "--seed", "3"]) == 0
    path = Path(capsys.readouterr().out.strip())
    assert path.parent == tmp_path / "raw" / FOLDER
    assert main(["--lake-root", str(tmp_path), "--dt", "2025-06-07"]) == 2
    assert "Saturday" in capsys.readouterr().err
