from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import databento
import numpy as np

from src.data_eng.sample import SampleFuture
from src.data_eng.sample.options import OptionDay, SampleOptions, definition_records

from ..conftest import SUMMER
from .conftest import UNDEFINED, Recorded, midnight


def by_symbol(records: Any, symbol: str) -> Any:
    return records[records["raw_symbol"] == symbol.encode()]


def test_fields_of_a_weekly_and_a_quarterly(options: Recorded) -> None:
    chain = options.day.chain
    strike = int(chain.strikes_of(0)[15])
    (weekly,) = by_symbol(options.definition, f"E1DM5 P{strike}")[:1]
    assert (weekly["instrument_class"], weekly["cfi"]) == (b"P", b"OPEFPS")
    assert (weekly["asset"], weekly["group"], weekly["security_type"]) == (b"E1D", b"EW", b"OOF")
    assert weekly["strike_price"] == strike * 10**9
    assert weekly["expiration"] == midnight(SUMMER) + 20 * 3_600 * 10**9
    assert (weekly["maturity_year"], weekly["maturity_month"]) == (2025, 6)
    assert (weekly["maturity_week"], weekly["user_defined_instrument"]) == (1, b"N")
    assert weekly["unit_of_measure_qty"] == 50 * 10**9
    assert weekly["underlying"] == b"ESM5"
    strike = int(chain.strikes_of(7)[3])
    (quarterly,) = by_symbol(options.definition, f"ESM5 C{strike}")[:1]
    assert (quarterly["instrument_class"], quarterly["cfi"]) == (b"C", b"OCAFPS")
    assert (quarterly["asset"], quarterly["maturity_week"]) == (b"ES", 255)
    assert quarterly["min_price_increment"] == UNDEFINED
    assert quarterly["contract_multiplier"] == 2**31 - 1


def test_every_instrument_of_the_mappings_is_defined_once(options: Recorded) -> None:
    added = options.definition[options.definition["security_update_action"] == b"A"]
    first = added[added["leg_index"] == 0]
    found = {
        (row["raw_symbol"].decode(), int(row["instrument_id"]))
        for row in first[["raw_symbol", "instrument_id"]]
    }
    assert len(first) == len(found)
    assert found == set(options.day.mappings())


def test_republished_at_midnight_as_of_sunday(options: Recorded) -> None:
    start = midnight(SUMMER)
    rows = options.definition[options.outright_rows(options.definition)]
    added = rows[rows["security_update_action"] == b"A"]
    assert (added["ts_recv"] == start).all()
    sunday = midnight(dt.date(2025, 6, 1))
    assert (added["ts_event"] >= sunday + 11 * 3_600 * 10**9).all()
    assert (added["ts_event"] < sunday + 18 * 3_600 * 10**9).all()


def test_modifications_differ_from_what_they_modify(options: Recorded) -> None:
    modified = options.definition[options.definition["security_update_action"] == b"M"]
    assert modified.size > 0
    assert (modified["ts_recv"] > midnight(SUMMER) + 13 * 3_600 * 10**9).all()
    for row in modified:
        (before,) = by_symbol(options.definition, row["raw_symbol"].decode())[:1]
        assert before["max_trade_vol"] == 3_000
        assert row["max_trade_vol"] == 5_000
        assert before["strike_price"] == row["strike_price"]


def test_a_spread_is_one_record_a_leg(options: Recorded) -> None:
    rows = options.definition[~options.outright_rows(options.definition)]
    assert set(rows["instrument_class"].tolist()) == {b"T", b"M"}
    defined = dict(
        zip(options.day.chain.instrument_id.tolist(), options.day.chain.symbol, strict=True)
    )
    index = 0
    while index < rows.size:
        legs = rows[index : index + int(rows["leg_count"][index])]
        assert (legs["leg_index"] == np.arange(legs.size)).all()
        assert len(set(legs["raw_symbol"].tolist())) == 1
        assert len(set(legs["ts_recv"].tolist())) == 1
        symbol = legs["raw_symbol"][0].decode()
        assert symbol.startswith("UD:1V: ")
        assert symbol.endswith(f" {legs['instrument_id'][0]}")
        futures = legs[legs["leg_instrument_class"] == b"F"]
        assert (futures.size > 0) == (legs["instrument_class"][0] == b"M")
        for leg in legs[legs["leg_instrument_class"] != b"F"]:
            assert defined[int(leg["leg_instrument_id"])] == leg["leg_raw_symbol"].decode()
        index += legs.size
    assert set(rows["leg_side"].tolist()) == {b"A", b"B"}
    assert (rows["strike_price"] == UNDEFINED).all()


def test_spreads_listed_during_the_day_are_defined_before_they_are_quoted(
    options: Recorded,
) -> None:
    rows = options.definition[~options.outright_rows(options.definition)]
    late = rows[rows["ts_event"] > midnight(SUMMER)]
    assert 0.25 < np.unique(late["instrument_id"]).size / len(options.day.spreads) < 0.55
    quotes = options.nbbo[np.isin(options.nbbo["instrument_id"], late["instrument_id"])]
    assert quotes.size > 0
    listed = dict(zip(late["instrument_id"].tolist(), late["ts_event"].tolist(), strict=True))
    started = np.array([listed[number] for number in quotes["instrument_id"].tolist()])
    assert (quotes["ts_event"] >= started).all()


def test_nothing_is_quoted_after_it_expired(options: Recorded) -> None:
    ids = options.definition["instrument_id"].tolist()
    ends = dict(zip(ids, options.definition["expiration"].tolist(), strict=True))
    until = np.array([ends[number] for number in options.nbbo["instrument_id"].tolist()])
    assert (options.nbbo["ts_recv"] < until).all()
    expiring = until == midnight(SUMMER) + 20 * 3_600 * 10**9
    assert options.nbbo["ts_recv"][expiring].max() > midnight(SUMMER) + 19.9 * 3_600 * 10**9


def test_sunday_definitions_come_as_the_exchange_sends_them() -> None:
    sunday = dt.date(2025, 6, 8)
    day = OptionDay(SampleOptions(SampleFuture(sunday), quotes=6_000, strikes=7, spreads=20))
    records = definition_records(day)
    assert records["ts_recv"].min() > midnight(sunday) + 11 * 3_600 * 10**9
    assert (np.diff(records["ts_recv"].astype(np.int64)) >= 0).all()
    assert (records["ts_recv"] > records["ts_event"]).all()


NUMBERS = (
    "inst_attrib_value market_depth market_segment_id min_trade_vol max_trade_vol "
    "contract_multiplier decay_quantity original_contract_size appl_id decay_start_date "
    "channel_id main_fraction price_display_format sub_fraction underlying_product "
    "maturity_day contract_multiplier_unit flow_schedule_type display_factor "
    "min_price_increment max_price_variation unit_of_measure_qty low_limit_price "
    "min_price_increment_amount price_ratio leg_price leg_delta leg_count"
)
TEXTS = (
    "currency settl_currency secsubtype group exchange asset cfi security_type "
    "unit_of_measure strike_price_currency match_algorithm user_defined_instrument "
    "leg_side leg_raw_symbol"
)


def test_constant_fields_are_those_of_a_real_record(options: Recorded, shared_data: Path) -> None:
    file = shared_data / "definition" / "definition-glbx-es-opt.dbn.zst"
    real = next(iter(databento.DBNStore.from_bytes(file.read_bytes())))
    ours = options.definition
    row = ours[(ours["cfi"] == b"OCAFPS") & (ours["max_trade_vol"] == 3_000)][0]
    assert {name: int(row[name]) for name in NUMBERS.split()} == {
        name: int(getattr(real, name)) for name in NUMBERS.split()
    }
    assert {name: row[name].decode() for name in TEXTS.split()} == {
        name: str(getattr(real, name)) for name in TEXTS.split()
    }
