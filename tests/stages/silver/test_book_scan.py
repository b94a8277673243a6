"""The scan of a day's book over records that are wrong and well formed."""

from __future__ import annotations

from pathlib import Path

import pytest

from src.data_eng.errors import ContractError
from tests.dbn_files import DATE, mbp10_records, write_mbp10
from tests.lakes import build, run

CLEAN = ["bronze.future.market_by_price_10", "silver.future.market_by_price_10_clean"]
SECONDS = "silver.future.market_by_price_10_1s"
RAW = "raw/source=databento/product_type=future/symbol=ES/table=market_by_price_10"


@pytest.mark.parametrize(
    ("columns", "size", "told"),
    [
        (["size"], 2**31 - 1, "trades of "),
        ([f"{side}_sz_{k:02d}" for side in ("bid", "ask") for k in range(10)], 2**30, "displayed"),
    ],
    ids=["trades", "displayed"],
)
def test_sums_that_would_wrap_are_an_error(
    tmp_path: Path, columns: list[str], size: int, told: str
) -> None:
    records = mbp10_records(400)
    for name in columns:
        records[name] = size
    write_mbp10(tmp_path / RAW / "day.dbn.zst", records)
    build(CLEAN[:1], tmp_path, "ES", DATE)
    build(CLEAN[1:], tmp_path, "ESM5", DATE)
    with pytest.raises(ContractError, match=rf"{told}.*their sums would not be exact"):
        run(SECONDS, tmp_path, "ESM5", DATE)
    assert not list((tmp_path / "silver").rglob("table=*_1s/dt=*"))


def test_levels_of_a_book_out_of_order_are_an_error(tmp_path: Path) -> None:
    records = mbp10_records(400)
    records["bid_px_02"][321] = records["bid_px_00"][321] + 250_000_000
    write_mbp10(tmp_path / RAW / "day.dbn.zst", records)
    build(CLEAN[:1], tmp_path, "ES", DATE)
    build(CLEAN[1:], tmp_path, "ESM5", DATE)
    told = r"field bid_px_02, row 321: [0-9.]+ is out of order behind bid_px_01 [0-9.]+: no book"
    with pytest.raises(ContractError, match=told):
        run(SECONDS, tmp_path, "ESM5", DATE)
    assert not list((tmp_path / "silver").rglob("table=*_1s/dt=*"))
