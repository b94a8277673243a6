"""Splits of sessions into training and test sets, as scikit-learn's splitters.

No label looks beyond its session (the longest horizon ends at 13:00), so whole sessions purge every
label that overlaps a test set.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import UsageError

Split = tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]
Block = tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]


class _SessionSplit(ABC):
    # Training and test sets of whole sessions, as scikit-learn's splitters.

    n_splits: int

    def get_n_splits(self, X: Any = None, y: Any = None, groups: Any = None) -> int:  # noqa: N803
        """Return the number of splits."""
        return self.n_splits

    def split(self, X: Any, y: Any = None, groups: Any = None) -> Iterator[Split]:  # noqa: N803
        """Yield the rows of training and test set of each split.

        Parameters
        ----------
        X : array, shape (n, k)
        y : ignored
        groups : array, shape (n,)
            Session of each row, in an order of time.

        Raises
        ------
        UsageError
            No groups, not one for each row, or too few sessions.
        """
        session, count = _sessions(X, groups)
        for train, test in self._blocks(count):
            yield np.flatnonzero(np.isin(session, train)), np.flatnonzero(np.isin(session, test))

    @abstractmethod
    def _blocks(self, count: int) -> Iterator[Block]:
        """Yield the sessions of training and test set of each split, numbered from 0."""


class WalkForwardSplit(_SessionSplit):
    """Each block of later sessions is tested on models of all sessions before it.

    What comes of a model that is made anew from time to time; no model has seen the future.

    Parameters
    ----------
    n_splits : int
        Test blocks, at least 1.
    first_share : float
        Share of the sessions before the first test block, above 0 and below 1.
    """

    def __init__(self, n_splits: int = 4, *, first_share: float = 0.6) -> None:
        if not isinstance(n_splits, int | np.integer) or n_splits < 1 or not 0 < first_share < 1:
            raise UsageError(
                f"n_splits {n_splits!r}, first_share {first_share!r}: a whole number, at least 1, "
                "and a share above 0 and below 1"
            )
        self.n_splits = n_splits
        self.first_share = first_share

    def __repr__(self) -> str:
        """Return the call that makes it."""
        name = type(self).__name__
        return f"{name}(n_splits={self.n_splits}, first_share={self.first_share})"

    def _blocks(self, count: int) -> Iterator[Block]:
        first = int(np.ceil(self.first_share * count))
        if first < 1 or count - first < self.n_splits:
            raise UsageError(f"{count} sessions are too few for {self!r}")
        for block in np.array_split(np.arange(first, count), self.n_splits):
            yield np.arange(block[0]), block


class PurgedSessionSplit(_SessionSplit):
    """Cross-validation by blocks of whole sessions.

    The sessions are cut into blocks in order of time, each in turn the test set. Sessions next to a
    block are left out of training (embargo; López de Prado 2018, chapter 7).

    Parameters
    ----------
    n_splits : int
        Blocks, at least 2.
    embargo_sessions : int
        Sessions left out of training on either side of the test block.
    """

    def __init__(self, n_splits: int = 5, *, embargo_sessions: int = 1) -> None:
        counts = (n_splits, embargo_sessions)
        are_whole = all(isinstance(n, int | np.integer) for n in counts)
        if not are_whole or n_splits < 2 or embargo_sessions < 0:
            raise UsageError(
                f"n_splits {n_splits!r}, embargo_sessions {embargo_sessions!r}: whole numbers, at "
                "least 2 and 0"
            )
        self.n_splits = n_splits
        self.embargo_sessions = embargo_sessions

    def __repr__(self) -> str:
        """Return the call that makes it."""
        name = type(self).__name__
        return f"{name}(n_splits={self.n_splits}, embargo_sessions={self.embargo_sessions})"

    def _blocks(self, count: int) -> Iterator[Block]:
        blocks = np.array_split(np.arange(count), self.n_splits)
        needed = len(blocks[0]) + 2 * self.embargo_sessions
        if count < self.n_splits or count <= needed:
            raise UsageError(
                f"{count} sessions are too few for {self.n_splits} splits with "
                f"{self.embargo_sessions} sessions of embargo"
            )
        every = np.arange(count)
        for block in blocks:
            begin, end = block[0] - self.embargo_sessions, block[-1] + self.embargo_sessions
            yield every[(every < begin) | (every > end)], block


def _sessions(rows: Any, groups: Any) -> tuple[npt.NDArray[np.intp], int]:
    # Number of each row's session in order of time, and how many there are.
    if groups is None:
        raise UsageError("groups are missing: the session of each row")
    if len(groups) != len(rows):
        raise UsageError(f"{len(groups)} groups for {len(rows)} rows")
    sessions, session = np.unique(np.asarray(groups), return_inverse=True)
    return session, len(sessions)
