"""Tasks that could run now, and which of them is next."""

from __future__ import annotations

import datetime as dt
import heapq
import time
from collections.abc import Mapping, Set

from .held import Held
from .plan import Node


class ReadyNodes:
    """Nodes whose inputs are settled; the next one is found without a look at most of them.

    Oldest date first, within it what others wait for longest; what began on another host last.
    A run over years has thousands of dates ready: only those that are open, and the oldest that
    is not, can hold the next one.

    Parameters
    ----------
    height : mapping of str to int
        How long the longest chain is that waits for a stage.
    home : mapping of datetime.date to str
        Host on which a date began; grows with the run.
    held : mapping of Node to Held
        What another process holds, and until when; changes with the run.

    Attributes
    ----------
    taken : set of Node
        Those that were ready and are not any more.
    """

    def __init__(
        self, height: Mapping[str, int], home: Mapping[dt.date, str], held: Mapping[Node, Held]
    ) -> None:
        self._height, self._home, self._held = height, home, held
        self._of: dict[dt.date, set[Node]] = {}
        self._dates: list[dt.date] = []  # a heap of those that were never open
        self.taken: set[Node] = set()

    def __contains__(self, node: Node) -> bool:
        return node in self._of.get(node[1], ())

    def add(self, node: Node) -> None:
        """Take a node that may run."""
        if node[1] not in self._of:
            self._of[node[1]] = set()
            heapq.heappush(self._dates, node[1])
        self._of[node[1]].add(node)
        self.taken.discard(node)

    def remove(self, node: Node) -> None:
        """Remove a node if it is there: it goes along with another one."""
        if node in self:
            self._of[node[1]].remove(node)
            self.taken.add(node)

    def is_any_unopened(self, opened: Set[dt.date]) -> bool:
        """Tell whether something is ready of a date that is not open."""
        return bool(self._of.get(self._oldest_unopened(opened)))

    def take(self, opened: Set[dt.date], most: int, others: Set[str]) -> Node | None:
        """Remove and return the next node, None where there is none.

        Parameters
        ----------
        opened : set of datetime.date
            Dates of which something was begun, and something is left.
        most : int
            So many dates may be open; those of which something is held do not count.
        others : set of str
            Hosts other than the one that asks.
        """
        now = time.monotonic()
        found = [node for date in opened for node in self._free(date, now)]
        if len(opened - {date for _, date in self._held}) < most:
            found += self._of.get(self._oldest_unopened(opened), ())
        if not found:
            return None
        node = min(found, key=lambda one: self._order(one, others))
        self.remove(node)
        return node

    def _free(self, date: dt.date, now: float) -> list[Node]:
        nodes = self._of.get(date, ())
        return [one for one in nodes if one not in self._held or self._held[one].again <= now]

    def _oldest_unopened(self, opened: Set[dt.date]) -> dt.date:
        while self._dates and (self._dates[0] in opened or not self._of[self._dates[0]]):
            heapq.heappop(self._dates)
        return self._dates[0] if self._dates else dt.date.min

    def _order(self, node: Node, others: Set[str]) -> tuple[bool, dt.date, int, str]:
        key, date = node
        return (self._home.get(date) in others, date, -self._height[key], key)
