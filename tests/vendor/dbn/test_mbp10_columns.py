"""MBP-10 records as columns: every value, whatever blocks and row groups they come in."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pytest

from src.data_eng.catalogue.datasets import dataset
from src.data_eng.vendor.dbn.layout import UNDEF_PRICE
from src.data_eng.vendor.dbn.mbp10_columns import STAGED_ROWS, Mbp10Columns
from tests.dbn_files import mbp10_records

CONTRACT = dataset("bronze.future.market_by_price_10").contract()
ROWS = 2 * STAGED_ROWS + 700


def numbers(batch: pa.RecordBatch, name: str) -> list[Any]:
    column = batch.column(name)
    if pa.types.is_timestamp(column.type):
        column = column.cast(pa.int64())
    return list(column.to_pylist())


def with_undefined_prices(n: int) -> npt.NDArray[np.void]:
    records = mbp10_records(n)
    records["ask_px_09"][n // 2 :] = UNDEF_PRICE
    return records


def dollars(prices: npt.NDArray[np.int64]) -> list[float | None]:
    return [None if price == UNDEF_PRICE else price / 1e9 for price in prices.tolist()]


@pytest.mark.parametrize("every", [1, 3])
def test_a_block_of_any_size_gives_its_values(every: int) -> None:
    records = with_undefined_prices(ROWS)
    rows = np.arange(0, ROWS, every, dtype=np.uint64)
    columns = Mbp10Columns(CONTRACT, ROWS)
    assert columns.append(records, rows) == len(rows)
    batch, wanted = columns.batch("here", 0), records[rows]
    for name in ("ts_recv", "ts_event", "sequence", "size", "bid_sz_00", "ask_ct_09"):
        assert numbers(batch, name) == wanted[name].tolist()
    for name in ("price", "bid_px_00", "ask_px_00", "bid_px_09", "ask_px_09"):
        assert numbers(batch, name) == dollars(wanted[name])


def test_a_row_group_takes_what_fits_and_the_next_one_the_rest() -> None:
    records = with_undefined_prices(ROWS)
    rows = np.arange(ROWS, dtype=np.uint64)
    columns = Mbp10Columns(CONTRACT, STAGED_ROWS + 100)
    found: list[Any] = []
    while len(rows):
        taken = columns.append(records, rows)
        assert taken == min(len(rows), STAGED_ROWS + 100)
        found += numbers(columns.batch("here", 0), "ask_px_09")
        columns.clear()
        rows = rows[taken:]
    assert found == dollars(records["ask_px_09"])


@pytest.mark.parametrize("first_has_it", [False, True])
def test_files_with_and_without_ts_out_meet_in_a_row_group(*, first_has_it: bool) -> None:
    columns = Mbp10Columns(CONTRACT, 150)
    wanted: list[int | None] = []
    for has_it in (first_has_it, not first_has_it, first_has_it):
        records = mbp10_records(50, ts_out=has_it)
        columns.append(records, np.arange(50, dtype=np.uint64))
        wanted += records["ts_out"].tolist() if has_it else [None] * 50
    assert numbers(columns.batch("here", 0), "ts_out") == wanted


def test_a_row_group_without_ts_out_after_one_with_it_has_none() -> None:
    columns = Mbp10Columns(CONTRACT, 50)
    columns.append(mbp10_records(50, ts_out=True), np.arange(50, dtype=np.uint64))
    columns.clear()
    columns.append(mbp10_records(50), np.arange(50, dtype=np.uint64))
    assert columns.batch("here", 0).column("ts_out").null_count == 50
