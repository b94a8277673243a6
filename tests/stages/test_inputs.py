"""What a stage reads is what its manifest then says that it read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from src.data_eng.catalogue.datasets import dataset
from src.data_eng.errors import CorruptPartitionError, PartitionNotFoundError
from src.data_eng.exchange.calendar import sessions_before
from src.data_eng.lake.manifest import PartitionInput
from src.data_eng.lake.paths import Partition
from src.data_eng.settings import Settings
from src.data_eng.stages.inputs import Inputs, RawInputs
from src.data_eng.stages.reads import Read, ReadEarlier
from src.data_eng.vendor.files import find_raw_day
from src.data_eng.vendor.raw_listing import RawListing
from tests.dbn_files import DATE, mbp10_records, write_mbp10
from tests.published_trades import KEY, PARTITION, damage_prices, publish_table, trades

OPTION_TRADES = "bronze.future_option.trades"


def inputs(lake: Path, *reads: Read | ReadEarlier) -> Inputs:
    return Inputs(lake, reads, "ESM5", DATE, "volume")


def test_what_was_read_is_verified_before_it_is_recorded(tmp_path: Path) -> None:
    publish_table(tmp_path, trades())
    with inputs(tmp_path, Read(KEY)) as whole:
        (entry,) = whole.entries()
    assert isinstance(entry, PartitionInput)
    assert (entry.dataset, entry.symbol, entry.dt) == (KEY, "ESM5", str(DATE))
    damage_prices(tmp_path)
    with inputs(tmp_path, Read(KEY)) as damaged:
        assert damaged[KEY].table.read(["size"]).num_rows == trades().num_rows
        with pytest.raises(CorruptPartitionError, match="SHA-256 of part-00000"):
            damaged.entries()


def test_a_table_of_the_date_is_required(tmp_path: Path) -> None:
    """Also one that others may do without."""
    for key in (KEY, OPTION_TRADES):
        with pytest.raises(PartitionNotFoundError, match="no complete partition"):
            inputs(tmp_path, Read(key))


def test_a_table_that_may_be_left_out_and_was_not_is_required(tmp_path: Path) -> None:
    optional = Read(OPTION_TRADES, may_be_left_out=True)
    with inputs(tmp_path, optional) as without:
        assert without.get(OPTION_TRADES) is None
        assert without.left_out[OPTION_TRADES].endswith("has no raw file")
    raw = tmp_path / dataset("raw.future_option.trades").folder("ES")
    raw.mkdir(parents=True)
    (raw / "a.dbn").touch()
    with pytest.raises(PartitionNotFoundError, match="no complete partition"):
        inputs(tmp_path, optional)
    assert not (tmp_path / dataset(OPTION_TRADES).folder("ESM5")).exists()


def test_deep_hashes_raw_files(tmp_path: Path) -> None:
    raw = dataset("raw.future.market_by_price_10")
    path = write_mbp10(tmp_path / raw.folder("ES") / "a.dbn", mbp10_records(3))
    os.utime(path, ns=(10**18, 10**18))
    found = RawInputs(find_raw_day(tmp_path, raw, "ES", DATE))
    (before,) = found.current(Settings(lake_root=tmp_path), RawListing(tmp_path))
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    with path.open("r+b") as file:
        file.write(content)
    os.utime(path, ns=(10**18, 10**18))
    assert found.current(Settings(lake_root=tmp_path), RawListing(tmp_path)) == (before,)
    (after,) = found.current(Settings(lake_root=tmp_path, deep=True), RawListing(tmp_path))
    assert after.sha256 != before.sha256


def test_tables_of_earlier_sessions_are_hashed_on_request(tmp_path: Path) -> None:
    """A little of them is read, and page checksums tell of that."""
    (before,) = sessions_before(DATE, 1)
    earlier = Partition(PARTITION.dataset, "ESM5", before)
    publish_table(tmp_path, trades(), earlier)
    damage_prices(tmp_path, earlier)
    with inputs(tmp_path, ReadEarlier(KEY, 1)) as found:
        (session,) = found.earlier(KEY)
        assert session.table is not None
        assert session.table.table.read(["size"]).num_rows == trades().num_rows
        found.verify()
        with pytest.raises(CorruptPartitionError, match=f"{before}.*SHA-256 of part-00000"):
            found.verify(whole=True)
