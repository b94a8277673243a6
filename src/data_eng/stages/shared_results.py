"""What stages of one date compute once for all of them."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TypeVar, cast

T = TypeVar("T")


class SharedResults:
    """The last result that was asked for, by what it was computed from.

    Stages that need the same pass over the same inputs run after each other; each asks for the
    result, and only the first one computes it. One result is kept, so memory stays bounded.
    """

    def __init__(self) -> None:
        self._key: Hashable = None
        self._result: object = None

    def get(self, key: Hashable, compute: Callable[[], T]) -> T:
        """Return the result of a key, computed unless it is the last one's.

        Parameters
        ----------
        key : hashable
            Everything that the result depends on: what is computed, and its inputs by SHA-256.
        compute : callable
        """
        if key is None or key != self._key:
            self._key = self._result = None  # freed before the next one is made
            self._result = compute()
            self._key = key
        return cast(T, self._result)
