"""A comparison of a column with a value, for the least and greatest value of a row group."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any, Final, NamedTuple

Compare = Callable[[Any, Any], Any]

_BELOW: Final = (operator.lt, operator.le)
_ABOVE: Final = (operator.gt, operator.ge)


class Bound(NamedTuple):
    """A column compared with a whole number, as the file stores it: ``compare(column, value)``.

    Attributes
    ----------
    column : str
    compare : callable
        Of `operator`: ``eq``, ``lt``, ``le``, ``gt`` or ``ge``.
    value : int
        Of a time or a date its number of units.
    """

    column: str
    compare: Compare
    value: int

    def may_hold(self, least: int, greatest: int) -> bool:
        """Tell whether it may hold of a value from least to greatest."""
        if self.compare in _BELOW:
            return bool(self.compare(least, self.value))
        if self.compare in _ABOVE:
            return bool(self.compare(greatest, self.value))
        return least <= self.value <= greatest
