"""Requests of object storage that wait for nothing of each other, several at a time."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

from ..errors import DataEngError

_AT_A_TIME: Final = 16

_T = TypeVar("_T")


def side_by_side(fetch: Callable[[_T], object], wanted: Sequence[_T]) -> None:
    """Call ``fetch`` with each of the wanted.

    An error of ours is passed over: whoever asks for the same next meets it again, and tells it.
    """

    def one(what: _T) -> None:
        with contextlib.suppress(DataEngError):
            fetch(what)

    if wanted:
        with ThreadPoolExecutor(min(_AT_A_TIME, len(wanted)), "fetch") as pool:
            list(pool.map(one, wanted))
