from __future__ import annotations

import json
import random as random_module
from datetime import date, timedelta
from zlib import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.data_eng.errors import FrontMonthError, UsageError
from src.data_eng.exchange.expiry import third_friday
from src.data_eng.exchange.products import PRODUCTS
from src.data_eng.exchange.roll import (
    BASIS_BEFORE_OPEN,
    BASIS_CALENDAR,
    BASIS_EQUAL,
    BASIS_NO_TRADE,
    BASIS_ONLY,
    BASIS_PARTITION,
    Candidate,
    calendar_front_month,
    choose_front_month,
    has_roll_calendar,
    roll_date,
)
from src.data_eng.exchange.symbols import (
    MONTH_CODES,
    Outright,
    delivery_month,
    is_contract,
    is_root,
    outright_of_root,
    parse_outright,
)

# Traded volume of NQ by UTC day: (NQZ4, NQH5, spread), and the part before 09:30 New York.
NQ_ROLL = {
    date(2024, 12, 13): ((553_926, 87_100), (55_902, 13_859), 61_221),
    date(2024, 12, 15): ((4_859, 0), (1_557, 0), 463),
    date(2024, 12, 16): ((293_005, 48_618), (260_809, 34_905), 169_852),
    date(2024, 12, 17): ((159_770, 35_650), (457_772, 70_680), 110_946),
    date(2024, 12, 18): ((116_835, 21_043), (647_141, 69_294), 79_128),
    date(2024, 12, 20): ((4_828, 4_828), (833_898, 203_820), 3_749),
}
ON = date(2025, 6, 5)


def candidate(
    symbol: str, before: int = 0, volume: int | None = None, *, id_: int = 0, records: int = 1
) -> Candidate:
    identity = id_ or crc32(symbol.encode())
    return Candidate(symbol, identity, records, before, before if volume is None else volume)


def nq(on: date) -> list[Candidate]:
    (z4, z4_before), (h5, h5_before), spread = NQ_ROLL[on]
    return [
        candidate("NQZ4-NQH5", 0, spread),
        candidate("NQH5", h5_before, h5, id_=42_005_804),
        candidate("NQZ4", z4_before, z4, id_=106_364),
    ]


# --- symbols ---


@pytest.mark.parametrize(
    ("symbol", "root", "month", "digits"),
    [
        ("ESU5", "ES", 9, "5"),
        ("ESH25", "ES", 3, "25"),
        ("6EM5", "6E", 6, "5"),
        ("M2KU5", "M2K", 9, "5"),
        ("CLZ35", "CL", 12, "35"),
        ("E7Z5", "E7", 12, "5"),
        ("1OZG6", "1OZ", 2, "6"),
        ("ZNF0", "ZN", 1, "0"),
        ("HHH6", "HH", 3, "6"),
    ],
)
def test_outrights(symbol: str, root: str, month: int, digits: str) -> None:
    assert parse_outright(symbol) == Outright(root, month, digits, symbol)
    assert outright_of_root(symbol, root) == Outright(root, month, digits, symbol)
    assert outright_of_root(symbol, root[:-1]) is None
    assert is_contract(symbol)
    assert not is_root(symbol)
    assert is_root(root)


@pytest.mark.parametrize(
    "symbol",
    [
        "ESZ5-ESH6",
        "ESU5 C5000",
        "UD:1V: VT 2809308",
        "ES:BF U5-Z5-H6",
        "ES",
        "6E",
        "M2K",
        "ES.c.0",
        "ES.FUT",
        "U5",
        "6M5",  # no root without a letter
        "ESA5",  # A is no month
        "ESU",
        "ESU125",
        "esu5",
        "ESU5\n",
        " ESU5",
        "ESU\u0665",  # a digit, but not of a symbol
        "ÉSU5",
        "",
    ],
)
def test_no_outrights(symbol: str) -> None:
    assert parse_outright(symbol) is None
    assert not is_contract(symbol)


@pytest.mark.parametrize("root", ["ES", "NQ", "6E", "M2K", "MYM", "1OZ", "S", "E7", "SR3", "EW2"])
def test_roots(root: str) -> None:
    assert is_root(root)
    assert not is_contract(root)


@pytest.mark.parametrize(
    "text", ["", "es", "Es", "../x", "ES/", ".", "..", "E S", "ES\n", "5", "ESESESE", "ESU5", "ÉS"]
)
def test_no_roots(text: str) -> None:
    assert not is_root(text)


@given(st.text("6ESUF5./\\\n é", max_size=6))
def test_whatever_passes_as_root_or_contract_is_safe_in_a_path(text: str) -> None:
    if is_root(text) or is_contract(text):
        assert text.isascii()
        assert text.isalnum()
        assert text == text.upper()
    assert not (is_root(text) and is_contract(text))


# --- dates ---


@pytest.mark.parametrize(
    ("symbol", "on", "delivery"),
    [
        ("ESZ5", date(2025, 12, 22), (2025, 12)),
        ("ESH1", date(2025, 12, 22), (2031, 3)),
        ("ESZ0", date(2025, 12, 22), (2030, 12)),
        ("NQZ4", date(2024, 12, 20), (2024, 12)),
        ("NQZ4", date(2025, 1, 31), (2024, 12)),  # the month before still counts
        ("NQZ4", date(2025, 2, 1), (2034, 12)),
        ("NQH5", date(2025, 3, 30), (2025, 3)),
        ("ESZ9", date(2020, 1, 2), (2019, 12)),
        ("ESH0", date(2019, 12, 31), (2020, 3)),
        ("ESZ4", date(2025, 1, 1), (2024, 12)),
        ("CLZ35", ON, (2035, 12)),
        ("CLZ99", date(2026, 1, 5), (1999, 12)),
        ("CLZ74", ON, (2074, 12)),
        ("CLZ75", ON, (1975, 12)),
    ],
)
def test_delivery_month(symbol: str, on: date, delivery: tuple[int, int]) -> None:
    outright = parse_outright(symbol)
    assert outright is not None
    assert delivery_month(outright, on) == delivery


@given(
    st.dates(date(2005, 1, 1), date(2095, 12, 31)),
    st.sampled_from(MONTH_CODES),
    st.integers(0, 9),
)
def test_one_digit_names_one_month_of_the_ten_years_from_the_last(
    on: date, code: str, digit: int
) -> None:
    outright = parse_outright(f"ES{code}{digit}")
    assert outright is not None
    year, month = delivery_month(outright, on)
    assert year % 10 == digit
    assert MONTH_CODES[month - 1] == code
    assert -1 <= (year - on.year) * 12 + month - on.month < 119


@pytest.mark.parametrize(
    ("year", "month", "friday", "roll"),
    [
        (2014, 9, date(2014, 9, 19), date(2014, 9, 11)),  # CME's table of roll dates
        (2014, 12, date(2014, 12, 19), date(2014, 12, 11)),
        (2022, 3, date(2022, 3, 18), date(2022, 3, 10)),
        (2022, 6, date(2022, 6, 17), date(2022, 6, 13)),  # the first Monday roll
        (2024, 12, date(2024, 12, 20), date(2024, 12, 16)),
        (2025, 6, date(2025, 6, 20), date(2025, 6, 16)),
        (2025, 8, date(2025, 8, 15), date(2025, 8, 11)),  # the month begins on a Friday
        (2026, 6, date(2026, 6, 19), date(2026, 6, 15)),  # expires on the 18th: a holiday
    ],
)
def test_roll_dates(year: int, month: int, friday: date, roll: date) -> None:
    assert third_friday(year, month) == friday
    assert roll_date(year, month) == roll


@given(st.integers(1990, 2090), st.integers(1, 12))
def test_third_friday_is_a_friday_of_the_third_week(year: int, month: int) -> None:
    friday = third_friday(year, month)
    assert friday.weekday() == 4
    assert 15 <= friday.day <= 21


@pytest.mark.parametrize(
    ("root", "on", "symbol"),
    [
        ("ES", date(2025, 6, 4), "ESM5"),
        ("ES", date(2025, 6, 15), "ESM5"),
        ("ES", date(2025, 6, 16), "ESU5"),
        ("NQ", date(2024, 12, 15), "NQZ4"),
        ("NQ", date(2024, 12, 16), "NQH5"),
        ("NQ", date(2024, 12, 31), "NQH5"),
        ("M2K", date(2019, 12, 12), "M2KH0"),
        ("ES", date(2022, 3, 9), "ESH2"),
        ("ES", date(2022, 3, 10), "ESM2"),
        ("ES", date(2022, 6, 9), "ESM2"),  # the Thursday no longer rolls
        ("ES", date(2022, 6, 13), "ESU2"),
    ],
)
def test_calendar_front_month(root: str, on: date, symbol: str) -> None:
    assert calendar_front_month(root, on) == symbol


def test_calendar_front_month_never_goes_back_and_never_is_expired() -> None:
    on, last = date(2018, 1, 1), (0, 0)
    while on < date(2032, 1, 1):
        outright = parse_outright(calendar_front_month("ES", on))
        assert outright is not None
        delivery = delivery_month(outright, on)
        assert delivery >= last
        assert third_friday(*delivery) > on
        on, last = on + timedelta(days=1), delivery


@pytest.mark.parametrize("root", ["CL", "6E", "es", ""])
def test_roots_without_a_roll_calendar(root: str) -> None:
    with pytest.raises(FrontMonthError, match="--roll-rule volume"):
        calendar_front_month(root, ON)


# --- the choice ---


@pytest.mark.parametrize(
    ("on", "by_volume", "basis", "by_calendar"),
    [
        (date(2024, 12, 13), "NQZ4", BASIS_BEFORE_OPEN, "NQZ4"),
        (date(2024, 12, 15), "NQZ4", BASIS_PARTITION, "NQZ4"),
        (date(2024, 12, 16), "NQZ4", BASIS_BEFORE_OPEN, "NQH5"),
        (date(2024, 12, 17), "NQH5", BASIS_BEFORE_OPEN, "NQH5"),
        (date(2024, 12, 18), "NQH5", BASIS_BEFORE_OPEN, "NQH5"),
        (date(2024, 12, 20), "NQH5", BASIS_BEFORE_OPEN, "NQH5"),
    ],
)
def test_volume_rolls_one_session_after_the_calendar(
    on: date, by_volume: str, basis: str, by_calendar: str
) -> None:
    chosen = choose_front_month("volume", "NQ", on, nq(on))
    assert (chosen.symbol, chosen.basis) == (by_volume, basis)
    assert chosen.calendar_symbol == by_calendar
    assert chosen.differs_from_calendar is (by_volume != by_calendar)
    assert chosen.instrument_id == {"NQZ4": 106_364, "NQH5": 42_005_804}[by_volume]
    assert [c.symbol for c in chosen.candidates] == ["NQZ4", "NQH5"]  # no spread, by expiry
    scheduled = choose_front_month("calendar", "NQ", on, nq(on))
    assert (scheduled.symbol, scheduled.basis) == (by_calendar, BASIS_CALENDAR)
    assert scheduled.differs_from_calendar is False


def test_a_spread_with_the_highest_volume_is_never_chosen() -> None:
    held = [candidate("ESM5-ESU5", 900), candidate("ESM5", 5), candidate("ESU5", 4)]
    assert choose_front_month("volume", "ES", ON, held).symbol == "ESM5"


def test_another_root_does_not_compete() -> None:
    held = [candidate("MESM5", 900), candidate("ESM5", 5), candidate("ESU5", 4)]
    assert choose_front_month("volume", "ES", ON, held).symbol == "ESM5"


def test_volume_before_the_open_comes_before_the_volume_of_the_day() -> None:
    held = [candidate("ESM5", 10, 20), candidate("ESU5", 9, 500)]
    chosen = choose_front_month("volume", "ES", ON, held)
    assert (chosen.symbol, chosen.basis) == ("ESM5", BASIS_BEFORE_OPEN)


@pytest.mark.parametrize(
    "held", [[("ESU5", 7, 9), ("ESM5", 7, 8)], [("ESU5", 0, 8), ("ESM5", 0, 8)]]
)
def test_equal_volume_goes_to_the_nearer_expiry(held: list[tuple[str, int, int]]) -> None:
    chosen = choose_front_month("volume", "ES", ON, [candidate(*h) for h in held])
    assert (chosen.symbol, chosen.basis) == ("ESM5", BASIS_EQUAL)


def test_nearer_expiry_is_by_date_and_not_by_text() -> None:
    on = date(2025, 12, 22)
    held = [candidate("ESH1", 3), candidate("ESZ0", 3), candidate("ESH6", 3)]
    chosen = choose_front_month("volume", "ES", on, held)
    assert [c.symbol for c in chosen.candidates] == ["ESH6", "ESZ0", "ESH1"]
    assert chosen.symbol == "ESH6"


def test_one_outright_needs_no_trade() -> None:
    chosen = choose_front_month("volume", "ES", date(2023, 12, 25), [candidate("ESH4")])
    assert (chosen.symbol, chosen.basis) == ("ESH4", BASIS_ONLY)


def test_without_a_trade_the_nearest_contract_with_records() -> None:
    on = date(2025, 12, 21)  # the Sunday after ESZ5 expired, its mapping still there
    held = [candidate("ESM6"), candidate("ESZ5", records=0), candidate("ESH6")]
    chosen = choose_front_month("volume", "ES", on, held)
    assert (chosen.symbol, chosen.basis) == ("ESH6", BASIS_NO_TRADE)


def test_without_a_record_nothing_is_guessed() -> None:
    held = [candidate("ESM5", records=0), candidate("ESU5", records=0)]
    with pytest.raises(FrontMonthError, match=r"no record of any .* ESM5, ESU5;"):
        choose_front_month("volume", "ES", ON, held)


@pytest.mark.parametrize("rule", ["volume", "calendar"])
@pytest.mark.parametrize(
    ("symbols", "held"),
    [
        ([], "no instrument"),
        (["ESM5-ESU5"], "ESM5-ESU5"),
        (["NQM5", "MESM5", "ESM5 C5000"], "ESM5 C5000, MESM5, NQM5"),
        ([f"NQ{c}5" for c in "HMUZFGJ"], "NQF5, NQG5, NQH5, NQJ5, NQM5 and 2 more"),
    ],
)
def test_no_outright_of_the_root(rule: str, symbols: list[str], held: str) -> None:
    with pytest.raises(FrontMonthError) as caught:
        choose_front_month(rule, "ES", ON, [candidate(s, 5) for s in symbols])
    assert f"no outright of ES in the raw data of 2025-06-05, which hold {held};" in str(
        caught.value
    )


def test_calendar_contract_that_is_not_there() -> None:
    with pytest.raises(FrontMonthError, match="is ESM5, but the raw data hold ESU5, ESZ5;"):
        choose_front_month("calendar", "ES", ON, [candidate("ESU5", 5), candidate("ESZ5", 1)])


def test_volume_choice_differs_from_a_calendar_contract_that_is_not_there() -> None:
    chosen = choose_front_month("volume", "ES", ON, [candidate("ESU5", 5)])
    assert (chosen.calendar_symbol, chosen.differs_from_calendar) == ("ESM5", True)


def test_calendar_contract_written_with_two_digits() -> None:
    held = [candidate("ESM25", 1), candidate("ESU25", 5)]
    chosen = choose_front_month("calendar", "ES", ON, held)
    assert (chosen.symbol, chosen.differs_from_calendar) == ("ESM25", False)


def test_root_without_a_calendar() -> None:
    held = [candidate("CLN5", 5), candidate("CLQ5", 9)]
    chosen = choose_front_month("volume", "CL", ON, held)
    assert (chosen.symbol, chosen.calendar_symbol) == ("CLQ5", None)
    assert chosen.differs_from_calendar is False
    with pytest.raises(FrontMonthError, match="CL has no roll calendar"):
        choose_front_month("calendar", "CL", ON, held)


@pytest.mark.parametrize("rule", ["volume", "calendar"])
@pytest.mark.parametrize(
    "clash",
    [
        [candidate("ESM5", 5, id_=1), candidate("ESM5", 6, id_=2)],
        [candidate("ESM5", 5, id_=1), candidate("ESM25", 6, id_=2)],
        [candidate("ESM5", 5, id_=1), candidate("ESU5", 6, id_=1)],
        [candidate("ESM5", 5, id_=1), candidate("ESM5", 5, id_=1)],
    ],
)
def test_two_instruments_that_claim_one_contract(rule: str, clash: list[Candidate]) -> None:
    with pytest.raises(FrontMonthError, match=r"\(id 1\).* claim to be one contract of ES"):
        choose_front_month(rule, "ES", ON, [candidate("ESZ5", 1, id_=9), *clash])


def test_unknown_rule() -> None:
    with pytest.raises(UsageError, match="'open_interest'; use one of: volume, calendar"):
        choose_front_month("open_interest", "ES", ON, [candidate("ESM5", 1)])


@pytest.mark.parametrize("counts", [(-1, 0, 0), (1, 5, 4), (1, -1, 4)])
def test_impossible_counts_are_refused(counts: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="impossible counts"):
        Candidate("ESM5", 1, *counts)


def test_manifest_of_the_choice() -> None:
    on = date(2024, 12, 16)
    manifest = choose_front_month("volume", "NQ", on, nq(on)).to_manifest()
    assert json.loads(json.dumps(manifest)) == manifest
    assert manifest == {
        "rule": "volume",
        "root": "NQ",
        "symbol": "NQZ4",
        "instrument_id": 106_364,
        "basis": "volume before 09:30 America/New_York",
        "candidates": [
            {
                "symbol": "NQZ4",
                "instrument_id": 106_364,
                "records": 1,
                "volume_before_open": 48_618,
                "volume": 293_005,
            },
            {
                "symbol": "NQH5",
                "instrument_id": 42_005_804,
                "records": 1,
                "volume_before_open": 34_905,
                "volume": 260_809,
            },
        ],
        "calendar_symbol": "NQH5",
        "differs_from_calendar": True,
    }


@st.composite
def held(draw: st.DrawFn) -> list[Candidate]:
    symbols = draw(
        st.lists(
            st.sampled_from([f"ES{c}{y}" for c in "HMUZ" for y in "5678"]),
            min_size=1,
            max_size=8,
            unique=True,
        )
    )
    counts = st.tuples(st.integers(0, 3), st.integers(0, 3))
    volumes = [draw(counts) for _ in symbols]
    return [candidate(s, b, b + a) for s, (b, a) in zip(symbols, volumes, strict=True)]


@given(held(), st.randoms())
def test_order_of_the_candidates_does_not_matter(
    candidates: list[Candidate], random: random_module.Random
) -> None:
    chosen = choose_front_month("volume", "ES", ON, candidates)
    random.shuffle(candidates)
    assert choose_front_month("volume", "ES", ON, candidates) == chosen


@given(held())
def test_a_contract_with_less_volume_changes_nothing(candidates: list[Candidate]) -> None:
    chosen = choose_front_month("volume", "ES", ON, candidates)
    best = next(c for c in candidates if c.symbol == chosen.symbol)
    if best.volume_before_open == 0:
        return
    less = best.volume_before_open - 1
    for symbol in ("ESF6", "ESZ4"):  # nearer and farther than any other
        extra = candidate(symbol, less, less + 100)
        assert choose_front_month("volume", "ES", ON, [*candidates, extra]).symbol == chosen.symbol


@given(held())
def test_the_choice_has_the_highest_volume_that_counts(candidates: list[Candidate]) -> None:
    chosen = choose_front_month("volume", "ES", ON, candidates)
    best = next(c for c in candidates if c.symbol == chosen.symbol)
    if any(c.volume_before_open for c in candidates):
        assert best.volume_before_open == max(c.volume_before_open for c in candidates)
    else:
        assert best.volume == max(c.volume for c in candidates)


@pytest.mark.parametrize("root", sorted(filter(has_roll_calendar, PRODUCTS)))
def test_every_calendar_root_is_a_root(root: str) -> None:
    assert is_root(root)
    assert choose_front_month("calendar", root, ON, [candidate(f"{root}M5")]).symbol == f"{root}M5"
