"""Instrument definitions of a day, with the values that CME's records carry.

On a weekday the vendor re-publishes every instrument at 00:00 UTC with the time of the
exchange's last message, which for what was listed before the week is on Sunday. Spreads
that users create during the day follow when they are listed, and a few records are sent
again as modifications. A spread is one record a leg (DBN version 3). Where no real record
was seen, of user-defined spreads, the values are those of CME's other spreads.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ...exchange.sessions import utc_day_ns
from ..layout import PUBLISHER_ID, UNDEFINED_PRICE
from .day import OptionDay
from .expiries import Expiry
from .layout import DEFINITION_DTYPE, NICKEL_NANOS, RTYPE_DEFINITION, WORD_BYTES
from .market import NO_OPTION

DEFINITIONS_STREAM: Final = 7
_UNDEFINED_INT: Final = 2**31 - 1
_UNDEFINED_SHORT: Final = 65_535
_NANOS: Final = 1_000_000_000
_DAY_NS: Final = 86_400 * _NANOS
_MINUTE_NS: Final = 60 * _NANOS
_MODIFIED: Final = 0.01  # of the instruments, during the day
_MODIFIED_AT: Final = 13 * 60 * _MINUTE_NS + 4 * _MINUTE_NS  # of the UTC day
_ACTIVATION_NS: Final = (20 * 60 + 25) * _MINUTE_NS  # time of day at which options are listed

# What is the same in every record. Undefined fields are so in real ones.
_CONSTANT: Final[dict[str, Any]] = {
    "length": DEFINITION_DTYPE.itemsize // WORD_BYTES,
    "rtype": RTYPE_DEFINITION,
    "publisher_id": PUBLISHER_ID,
    "min_price_increment": UNDEFINED_PRICE,
    "display_factor": 10_000_000,
    "high_limit_price": UNDEFINED_PRICE,
    "low_limit_price": NICKEL_NANOS,
    "max_price_variation": UNDEFINED_PRICE,
    "unit_of_measure_qty": 50 * _NANOS,
    "min_price_increment_amount": 0,
    "price_ratio": UNDEFINED_PRICE,
    "leg_price": UNDEFINED_PRICE,
    "leg_delta": UNDEFINED_PRICE,
    "inst_attrib_value": 270_339,
    "market_depth": 3,
    "market_segment_id": 54,
    "max_trade_vol": 3_000,
    "min_trade_vol": 1,
    "contract_multiplier": _UNDEFINED_INT,
    "decay_quantity": _UNDEFINED_INT,
    "original_contract_size": _UNDEFINED_INT,
    "appl_id": 311,
    "decay_start_date": _UNDEFINED_SHORT,
    "channel_id": 1,
    "currency": b"USD",
    "group": b"EW",
    "exchange": b"XCME",
    "security_type": b"OOF",
    "unit_of_measure": b"IPNT",
    "strike_price_currency": b"USD",
    "match_algorithm": b"F",
    "main_fraction": 255,
    "price_display_format": 255,
    "sub_fraction": 255,
    "underlying_product": 5,
    "security_update_action": b"A",
    "maturity_day": 255,
    "maturity_week": 255,
    "user_defined_instrument": b"N",
    "contract_multiplier_unit": 127,
    "flow_schedule_type": 127,
    "tick_rule": 15,
    "leg_side": b"N",
}
# What differs in the records of user-defined spreads.
_SPREAD: Final[dict[str, Any]] = {
    "min_price_increment": NICKEL_NANOS,
    "low_limit_price": UNDEFINED_PRICE,
    "unit_of_measure_qty": UNDEFINED_PRICE,
    "min_price_increment_amount": UNDEFINED_PRICE,
    "inst_attrib_value": 271_371,
    "unit_of_measure": b"CTRCT",
    "strike_price": UNDEFINED_PRICE,
    "strike_price_currency": b"",
    "cfi": b"OMIXSX",
    "user_defined_instrument": b"Y",
    "tick_rule": 255,
}


def _records(count: int) -> NDArray[Any]:
    records = np.zeros(count, DEFINITION_DTYPE)
    for name, value in _CONSTANT.items():
        records[name] = value
    return records


def _activation(expiry: Expiry, start: int) -> int:
    # Quarterlies are listed more than two years ahead, others some weeks.
    ahead = 820 if expiry.american else 42
    day = expiry.expiration_ns // _DAY_NS - ahead
    return int(min(day, start // _DAY_NS - 1) * _DAY_NS + _ACTIVATION_NS)


def _sunday_before(start: int) -> int:
    # 1970-01-04 was a Sunday; on a Sunday it is the day itself.
    days = start // _DAY_NS
    return int((days - (days - 3) % 7) * _DAY_NS)


def outright_definitions(day: OptionDay, rng: np.random.Generator) -> NDArray[Any]:
    """Return the definitions of all calls and puts, in the chain's order."""
    chain, start = day.chain, day.clock.start_ns
    records = _records(len(chain))
    records["instrument_id"] = records["raw_instrument_id"] = chain.instrument_id
    records["raw_symbol"] = np.array(chain.symbol, "S71")
    records["strike_price"] = (chain.strike * _NANOS).astype(np.int64)
    records["instrument_class"] = np.where(chain.is_call, b"C", b"P")
    for e, expiry in enumerate(chain.expiries):
        rows = records[chain.expiry == e]
        rows["expiration"] = expiry.expiration_ns
        rows["activation"] = _activation(expiry, start)
        rows["underlying"] = expiry.underlying.symbol.encode()
        rows["underlying_id"] = expiry.underlying.instrument_id
        rows["asset"] = expiry.asset.encode()
        rows["maturity_year"], rows["maturity_month"] = expiry.date.year, expiry.date.month
        rows["maturity_week"] = expiry.week or 255
        style = "A" if expiry.american else "E"
        rows["cfi"] = np.where(
            rows["instrument_class"] == b"C", f"OC{style}FPS".encode(), f"OP{style}FPS".encode()
        )
        records[chain.expiry == e] = rows
    sent = rng.integers(11 * 60 * _MINUTE_NS + 95 * _NANOS, 17 * 60 * _MINUTE_NS, len(chain))
    records["ts_event"] = _sunday_before(start) + sent // 1_000_000 * 1_000_000
    return records


def spread_definitions(day: OptionDay, outrights: NDArray[Any]) -> NDArray[Any]:
    """Return the definitions of all user-defined spreads, a record a leg."""
    spreads = day.spreads
    leg = spreads.leg
    records = _records(leg.size)
    for name, value in _SPREAD.items():
        records[name] = value
    owner = np.repeat(np.arange(len(spreads)), spreads.legs)
    rows = day.instruments[len(day.chain) :][owner]
    records["instrument_id"] = records["raw_instrument_id"] = rows["id"]
    records["raw_symbol"] = np.array(spreads.symbol, "S71")[owner]
    records["secsubtype"] = np.array(spreads.kind, "S6")[owner]
    mixed = np.array([spreads.is_mixed(n) for n in range(len(spreads))], np.bool_)[owner]
    records["instrument_class"] = np.where(mixed, b"M", b"T")
    records["security_type"] = np.where(mixed, b"MLEG", b"OOF")
    records["asset"] = b"ES"
    records["activation"] = records["ts_event"] = rows["listed"]
    records["expiration"] = rows["expiration"]
    months = rows["expiration"].astype("M8[ns]").astype("M8[M]").astype(np.int64)
    records["maturity_year"], records["maturity_month"] = 1970 + months // 12, months % 12 + 1
    records["leg_count"] = spreads.legs[owner]
    records["leg_index"] = np.arange(leg.size) - spreads.first_leg[owner]
    records["leg_side"] = np.where(leg["ratio"] > 0, b"B", b"A")
    records["leg_ratio_qty_numerator"] = np.maximum(1, np.abs(leg["ratio"]).astype(np.int64))
    records["leg_ratio_qty_denominator"] = 1
    _name_legs(day, records, outrights)
    return records


def _name_legs(day: OptionDay, records: NDArray[Any], outrights: NDArray[Any]) -> None:
    leg = day.spreads.leg
    is_option = leg["option"] != NO_OPTION
    legs = outrights[leg["option"][is_option]]
    for name, source in (
        ("leg_instrument_id", "instrument_id"),
        ("leg_raw_symbol", "raw_symbol"),
        ("leg_instrument_class", "instrument_class"),
        ("leg_underlying_id", "underlying_id"),
    ):
        values = records[name]
        values[is_option] = legs[source]
    futures = {item.underlying.near: item.underlying for item in day.chain.expiries}
    for row in np.flatnonzero(~is_option):
        future = futures[int(leg["quarter"][row])]
        records["leg_instrument_id"][row] = future.instrument_id
        records["leg_raw_symbol"][row] = future.symbol.encode()
        records["leg_instrument_class"][row] = b"F"
        records["leg_price"][row] = round(leg["reference"][row] * _NANOS)
        # The delta that the user hedges; the ratio of the leg itself is one to one.
        records["leg_delta"][row] = round(abs(leg["ratio"][row]) * _NANOS)


def _modifications(snapshot: NDArray[Any], start: int, rng: np.random.Generator) -> NDArray[Any]:
    # The exchange raises the largest order of some options.
    chosen = rng.random(snapshot.size) < _MODIFIED
    chosen &= (snapshot["leg_count"] == 0) & (snapshot["expiration"] > start + _DAY_NS)
    modified = snapshot[chosen]
    modified["security_update_action"] = b"M"
    modified["max_trade_vol"] = 5_000
    spacing = rng.integers(1_000, 50_000_000, modified.size).cumsum()
    modified["ts_event"] = start + _MODIFIED_AT + spacing
    modified["ts_recv"] = modified["ts_event"] + np.uint64(120_000)
    return modified


def definition_records(day: OptionDay) -> NDArray[Any]:
    """Return the day's definitions in file order.

    Returns
    -------
    DEFINITION_DTYPE array
        By ``ts_recv``; the legs of a spread lie together.
    """
    rng = np.random.default_rng(day.stream(DEFINITIONS_STREAM))
    start = utc_day_ns(day.sample.future.date)[0]
    is_sunday = day.sample.future.date.weekday() == 6
    outrights = outright_definitions(day, rng)
    spreads = spread_definitions(day, outrights)
    created = spreads["ts_event"] >= start
    snapshot = np.concatenate([outrights, spreads[~created]])
    if is_sunday:
        # As the exchange sends them; what users listed last week is sent again too.
        old = snapshot["ts_event"] < start
        snapshot["ts_event"][old] = start + np.uint64(11 * 60 * _MINUTE_NS)
        snapshot = snapshot[np.argsort(snapshot["ts_event"], kind="stable")]
        snapshot["ts_recv"] = snapshot["ts_event"] + np.uint64(200_000)
    else:
        snapshot["ts_recv"] = start
    later = spreads[created]
    # One receive time an instrument: legs come in one message.
    delay = (later["instrument_id"].astype(np.uint64) * np.uint64(7_919)) % np.uint64(300_000)
    later["ts_recv"] = later["ts_event"] + np.uint64(90_000) + delay
    modified = _modifications(snapshot, start, rng)
    records = np.concatenate([snapshot, later, modified])
    return records[np.argsort(records["ts_recv"], kind="stable")]
