"""Labels that overlap in time: which are one event, and how much each says by itself.

The span of a label is ``[feature_ts, outcome_ts)``, by whole seconds: every second that it has part
in, and at least the first one.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ...compiled import kernel
from ..book.day_seconds import F64, I64
from ..book.second_sums import SECOND_NS


def overlap_groups(owner: I64, start_ns: I64, end_ns: I64, has_span: Any) -> I64:
    """Return which labels are one event: those of an owner whose spans overlap, transitively.

    Parameters
    ----------
    owner : int64 array, shape (n,)
        Labels of one owner alone can share a group: the level, or the same for all levels.
    start_ns, end_ns : int64 array, shape (n,), ns since epoch UTC
        ``feature_ts``, whole seconds in order of time, and ``outcome_ts``.
    has_span : bool array, shape (n,)
        False for a censored label.

    Returns
    -------
    int64 array, shape (n,)
        From 1 in order of the first label; 0 without a span.
    """
    first, last = _seconds(start_ns, end_ns)
    groups = np.zeros(len(owner), np.int64)
    open_until: dict[int, int] = {}
    group_of: dict[int, int] = {}
    count = 0
    for i in np.flatnonzero(has_span):
        one = int(owner[i])
        if first[i] >= open_until.get(one, first[i]):
            count += 1
            group_of[one] = count
        open_until[one] = max(open_until.get(one, 0), int(last[i]))
        groups[i] = group_of[one]
    return groups


def average_uniqueness(owner: I64, start_ns: I64, end_ns: I64, has_span: Any) -> F64:
    """Return the mean over the seconds of each span of one over the owner's open spans.

    López de Prado 2018, chapter 4. Their sum is the number of events.

    Parameters
    ----------
    owner, start_ns, end_ns, has_span : arrays, shape (n,)
        As for `overlap_groups`, in any order.

    Returns
    -------
    float64 array, shape (n,), in (0, 1]
        NaN without a span.
    """
    first, last = _seconds(start_ns, end_ns)
    longest = int((last - first)[np.asarray(has_span, np.bool_)].max(initial=1))
    found = np.full(len(owner), np.nan)
    mean_inverse_counts(owner, first, last, has_span, np.zeros(longest), found)
    return found


def _seconds(start_ns: I64, end_ns: I64) -> tuple[I64, I64]:
    first = start_ns // SECOND_NS
    last: npt.NDArray[np.int64] = np.maximum(-(-end_ns // SECOND_NS), first + 1)
    return first, last


@kernel
def mean_inverse_counts(
    owner: Any, first: Any, last: Any, has_span: Any, count: Any, found: Any
) -> None:
    """Average one over the number of open spans; ``count`` is room for the longest span."""
    for i in range(owner.shape[0]):
        if not has_span[i]:
            continue
        length = last[i] - first[i]
        count[:length] = 0.0
        for j in range(owner.shape[0]):
            if has_span[j] and owner[j] == owner[i]:
                for second in range(max(first[i], first[j]), min(last[i], last[j])):
                    count[second - first[i]] += 1.0
        total = 0.0
        for second in range(length):
            total += 1.0 / count[second]
        found[i] = total / length
