"""Symbols of options, by hand and on the vendor's 11,294 mappings."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from src.data_eng.exchange.symbols import (
    OptionSymbol,
    is_contract,
    is_root,
    is_user_defined_spread,
    parse_option,
)
from src.data_eng.vendor.dbn.reader import DbnReader


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("ESM4 C4250", OptionSymbol("ES", 6, "4", "C", 4250.0)),
        ("ESU3 C0900", OptionSymbol("ES", 9, "3", "C", 900.0)),
        ("ESH7 C500", OptionSymbol("ES", 3, "7", "C", 500.0)),
        ("ESZ7 P10000", OptionSymbol("ES", 12, "7", "P", 10000.0)),
        ("EW2F6 C7000", OptionSymbol("EW2", 1, "6", "C", 7000.0)),
        ("E1AM5 P5850", OptionSymbol("E1A", 6, "5", "P", 5850.0)),
        ("ESM25 C5900", OptionSymbol("ES", 6, "25", "C", 5900.0)),
    ],
)
def test_outrights(text: str, parts: OptionSymbol) -> None:
    assert parse_option(text) == parts


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ESM4",
        "ES",
        "UD:1V: VT 2809308",
        "ESM4-ESU4",
        "ESM4 X4250",
        "ESM4  C4250",
        "ESM4 C",
        "ESM4 C4250 ",
        "esm4 c4250",
        "ESA4 C4250",
        "ESM4 C\u0664\u0662",
        "ESM4 C-10",
    ],
)
def test_everything_else_is_none(text: str) -> None:
    assert parse_option(text) is None


def test_real_mappings_are_1944_outrights_and_9350_spreads(shared_data: Path) -> None:
    path = shared_data / "definition" / "definition-glbx-es-opt.dbn.zst"
    with DbnReader(path) as reader:
        symbols = {mapping.symbol_in for mapping in reader.metadata.mappings}
    kinds = Counter(
        "outright" if parse_option(s) else "spread" if is_user_defined_spread(s) else s
        for s in symbols
    )
    assert kinds == {"outright": 1944, "spread": 9350}
    assert not any(is_contract(s) or is_root(s) for s in symbols)
    calls = Counter(o.instrument_class for s in symbols if (o := parse_option(s)))
    assert calls == {"C": 972, "P": 972}
