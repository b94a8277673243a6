"""The id table against a dict."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.data_eng.vendor.dbn.id_table import IdTable

IDS = st.integers(0, 2**32 - 1)


@given(known=st.lists(IDS, unique=True, max_size=80), wanted=st.lists(IDS, max_size=80))
def test_find_equals_a_dict(known: list[int], wanted: list[int]) -> None:
    slots = {instrument: slot for slot, instrument in enumerate(known)}
    wanted = wanted + known[::-1] + known
    found = IdTable(np.array(known, np.uint32)).find(np.array(wanted, np.uint32))
    assert found.tolist() == [slots.get(instrument, -1) for instrument in wanted]


def colliding(count: int) -> list[int]:
    """Return ids that hash to one place of a table of that many: 2654435769 is odd."""
    inverse = pow(2654435769, -1, 2**32)
    return [inverse * k % 2**32 for k in range(count)]


@pytest.mark.parametrize("count", [1, 2, 500])
def test_ids_that_all_collide(count: int) -> None:
    known = colliding(count + 5)
    table = IdTable(np.array(known[:count], np.uint32))
    assert table.find(np.array(known, np.uint32)).tolist() == [*range(count), *[-1] * 5]


def test_a_venues_day_of_ids() -> None:
    rng = np.random.default_rng(5)
    known = rng.choice(2**32, 25_000, replace=False).astype(np.uint32)
    picks = rng.integers(0, len(known), 100_000)
    assert (IdTable(known).find(known[picks]) == picks).all()
