"""The next task, beside a sort of all that are ready."""

from __future__ import annotations

import datetime as dt
import random
import time

import pytest

from src.data_eng.pipeline.held import Held
from src.data_eng.pipeline.plan import Node
from src.data_eng.pipeline.ready import ReadyNodes

DAYS = [dt.date(2025, 1, 1) + dt.timedelta(days=n) for n in range(8)]
HEIGHT = {"a": 3, "b": 2, "c": 2, "d": 1}


def slowest(
    ready: set[Node], opened: set[dt.date], most: int, others: set[str], state: ReadyState
) -> Node | None:
    """Return the first of all by order that may be taken."""
    now = time.monotonic()
    shut = {date for _, date in state.held}
    free = [one for one in ready if one not in state.held or state.held[one].again <= now]
    for node in sorted(
        free,
        key=lambda one: (state.home.get(one[1]) in others, one[1], -HEIGHT[one[0]], one[0]),
    ):
        if node[1] in opened or len(opened - shut) < most:
            return node
    return None


class ReadyState:
    """What a run knows beside what is ready."""

    def __init__(self) -> None:
        self.home: dict[dt.date, str] = {}
        self.held: dict[Node, Held] = {}


@pytest.mark.parametrize("seed", range(40))
def test_it_takes_what_a_sort_would(seed: int) -> None:
    draw = random.Random(seed)
    state = ReadyState()
    fast, slow = ReadyNodes(HEIGHT, state.home, state.held), set[Node]()
    waiting = [(key, date) for key in HEIGHT for date in DAYS]
    draw.shuffle(waiting)
    left = {date: len(HEIGHT) for date in DAYS}
    opened: set[dt.date] = set()
    running: list[Node] = []
    for _ in range(400):
        what = draw.random()
        if waiting and what < 0.3:
            node = waiting.pop()
            fast.add(node)
            slow.add(node)
        elif running and what < 0.5:
            node = running.pop(draw.randrange(len(running)))
            fate = draw.random()
            if fate < 0.3:  # lost with its worker, or held by another process
                if fate < 0.2:
                    again = time.monotonic() + draw.choice((-1.0, 1e6))
                    state.held[node] = Held(0.0, again=again)
                fast.add(node)
                slow.add(node)
            else:
                state.held.pop(node, None)
                left[node[1]] -= 1
        else:
            opened -= {date for date in opened if not left[date]}
            most, others = draw.choice((1, 2, 3)), draw.choice((set(), {"east"}, {"west"}))
            expected = slowest(slow, opened, most, others, state)
            assert fast.take(opened, most, others) == expected
            if expected is not None:
                assert expected not in fast
                slow.remove(expected)
                opened.add(expected[1])
                state.home.setdefault(expected[1], draw.choice(("east", "west")))
                running.append(expected)
    assert all(node in fast for node in slow)


def test_years_of_ready_dates_are_not_walked_through() -> None:
    days = [dt.date(2000, 1, 1) + dt.timedelta(days=n) for n in range(3_000)]
    ready = ReadyNodes(HEIGHT, {}, {})
    looked_at = 0

    class Counted(set[Node]):
        def __iter__(self):  # type: ignore[no-untyped-def]
            nonlocal looked_at
            looked_at += len(self)
            return super().__iter__()

    for day in days:
        ready.add(("a", day))
    ready._of = {day: Counted(nodes) for day, nodes in ready._of.items()}
    for day in days:
        assert ready.take(set(), 1, set()) == ("a", day)
    assert looked_at <= 2 * len(days)
