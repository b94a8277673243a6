"""The definitions by which the records of options are chosen."""

from __future__ import annotations

from pathlib import Path

import pytest

from src.data_eng.errors import InputError
from tests.dbn_files import DATE, DAY_NS, day_ns
from tests.lakes import run
from tests.option_files import CHAIN, definitions, write_day, write_table

TRADES = "bronze.future_option.trades"


@pytest.mark.parametrize("ts_recv", [0, 2**63, 2**64 - 1, day_ns(DATE) + DAY_NS])
def test_definitions_were_received_in_the_range_of_their_header(
    tmp_path: Path, ts_recv: int
) -> None:
    """One that lay behind it was passed over, and with it the records of its option."""
    write_day(tmp_path)
    defined = definitions(CHAIN)
    defined["ts_recv"][0] = ts_recv
    write_table(tmp_path, "definition", "definition", defined)
    with pytest.raises(InputError, match="outside its header's range"):
        run(TRADES, tmp_path, "ES", DATE)
    assert not list((tmp_path / "bronze").rglob("dt=*"))
