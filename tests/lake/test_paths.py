"""Where partitions lie: inside the lake, whatever the symbol, and one place for each."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.data_eng.catalogue.datasets import dataset
from src.data_eng.errors import UsageError
from src.data_eng.lake.paths import (
    Partition,
    contracts_with_partition,
    partition_date,
    table_folders,
)
from tests.dbn_files import DATE

BRONZE = dataset("bronze.future.market_by_price_10")
GOLD = dataset("gold.future.market_by_price_10_first3h")


def test_the_layout() -> None:
    bronze, gold = Partition(BRONZE, "ESM5", DATE), Partition(GOLD, "ESM5", DATE)
    assert bronze.folder == Path(
        "bronze/source=databento/product_type=future/symbol=ESM5/table=market_by_price_10"
    ) / (f"dt={DATE}")
    assert gold.folder == Path(
        "gold/product_type=future/symbol=ESM5/table=market_by_price_10_first3h"
    ) / (f"dt={DATE}")
    assert gold.temporary_prefix == f".tmp-{DATE}-"
    assert bronze.lock_name != gold.lock_name


@pytest.mark.parametrize(
    "symbol",
    [
        *("", ".", "..", "../x", "ES/../..", "/etc", ".ES", "-ES", "_ES", "ES\n", "E S", "E\0"),
        *("E" * 65, "ES=1", "*", "E\u0405", "\uff25\uff33", "ES\u200b", "..\\x", "~"),
    ],
)
def test_what_is_no_folder_name_is_refused(symbol: str) -> None:
    with pytest.raises(UsageError, match="not the name of a folder"):
        Partition(BRONZE, symbol, DATE)


@given(st.text(max_size=70), st.dates())
def test_no_symbol_leads_out_of_its_table(symbol: str, date: dt.date) -> None:
    try:
        partition = Partition(BRONZE, symbol, date)
    except UsageError:
        return
    folder = Path("/lake") / partition.folder
    assert folder.resolve() == folder
    assert folder.parts[-3] == f"symbol={symbol}"
    assert "/" not in partition.lock_name
    assert partition_date(folder.name) == date


def test_a_message_of_a_long_symbol_is_short() -> None:
    with pytest.raises(UsageError) as refused:
        Partition(BRONZE, "x" * 10**6, DATE)
    assert len(str(refused.value)) < 300


@pytest.mark.parametrize(
    "name",
    [
        *("dt=2025-02-30", "dt=2025-6-05", "dt=20250605", "2025-06-05", "dt=2025-06-05\n", "dt="),
        *(".tmp-2025-06-05-a", "dt=2025-06-05-old", "DT=2025-06-05", "dt=\u0662025-06-05"),
    ],
)
def test_what_is_no_partition(name: str) -> None:
    assert partition_date(name) is None


def test_contracts_of_a_root_on_a_date(tmp_path: Path) -> None:
    later = DATE + dt.timedelta(1)
    for symbol, date in (("NQM5", DATE), ("ESZ5", DATE), ("ESM5", DATE), ("ESU5", later)):
        (tmp_path / Partition(BRONZE, symbol, date).folder).mkdir(parents=True)
    stray = tmp_path / Partition(BRONZE, "CLM5", DATE).folder
    stray.parent.mkdir(parents=True)
    stray.touch()
    assert contracts_with_partition(tmp_path, BRONZE, "ES", DATE) == ["ESM5", "ESZ5"]
    assert contracts_with_partition(tmp_path, BRONZE, "NQ", DATE) == ["NQM5"]
    assert contracts_with_partition(tmp_path, BRONZE, "CL", DATE) == []
    assert contracts_with_partition(tmp_path, GOLD, "ES", DATE) == []
    assert contracts_with_partition(tmp_path / "absent", BRONZE, "ES", DATE) == []


@pytest.mark.parametrize(
    "name", ["", "..", "E S", "ES%2F", "E'S", "E\nS", "\U0001f4a9", "A" * 65, "ESU5\n"]
)
def test_a_folder_of_no_symbol_is_no_stage_s(tmp_path: Path, name: str) -> None:
    """`clean` and `datasets` ended with it, and with them the word on all other symbols."""
    table = dataset("silver.future.trades")
    above = tmp_path / "silver/product_type=future"
    (above / f"symbol={name}" / "table=trades" / "dt=2025-06-05").mkdir(parents=True)
    (above / "symbol=ESM5").mkdir()
    assert list(table_folders(tmp_path, table)) == [("ESM5", above / "symbol=ESM5/table=trades")]
