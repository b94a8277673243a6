"""Symbols as users write them."""

from __future__ import annotations

import pytest

from src.data_eng.errors import UsageError
from src.data_eng.exchange.asked_symbol import check_symbol, nearest_symbols


@pytest.mark.parametrize("symbol", ["ES", "6E", "ESM5", "ESM25", "XYZ"])
def test_roots_and_contracts_pass(symbol: str) -> None:
    check_symbol(symbol)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("es", ["ES"]),
        ("esm5", ["ESM5"]),
        ("@ES", ["ES"]),
        ("/NQ", ["NQ"]),
        ("ES.FUT", ["ES"]),
        ("ES=F", ["ES"]),
        ("ESM5-ESU5", ["ESM5"]),
        ("nz!", ["ZN"]),
        ("..", []),
        ("qqqq", []),
    ],
)
def test_what_may_be_meant(written: str, meant: list[str]) -> None:
    assert nearest_symbols(written) == meant


def test_what_is_near_is_asked() -> None:
    with pytest.raises(UsageError, match=r"^--symbol 'es': neither .*; did you mean ES\?$"):
        check_symbol("es")


def test_a_contract_where_a_root_is_wanted_names_the_root() -> None:
    with pytest.raises(UsageError, match=r"^--symbol ESM5: a contract; give its product root, ES$"):
        check_symbol("ESM5", contracts=False)
