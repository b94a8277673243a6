"""Tasks given to a worker as one: it runs those that it can, and leaves the others to the run."""

from __future__ import annotations

import datetime as dt

import pytest

from src.data_eng.pipeline.followers import run_together
from src.data_eng.pipeline.task import Task, TaskResult
from src.data_eng.settings import Settings
from src.data_eng.stages.outcome import Outcome, Status
from tests.fake_stages import key, stage

DATE = dt.date(2025, 6, 5)
FIRST, READER, FOLLOWER = key("first"), key("reader"), key("follower")
STAGES = {
    FIRST: stage("first"),
    READER: stage("reader", read=["first", "other"]),
    FOLLOWER: stage("follower", follow=["first"]),
}


def ran(then: str, symbol: str = "ES", *, busy: bool = False) -> list[str]:
    """Return what was run of the first stage and of one that is given with it."""
    found: list[str] = []

    def run(task: Task) -> TaskResult:
        found.append(task.stage)
        status = Status.FAILED if busy else Status.WRITTEN
        return TaskResult((Outcome(task.stage, "ESU5", task.date, status),), busy=busy)

    after = Task(then, symbol, DATE, Settings())
    result = run_together(
        Task(FIRST, "ES", DATE, Settings(), then=(after,)), run, STAGES.__getitem__
    )
    assert [one.outcomes[0].dataset for one in result.then] == found[1:]
    return found


@pytest.mark.parametrize("symbol", ["ES", "ESU5"])
def test_what_is_of_the_same_contract_is_run(symbol: str) -> None:
    assert ran(READER, symbol) == [FIRST, READER]


def test_what_the_run_told_another_contract_is_left_to_it() -> None:
    """The date has two, which fails it: one worker alone cannot know."""
    assert ran(READER, "ESM5") == [FIRST]


@pytest.mark.parametrize("after", [READER, FOLLOWER])
def test_nothing_is_run_after_what_another_process_holds(after: str) -> None:
    assert ran(after, busy=True) == [FIRST]
    assert ran(after) == [FIRST, after]
