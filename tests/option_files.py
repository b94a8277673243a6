"""Small options files for tests: definitions, trades, quotes and statistics by hand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from src.data_eng.vendor.dbn.layout import UNDEF_PRICE, UNDEF_TIMESTAMP
from tests.dbn_files import DATE, Records, blank_records, day_ns, encode_header, write_dbn

EXPIRY = 1_750_426_200_000_000_000  # 2025-06-20 13:30 UTC
OPEN_NS = day_ns(DATE) + 13 * 3600 * 10**9 + 30 * 60 * 10**9
FOLDER = "raw/source=databento/product_type=future_option/symbol=ES"


@dataclass(frozen=True)
class Option:
    """What a definition says of an instrument."""

    instrument_id: int
    raw_symbol: str
    instrument_class: str = "C"
    strike: float | None = 5900.0
    underlying: str = "ESM5"
    underlying_id: int = 5002
    cfi: str = "OCAFPS"
    expiration: int = EXPIRY
    ts_recv: int = day_ns(DATE)
    action: str = "A"


CALL = Option(101, "ESM5 C5900")
PUT = Option(102, "E1AM5 P5850", "P", 5850.0, cfi="OPEFPS")
NEXT = Option(103, "ESU5 C5900", underlying="ESU5", underlying_id=5003)
SPREAD = Option(201, "UD:1V: VT 2809308", "T", None, underlying="", underlying_id=0, cfi="OMXXXX")
CHAIN = (CALL, PUT, NEXT, SPREAD)


def definitions(options: Sequence[Option], version: int = 3) -> Records:
    """Return definition records, undefined where CME leaves a field undefined."""
    records = blank_records("definition", len(options), version=version)
    for name in records.dtype.names or ():
        kind = records.dtype[name]
        if name in {"price_ratio", "min_price_increment", "max_price_variation"}:
            records[name] = UNDEF_PRICE
        elif name in {"contract_multiplier", "maturity_day", "decay_start_date", "main_fraction"}:
            records[name] = np.iinfo(kind).max
    records["security_type"], records["group"], records["exchange"] = b"OOF", b"EW", b"XCME"
    records["currency"], records["asset"], records["unit_of_measure"] = b"USD", b"ES", b"IPNT"
    records["unit_of_measure_qty"], records["match_algorithm"] = 50 * 10**9, b"F"
    records["user_defined_instrument"] = b"N"
    for record, option in zip(records, options, strict=True):
        record["instrument_id"] = option.instrument_id
        record["raw_symbol"] = option.raw_symbol.encode()
        record["instrument_class"] = option.instrument_class.encode()
        record["strike_price"] = (
            UNDEF_PRICE if option.strike is None else round(option.strike * 1e9)
        )
        record["underlying"] = option.underlying.encode()
        record["underlying_id"] = option.underlying_id
        record["cfi"] = option.cfi.encode()
        record["expiration"] = option.expiration
        record["activation"] = option.expiration - 10**16
        record["security_update_action"] = option.action.encode()
        record["ts_recv"] = record["ts_event"] = option.ts_recv
    return records


def events(schema: str, ids: Sequence[int], *, version: int = 3, **fields: Any) -> Records:
    """Return records of a schema, one a millisecond from 09:30 New York, with fields set."""
    records = blank_records(schema, len(ids), version=version)
    records["instrument_id"] = ids
    records["ts_recv"] = OPEN_NS + np.arange(len(ids)) * 10**6
    records["ts_event"] = records["ts_recv"] - 500
    if "side" in (records.dtype.names or ()):
        records["side"] = b"N"
    for name in ("action",):
        if name in (records.dtype.names or ()):
            records[name] = b"T"
    for name, value in fields.items():
        records[name] = value
    return records


def statistics(ids: Sequence[int], *, version: int = 3, **fields: Any) -> Records:
    """Return statistics records: open interest by default."""
    records = events("statistics", ids, version=version)
    records["stat_type"], records["update_action"], records["stat_flags"] = 9, 1, 128
    records["price"] = UNDEF_PRICE
    records["ts_ref"] = UNDEF_TIMESTAMP
    for name, value in fields.items():
        records[name] = value
    return records


def write_table(
    lake: Path,
    table: str,
    schema: str,
    records: Records,
    *,
    date: dt.date = DATE,
    version: int = 3,
    name: str = "",
    **header: Any,
) -> Path:
    """Write records as the vendor's daily file of a table; return its path."""
    path = lake / FOLDER / f"table={table}" / (name or f"glbx-mdp3-{date:%Y%m%d}.{schema}.dbn.zst")
    asked = {"query": ("ES.OPT",), **header}
    encoded = encode_header(schema=schema, date=date, version=version, **asked)
    return write_dbn(path, encoded, records)


def write_day(lake: Path, options: Sequence[Option] = CHAIN) -> None:
    """Write a day of all four tables: two records of every instrument in each."""
    ids = [option.instrument_id for option in options] * 2
    write_table(lake, "definition", "definition", definitions(options))
    write_table(lake, "trades", "trades", events("trades", ids, price=5 * 10**9, size=3))
    write_table(lake, "nbbo", "mbp-1", events("mbp-1", ids, action=b"A", bid_px_00=10**9))
    write_table(lake, "statistics", "statistics", statistics(ids, quantity=1234))
