"""Which options are listed at a time."""

from __future__ import annotations

import numpy as np
import pytest

from src.data_eng.features.option_market.listings import Listings
from src.data_eng.options.chain import NO_OPTION, Chain

END = 10**12


def listings(*rows: tuple[int, int, float, str, str]) -> Listings:
    """Return the options of definitions: time, id, strike, right and action."""
    times, ids, strikes, rights, actions = (list(c) for c in zip(*rows, strict=True))
    return Listings(
        np.array(times, np.int64),
        np.array(ids, np.uint32),
        np.full(len(rows), END),
        np.array(strikes),
        np.array([right == "C" for right in rights]),
        np.array([action == "D" for action in actions]),
    )


def listed(chain: Chain) -> list[int]:
    slots = [s for e in chain.expiries for s in [*e.calls.tolist(), *e.puts.tolist()]]
    return sorted(int(chain.instrument_ids[s]) for s in slots if s != NO_OPTION)


@pytest.mark.parametrize(
    ("at", "wanted"), [(0, []), (1, [7, 9]), (50, [7, 9]), (51, [3, 7, 9]), (80, [3, 7, 9])]
)
def test_an_option_is_listed_after_its_definition(at: int, wanted: list[int]) -> None:
    made = listings((0, 9, 100.0, "C", "A"), (0, 7, 100.0, "P", "A"), (50, 3, 105.0, "C", "A"))
    assert listed(made.until(at)) == wanted


def test_slots_do_not_move_when_a_strike_is_listed() -> None:
    made = listings((0, 9, 100.0, "C", "A"), (50, 3, 105.0, "C", "A"))
    before, after = made.until(10), made.until(60)
    assert before.instrument_ids.tolist() == after.instrument_ids.tolist() == [3, 9]
    assert before.expiries[0].calls.tolist() == [1]
    assert after.expiries[0].calls.tolist() == [1, 0]


def test_a_deleted_option_was_listed_before_and_may_be_again() -> None:
    made = listings((0, 1, 100.0, "C", "A"), (20, 1, 100.0, "C", "D"), (40, 1, 100.0, "C", "A"))
    assert [listed(made.until(at)) for at in (20, 21, 41)] == [[1], [], [1]]


def test_the_last_of_several_definitions_at_once_counts() -> None:
    made = listings((0, 1, 100.0, "C", "D"), (0, 1, 100.0, "C", "A"), (0, 2, 100.0, "P", "A"))
    assert listed(made.until(1)) == [1, 2]
    made = listings((0, 1, 100.0, "C", "A"), (0, 1, 100.0, "C", "D"), (0, 2, 100.0, "P", "A"))
    assert listed(made.until(1)) == [2]


def test_a_definition_sent_again_leaves_the_chain_as_it_is() -> None:
    made = listings((0, 1, 100.0, "C", "A"), (20, 1, 100.0, "C", "M"))
    assert made.until(10) is made.until(30)


def test_a_time_that_steps_back_is_received_with_its_forerunner() -> None:
    made = listings((30, 1, 100.0, "C", "A"), (10, 2, 105.0, "C", "A"))
    assert [listed(made.until(at)) for at in (20, 30, 31)] == [[], [], [1, 2]]
