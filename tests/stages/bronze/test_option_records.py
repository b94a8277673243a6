"""Bronze tables of futures options on hand-made and real files."""

from __future__ import annotations

import datetime as dt
import json
import logging
from pathlib import Path
from typing import Any

import databento_dbn as dbn
import numpy as np
import polars as pl
import pytest

from src.data_eng.pipeline.executors.local import InProcessExecutor
from src.data_eng.pipeline.plan import Request, build_graph, selected_stages
from src.data_eng.pipeline.scheduler import Run
from src.data_eng.settings import Settings
from src.data_eng.stages.outcome import Outcome, Status
from src.data_eng.vendor.dbn.layout import UNDEF_PRICE, UNDEF_TIMESTAMP
from src.data_eng.vendor.dbn.reader import DbnReader
from tests.dbn_files import DATE, day_ns
from tests.lakes import run_request
from tests.option_files import (
    CALL,
    CHAIN,
    EXPIRY,
    FOLDER,
    NEXT,
    OPEN_NS,
    PUT,
    Option,
    definitions,
    events,
    statistics,
    write_day,
    write_table,
)

TABLES = ("definition", "trades", "nbbo", "statistics")


def run(
    lake: Path, *, layer: str = "bronze", date: dt.date = DATE, **settings: Any
) -> list[Outcome]:
    return run_request("future_option", layer, [date], lake, **settings)


def outcome(outcomes: list[Outcome], table: str) -> Outcome:
    return next(o for o in outcomes if o.dataset.endswith(f".{table}"))


def partition(lake: Path, table: str, symbol: str = "ESM5", date: dt.date = DATE) -> Path:
    base = f"bronze/source=databento/product_type=future_option/symbol={symbol}"
    return lake / base / f"table={table}" / f"dt={date}"


def part(lake: Path, table: str, **where: Any) -> Path:
    return partition(lake, table, **where) / "part-00000.parquet"


def rows(lake: Path, table: str, **where: Any) -> pl.DataFrame:
    return pl.read_parquet(part(lake, table, **where))


def manifest(lake: Path, table: str, **where: Any) -> Any:
    return json.loads((partition(lake, table, **where) / "_MANIFEST.json").read_text())


def test_all_tables_hold_outrights_on_the_front_month_only(tmp_path: Path) -> None:
    write_day(tmp_path)
    outcomes = run(tmp_path)
    assert [o.status for o in outcomes] == [Status.WRITTEN] * 4
    for table in TABLES:
        found = rows(tmp_path, table)
        assert set(found["instrument_id"]) == {CALL.instrument_id, PUT.instrument_id}
        facts = manifest(tmp_path, table)["facts"]
        assert facts["instruments"] == {
            "outright": 2,
            "spread": 1,
            "other_underlying": 1,
            "other_root": 0,
            "not_an_option": 0,
            "undefined_terms": 0,
        }
        each = 1 if table == "definition" else 2
        assert facts["records"]["outright"] == len(found) == 2 * each
        assert facts["records"]["spread"] == facts["records"]["other_underlying"] == each


def test_rows_carry_the_terms_of_their_option(tmp_path: Path) -> None:
    write_day(tmp_path)
    run(tmp_path)
    for table in ("trades", "nbbo", "statistics"):
        found = rows(tmp_path, table).sort("instrument_id")
        call, put = found.row(0, named=True), found.row(-1, named=True)
        assert (call["raw_symbol"], put["raw_symbol"]) == ("ESM5 C5900", "E1AM5 P5850")
        assert (call["strike_price"], put["strike_price"]) == (5900.0, 5850.0)
        assert (call["instrument_class"], put["instrument_class"]) == ("C", "P")
        assert (call["exercise_style"], put["exercise_style"]) == ("AMERICAN", "EUROPEAN")
        assert call["underlying"] == put["underlying"] == "ESM5"
        assert found["expiration"].dt.epoch("ns").unique().to_list() == [EXPIRY]


@pytest.mark.parametrize("version", [1, 2, 3])
def test_definition_layouts_give_the_same_rows(tmp_path: Path, version: int) -> None:
    write_table(tmp_path, "definition", "definition", definitions(CHAIN, version), version=version)
    assert outcome(run(tmp_path), "definition").status is Status.WRITTEN
    first = rows(tmp_path, "definition").row(0, named=True)
    assert first["unit_of_measure_qty"] == 50.0
    assert first["min_price_increment"] is None
    assert first["contract_multiplier"] is None
    assert first["maturity_day"] is None
    assert (first["cfi"], first["group"], first["currency"]) == ("OCAFPS", "EW", "USD")


@pytest.mark.parametrize(("version", "undefined"), [(1, 2**31 - 1), (2, 2**31 - 1), (3, 2**63 - 1)])
def test_undefined_quantities_differ_by_version_and_are_null(
    tmp_path: Path, version: int, undefined: int
) -> None:
    write_table(tmp_path, "definition", "definition", definitions(CHAIN))
    records = statistics([101, 101, 101], version=version)
    records["stat_type"] = [3, 9, 9]
    records["price"] = [25 * 10**8, UNDEF_PRICE, UNDEF_PRICE]
    records["quantity"] = [undefined, 77, 0]
    records["ts_ref"] = [day_ns(DATE), day_ns(DATE), UNDEF_TIMESTAMP]
    write_table(tmp_path, "statistics", "statistics", records, version=version)
    assert outcome(run(tmp_path), "statistics").status is Status.WRITTEN
    found = rows(tmp_path, "statistics")
    assert found["price"].to_list() == [2.5, None, None]
    assert found["quantity"].to_list() == [None, 77, 0]
    assert found["ts_ref"].is_null().to_list() == [False, False, True]


def test_every_type_of_statistic_is_kept_and_named(tmp_path: Path) -> None:
    write_table(tmp_path, "definition", "definition", definitions(CHAIN))
    names = {int(kind.value): kind.name for kind in dbn.StatType.variants()}
    types = [*names, 4711, 65535]
    records = statistics([101] * len(types), quantity=1)
    records["stat_type"] = types
    records["update_action"] = [2] + [1] * (len(types) - 1)
    write_table(tmp_path, "statistics", "statistics", records)
    run(tmp_path)
    found = rows(tmp_path, "statistics")
    assert found["stat_type"].to_list() == types
    assert found["stat_type_name"].to_list() == [*names.values(), None, None]
    assert found["update_action"].to_list() == ["DELETE"] + ["NEW"] * (len(types) - 1)


def test_settlement_flags_are_extracted_on_settlements_only(tmp_path: Path) -> None:
    write_table(tmp_path, "definition", "definition", definitions(CHAIN))
    records = statistics([101] * 5)
    records["stat_type"] = [3, 3, 3, 3, 9]
    records["stat_flags"] = [3, 7, 2, 8, 255]
    write_table(tmp_path, "statistics", "statistics", records)
    run(tmp_path)
    found = rows(tmp_path, "statistics")
    prefix = "settl_price_type_"
    assert found[f"{prefix}final"].to_list() == [True, True, False, False, None]
    assert found[f"{prefix}actual"].to_list() == [True, True, True, False, None]
    assert found[f"{prefix}rounded"].to_list() == [False, True, False, False, None]
    assert found[f"{prefix}intraday"].to_list() == [False, False, False, True, None]
    assert found["stat_flags"].to_list() == [3, 7, 2, 8, 255]


def test_unknown_update_action_is_refused(tmp_path: Path) -> None:
    write_table(tmp_path, "definition", "definition", definitions(CHAIN))
    write_table(tmp_path, "statistics", "statistics", statistics([101], update_action=7))
    failed = outcome(run(tmp_path), "statistics")
    assert failed.status is Status.FAILED
    assert "update_action" in failed.reason
    assert not partition(tmp_path, "statistics").exists()


@pytest.mark.parametrize("schema", ["mbp-1", "tbbo", "bbo-1s", "bbo-1m"])
def test_nbbo_of_every_schema(tmp_path: Path, schema: str) -> None:
    write_table(tmp_path, "definition", "definition", definitions(CHAIN))
    records = events(schema, [101, 102], bid_px_00=3 * 10**9, ask_px_00=UNDEF_PRICE)
    records["bid_sz_00"], records["bid_ct_00"], records["flags"] = 12, 4, 0x80
    write_table(tmp_path, "nbbo", schema, records)
    run(tmp_path)
    found = rows(tmp_path, "nbbo")
    assert manifest(tmp_path, "nbbo")["facts"]["source_schema"] == schema
    assert found["bid_px_00"].to_list() == [3.0, 3.0]
    assert found["ask_px_00"].to_list() == [None, None]
    assert found["bid_sz_00"].to_list() == [12, 12]
    assert found["f_last"].to_list() == [True, True]
    sampled = schema.startswith("bbo")
    for name in ("action", "depth", "ts_in_delta"):
        assert found[name].is_null().all() == sampled


def test_bbo_samples_are_kept_in_gold_by_their_sampling_time(tmp_path: Path) -> None:
    """The event of a sample is the last trade: yesterday's must not drop today's quote."""
    write_table(tmp_path, "definition", "definition", definitions(CHAIN))
    records = events("bbo-1m", [101, 101, 101], bid_px_00=10**9)
    records["ts_recv"] = [OPEN_NS - 60 * 10**9, OPEN_NS, OPEN_NS + 60 * 10**9]
    records["ts_event"] = [OPEN_NS - 10**14, UNDEF_TIMESTAMP, OPEN_NS - 10**14]
    write_table(tmp_path, "nbbo", "bbo-1m", records)
    outcomes = run(tmp_path, layer="all")
    gold = outcome(outcomes, "nbbo_first3h")
    assert (gold.status, gold.rows) == (Status.WRITTEN, 2)


@pytest.mark.parametrize("versions", [1, 3])
def test_bronze_equals_the_vendors_records(tmp_path: Path, versions: int) -> None:
    """Every field of random records, read back from Parquet, against the raw fields."""
    write_table(tmp_path, "definition", "definition", definitions(CHAIN))
    rng = np.random.default_rng(versions)
    records = events("mbp-1", rng.choice([101, 102, 103, 201], 5000).tolist(), version=versions)
    for name in ("price", "bid_px_00", "ask_px_00"):
        records[name] = rng.integers(-(10**12), 10**13, 5000) * 50_000_000 // 50_000_000
        records[name][rng.random(5000) < 0.1] = UNDEF_PRICE
    for name in ("size", "bid_sz_00", "ask_sz_00", "bid_ct_00", "ask_ct_00"):
        records[name] = rng.integers(0, 10_000, 5000)
    records["action"] = rng.choice([b"A", b"C", b"M", b"T", b"R"], 5000)
    records["side"] = rng.choice([b"A", b"B", b"N"], 5000)
    records["flags"] = rng.integers(0, 256, 5000)
    records["depth"] = rng.integers(0, 2, 5000)
    records["sequence"] = rng.integers(0, 2**32, 5000)
    records["ts_in_delta"] = rng.integers(-(2**31), 2**31 - 1, 5000)
    write_table(tmp_path, "nbbo", "mbp-1", records, version=versions)
    run(tmp_path)
    kept = records[np.isin(records["instrument_id"], [101, 102])]
    found = rows(tmp_path, "nbbo")
    for name in ("price", "bid_px_00", "ask_px_00"):
        wanted = [None if v == UNDEF_PRICE else int(v) for v in kept[name]]
        got = [None if v is None else round(v * 1e9) for v in found[name].to_list()]
        assert got == wanted
    for name in ("instrument_id", "size", "sequence", "depth", "flags", "ts_in_delta", "bid_ct_00"):
        assert found[name].to_list() == kept[name].tolist()
    for name in ("action", "side"):
        assert found[name].to_list() == [v.decode() for v in kept[name].tolist()]
    for name in ("ts_recv", "ts_event"):
        assert found[name].dt.epoch("ns").to_list() == kept[name].tolist()
    for bit, name in ((0x80, "f_last"), (0x08, "f_bad_ts_recv"), (0x02, "f_publisher_specific")):
        assert found[name].to_list() == ((kept["flags"] & bit) != 0).tolist()


def test_missing_definitions_name_what_to_download(tmp_path: Path) -> None:
    write_table(tmp_path, "trades", "trades", events("trades", [101]))
    failed = outcome(run(tmp_path), "trades")
    assert failed.status is Status.FAILED
    assert "table=definition" in failed.reason
    assert f"download schema definition of {DATE}" in failed.reason


def test_definitions_of_another_day_do_not_serve(tmp_path: Path) -> None:
    """Ids are unique on one date only."""
    before = DATE - dt.timedelta(days=1)
    old = [Option(101, "ESM5 C5900", ts_recv=day_ns(before))]
    write_table(tmp_path, "definition", "definition", definitions(old), date=before)
    write_table(tmp_path, "trades", "trades", events("trades", [101]))
    assert "no definition file" in outcome(run(tmp_path), "trades").reason


def test_instruments_without_definition_are_counted_and_reported(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    write_table(tmp_path, "definition", "definition", definitions(CHAIN))
    write_table(tmp_path, "trades", "trades", events("trades", [101, 999, 888, 999, 102]))
    with caplog.at_level(logging.WARNING):
        logging.getLogger("src.data_eng").propagate = True
        run(tmp_path)
    facts = manifest(tmp_path, "trades")["facts"]
    assert facts["instruments_without_definition"] == {
        "count": 2,
        "records": 3,
        "first_ids": [888, 999],
    }
    assert "3 records of 2 instruments without a definition" in caplog.text


@pytest.mark.parametrize(
    "wrong",
    [
        Option(104, "ESM5 C6000", strike=None),
        Option(104, "ESM5 C6000", expiration=UNDEF_TIMESTAMP),
    ],
    ids=["strike", "expiration"],
)
def test_undefined_terms_are_counted_and_left_out(tmp_path: Path, wrong: Option) -> None:
    write_day(tmp_path, [*CHAIN, wrong])
    run(tmp_path)
    facts = manifest(tmp_path, "trades")["facts"]
    assert facts["instruments"]["undefined_terms"] == 1
    assert facts["records"]["undefined_terms"] == 2
    assert 104 not in rows(tmp_path, "trades")["instrument_id"]


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (Option(102, "\u202eESM5 P5850", "P"), "raw_symbol: value b'\\xe2\\x80\\xaeESM5 P5850'"),
        (Option(102, "ESM5 P5850", "P", expiration=2**63 + 5), f"expiration: value {2**63 + 5}"),
    ],
    ids=["not ASCII", "no time"],
)
def test_terms_that_a_contract_cannot_express_name_the_definition(
    tmp_path: Path, wrong: Option, told: str
) -> None:
    write_day(tmp_path, (CALL, wrong, NEXT))
    for one in run(tmp_path):
        assert one.status is Status.FAILED
        assert "defect" not in one.reason
        if not one.dataset.endswith(".definition"):
            assert one.reason.startswith("definition of instrument 102: field " + told)


def test_options_on_another_root_are_counted_and_left_out(tmp_path: Path) -> None:
    other = Option(105, "NQM5 C21000", underlying="NQM5", underlying_id=9)
    write_day(tmp_path, [*CHAIN, other])
    run(tmp_path)
    assert manifest(tmp_path, "nbbo")["facts"]["records"]["other_root"] == 2
    assert 105 not in rows(tmp_path, "nbbo")["instrument_id"]


def test_a_redefined_id_is_what_its_last_definition_says(tmp_path: Path) -> None:
    later = Option(101, "ESM5 C6100", strike=6100.0, ts_recv=OPEN_NS, action="M")
    write_table(tmp_path, "definition", "definition", definitions([*CHAIN, later]))
    write_table(tmp_path, "trades", "trades", events("trades", [101]))
    run(tmp_path)
    assert rows(tmp_path, "trades")["strike_price"].to_list() == [6100.0]
    assert rows(tmp_path, "definition")["strike_price"].to_list() == [5900.0, 5850.0, 6100.0]


def test_a_definition_received_after_the_date_is_not_used(tmp_path: Path) -> None:
    tomorrow = day_ns(DATE) + 86_400 * 10**9
    later = Option(101, "UD:1V: GN 101", "T", None, underlying="", ts_recv=tomorrow)
    write_table(
        tmp_path, "definition", "definition", definitions([*CHAIN, later]), end_ns=tomorrow * 2
    )
    write_table(tmp_path, "trades", "trades", events("trades", [101]))
    run(tmp_path)
    assert rows(tmp_path, "trades")["raw_symbol"].to_list() == ["ESM5 C5900"]


def test_front_month_without_options_is_an_error(tmp_path: Path) -> None:
    """All options are on a contract that has expired by the date."""
    date = dt.date(2025, 6, 23)
    old = [Option(1, "ESM5 C5900", ts_recv=day_ns(date))]
    write_table(tmp_path, "definition", "definition", definitions(old), date=date)
    failed = outcome(run(tmp_path, date=date), "definition")
    assert failed.status is Status.FAILED
    assert "no option on ESU5" in failed.reason
    assert "ESM5 (0 alive)" in failed.reason


def test_the_calendar_decides_where_the_futures_bronze_is_not_there(tmp_path: Path) -> None:
    date = dt.date(2025, 6, 16)
    chain = [
        Option(
            o.instrument_id,
            o.raw_symbol,
            o.instrument_class,
            o.strike,
            o.underlying,
            ts_recv=day_ns(date),
        )
        for o in (CALL, NEXT)
    ]
    write_table(tmp_path, "definition", "definition", definitions(chain), date=date)
    run(tmp_path, date=date)
    found = manifest(tmp_path, "definition", symbol="ESU5", date=date)
    assert found["parameters"]["front_month"]["basis"] == "CME roll calendar"


def test_mixed_deliveries_of_a_date_are_refused(tmp_path: Path) -> None:
    write_table(tmp_path, "definition", "definition", definitions(CHAIN))
    write_table(tmp_path, "nbbo", "mbp-1", events("mbp-1", [101], action=b"A"))
    write_table(tmp_path, "nbbo", "bbo-1s", events("bbo-1s", [101]))
    failed = outcome(run(tmp_path), "nbbo")
    assert failed.status is Status.FAILED
    assert "keep one delivery" in failed.reason


def test_rerun_skips_and_a_deleted_partition_is_rebuilt_byte_for_byte(tmp_path: Path) -> None:
    write_day(tmp_path)
    run(tmp_path, layer="all")
    before = {
        table: (partition(tmp_path, table) / "part-00000.parquet").read_bytes() for table in TABLES
    }
    assert {o.status for o in run(tmp_path, layer="all")} == {Status.COMPLETE}
    for table in TABLES:
        for file in partition(tmp_path, table).iterdir():
            file.unlink()
        partition(tmp_path, table).rmdir()
    run(tmp_path)
    for table in TABLES:
        assert part(tmp_path, table).read_bytes() == before[table]


def test_a_changed_definition_file_makes_all_tables_stale(tmp_path: Path) -> None:
    write_day(tmp_path)
    run(tmp_path)
    write_table(tmp_path, "definition", "definition", definitions(CHAIN[:3]))
    assert {o.status for o in run(tmp_path)} == {Status.STALE}
    assert {o.status for o in run(tmp_path, refresh_stale=True)} == {Status.WRITTEN}


def test_one_stage_class_a_layer_serves_both_products() -> None:
    for layer, tables in (("silver", "_clean"), ("gold", "_first3h")):
        kinds = {
            type(stage)
            for product in ("future", "future_option")
            for stage in selected_stages((product,), (layer,))
            if stage.writes[0].table.endswith(tables)
        }
        assert len(kinds) == 1


def test_a_broken_table_leaves_the_others_alone(tmp_path: Path) -> None:
    write_day(tmp_path)
    path = next((tmp_path / FOLDER / "table=nbbo").iterdir())
    path.write_bytes(path.read_bytes()[:-20])
    outcomes = run(tmp_path, layer="all")
    assert {o.dataset.split(".")[2] for o in outcomes if o.status is Status.FAILED} == {"nbbo"}
    written = {o.dataset for o in outcomes if o.status is Status.WRITTEN}
    assert len(written) == 9
    assert not partition(tmp_path, "nbbo").exists()


def test_real_puts_of_2024(tmp_path: Path, shared_data: Path) -> None:
    date = dt.date(2024, 5, 9)
    source = shared_data / "future_option_ES"
    raw = source / "options_bbo-1m_2024-05-09T09-55_2024-05-09T10-05.dbn.zst"
    for table, file in (("definition", source / "options_definition.dbn.zst"), ("nbbo", raw)):
        folder = tmp_path / FOLDER / f"table={table}"
        folder.mkdir(parents=True)
        (folder / file.name).symlink_to(file)
    run(tmp_path, date=date)
    found = rows(tmp_path, "nbbo", symbol="ESM4", date=date)
    with DbnReader(raw) as reader:
        records = np.concatenate(list(reader.blocks()))
    assert found["bid_px_00"].to_list() == (records["bid_px_00"] / 1e9).tolist()
    assert found["ts_recv"].dt.epoch("ns").to_list() == records["ts_recv"].tolist()
    names = dict(zip(found["instrument_id"], found["raw_symbol"], strict=True))
    assert names == {4163986: "ESM4 P5250", 42449452: "ESM4 P5230"}
    assert found["strike_price"].to_list() == [float(n[-4:]) for n in found["raw_symbol"]]


def test_files_under_the_options_own_root_are_told_where_they_belong(tmp_path: Path) -> None:
    """Whichever root is asked for: EW2 holds them, ES is where they belong."""
    write_day(tmp_path)
    wrong = tmp_path / FOLDER.replace("symbol=ES", "symbol=EW2")
    (tmp_path / FOLDER).rename(wrong)
    home = tmp_path / FOLDER
    for asked in ("EW2", "ES"):
        request = Request("future_option", "bronze", asked, (DATE,), Settings(lake_root=tmp_path))
        executor = InProcessExecutor(lambda _key, _share: None)
        results = list(Run(request, build_graph(request), executor).results())
        outcomes = [one for result in results for one in result.outcomes]
        assert {one.status for one in outcomes} == {Status.FAILED}
        for one in outcomes:
            assert f"{wrong}: holds options on futures of ES" in one.reason
            assert f"move its tables into {home}" in one.reason


def test_parents_in_files_of_their_own_are_one_table(tmp_path: Path) -> None:
    """Three parents of one root: the same rows, in the order of their receipt, as of one file."""
    ids = [option.instrument_id for option in CHAIN] * 40
    rng = np.random.default_rng(3)
    quotes = events("mbp-1", ids, action=b"A", bid_px_00=10**9)
    quotes["ts_recv"] = np.sort(OPEN_NS + rng.integers(0, 2_000, len(ids)))
    quotes["bid_px_00"] = 10**7 * np.arange(1, len(ids) + 1)
    for name in ("one", "several"):
        write_day(tmp_path / name)
    folder = tmp_path / "several" / FOLDER / "table=nbbo"
    for path in folder.iterdir():
        path.unlink()
    # Equal times come in the order of the files, so of one file they have to be so too.
    number = quotes["instrument_id"] % 3
    quotes = quotes[np.lexsort((number, quotes["ts_recv"]))]
    write_table(tmp_path / "one", "nbbo", "mbp-1", quotes)
    for n, parent in enumerate(("ES.OPT", "EW.OPT", "EW2.OPT")):
        mine = quotes[quotes["instrument_id"] % 3 == n]
        file = f"glbx-mdp3-{n}-{DATE:%Y%m%d}.mbp-1.dbn.zst"
        write_table(tmp_path / "several", "nbbo", "mbp-1", mine, name=file, query=(parent,))
    for name in ("one", "several"):
        outcomes = run_request("future_option", "bronze", [DATE], tmp_path / name)
        assert {one.status for one in outcomes} == {Status.WRITTEN}, outcomes
    assert rows(tmp_path / "several", "nbbo").equals(rows(tmp_path / "one", "nbbo"))
    facts = [manifest(tmp_path / name, "nbbo")["facts"] for name in ("one", "several")]
    assert facts[1]["parents"] == ["ES.OPT", "EW.OPT", "EW2.OPT"]
    assert facts[0] == {**facts[1], "parents": ["ES.OPT"]}


def test_one_parent_may_come_in_pieces_beside_another_of_the_day(tmp_path: Path) -> None:
    """ES until noon and from noon on, EW of the whole day: one table in the order of receipt."""
    write_day(tmp_path)
    for path in (tmp_path / FOLDER / "table=nbbo").iterdir():
        path.unlink()
    quotes = events("mbp-1", [CALL.instrument_id] * 6, action=b"A", bid_px_00=10**9)
    noon = OPEN_NS + 3600 * 10**9
    quotes["ts_recv"] = noon + np.array([-3, -2, -1, 0, 1, 2]) * 10**9
    pieces: tuple[tuple[str, list[int], dict[str, Any]], ...] = (
        ("ES.OPT", [0, 2], {"end_ns": noon}),
        ("ES.OPT", [3, 5], {"start_ns": noon}),
        ("EW.OPT", [1, 4], {}),
    )
    for n, (parent, mine, span) in enumerate(pieces):
        file = f"{n}.mbp-1.dbn.zst"
        write_table(tmp_path, "nbbo", "mbp-1", quotes[mine], name=file, query=(parent,), **span)
    outcomes = run_request("future_option", "bronze", [DATE], tmp_path)
    assert {one.status for one in outcomes} == {Status.WRITTEN}, outcomes
    found = rows(tmp_path, "nbbo")["ts_recv"].dt.epoch("ns").to_list()
    assert found == quotes["ts_recv"].tolist()


def test_one_parent_delivered_twice_is_refused(tmp_path: Path) -> None:
    write_day(tmp_path)
    quotes = events("mbp-1", [CALL.instrument_id] * 2, action=b"A", bid_px_00=10**9)
    write_table(tmp_path, "nbbo", "mbp-1", quotes, name="again.dbn.zst")
    outcomes = run_request("future_option", "bronze", [DATE], tmp_path)
    assert "hold records of the contract at the same time" in outcome(outcomes, "nbbo").reason


def test_a_step_back_in_merged_files_names_them_all(tmp_path: Path) -> None:
    write_day(tmp_path)
    quotes = events("mbp-1", [CALL.instrument_id] * 3, action=b"A", bid_px_00=10**9)
    quotes["ts_recv"] = OPEN_NS + np.array([0, 5, 1]) * 10**9
    path = write_table(tmp_path, "nbbo", "mbp-1", quotes, name="b.dbn.zst", query=("EW.OPT",))
    outcomes = run_request("future_option", "bronze", [DATE], tmp_path)
    reason = outcome(outcomes, "nbbo").reason
    assert "no clock steps back so far" in reason
    assert f"{path} and " in reason
