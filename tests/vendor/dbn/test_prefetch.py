"""Items of a thread: same order, same error, no thread left behind."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from src.data_eng.vendor.dbn.prefetch import Prefetched


def prefetch_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "prefetch"]


@pytest.mark.parametrize("depth", [1, 2, 100])
@pytest.mark.parametrize("count", [0, 1, 50])
def test_the_same_items_in_the_same_order(count: int, depth: int) -> None:
    with Prefetched(iter(range(count)), depth) as items:
        assert list(items) == list(range(count))
        assert list(items) == []
    assert not prefetch_threads()


def test_an_item_may_be_none() -> None:
    with Prefetched(iter([None, 1, None]), 2) as items:
        assert list(items) == [None, 1, None]


@pytest.mark.parametrize("kind", [ValueError, KeyboardInterrupt])
def test_an_error_comes_after_the_items_before_it(kind: type[BaseException]) -> None:
    def failing() -> Iterator[int]:
        yield from (1, 2, 3)
        raise kind("broken")

    seen: list[int] = []
    with Prefetched(failing(), 2) as items, pytest.raises(kind, match="broken"):
        seen.extend(items)
    assert seen == [1, 2, 3]
    assert not prefetch_threads()


def test_leaving_early_ends_the_thread() -> None:
    fetched = []

    def endless() -> Iterator[int]:
        n = 0
        while True:
            fetched.append(n)
            yield n
            n += 1

    with Prefetched(endless(), 3) as items:
        assert [next(items) for _ in range(5)] == list(range(5))
    assert not prefetch_threads()
    assert len(fetched) <= 5 + 3 + 2  # never more than depth ahead, and one in hand


def test_leaving_by_an_error_ends_the_thread() -> None:
    def leave() -> None:
        with Prefetched(iter(range(1000)), 2) as items:
            next(items)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        leave()
    assert not prefetch_threads()


def test_items_are_fetched_ahead() -> None:
    fetched = threading.Event()

    def two() -> Iterator[int]:
        yield 1
        fetched.set()
        yield 2

    with Prefetched(two(), 2) as items:
        assert next(items) == 1
        assert fetched.wait(5)
        assert next(items) == 2


def test_a_slow_consumer_does_not_lose_items() -> None:
    with Prefetched(iter(range(5)), 1) as items:
        seen = []
        for item in items:
            time.sleep(0.03 if item == 2 else 0)
            seen.append(item)
    assert seen == [0, 1, 2, 3, 4]
