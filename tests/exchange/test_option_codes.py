"""The codes of the options on a root's futures."""

from __future__ import annotations

from collections import Counter

import pytest

from src.data_eng.errors import UsageError
from src.data_eng.exchange.option_codes import LEFT_OUT, OPTION_CODES, option_codes
from src.data_eng.exchange.products import PRODUCTS
from src.data_eng.exchange.symbols import parse_option
from src.data_eng.sample.options.expiries import parents


def test_every_code_is_of_one_root_that_is_known() -> None:
    assert OPTION_CODES.keys() <= PRODUCTS.keys()
    codes = Counter(code for root in OPTION_CODES for code in option_codes(root))
    assert {code for code, times in codes.items() if times > 1} == set()


@pytest.mark.parametrize("root", OPTION_CODES)
def test_a_code_begins_the_symbol_of_an_option(root: str) -> None:
    for code in option_codes(root):
        option = parse_option(f"{code}M5 C5900")
        assert option is not None
        assert option.root == code


def test_those_on_es_are_the_quarterly_month_end_and_weekly_ones() -> None:
    codes = option_codes("ES")
    assert {f"{code}.OPT" for code in codes} == {*parents("ES"), "EYC.OPT"}
    assert {"ES", "EW", "EW1", "EW4", "E1A", "E5A", "E3B", "E3C", "E5D"} <= set(codes)
    assert not {"EW5", "E6A", "E1E"} & set(codes)


def test_those_on_crude_oil_have_weeklies_for_each_day_of_the_week() -> None:
    codes = option_codes("CL")
    weeklies = {f"{day}L{week}" for day in "MNWX" for week in range(1, 6)}
    assert set(codes) == {"LO", *(f"LO{week}" for week in range(1, 6))} | weeklies
    assert not {"CL", "LO6", "LCE"} & set(codes)
    assert LEFT_OUT.keys() <= OPTION_CODES.keys()


def test_others_are_not_guessed() -> None:
    with pytest.raises(UsageError, match="the options on HG are not known; known are those on ES"):
        option_codes("HG")
    with pytest.raises(UsageError, match="CME's pages name no options on M2K; fetch"):
        option_codes("M2K")
