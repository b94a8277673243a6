"""Run an iterator in a thread of its own, a few items ahead of its consumer."""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Iterator
from typing import Final, Generic, TypeVar

T = TypeVar("T")

_POLL_S: Final = 0.1
_END: Final = object()


class Prefetched(Generic[T]):
    """An iterator over ``items``, which a thread fetches up to ``depth`` items ahead.

    An error of ``items`` is raised to the consumer in its place. As a context manager it ends the
    thread on leaving, whether all items were taken or not.
    """

    def __init__(self, items: Iterator[T], depth: int) -> None:
        self._items = items
        self._ready: queue.Queue[tuple[object, BaseException | None]] = queue.Queue(depth)
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._fetch, name="prefetch", daemon=True)

    def __enter__(self) -> Iterator[T]:
        self._thread.start()
        return self._take()

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._thread.join()

    def _fetch(self) -> None:
        try:
            for item in self._items:
                self._put(item, None)
                if self._stopped.is_set():
                    return
        except BaseException as error:  # noqa: BLE001 - raised to the consumer by `_take`
            self._put(None, error)
        else:
            self._put(_END, None)

    def _put(self, item: object, error: BaseException | None) -> None:
        while not self._stopped.is_set():
            with contextlib.suppress(queue.Full):
                self._ready.put((item, error), timeout=_POLL_S)
                return

    def _take(self) -> Iterator[T]:
        while True:
            item, error = self._ready.get()
            if error is not None:
                raise error
            if item is _END:
                return
            yield item  # type: ignore[misc]  # what `_items` gave
