"""How much disk a run needs, and that it ends before it begins where there is less."""

from __future__ import annotations

from pathlib import Path

import pytest

from src.data_eng.errors import LakeError
from src.data_eng.pipeline.plan import Request, build_graph
from src.data_eng.pipeline.space import SIZES, Need, needed_space
from src.data_eng.settings import Settings
from tests.cli_runs import RAW
from tests.dbn_files import DATE, mbp10_records, write_mbp10
from tests.lake_partitions import OLD, PARTITION, publish

NEXT = DATE.replace(day=6)


def need(lake: Path, layer: str) -> Need:
    request = Request("future", layer, "ES", (DATE, NEXT), Settings(lake_root=lake))
    return needed_space(request, build_graph(request))


def test_what_is_not_there_by_the_raw_bytes_of_its_date(tmp_path: Path) -> None:
    path = write_mbp10(tmp_path / RAW / "f.dbn.zst", mbp10_records(300))
    found = need(tmp_path, "bronze")
    # There is nothing to make the next date from.
    share, _ = SIZES["market_by_price_10"]
    assert (found.partitions, found.bytes) == (1, round(share * path.stat().st_size))
    assert found.free_bytes > 0
    assert need(tmp_path, "all").bytes > 20_000_000  # the tables of a day's seconds
    assert need(tmp_path / "none", "all").partitions == 0


def test_what_the_lake_has_tells_the_size(tmp_path: Path) -> None:
    for date in (DATE, NEXT):
        write_mbp10(tmp_path / RAW / f"{date}.dbn.zst", mbp10_records(300), date=date)
    publish(tmp_path, OLD)
    before = need(tmp_path, "gold")
    other = tmp_path / "other"
    for date in (DATE, NEXT):
        write_mbp10(other / RAW / f"{date}.dbn.zst", mbp10_records(300), date=date)
    # Of the two dates of this table one is there, and tells how large the other will be.
    raw = sum(one.stat().st_size for one in (other / RAW).iterdir()) / 2
    share, _ = SIZES[PARTITION.dataset.table]
    assert need(other, "gold").partitions - before.partitions == 1
    assert need(other, "gold").bytes - before.bytes == pytest.approx(
        2 * share * raw - len(OLD), abs=2
    )


def test_a_run_that_needs_more_ends(tmp_path: Path) -> None:
    Need(1, 100, 100).require(tmp_path)
    with pytest.raises(LakeError, match=r"needs about 2.00 GB for 3 partitions, and 1.00 GB are"):
        Need(3, 2 * 10**9, 10**9).require(tmp_path)
