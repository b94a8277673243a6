"""Which symbol an instrument id stood for on a date: what each source says, and until when."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from src.data_eng.catalogue.datasets import dataset
from src.data_eng.errors import DbnDecodeError, SymbologyError
from src.data_eng.vendor.dbn.layout import UNDEF_TIMESTAMP
from src.data_eng.vendor.files import RawDay, find_raw_day
from src.data_eng.vendor.symbology import symbols_of_day
from tests.dbn_files import (
    DATE,
    DAY_NS,
    ESM5,
    Mapped,
    blank_records,
    day_ns,
    encode_header,
    mbp10_records,
    write_dbn,
    write_mbp10,
)

RAW = dataset("raw.future.market_by_price_10")
START, END = day_ns(DATE), day_ns(DATE) + DAY_NS
DAY = dt.timedelta(days=1)


def day(lake: Path, *mappings: Mapped) -> RawDay:
    write_mbp10(lake / RAW.folder("ES") / "a.dbn", mbp10_records(1), mappings=mappings)
    return find_raw_day(lake, RAW, "ES", DATE)


def define(lake: Path, *rows: tuple[int, str, int, int], name: str = "definition.dbn") -> Path:
    """Write definitions of (id, symbol, receipt, expiration) beside the data."""
    records = blank_records("definition", len(rows))
    for record, (instrument, symbol, received, expiration) in zip(records, rows, strict=True):
        record["instrument_id"], record["raw_symbol"] = instrument, symbol.encode()
        record["ts_recv"], record["expiration"] = received, expiration
    header = encode_header(schema="definition", end_ns=END + DAY_NS)
    return write_dbn(lake / RAW.folder("ES") / name, header, records)


@pytest.mark.parametrize(
    ("first", "end", "is_meant"),
    [
        (DATE, DATE + DAY, True),
        (DATE - DAY, DATE + DAY, True),
        (DATE - DAY, DATE, False),
        (DATE + DAY, DATE + 2 * DAY, False),
    ],
)
@pytest.mark.parametrize("source", ["header", "symbology.json"])
def test_an_interval_holds_its_first_date_and_not_its_end(
    tmp_path: Path, source: str, first: dt.date, end: dt.date, *, is_meant: bool
) -> None:
    mapped = [("ESM5", str(ESM5), first, end)] if source == "header" else []
    found = day(tmp_path, *mapped)
    if source != "header":
        told = {"d0": str(first), "d1": str(end), "s": str(ESM5)}
        (found.folder / source).write_text(json.dumps({"result": {"ESM5": [told]}}))
    assert symbols_of_day(found, [], []) == ({ESM5: "ESM5"} if is_meant else {})


@pytest.mark.parametrize(
    ("rows", "symbol"),
    [
        ([("ESM5", START, START + 1)], "ESM5"),
        ([("ESM5", START, UNDEF_TIMESTAMP)], "ESM5"),
        ([("ESM5", START, START)], None),  # it was over when the date began
        ([("ESM5", END - 1, END)], "ESM5"),
        ([("ESM5", END, END + DAY_NS)], None),  # of the date after
        ([("ESM5", START, END), ("ESU5", START + 1, END)], "ESU5"),
        ([("ESU5", START + 1, END), ("ESM5", START, END)], "ESU5"),
        ([("ESM5", START, END), ("ESU5", START, END)], "ESU5"),
    ],
)
def test_the_last_definition_of_the_date_that_was_alive_in_it_counts(
    tmp_path: Path, rows: Sequence[tuple[str, int, int]], symbol: str | None
) -> None:
    define(tmp_path, *((ESM5, *row) for row in rows))
    found = symbols_of_day(day(tmp_path), [], [ESM5])
    assert found == ({} if symbol is None else {ESM5: symbol})


def test_definitions_are_asked_where_nothing_else_tells(tmp_path: Path) -> None:
    """Those of a date that has all symbols may say what they like."""
    define(tmp_path, (ESM5, "ESZ5", START, END), (7, "ESU5", START, END), (8, "ESH6", START, END))
    found = day(tmp_path, ("ESM5", str(ESM5), DATE, DATE + DAY))
    assert symbols_of_day(found, [], [ESM5]) == {ESM5: "ESM5"}
    assert symbols_of_day(found, [], [ESM5, 7]) == {ESM5: "ESM5", 7: "ESU5"}


def test_a_definition_file_is_read_to_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = define(tmp_path, (ESM5, "ESM5", START, END))
    found = day(tmp_path)
    nonzero = np.flatnonzero

    def changing(mask: np.ndarray) -> np.ndarray:
        path.write_bytes(path.read_bytes() + b"more")
        return nonzero(mask)

    monkeypatch.setattr(np, "flatnonzero", changing)
    with pytest.raises(DbnDecodeError, match="changed while it was read"):
        symbols_of_day(found, [], [ESM5])


def test_two_symbols_of_an_id_are_an_error_whoever_says_so(tmp_path: Path) -> None:
    found = day(tmp_path, ("ESM5", str(ESM5), DATE, DATE + DAY))
    assert symbols_of_day(found, [(ESM5, "ESM5"), (ESM5, "ES.FUT"), (ESM5, "7")], []) == {
        ESM5: "ESM5"
    }
    with pytest.raises(SymbologyError, match=f"instrument id {ESM5} is ESM5 and ESU5"):
        symbols_of_day(found, [(ESM5, "ESU5")], [])
