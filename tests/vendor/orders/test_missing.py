"""What the raw folders of a root lack."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from src.data_eng.vendor import raw_listing
from src.data_eng.vendor.orders.missing import missing_orders, wanted_tables
from tests.dbn_files import DATE, mbp10_records, write_mbp10

FUTURES = "raw/source=databento/product_type=future/symbol=ES/table=market_by_price_10"


def test_a_folder_is_listed_once_for_all_dates(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_mbp10(tmp_path / FUTURES / "own.dbn.zst", mbp10_records(10))
    looked: list[Path] = []
    raw_paths = raw_listing.raw_paths

    def counted(folder: Path) -> list[Path]:
        looked.append(folder)
        return raw_paths(folder)

    monkeypatch.setattr(raw_listing, "raw_paths", counted)
    dates = [DATE + dt.timedelta(days=n) for n in range(5)]
    (order,) = missing_orders(tmp_path, "ES", wanted_tables("ES", ["future"], "mbp-1"), dates)
    assert (order.first, order.last) == (dates[1], dates[-1])
    assert looked == [tmp_path / FUTURES]
