"""The loop that runs a graph: order, what is blocked, lost workers; by scripted executors."""

from __future__ import annotations

import datetime as dt
import threading
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import Future, wait

import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.data_eng.exchange.calendar import sessions_before
from src.data_eng.pipeline import held as waiting
from src.data_eng.pipeline import scheduler
from src.data_eng.pipeline.executors import Slot
from src.data_eng.pipeline.plan import Graph
from src.data_eng.pipeline.scheduler import MAX_LOST
from src.data_eng.pipeline.task import Task, TaskResult
from src.data_eng.stages.outcome import Outcome, Status
from src.data_eng.stages.reads import ReadEarlier
from tests.fake_stages import (
    CONTRACT,
    FakeExecutor,
    FakeStage,
    Node,
    key,
    outcomes_of,
    run_of,
    stage,
)

D1, D2, D3, D4, D5, D6 = sorted(sessions_before(dt.date(2025, 6, 17), 6))
DATES = (D1, D2, D3, D4, D5, D6)

RAW = stage("raw")
CLEAN = stage("clean", read=["raw"])
BARS = stage("bars", read=["clean"])
MARKET = stage("market", read=["clean", "bars"], also=[ReadEarlier(key("bars"), 2)])
GOLD = stage("gold", read=["market"])
STAGES = (RAW, CLEAN, BARS, MARKET, GOLD)
NAMES = ("raw", "clean", "bars", "market", "gold")


def graph_of(*dates: dt.date, stages: tuple[FakeStage, ...] = STAGES) -> Graph:
    return Graph(stages, dates)


def statuses(found: Mapping[Node, Outcome], date: dt.date) -> dict[str, Status]:
    return {name.rsplit(".", 1)[1]: one.status for (name, day), one in found.items() if day == date}


def test_one_slot_goes_date_by_date_from_the_oldest() -> None:
    executor = FakeExecutor(graph_of(*DATES))
    outcomes_of(graph_of(*DATES), executor)
    assert executor.nodes == [(key(name), date) for date in DATES for name in NAMES]
    assert executor.closed == [False]


def test_within_a_date_what_others_wait_for_longest_comes_first() -> None:
    stages = (stage("alone"), stage("start"), stage("end", read=["start"]))
    executor = FakeExecutor(graph_of(D1, stages=stages))
    outcomes_of(graph_of(D1, stages=stages), executor)
    assert [name for name, _ in executor.nodes] == [key("start"), key("alone"), key("end")]


@pytest.mark.parametrize("slots", [1, 2, 4])
def test_at_most_one_date_more_than_slots_is_open(slots: int) -> None:
    """However long the oldest date takes, the others do not run ahead of it."""
    graph = graph_of(*DATES, stages=(RAW, CLEAN, GOLD))
    held = {} if slots == 1 else {(key("raw"), D1): 3}
    executor = FakeExecutor(graph, slots, held=held)
    outcomes_of(graph, executor)
    submitted = Counter(date for _, date in executor.nodes)
    left = Counter(submitted)
    for n, (_, date) in enumerate(executor.nodes):
        opened = {one for _, one in executor.nodes[: n + 1]}
        assert len([one for one in opened if left[one]]) <= slots + 1
        left[date] -= 1


def test_dates_wait_while_the_open_ones_are_held() -> None:
    graph = graph_of(*DATES, stages=(RAW, CLEAN))
    # The first date's task ends when four more were submitted: those of the two dates beside it.
    executor = FakeExecutor(graph, 2, held={(key("raw"), D1): 4})
    outcomes_of(graph, executor)
    assert {date for _, date in executor.nodes[:5]} == {D1, D2, D3}


def test_a_failure_in_the_middle_holds_nothing_else_back() -> None:
    graph = graph_of(D1, D2, D3)
    executor = FakeExecutor(graph, status={(key("raw"), D2): Status.FAILED})
    found = outcomes_of(graph, executor)
    for date in (D1, D3):
        assert set(statuses(found, date).values()) == {Status.WRITTEN}
    assert statuses(found, D2) == {"raw": Status.FAILED, **dict.fromkeys(NAMES[1:], Status.BLOCKED)}
    assert found[(key("clean"), D2)].reason == f"upstream {key('raw')} failed"
    assert found[(key("bars"), D2)].reason == f"upstream {key('clean')} is blocked"
    assert found[(key("clean"), D2)].symbol == "ES"  # no contract was decided
    # What is blocked is not given to a worker.
    assert {node for node in executor.nodes if node[1] == D2} == {(key("raw"), D2)}


def test_a_stage_does_not_run_after_one_that_it_follows_failed() -> None:
    stages = (stage("other"), stage("option", follow=["other"]))
    graph = graph_of(D1, D2, stages=stages)
    found = outcomes_of(graph, FakeExecutor(graph, status={(key("other"), D1): Status.FAILED}))
    assert statuses(found, D1) == {"other": Status.FAILED, "option": Status.BLOCKED}
    assert statuses(found, D2) == {"other": Status.WRITTEN, "option": Status.WRITTEN}


def test_a_task_is_told_what_the_run_has_written_of_what_it_follows() -> None:
    graph = graph_of(D1, D2, stages=(stage("other"), stage("option", follow=["other"])))
    executor = FakeExecutor(graph, status={(key("other"), D1): Status.COMPLETE})
    outcomes_of(graph, executor)
    told = {one.date: one.written for one in executor.submitted if one.stage == key("option")}
    assert told == {D1: (), D2: ((key("other"), CONTRACT, D2),)}


def test_a_skipped_input_skips_what_reads_it_with_its_reason() -> None:
    graph = graph_of(D1)
    found = outcomes_of(graph, FakeExecutor(graph, status={(key("clean"), D1): Status.SKIPPED}))
    assert statuses(found, D1) == {
        "raw": Status.WRITTEN,
        **dict.fromkeys(NAMES[1:], Status.SKIPPED),
    }
    assert found[(key("gold"), D1)].reason == "skipped on purpose"


def test_a_closed_date_is_told_by_the_stage_itself_even_after_a_failure() -> None:
    stages = (RAW, stage("gold", read=["raw"], closed={D1: "holiday"}))
    graph = graph_of(D1, stages=stages)
    fails = {(key("raw"), D1): Status.FAILED, (key("gold"), D1): Status.SKIPPED}
    executor = FakeExecutor(graph, status=fails)
    assert statuses(outcomes_of(graph, executor), D1)["gold"] is Status.SKIPPED
    assert executor.nodes == [(key("raw"), D1), (key("gold"), D1)]


@pytest.mark.parametrize("status", [Status.FAILED, Status.SKIPPED, Status.BLOCKED])
def test_earlier_sessions_are_waited_for_and_not_required(status: Status) -> None:
    graph = graph_of(D1, D2, D3)
    executor = FakeExecutor(
        graph, 3, status={(key("bars"), D2): status}, held={(key("bars"), D2): 2}
    )
    found = outcomes_of(graph, executor)
    assert statuses(found, D3)["market"] is Status.WRITTEN
    place = {node: n for n, node in enumerate(executor.nodes)}
    assert place[(key("bars"), D2)] < place[(key("market"), D3)]


def test_a_task_is_told_how_its_inputs_stand() -> None:
    graph = graph_of(D1, D2, D3, D4)
    fails = {(key("bars"), D2): Status.FAILED, (key("clean"), D4): Status.STALE}
    executor = FakeExecutor(graph, status=fails)
    outcomes_of(graph, executor)
    (task,) = (one for one in executor.submitted if (one.stage, one.date) == (key("market"), D4))
    known = {(name, date): standing for name, date, standing in task.known}
    # Of the sessions before, those that it reads; of one that failed the lake may hold an older
    # partition, which is for the task to find.
    assert known.keys() == {(key("clean"), D4), (key("bars"), D4), (key("bars"), D3)}
    assert known[(key("clean"), D4)].stale == "stale on purpose"
    assert known[(key("bars"), D3)].is_new
    assert known[(key("bars"), D3)].content_sha256 == "hash"
    assert set(task.written) == {(key("bars"), CONTRACT, D4), (key("bars"), CONTRACT, D3)}
    assert task.symbol == CONTRACT
    assert executor.submitted[0].symbol == "ES"
    assert len({one.run for one in executor.submitted}) == 1


def test_two_contracts_on_a_date_fail_that_date_alone() -> None:
    stages = (
        stage("one"),
        stage("two"),
        stage("both", read=["one", "two"]),
        stage("end", read=["both"]),
    )
    graph = graph_of(D1, D2, D3, stages=stages)
    found = outcomes_of(graph, FakeExecutor(graph, symbols={(key("two"), D2): "ESU5"}))
    both = found[(key("both"), D2)]
    assert both.status is Status.FAILED
    assert both.reason == "its inputs are of ESM5 and ESU5; rebuild the date with --refresh-stale"
    assert found[(key("end"), D2)].status is Status.BLOCKED
    for date in (D1, D3):
        assert set(statuses(found, date).values()) == {Status.WRITTEN}


def test_a_lost_worker_s_task_is_run_again(caplog: pytest.LogCaptureFixture) -> None:
    graph = graph_of(D1)
    executor = FakeExecutor(graph, lost={(key("clean"), D1): MAX_LOST - 1})
    assert set(statuses(outcomes_of(graph, executor), D1).values()) == {Status.WRITTEN}
    assert executor.nodes.count((key("clean"), D1)) == MAX_LOST
    assert f"a worker died; {key('clean')} {D1} is run again" in caplog.text


def test_a_task_that_takes_its_workers_down_is_given_up() -> None:
    graph = graph_of(D1, D2)
    executor = FakeExecutor(graph, 2, lost={(key("clean"), D1): 99})
    found = outcomes_of(graph, executor)
    assert executor.nodes.count((key("clean"), D1)) == MAX_LOST
    lost = found[(key("clean"), D1)]
    assert lost.status is Status.FAILED
    assert "its worker process died twice" in lost.reason
    assert lost.symbol == CONTRACT
    assert statuses(found, D1)["gold"] is Status.BLOCKED
    assert set(statuses(found, D2).values()) == {Status.WRITTEN}


def test_a_caller_that_stops_early_ends_the_workers_at_once() -> None:
    graph = graph_of(*DATES)
    executor = FakeExecutor(graph, 2)
    results = run_of(graph, executor).results()
    next(results)
    results.close()
    assert executor.closed == [True]
    assert len(executor.submitted) <= 2


def test_an_executor_that_breaks_is_closed_at_once() -> None:
    graph = graph_of(D1)

    class Broken(FakeExecutor):
        def slots(self) -> list[object]:  # type: ignore[override]
            raise OSError("no more processes")

    executor = Broken(graph)
    with pytest.raises(OSError, match="no more processes"):
        list(run_of(graph, executor).results())
    assert executor.closed == [True]


def test_an_error_that_is_no_lost_worker_ends_the_run() -> None:
    class Broken(FakeExecutor):
        def submit(self, task: Task, slot: Slot) -> Future[TaskResult]:
            found = Future[TaskResult]()
            found.set_exception(OSError("no more processes"))
            return found

    executor = Broken(graph_of(D1))
    with pytest.raises(OSError, match="no more processes"):
        list(run_of(graph_of(D1), executor).results())
    assert executor.closed == [True]


def test_what_was_blocked_sets_others_free_while_tasks_run() -> None:
    """A slot does not stay idle until the next task ends."""
    closed = stage("closed", read=["then"], closed={D1: "holiday"})
    graph = graph_of(D1, stages=(stage("slow"), stage("bad"), stage("then", read=["bad"]), closed))
    # The slow task ends once the closed one was submitted, which waits for the one that is blocked.
    fails = {(key("bad"), D1): Status.FAILED, (key("closed"), D1): Status.SKIPPED}
    executor = FakeExecutor(graph, 2, status=fails, held={(key("slow"), D1): 1})
    assert statuses(outcomes_of(graph, executor), D1) == {
        "slow": Status.WRITTEN,
        "bad": Status.FAILED,
        "then": Status.BLOCKED,
        "closed": Status.SKIPPED,
    }


def test_a_pass_that_fails_tells_each_of_its_tables() -> None:
    graph = graph_of(D1, stages=(stage("one", "two"), stage("reader", read=["two"])))
    lost = FakeExecutor(graph, lost={(key("one"), D1): 99})
    assert statuses(outcomes_of(graph, lost), D1) == {
        "one": Status.FAILED,
        "two": Status.FAILED,
        "reader": Status.BLOCKED,
    }


def test_what_another_process_holds_is_put_back_and_others_go_first() -> None:
    graph = graph_of(D1, D2, D3, stages=(RAW, CLEAN))
    executor = FakeExecutor(graph, busy={(key("raw"), D1): 3})
    found = outcomes_of(graph, executor)
    assert {one.status for one in found.values()} == {Status.WRITTEN}
    assert executor.nodes.count((key("raw"), D1)) == 4
    # The dates behind it are not shut, however many are held.
    last = max(n for n, node in enumerate(executor.nodes) if node == (key("raw"), D1))
    assert {date for _, date in executor.nodes[:last]} == {D1, D2, D3}
    assert executor.nodes[-1] == (key("clean"), D1)


def test_while_no_slot_is_free_the_loop_sleeps(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is held may be due long before a task ends: asking about it would take a processor."""

    class Slow(FakeExecutor):
        def submit(self, task: Task, slot: Slot) -> Future[TaskResult]:
            found = super().submit(task, slot)
            if task.date == D1:
                return found
            self._busy[slot] = slow = Future[TaskResult]()
            threading.Timer(0.3, lambda: slow.set_result(found.result())).start()
            return slow

    waits: list[float | None] = []

    def counted(running: object, timeout: float | None, return_when: str) -> object:
        waits.append(timeout)
        return wait(running, timeout, return_when)  # type: ignore[arg-type]

    monkeypatch.setattr(scheduler, "wait", counted)
    graph = graph_of(D1, D2, stages=(RAW,))
    executor = Slow(graph, busy={(key("raw"), D1): 1})
    found = outcomes_of(graph, executor)
    assert {one.status for one in found.values()} == {Status.WRITTEN}
    assert [date for _, date in executor.nodes] == [D1, D2, D1]
    assert waits == [None] * 3


def test_a_worker_waits_for_no_lock() -> None:
    graph = graph_of(D1, stages=(RAW,))
    executor = FakeExecutor(graph)
    outcomes_of(graph, executor)
    assert executor.submitted[0].settings.lock_timeout_s == 0


def test_what_is_held_for_longer_than_a_run_waits_fails(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting, "FIRST_RETRY_S", 0.002)
    graph = graph_of(D1, D2, stages=(RAW, CLEAN))
    executor = FakeExecutor(graph, busy={(key("raw"), D1): 10**6})
    told = [
        one
        for result in run_of(graph, executor, lock_timeout_s=0.3).results()
        for one in result.outcomes
    ]
    found = {(one.dataset, one.date): one for one in told}
    assert len(told) == len(found) == 4
    assert found[(key("raw"), D1)].status is Status.FAILED
    assert found[(key("raw"), D1)].reason == (
        "held by another process (waited 0.3 s: lock_timeout_s)"
    )
    assert statuses(found, D2) == {"raw": Status.WRITTEN, "clean": Status.WRITTEN}
    assert caplog.text.count("goes on with others and waits") == 1


def test_a_date_stays_with_the_host_that_began_it() -> None:
    graph = graph_of(D1, D2, D3, D4, stages=(RAW, CLEAN, BARS))
    executor = FakeExecutor(graph, hosts=["a", "b"])
    outcomes_of(graph, executor)
    homes: dict[dt.date, list[str]] = {}
    for (_, date), host in executor.placed:
        homes.setdefault(date, []).append(host)
    assert {len(set(hosts)) for hosts in homes.values()} == {1}
    assert {hosts[0] for hosts in homes.values()} == {"a", "b"}


def test_a_host_that_idles_takes_another_one_s_date() -> None:
    stages = (RAW, CLEAN, stage("other", read=["raw"]))
    graph = graph_of(D1, stages=stages)
    # The second task of the date ends only when the third was submitted: by the other host.
    executor = FakeExecutor(graph, hosts=["a", "b"], held={(key("clean"), D1): 1})
    outcomes_of(graph, executor)
    assert [host for _, host in executor.placed] == ["a", "a", "b"]


def test_what_is_to_be_mended_is_told_through_to_what_is_blocked() -> None:
    graph = graph_of(D1)
    found = outcomes_of(graph, FakeExecutor(graph, status={(key("raw"), D1): Status.FAILED}))
    causes = {found[(key(name), D1)].cause for name in NAMES[1:]}
    assert causes == {f"{key('raw')} failed"}


NODES = [(key(name), date) for date in DATES[:4] for name in NAMES]


@given(
    slots=st.integers(1, 4),
    status=st.dictionaries(
        st.sampled_from(NODES), st.sampled_from([Status.FAILED, Status.SKIPPED, Status.STALE])
    ),
    lost=st.dictionaries(st.sampled_from(NODES), st.integers(1, 3), max_size=3),
    held=st.dictionaries(st.sampled_from(NODES), st.integers(1, 3), max_size=1),
    busy=st.dictionaries(st.sampled_from(NODES), st.integers(1, 2), max_size=2),
    together=st.sampled_from([1, 2, 3, 8]),
)
def test_every_partition_is_told_once_and_after_what_it_waits_for(
    slots: int,
    status: dict[Node, Status],
    lost: dict[Node, int],
    held: dict[Node, int],
    busy: dict[Node, int],
    together: int,
) -> None:
    graph = graph_of(*DATES[:4])
    # A task that is held must be set free by others: only the first date's, with a slot beside it.
    held = {node: n for node, n in held.items() if slots > 1 and node == (key("raw"), D1)}
    executor = FakeExecutor(
        graph, slots, status=status, lost=lost, held=held, busy=busy, together=together
    )
    found: dict[Node, Outcome] = {}
    for result in run_of(graph, executor).results():
        for one in result.outcomes:
            node = one.dataset, one.date
            assert node not in found
            assert set(graph.waits_for(node)) <= found.keys()
            found[node] = one
    assert found.keys() == set(NODES)
    assert executor.closed == [False]
    bad = (Status.FAILED, Status.BLOCKED)
    for (name, date), one in found.items():
        before = [found[node].status for node in graph.waits_for((name, date)) if node[1] == date]
        assert (one.status is Status.BLOCKED) == any(each in bad for each in before)


def together(executor: FakeExecutor) -> list[tuple[str, ...]]:
    """Return the stages that were submitted as one, by their short names."""
    return [
        tuple(each.stage.rpartition(".")[2] for each in (one, *one.then))
        for one in executor.submitted
    ]


def test_tasks_of_a_date_go_as_one_while_other_dates_wait() -> None:
    graph = graph_of(*DATES[:4])
    executor = FakeExecutor(graph, together=3)
    outcomes_of(graph, executor)
    many = [("raw", "clean", "bars"), ("market", "gold")]
    assert together(executor) == [*many * 3, *((name,) for name in NAMES)]
    assert {one.date for task in executor.submitted[:1] for one in task.then} == {D1}


def test_what_one_worker_was_given_is_given_to_no_other() -> None:
    """Two workers are on a date: what both could do next is done once."""
    end, side = stage("more", read=["other"]), stage("third", read=["raw"])
    stages = (RAW, CLEAN, BARS, stage("other", read=["raw"]), end, side)
    graph = graph_of(*DATES, stages=stages)
    executor = FakeExecutor(graph, 2, together=2)
    outcomes_of(graph, executor)
    assert together(executor)[2:4] == [("other", "bars"), ("third",)]
    assert max(Counter((one.stage, one.date) for one in executor.ran).values()) == 1


def test_a_task_is_told_where_it_runs_what_those_before_it_came_to() -> None:
    alone, grouped = (FakeExecutor(graph_of(*DATES), together=n) for n in (1, 8))
    for executor in (alone, grouped):
        outcomes_of(graph_of(*DATES), executor)
    assert len(grouped.submitted) < len(alone.submitted)
    told = [
        {(one.stage, one.date): (one.symbol, set(one.known), set(one.written)) for one in each.ran}
        for each in (alone, grouped)
    ]
    assert told[0] == told[1]


def test_what_cannot_be_run_with_others_is_left_to_the_run() -> None:
    graph = graph_of(*DATES[:4])
    status = {(key("clean"), D1): Status.FAILED}
    executor = FakeExecutor(graph, together=8, status=status)
    found = outcomes_of(graph, executor)
    ran = [one.stage for one in executor.ran if one.date == D1]
    assert ran == [key("raw"), key("clean")]
    assert statuses(found, D1)["gold"] is Status.BLOCKED
    assert statuses(found, D2)["gold"] is Status.WRITTEN


def test_tasks_that_were_lost_together_are_run_again_one_by_one(
    caplog: pytest.LogCaptureFixture,
) -> None:
    graph = graph_of(*DATES[:4])
    executor = FakeExecutor(graph, together=8, lost={(key("bars"), D1): 1 + MAX_LOST})
    found = outcomes_of(graph, executor)
    assert statuses(found, D1)["clean"] is Status.WRITTEN
    assert statuses(found, D1)["bars"] is Status.FAILED
    of_first = [one for one, task in zip(together(executor), executor.submitted, strict=True)
                if task.date == D1]  # fmt: skip
    assert of_first == [NAMES, ("raw",), ("clean",), ("bars",), ("bars",)]
    assert f"a worker died; 5 tasks of {D1} are run again" in caplog.text


def test_what_another_process_holds_is_waited_for_by_the_run() -> None:
    graph = graph_of(*DATES[:4])
    executor = FakeExecutor(graph, together=8, busy={(key("clean"), D1): 1})
    found = outcomes_of(graph, executor)
    assert set(statuses(found, D1).values()) == {Status.WRITTEN}
    ran = [one.stage for one in executor.ran if one.date == D1]
    assert ran[:3] == [key("raw"), key("clean"), key("clean")]
    assert ran.count(key("raw")) == 1
