"""The real days of the shared data, from the raw file to Gold."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from zoneinfo import ZoneInfo

import databento
import numpy as np
import polars as pl

from src.data_eng.vendor.dbn.layout import UNDEF_PRICE
from tests.cli_runs import BRONZE, GOLD, RAW, SILVER, Runner
from tests.dbn_files import Records

NEW_YORK = ZoneInfo("America/New_York")
SYMBOL = "ESH4"


def place(lake: Path, source: Path, name: str) -> Records:
    """Put a file into the lake; return its records as the vendor's client reads them."""
    path = source / "future_ES" / name
    (lake / RAW).mkdir(parents=True)
    (lake / RAW / name).symlink_to(path)
    records: Records = databento.DBNStore.from_bytes(path.read_bytes()).to_ndarray()
    return records


def rows(lake: Path, table: str, date: str) -> pl.DataFrame:
    return pl.read_parquet(lake / table.format(SYMBOL) / f"dt={date}" / "part-00000.parquet")


def test_christmas_of_2023(run: Runner, tmp_path: Path, shared_data: Path) -> None:
    """Its only session opens at 18:00: Bronze and Silver hold it, Gold has no session to keep."""
    records = place(tmp_path, shared_data, "glbx-mdp3-20231225.mbp-10.dbn.zst")
    done = run(layer="all", dt="2023-12-25")
    assert done.code == 0
    bronze = rows(tmp_path, BRONZE, "2023-12-25")
    assert bronze.height == len(records) == 40_038
    for name in ("ts_recv", "ts_event"):
        assert bronze[name].dt.epoch("ns").to_list() == records[name].tolist()
    for name in ("sequence", "size", "depth", "flags", "ts_in_delta", "bid_sz_09", "ask_ct_03"):
        assert bronze[name].to_list() == records[name].tolist()
    for name in ("price", "bid_px_00", "ask_px_09"):
        wanted = [None if v == UNDEF_PRICE else v / 1e9 for v in records[name].tolist()]
        assert bronze[name].to_list() == wanted
    for name in ("action", "side"):
        assert bronze[name].to_list() == [v.decode() for v in records[name].tolist()]
    trades = bronze.filter(pl.col("action") == "T")
    # Stop orders print equal rows: without them it would be 9,877.
    assert (trades.height, trades["size"].sum()) == (2_973, 9_892)
    assert (trades["price"].min(), trades["price"].max()) == (4800.25, 4811.75)
    silver = rows(tmp_path, SILVER, "2023-12-25")
    assert silver.drop("ts_event_est").equals(bronze)
    assert not (tmp_path / "gold").exists()
    assert "Christmas" in done.out
    assert not done.uncovered


def test_the_shifted_day_of_2023(run: Runner, tmp_path: Path, shared_data: Path) -> None:
    records = place(tmp_path, shared_data, "glbx-mdp3-20231226.mbp-10.shifted.dbn.zst")
    done = run(layer="all", dt="2023-12-26")
    assert done.code == 0
    (told,) = done.uncovered
    assert "does not cover 04:00:00-12:30:00 New York: the records reach from 19:00:00 to" in told
    bounds = [
        int(dt.datetime(2023, 12, 26, h, 30, tzinfo=NEW_YORK).timestamp()) * 10**9 for h in (9, 12)
    ]
    times = records["ts_event"].astype(np.int64)
    inside = records[(times >= bounds[0]) & (times < bounds[1])]
    gold = rows(tmp_path, GOLD, "2023-12-26")
    assert gold.height == len(inside) == 17_693
    assert gold["sequence"].to_list() == inside["sequence"].tolist()


def test_a_day_of_one_snapshot(run: Runner, tmp_path: Path, shared_data: Path) -> None:
    place(tmp_path, shared_data, "glbx-mdp3-20231224.mbp-10.dbn.zst")
    done = run(layer="all", dt="2023-12-24")
    assert done.code == 0
    assert rows(tmp_path, BRONZE, "2023-12-24")["f_snapshot"].to_list() == [True]
    assert "Sunday" in done.out


def test_both_versions_give_the_same_rows(run: Runner, tmp_path: Path, shared_data: Path) -> None:
    found = []
    for name in ("glbx-mdp3-20231225.mbp-10.dbn.zst", "glbx-mdp3-20231225.mbp-10.v1.dbn.zst"):
        lake = tmp_path / name
        place(lake, shared_data, name)
        assert run(dt="2023-12-25", lake_root=str(lake)).code == 0
        found.append(rows(lake, BRONZE, "2023-12-25"))
    assert found[0].equals(found[1])
