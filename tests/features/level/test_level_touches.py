"""The touches of levels against plain loops, and by hand."""

from __future__ import annotations

import numpy as np
import pytest

from src.data_eng.features.level.touch_machine import PRICE
from tests.features.level.level_streams import OPEN, START, random_day, random_levels
from tests.features.level.reference import Day, LevelReference
from tests.features.market.record_streams import SECOND
from tests.features.outcome.outcome_days import FIRST, HAND, LEVEL, quote, touches, trade

UNTIL = OPEN + 1500 * SECOND


@pytest.mark.parametrize("seed", range(8))
def test_touches_are_the_reference(seed: int) -> None:
    records, levels = random_day(seed), random_levels(seed)
    found = touches(records, levels, (START, OPEN, UNTIL))
    seen = Day([r for r in records if r.t < UNTIL], UNTIL, START, OPEN, 50.0)
    whole = Day(records, records[-1].t + 1, START, OPEN, 50.0)
    wanted = [
        (touch, n)
        for n, level in enumerate(levels)
        if level.known is not None
        for touch in LevelReference(seen, level).machine(UNTIL).touches
    ]
    wanted.sort(key=lambda one: (one[0].start, one[1]))
    assert len(found) == len(wanted) > 0
    for i, (touch, level) in enumerate(wanted):
        assert (found.level[i], found.touch_ns[i], found.side[i]) == (
            level,
            touch.start,
            touch.side,
        )
        assert ("price", "level_step")[found.cause[i]] == touch.cause
        assert found.end_ns[i] == (-1 if touch.end is None else touch.end)
        assert found.is_rejected[i] == touch.is_rejected
        assert found.penetration[i] == pytest.approx(touch.penetration, abs=1e-9)
        at = touch.start + 900 * SECOND
        mid = whole.mid_at(at) if at <= records[-1].t else None
        assert found.mid_after[i] == pytest.approx(np.nan if mid is None else mid, nan_ok=True)


def test_touches_end_where_the_mid_leaves_and_go_on_to_the_end() -> None:
    records = [
        quote(-1, 90), trade(10.5, 100), trade(11, 103), quote(12, 91), trade(20, 101),
        quote(21, 109), trade(30, 100), trade(31, 94), quote(900, 95), quote(1300, 97),
    ]  # fmt: skip
    found = touches(records, [LEVEL], HAND)
    at = [round((t - FIRST) / SECOND, 1) for t in found.touch_ns.tolist()]
    assert at == [10.5, 20, 30]
    assert found.end_ns.tolist() == [FIRST + 12 * SECOND, FIRST + 21 * SECOND, -1]
    assert found.side.tolist() == [-1, -1, 1]
    assert found.cause.tolist() == [PRICE] * 3
    assert found.is_rejected.tolist() == [True, False, False]
    assert found.penetration.tolist() == [3, 1, 6]
    assert found.mid_after.tolist() == [95, 95, 95]  # at 910.5, 920 and 930 s


def test_the_mid_after_is_unknown_where_the_records_end() -> None:
    records = [quote(-1, 90), trade(10.5, 100), quote(910, 91)]
    assert np.isnan(touches(records, [LEVEL], HAND).mid_after).all()
    later = [*records, quote(910.5, 99)]
    assert touches(later, [LEVEL], HAND).mid_after.tolist() == [91]  # before that instant


def test_many_touches_need_more_room_than_there_is_at_first() -> None:
    records = [quote(-1, 90)]
    for n in range(300):
        records += [trade(10 + 2 * n, 100), quote(11 + 2 * n, 90)]
    found = touches(records, [LEVEL], HAND)
    assert len(found) == found.is_rejected.sum() == 300
