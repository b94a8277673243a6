"""Runs of the future pipeline on small files: front month, traps of real files, reruns, windows."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from pathlib import Path
from zoneinfo import ZoneInfo

import databento_dbn as dbn
import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pytest

from src.data_eng.exchange.roll import calendar_front_month
from src.data_eng.vendor.dbn.layout import UNDEF_PRICE
from tests.cli_runs import BRONZE, GOLD, RAW, RECORDS, SILVER, Runner
from tests.dbn_files import (
    DATE,
    DAY_NS,
    START_NS,
    Part,
    Records,
    blank_records,
    day_mappings,
    day_ns,
    encode_header,
    error_record,
    live_header,
    mbp10_records,
    symbol_mapping_record,
    system_record,
    write_dbn,
    write_mbp10,
)

FILE = f"{RAW}/glbx-mdp3-20250605.mbp-10.dbn.zst"
ESU5 = 6003
SPREAD = 7004
EARLY_NS = START_NS - 3600 * 10**9
NEW_YORK = ZoneInfo("America/New_York")


def part(lake: Path, table: str = BRONZE, symbol: str = "ESM5", date: dt.date = DATE) -> Path:
    return lake / table.format(symbol) / f"dt={date}" / "part-00000.parquet"


def rows(lake: Path, table: str = BRONZE, **where: object) -> pl.DataFrame:
    return pl.read_parquet(part(lake, table, **where))  # type: ignore[arg-type]


def trades(instrument_id: int, volumes: list[int], start_ns: int = START_NS) -> Records:
    records = mbp10_records(len(volumes), instrument_id=instrument_id, start_ns=start_ns)
    records["action"], records["size"] = b"T", volumes
    return records


def in_time_order(*parts: Records) -> Records:
    together = np.concatenate(parts)
    return together[np.argsort(together["ts_recv"], kind="stable")]


SYMBOLS = {5002: "ESM5", ESU5: "ESU5", SPREAD: "ESM5-ESU5"}


def front_month_file(lake: Path, *parts: Records) -> None:
    write_mbp10(lake / FILE, in_time_order(*parts), symbols=SYMBOLS)


def test_the_highest_volume_before_the_open_decides(run: Runner, tmp_path: Path) -> None:
    """Not the volume of the day, not the number of records, not a spread."""
    front_month_file(
        tmp_path,
        trades(ESU5, [100], EARLY_NS),
        trades(5002, [60, 30], EARLY_NS),
        trades(SPREAD, [5000], EARLY_NS),
        trades(5002, [9000] * 50, START_NS + 10**9),
    )
    done = run(*RECORDS, layer="all")
    assert done.code == 0
    assert rows(tmp_path, symbol="ESU5")["instrument_id"].unique().to_list() == [ESU5]
    chosen = done.manifest(symbol="ESU5")["parameters"]["front_month"]
    assert chosen["symbol"] == "ESU5"
    assert chosen["basis"] == "volume before 09:30 America/New_York"
    volumes = {c["symbol"]: (c["volume_before_open"], c["volume"]) for c in chosen["candidates"]}
    assert volumes == {"ESM5": (90, 450_090), "ESU5": (100, 100)}
    assert chosen["differs_from_calendar"]
    assert any("the roll calendar says ESM5" in line for line in done.errors)
    assert not list((tmp_path / BRONZE.format("ESM5")).rglob("*"))


def test_without_a_trade_before_the_open_the_partition_decides(run: Runner, tmp_path: Path) -> None:
    front_month_file(tmp_path, trades(5002, [10]), trades(ESU5, [11]))
    done = run()
    assert done.manifest(symbol="ESU5")["parameters"]["front_month"]["basis"] == (
        "volume of the partition"
    )


def test_equal_volume_goes_to_the_nearer_expiry(run: Runner, tmp_path: Path) -> None:
    front_month_file(tmp_path, trades(ESU5, [5, 6], EARLY_NS), trades(5002, [11], EARLY_NS))
    chosen = run().manifest()["parameters"]["front_month"]
    assert (chosen["symbol"], chosen["basis"]) == ("ESM5", "nearest expiry (equal volume)")


BOOK = "market_by_price_10"
ROLL_DAY = dt.date(2025, 6, 16)
BY_RULE = {"volume": "ESM5", "calendar": "ESU5"}
"""Contract of that day in `roll_day_file`, by roll rule."""


def roll_day_file(lake: Path) -> None:
    start = day_ns(ROLL_DAY) + 12 * 3600 * 10**9
    write_mbp10(
        lake / RAW / "f.dbn.zst",
        in_time_order(trades(5002, [50], start), trades(ESU5, [20], start)),
        symbols={5002: "ESM5", ESU5: "ESU5"},
        date=ROLL_DAY,
    )


@pytest.mark.parametrize(("rule", "symbol"), BY_RULE.items(), ids=BY_RULE)
def test_roll_rules_on_the_roll_day(run: Runner, tmp_path: Path, rule: str, symbol: str) -> None:
    roll_day_file(tmp_path)
    done = run(dt=str(ROLL_DAY), roll_rule=rule)
    assert done.code == 0
    assert done.manifest(symbol=symbol, date=ROLL_DAY)["parameters"]["roll_rule"] == rule


def test_roll_rules_side_by_side_in_a_lake(run: Runner, tmp_path: Path) -> None:
    """What one made is neither stale nor an input by the other."""
    roll_day_file(tmp_path)
    for word in ("written", "complete"):
        for layer, table in (("bronze", BOOK), ("silver", f"{BOOK}_clean")):
            for rule, symbol in BY_RULE.items():
                flags = {"dt": str(ROLL_DAY), "roll_rule": rule, "layer": layer, "table": table}
                done = run("--log-format", "json", **flags)
                assert done.code == 0
                told = [json.loads(line) for line in done.out.splitlines()]
                found = [(one["symbol"], one["status"]) for one in told if "dataset" in one]
                assert found == [(symbol, word)]


def test_what_lies_between_the_records_is_counted(run: Runner, tmp_path: Path) -> None:
    records = mbp10_records(200)
    pieces: list[Part] = [
        records[:50],
        system_record(),
        symbol_mapping_record(5002, "ESM5"),
        records[50:120],
        error_record("lost"),
        records[120:],
    ]
    write_mbp10(tmp_path / FILE, pieces)
    done = run()
    assert rows(tmp_path).height == 200
    facts = done.manifest()["facts"]
    assert facts["other_records"] == {"0x15": 1, "0x16": 1, "0x17": 1}
    assert facts["gateway_errors"] == ["lost"]
    assert any("error records: lost" in line for line in done.errors)


def test_a_live_capture_names_its_symbols_in_records(run: Runner, tmp_path: Path) -> None:
    pieces: list[Part] = [
        symbol_mapping_record(5002, "ESM5", ts_out=True),
        mbp10_records(50, ts_out=True),
    ]
    write_dbn(tmp_path / RAW / "live.dbn", live_header(ts_out=True), pieces)
    assert run().code == 0
    found = rows(tmp_path)
    assert found["ts_out"].null_count() == 0
    assert found["ts_out"].dt.epoch("ns").to_list() == (
        mbp10_records(50, ts_out=True)["ts_out"].tolist()
    )


def test_one_id_means_several_symbols_on_several_days(run: Runner, tmp_path: Path) -> None:
    day = dt.timedelta(days=1)
    mappings = [
        *day_mappings({5002: "ESM5-ESU5"}, DATE - day),
        *day_mappings({5002: "ESM5"}, DATE),
        *day_mappings({5002: "ESU5"}, DATE + day),
    ]
    records = [mbp10_records(10, start_ns=START_NS + k * DAY_NS) for k in (-1, 0, 1)]
    write_mbp10(
        tmp_path / FILE,
        records,
        mappings=mappings,
        start_ns=day_ns(DATE) - DAY_NS,
        end_ns=day_ns(DATE) + 2 * DAY_NS,
    )
    assert run().code == 0
    assert rows(tmp_path)["ts_recv"].dt.epoch("ns").to_list() == records[1]["ts_recv"].tolist()
    assert run(dt=str(DATE + day)).code == 0
    assert rows(tmp_path, symbol="ESU5", date=DATE + day).height == 10


def test_several_files_of_a_day_are_read_in_time_order(run: Runner, tmp_path: Path) -> None:
    noon = START_NS + 2 * 3600 * 10**9
    first, second = mbp10_records(40), mbp10_records(30, start_ns=noon)
    write_mbp10(tmp_path / RAW / "b.dbn.zst", first, end_ns=noon)
    write_mbp10(tmp_path / RAW / "a.dbn.zst", second, start_ns=noon)
    done = run()
    assert done.code == 0
    wanted = np.concatenate([first, second])["ts_recv"].tolist()
    assert rows(tmp_path)["ts_recv"].dt.epoch("ns").to_list() == wanted
    assert [item["path"].rsplit("/")[-1] for item in done.manifest()["inputs"]] == [
        "b.dbn.zst",
        "a.dbn.zst",
    ]


@pytest.mark.parametrize("stype", ["raw_symbol", "instrument_id", "continuous"])
def test_requests_by_other_symbologies(run: Runner, tmp_path: Path, stype: str) -> None:
    query, mappings, stype_out = {
        "raw_symbol": ("ESM5", day_mappings({5002: "ESM5"}), "instrument_id"),
        "instrument_id": (
            "5002",
            [("5002", "ESM5", DATE, DATE + dt.timedelta(days=1))],
            "raw_symbol",
        ),
        "continuous": ("ES.v.0", day_mappings({5002: "ES.v.0"}), "instrument_id"),
    }[stype]
    write_mbp10(
        tmp_path / FILE,
        mbp10_records(50),
        mappings=mappings,
        stype_in=stype,
        stype_out=stype_out,
        query=(query,),
    )
    if stype == "continuous":
        done = run()
        assert done.code == 1
        assert "put the definition file" in done.errors[0]
        definition = blank_records("definition", 1)
        definition["instrument_id"], definition["raw_symbol"] = 5002, b"ESM5"
        definition["ts_recv"] = day_ns(DATE)
        definition["expiration"] = day_ns(DATE) + 15 * DAY_NS
        header = encode_header(schema="definition")
        write_dbn(tmp_path / RAW / "definition.dbn.zst", header, definition)
    assert run().code == 0
    assert rows(tmp_path).height == 50


def test_the_midnight_snapshot_undefined_prices_and_empty_levels(
    run: Runner, tmp_path: Path
) -> None:
    snapshot = mbp10_records(1, start_ns=day_ns(DATE), levels=3)
    snapshot["flags"], snapshot["action"], snapshot["side"] = 168, b"A", b"N"
    snapshot["price"], snapshot["size"] = UNDEF_PRICE, int(dbn.UNDEF_ORDER_SIZE)
    write_mbp10(tmp_path / FILE, [snapshot, mbp10_records(20)])
    assert run().code == 0
    first = rows(tmp_path).row(0, named=True)
    assert (first["f_snapshot"], first["f_bad_ts_recv"], first["f_last"]) == (True, True, True)
    assert first["price"] is None
    assert first["size"] is None
    assert first["bid_px_02"] is not None
    assert first["bid_px_03"] is None
    assert (first["bid_sz_03"], first["ask_ct_09"]) == (0, 0)


def test_identical_rows_are_kept(run: Runner, tmp_path: Path) -> None:
    once = mbp10_records(1)
    write_mbp10(tmp_path / FILE, [once, once, once])
    assert run().code == 0
    assert rows(tmp_path).height == 3


@pytest.mark.parametrize("condition", ["degraded", "missing"])
def test_the_vendors_condition_is_reported(run: Runner, tmp_path: Path, condition: str) -> None:
    path = write_mbp10(tmp_path / FILE, mbp10_records(20))
    entry = [{"date": str(DATE), "condition": condition}]
    (path.parent / "condition.json").write_text(json.dumps(entry))
    done = run(*RECORDS, layer="all")
    assert done.code == 0
    assert done.manifest()["facts"]["condition"] == condition
    assert done.manifest(GOLD)["facts"]["condition"] == condition
    assert any(f"is {condition}" in line for line in done.errors)


def test_staleness(run: Runner, tmp_path: Path) -> None:
    write_mbp10(tmp_path / FILE, mbp10_records(20))
    run(*RECORDS, layer="all")
    assert "\n5 complete; " in run(*RECORDS, layer="all").out
    write_mbp10(tmp_path / FILE, mbp10_records(25))
    done = run(*RECORDS, layer="all")
    assert done.code == 0
    assert "stale" in done.out
    assert "its inputs changed" in done.out
    assert rows(tmp_path).height == 20
    assert run("--refresh-stale", *RECORDS, layer="all").code == 0
    assert rows(tmp_path).height == rows(tmp_path, SILVER).height == 25
    before = part(tmp_path).stat().st_mtime_ns
    assert run("--refresh-stale", *RECORDS, layer="all").code == 0
    assert part(tmp_path).stat().st_mtime_ns == before


def test_dry_run_writes_nothing(run: Runner, tmp_path: Path) -> None:
    write_mbp10(tmp_path / FILE, mbp10_records(20))
    done = run("--dry-run", layer="all")
    assert done.code == 0
    assert "would follow" in done.out
    assert done.partitions() == []


def test_json_lines(run: Runner, tmp_path: Path) -> None:
    write_mbp10(tmp_path / FILE, mbp10_records(20))
    json_lines = ("--log-format", "json", *RECORDS)
    done = run(*json_lines, dt=None, dates="2025-06-04,2025-06-05", layer="all")
    lines = [json.loads(line) for line in (*done.out.splitlines(), *done.errors)]
    events = [line for line in lines if line["event"] == "partition"]
    assert {(e["dataset"].split(".")[0], e["dt"], e["status"]) for e in events} == {
        (layer, str(date), status)
        for date, layer, status in [
            (DATE, "bronze", "written"),
            (DATE, "silver", "written"),
            (DATE, "gold", "written"),
            ("2025-06-04", "bronze", "failed"),
            ("2025-06-04", "silver", "blocked"),
            ("2025-06-04", "gold", "blocked"),
        ]
    }


def test_two_workers_write_the_same_bytes(run: Runner, tmp_path: Path) -> None:
    dates = [DATE, DATE.replace(day=6)]
    for date in dates:
        start = day_ns(date) + START_NS % DAY_NS
        write_mbp10(
            tmp_path / RAW / f"{date}.dbn.zst", mbp10_records(200, start_ns=start), date=date
        )

    def contents() -> dict[str, bytes]:
        layers = [tmp_path / layer for layer in ("bronze", "silver", "gold")]
        files = [path for layer in layers for path in layer.rglob("*") if path.is_file()]
        return {str(path): path.read_bytes() for path in files}

    span = f"{dates[0]}:{dates[1]}"
    assert run(*RECORDS, layer="all", dt=None, dates=span).code == 0
    alone = contents()
    assert len(alone) == 2 * 3 * 5  # dates, files, tables
    for layer in ("bronze", "silver", "gold"):
        shutil.rmtree(tmp_path / layer)
    assert run(*RECORDS, layer="all", dt=None, dates=span, workers="2").code == 0
    assert contents() == alone


def at(date: dt.date, hour: int, minute: int = 0, second: int = 0) -> int:
    local = dt.datetime(date.year, date.month, date.day, hour, minute, second, tzinfo=NEW_YORK)
    return int(local.timestamp()) * 10**9


@pytest.mark.parametrize(
    ("date", "flags"),
    # The dates of special rules with the features too.
    [
        (dt.date(2025, 1, 15), RECORDS),  # winter
        (dt.date(2025, 6, 5), RECORDS),  # summer
        (dt.date(2025, 3, 7), RECORDS),  # Friday before the clocks go forward
        (dt.date(2025, 3, 10), ()),  # Monday after
        (dt.date(2025, 10, 31), RECORDS),  # Friday before the clocks go back
        (dt.date(2025, 11, 3), ()),  # Monday after
        (dt.date(2025, 7, 3), ()),  # half day
    ],
    ids=lambda one: str(one) if isinstance(one, dt.date) else "",
)
def test_gold_holds_the_window_to_the_nanosecond(
    run: Runner, tmp_path: Path, date: dt.date, flags: tuple[str, ...]
) -> None:
    records = mbp10_records(8)
    start, end = at(date, 9, 30), at(date, 12, 30)
    times = [start - 10**12, start - 1, start, start + 1, end - 1, end, end + 1, end + 10**12]
    records["ts_event"] = times
    records["ts_recv"] = np.array(times) + 77_000
    symbol = calendar_front_month("ES", date)
    write_mbp10(tmp_path / RAW / "f.dbn.zst", records, symbols={5002: symbol}, date=date)
    done = run(*flags, layer="all", dt=str(date))
    assert done.code == 0
    gold = rows(tmp_path, GOLD, symbol=symbol, date=date)
    assert gold["ts_event"].dt.epoch("ns").to_list() == times[2:5]
    local = gold["ts_event_est"].dt.convert_time_zone("America/New_York")
    assert local.dt.time().to_list()[0] == dt.time(9, 30)
    assert done.manifest(GOLD, symbol, date)["facts"]["early_close"] == (date.month == 7)


@pytest.mark.parametrize(
    ("date", "reason"),
    [
        (dt.date(2025, 6, 19), "Juneteenth"),
        (dt.date(2025, 6, 8), "Sunday"),
        (dt.date(2025, 3, 9), "Sunday"),  # the clocks go forward
        (dt.date(2025, 11, 2), "Sunday"),  # and back
    ],
    ids=str,
)
def test_a_date_without_a_regular_session(
    run: Runner, tmp_path: Path, date: dt.date, reason: str
) -> None:
    """Globex data make Bronze and Silver; there is no opening, so Gold is skipped with a reason."""
    done = run(layer="all", dt=str(date))
    assert (done.code, done.partitions()) == (0, [])
    start = day_ns(date) + 23 * 3600 * 10**9
    write_mbp10(tmp_path / RAW / "f.dbn.zst", mbp10_records(5, start_ns=start), date=date)
    done = run(layer="all", dt=str(date))
    assert done.code == 0
    assert {p.split("/")[0] for p in done.partitions()} == {"bronze", "silver"}
    assert reason.lower() in done.out.lower()


def test_event_time_in_new_york_is_the_same_instant(run: Runner, tmp_path: Path) -> None:
    """In the hour that the clocks go back too, which comes twice."""
    date = dt.date(2025, 11, 2)
    start = day_ns(date) + 5 * 3600 * 10**9  # 01:00 EDT; an hour later it is 01:00 EST
    records = mbp10_records(300, start_ns=start, step_ns=30 * 10**9)
    write_mbp10(tmp_path / RAW / "f.dbn.zst", records, date=date)
    assert run(*RECORDS, layer="all", dt=str(date)).code == 0
    silver = rows(tmp_path, SILVER, date=date)
    assert silver["ts_event_est"].dt.epoch("ns").to_list() == records["ts_event"].tolist()
    shown = pd.read_parquet(part(tmp_path, SILVER, date=date))["ts_event_est"]
    wanted = [
        dt.datetime.fromtimestamp(int(t) // 10**9, NEW_YORK).strftime("%H:%M %z")
        for t in records["ts_event"]
    ]
    assert shown.dt.strftime("%H:%M %z").tolist() == wanted
    assert len({text[-5:] for text in wanted}) == 2


@pytest.mark.parametrize("table", [BRONZE, SILVER, GOLD], ids=["bronze", "silver", "gold"])
def test_readers_agree(run: Runner, tmp_path: Path, table: str) -> None:
    write_mbp10(tmp_path / FILE, mbp10_records(500, levels=7))
    run(*RECORDS, layer="all")
    folder = tmp_path / table.format("ESM5")
    files = tmp_path / table.format("*") / "**/*.parquet"
    polars = pl.scan_parquet(files, hive_partitioning=True).collect()
    pandas = pd.read_parquet(folder)
    query = f"FROM read_parquet('{files}', hive_partitioning = true)"
    duck = duckdb.sql(query).pl()
    assert polars.height == len(pandas) == duck.height > 0
    assert polars["symbol"].unique().to_list() == duck["symbol"].unique().to_list() == ["ESM5"]
    assert polars["dt"].unique().to_list() == duck["dt"].unique().to_list() == [DATE]
    for name in ("price", "bid_px_00", "ask_px_08", "bid_sz_03", "sequence", "flags"):
        values = polars[name].to_list()
        assert duck[name].to_list() == values
        assert [None if pd.isna(v) else v for v in pandas[name].tolist()] == values
    assert duck["action"].to_list() == polars["action"].to_list() == pandas["action"].tolist()


def test_help_says_what_the_flags_are(capsys: pytest.CaptureFixture[str]) -> None:
    from src.data_eng.cli.run import main  # noqa: PLC0415

    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    out = capsys.readouterr().out
    for flag in ("--product-type", "--layer", "--symbol", "--dt", "--dates", "--workers"):
        assert flag in out
