"""Levels of a book in order, against a look at each book by itself."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from src.data_eng.features.book.level_order import first_out_of_order
from src.data_eng.features.book.record_chunk import ASK_PX, BID_PX, BOOK_VALUES, NO_PRICE

NONE = NO_PRICE
BIDS, ASKS = [5, 4, 2, 0, -1, -3, -4, -6, -7, -9], [6, 7, 9, 10, 11, 13, 14, 15, 17, 20]


def books(*sides: tuple[Sequence[int], Sequence[int]]) -> npt.NDArray[np.int32]:
    found = np.zeros((BOOK_VALUES, len(sides) + 3), np.int32)  # some columns more than rows
    for i, (bids, asks) in enumerate(sides):
        found[BID_PX : BID_PX + 10, i] = bids
        found[ASK_PX : ASK_PX + 10, i] = asks
    return found


def with_price(side: Sequence[int], level: int, price: int) -> list[int]:
    return [*side[:level], price, *side[level + 1 :]]


@pytest.mark.parametrize(
    ("bids", "asks"),
    [
        (BIDS, ASKS),
        ([30, *BIDS[1:]], ASKS),  # crossed
        ([6, *BIDS[1:]], ASKS),  # locked
        ([NONE] * 10, ASKS),
        (BIDS, [NONE] * 10),
        ([*BIDS[:3], *[NONE] * 7], [*ASKS[:1], *[NONE] * 9]),
    ],
)
def test_books_in_order(bids: list[int], asks: list[int]) -> None:
    assert first_out_of_order(books((bids, asks), (BIDS, ASKS)), 2) == (-1, -1)


@pytest.mark.parametrize(
    ("bids", "asks", "level"),
    [
        (with_price(BIDS, 1, 6), ASKS, BID_PX + 1),
        (with_price(BIDS, 9, -7), ASKS, BID_PX + 9),  # the same price twice
        (with_price(BIDS, 4, NONE), ASKS, BID_PX + 5),  # a hole
        (BIDS, with_price(ASKS, 1, 5), ASK_PX + 1),
        (BIDS, with_price(ASKS, 9, 17), ASK_PX + 9),
        (BIDS, with_price(ASKS, 0, NONE), ASK_PX + 1),
    ],
)
def test_books_out_of_order(bids: list[int], asks: list[int], level: int) -> None:
    found = books((BIDS, ASKS), (bids, asks), (bids, asks))
    assert first_out_of_order(found, 3) == (1, level)
    assert first_out_of_order(found, 1) == (-1, -1)


SIDES = st.lists(st.sampled_from([NONE, *range(-8, 9)]), min_size=10, max_size=10)


def in_order(side: list[int], sign: int) -> bool:
    """Tell whether the defined levels come first and each is farther than the one before."""
    there = [sign * price for price in side if price != NONE]
    return there == sorted(set(there)) and side[len(there) :] == [NONE] * (10 - len(there))


@settings(max_examples=40)
@given(SIDES, SIDES, st.booleans(), st.booleans())
def test_any_book(bids: list[int], asks: list[int], sort_bids: bool, sort_asks: bool) -> None:
    if sort_bids:
        bids = sorted(bids, reverse=True)
    if sort_asks:
        asks = sorted(asks, key=lambda price: (price == NONE, price))
    row, _ = first_out_of_order(books((bids, asks)), 1)
    assert (row < 0) is (in_order(bids, -1) and in_order(asks, 1))
