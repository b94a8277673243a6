"""What Bronze manifests say of the records' cover, and what is handed on."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import databento
import numpy as np
import pytest

from src.data_eng.catalogue import tables
from src.data_eng.catalogue.datasets import Dataset, dataset
from src.data_eng.cli import status
from src.data_eng.errors import InputError
from src.data_eng.lake.manifest import Manifest
from src.data_eng.lake.paths import Partition
from src.data_eng.lake.reader import PublishedPartition
from src.data_eng.stages.outcome import Outcome, Status
from tests.dbn_files import DATE, DAY_NS, day_ns, mbp10_records, write_mbp10
from tests.lakes import build, run, run_request
from tests.option_files import CHAIN, OPEN_NS, definitions, events, write_day, write_table
from tests.stages.silver.market_lake import BRONZE, CLEAN, SHIFTED, SHIFTED_DATE, rows, shifted_day

SECOND = 10**9
PRE_MARKET = day_ns(DATE) + 8 * 3600 * SECOND
GRID_END = day_ns(DATE) + (16 * 3600 + 1800) * SECOND


def manifest(lake: Path, table: Dataset, symbol: str = "ESM5", date: dt.date = DATE) -> Manifest:
    with PublishedPartition(lake, Partition(table, symbol, date)) as published:
        return published.manifest


def facts(lake: Path, key: str, symbol: str = "ESM5", date: dt.date = DATE) -> dict[str, Any]:
    return manifest(lake, dataset(key), symbol, date).facts


def write_times(lake: Path, times: list[int], end: int | None = None, action: bytes = b"A") -> Path:
    """Write complete two-sided books at given times, in a file whose header may state its end."""
    records = mbp10_records(len(times))
    records["ts_recv"] = records["ts_event"] = times
    records["action"], records["flags"] = action, 0x80
    path = lake / dataset("raw.future.market_by_price_10").folder("ES") / "a.mbp-10.dbn.zst"
    return write_mbp10(path, records, end_ns=end)


def bronze(lake: Path) -> Outcome:
    return run(BRONZE.key, lake, "ES", DATE)


def test_the_real_day_and_what_is_handed_on(tmp_path: Path, shared_data: Path) -> None:
    symbol = shifted_day(tmp_path, shared_data)
    raw = databento.DBNStore.from_bytes((shared_data / "future_ES" / SHIFTED).read_bytes())
    times = raw.to_ndarray()["ts_recv"].astype(np.int64)
    found = facts(tmp_path, BRONZE.key, symbol, SHIFTED_DATE)
    day = day_ns(SHIFTED_DATE)
    window = [day + 9 * 3600 * SECOND, day + (17 * 3600 + 1800) * SECOND]  # winter time
    inside = times[(times >= window[0]) & (times <= window[1])]
    gaps = np.diff([window[0], *inside.tolist(), window[1]])
    silent = gaps[gaps > 60 * SECOND]
    handed_on = {
        "first_ts_recv_ns": int(times[0]),
        "last_ts_recv_ns": int(times[-1]),
        "covered_ns": [[day, day + DAY_NS]],
    }
    assert found.items() >= handed_on.items()
    assert found["steps_back"] == {"count": 0, "largest_ns": 0}
    assert found["silences"]["window_ns"] == window
    assert found["silences"]["count"] == len(silent) > 1
    assert found["silences"]["seconds"] == int(silent.sum()) / 1e9
    lengths = sorted(silent.tolist(), reverse=True)[:50]
    assert [one["seconds"] for one in found["silences"]["longest"]] == [n / 1e9 for n in lengths]
    for key in (CLEAN.key, tables.TRADES, tables.BEST_QUOTE, tables.SECONDS, tables.DISPLAYED):
        assert facts(tmp_path, key, symbol, SHIFTED_DATE).items() >= handed_on.items(), key


def test_the_one_second_table_counts_unknown_seconds(tmp_path: Path) -> None:
    # Known from 04:01 on, but for a silence of two minutes and the last half hour.
    first = PRE_MARKET + 60 * SECOND
    times = list(range(first, GRID_END - 1800 * SECOND + 1, 30 * SECOND))
    silence = (first + 3600 * SECOND, first + 3720 * SECOND)
    times = [t for t in times if not silence[0] < t < silence[1]]
    write_times(tmp_path, times, end=GRID_END + SECOND)
    assert bronze(tmp_path).status is Status.WRITTEN
    build([CLEAN.key, tables.SECONDS], tmp_path, "ESM5", DATE)
    found = facts(tmp_path, tables.SECONDS)
    # 04:00:00 to 04:01:00; a silence from its 60th second to the book at its 120th; the end.
    assert found["unknown_seconds"] == 60 + 60 + (1800 - 60)
    assert found["covered_ns"] == [[day_ns(DATE), GRID_END + SECOND]]


def test_steps_back_are_counted_and_kept_as_delivered(tmp_path: Path) -> None:
    times = [PRE_MARKET + n * SECOND for n in range(10)]
    times[4] -= 1_500_000_000
    times[7] = times[6]
    write_times(tmp_path, times, action=b"T")
    assert bronze(tmp_path).status is Status.WRITTEN
    found = facts(tmp_path, BRONZE.key)
    assert found["steps_back"] == {"count": 1, "largest_ns": 500_000_000}
    build([CLEAN.key, tables.TRADES], tmp_path, "ESM5", DATE)
    kept = rows(tmp_path, CLEAN, "ESM5", DATE)["ts_recv"].dt.epoch("ns").to_list()
    assert kept == times
    trades = rows(tmp_path, dataset(tables.TRADES), "ESM5", DATE)
    received = trades["ts_recv"].dt.epoch("ns").to_list()
    assert received == np.maximum.accumulate(times).tolist() != times


def test_a_step_back_beyond_the_bound_names_file_record_and_times(tmp_path: Path) -> None:
    times = [PRE_MARKET + n * SECOND for n in range(200)]
    times[150] -= 2 * SECOND + 1
    path = write_times(tmp_path, times)
    with pytest.raises(InputError) as found:
        bronze(tmp_path)
    told = str(found.value)
    for part in (
        str(path),
        "record 150 of ESM5",
        str(times[150]),
        str(times[149]),
        "1.000000001 s",
    ):
        assert part in told
    assert "download it again" in told
    assert not list(tmp_path.glob("bronze/**/dt=*"))


def test_other_contracts_may_step_back(tmp_path: Path) -> None:
    path = write_times(tmp_path, [PRE_MARKET + n * SECOND for n in range(20)])
    mine = mbp10_records(20)
    mine["ts_recv"] = mine["ts_event"] = [PRE_MARKET + n * SECOND for n in range(20)]
    other = mbp10_records(4, instrument_id=5003, start_ns=PRE_MARKET)
    write_mbp10(path, np.concatenate([mine, other]), symbols={5002: "ESM5", 5003: "ESU5"})
    assert bronze(tmp_path).status is Status.WRITTEN
    assert facts(tmp_path, BRONZE.key)["steps_back"]["count"] == 0


@pytest.mark.parametrize(
    "case",
    [
        (PRE_MARKET, GRID_END, None, None),
        (PRE_MARKET + 3600 * SECOND, GRID_END, None, "the records reach from 05:00:00 to 12:30:00"),
        (PRE_MARKET, GRID_END - 1, GRID_END, None),
        (PRE_MARKET, GRID_END - 9, GRID_END - 1, "the files cover 20:00:00-12:29:59"),
    ],
)
def test_a_day_that_falls_short_is_a_warning(
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    case: tuple[int, int, int | None, str | None],
) -> None:
    first, last, end, told = case
    write_times(tmp_path, [first, last], end=end)
    assert bronze(tmp_path).status is Status.WRITTEN
    short = [line for line in caplog.messages if "does not cover" in line]
    assert len(short) == (told is not None)
    assert told is None or told in short[0]


def test_a_long_silence_amid_the_records_is_a_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    # Of 30 minutes and of 15; of those before the first record and after the last nothing is told.
    silent = [(n * 3600, n * 3600 + length) for n, length in ((1, 1800), (3, 900), (5, 570))]
    times = [
        PRE_MARKET + n * SECOND
        for n in range(0, 6 * 3600, 30)
        if not any(first < n < last for first, last in silent)
    ]
    write_times(tmp_path, times)
    assert bronze(tmp_path).status is Status.WRITTEN
    told = "no record for 1,800 s from 05:00:00, 900 s from 07:00:00, New York: what the market"
    assert [told in line for line in caplog.messages].count(True) == 1
    assert status.main(["--lake-root", str(tmp_path)]) == 0
    assert f"silent: {BRONZE.key} ESM5 {DATE}: {told}" in capsys.readouterr().out


def test_the_options_tables_tell_it_too(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    write_day(tmp_path)
    ids = [option.instrument_id for option in CHAIN] * 2
    quotes = events("mbp-1", ids, action=b"A", bid_px_00=10**9)
    write_table(tmp_path, "nbbo", "mbp-1", quotes, end_ns=GRID_END - SECOND)
    run_request("future_option", "bronze", [DATE], tmp_path)
    short = [line for line in caplog.messages if "does not cover" in line]
    assert len(short) == 1
    assert "bronze.future_option.nbbo ESM5" in short[0]
    assert "12:29:59" in short[0]
    for table in ("definition", "trades", "nbbo", "statistics"):
        found = facts(tmp_path, f"bronze.future_option.{table}")
        end = GRID_END - SECOND if table == "nbbo" else day_ns(DATE) + DAY_NS
        assert found["covered_ns"] == [[day_ns(DATE), end]]
        if table != "definition":
            assert found["first_ts_recv_ns"] == OPEN_NS
            assert found["last_ts_recv_ns"] == OPEN_NS + 5 * 10**6
            starts = [one["start_ns"] for one in found["silences"]["longest"]]
            assert starts == [PRE_MARKET, OPEN_NS + 5 * 10**6]


def test_definitions_in_the_wrong_order_are_refused(tmp_path: Path) -> None:
    write_day(tmp_path)
    records = definitions(CHAIN)
    records["ts_recv"][0] += 2 * SECOND
    path = write_table(tmp_path, "definition", "definition", records)
    outcomes = run_request("future_option", "bronze", [DATE], tmp_path)
    failed = next(o for o in outcomes if o.dataset == "bronze.future_option.definition")
    assert failed.status is Status.FAILED
    assert str(path) in failed.reason
    assert "record 1 of ESM5" in failed.reason
