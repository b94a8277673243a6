"""A slow check of every record against what one matching-engine event may do to a book.

Independent of the package: it knows the vendor's record semantics only.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from numpy.typing import NDArray

UNDEFINED = 2**63 - 1
Levels = list[tuple[int, int, int]]  # price, contracts, orders; best first
Change = dict[int, tuple[int, int]]  # price -> change of contracts, of orders


def levels_of(row: Any, side: str) -> Levels:
    name = "bid" if side == "B" else "ask"
    levels = [
        (
            int(row[f"{name}_px_{k:02d}"]),
            int(row[f"{name}_sz_{k:02d}"]),
            int(row[f"{name}_ct_{k:02d}"]),
        )
        for k in range(10)
    ]
    shown = [level for level in levels if level[0] != UNDEFINED]
    assert levels == shown + [(UNDEFINED, 0, 0)] * (10 - len(shown)), "empty levels come last"
    sign = -1 if side == "B" else 1
    assert all(sign * a[0] < sign * b[0] for a, b in pairwise(shown))
    assert all(size >= count >= 1 for _, size, count in shown)
    return shown


def change_of(before: Levels, after: Levels, side: str) -> Change:
    # Prices beyond a full window may enter or leave it without an event there.
    sign = -1 if side == "B" else 1
    bounds = [sign * levels[-1][0] for levels in (before, after) if len(levels) == 10]
    bound = min(bounds, default=UNDEFINED)
    old = {price: (size, count) for price, size, count in before}
    new = {price: (size, count) for price, size, count in after}
    change = {}
    for price in old.keys() | new.keys():
        was, now = old.get(price, (0, 0)), new.get(price, (0, 0))
        if was != now and sign * price <= bound:
            change[price] = (now[0] - was[0], now[1] - was[1])
    return change


def check_add(row: Any, change: Change) -> None:
    # One order, or several that came in one matching event: the record names the last.
    assert list(change) == [int(row["price"])]
    contracts, orders = change[int(row["price"])]
    assert orders >= 1
    assert contracts == row["size"] if orders == 1 else contracts >= row["size"] + orders - 1


def check_cancel(row: Any, change: Change) -> None:
    # One order, or several at the record's price and at better ones; one may be made smaller.
    assert int(row["price"]) in change
    contracts = sum(-contracts for contracts, _ in change.values())
    orders = sum(-orders for _, orders in change.values())
    assert all(taken < 0 and left <= 0 for taken, left in change.values())
    assert orders >= 1
    if orders == 1 and len(change) == 1:
        assert contracts >= row["size"]
    else:
        assert contracts >= row["size"] + orders - 1
    assert_at_or_better(row, change)


def assert_at_or_better(row: Any, change: Change) -> None:
    sign = 1 if row["side"] == b"B" else -1
    assert all(sign * price >= sign * int(row["price"]) for price in change)


def check_modify(row: Any, change: Change) -> None:
    price, size = int(row["price"]), int(row["size"])
    if list(change) == [price] and change[price][1] == 0:
        assert change[price][0] != 0  # a new size at the old price
        return
    if price in change and all(taken < 0 and left <= 0 for taken, left in change.values()):
        assert_at_or_better(row, change)  # the best prices thinned out, this order last
        return
    arrived = {p: c for p, c in change.items() if c[1] > 0}
    left = {p: c for p, c in change.items() if c[1] < 0}
    assert len(arrived) + len(left) == len(change) > 0
    assert arrived in ({}, {price: (size, 1)})
    assert list(left.values()) in ([], [(-size, -1)])


def check_execution(row: Any, trades: list[Any], bid: Change, ask: Change) -> None:
    aggressor = trades[0]["side"].decode()
    taken, own = (ask, bid) if aggressor == "B" else (bid, ask)
    volume = {int(trade["price"]): -int(trade["size"]) for trade in trades}
    assert len(volume) == len(trades), "one trade record a price"
    if {price: size for price, (size, _) in taken.items()} != volume:
        check_iceberg(row, trades, taken)
        return
    assert int(row["price"]) == int(trades[-1]["price"])
    if row["side"] == b"N":  # the rest of the aggressor's order stays in the book
        assert row["action"] == b"C"
        assert list(own) == [int(row["price"])]
        assert own[int(row["price"])][0] > 0
        assert own[int(row["price"])][1] == 1
    else:
        assert row["side"].decode() == ("A" if aggressor == "B" else "B")
        assert own == {}


def check_iceberg(row: Any, trades: list[Any], taken: Change) -> None:
    # What was hidden fills the price up inside the event; the record is the refill's.
    (trade,) = trades
    assert row["action"] == b"M"
    assert row["price"] == trade["price"]
    assert list(taken) in ([], [int(row["price"])])
    contracts = taken.get(int(row["price"]), (0, 0))[0]
    assert -int(trade["size"]) < contracts <= int(row["size"])


class Replay:
    """The books of all instruments as the records so far tell them."""

    def __init__(self) -> None:
        self.books: dict[int, tuple[Levels, Levels]] = {}
        self.trades: dict[int, list[Any]] = {}
        self.counts: dict[str, int] = {}
        self.cleared: set[int] = set()
        self.withdrawn: set[int] = set()

    def check(self, records: NDArray[Any]) -> None:
        for row in records:
            self._row(row)
        assert not any(self.trades.values()), "a trade without the change of the resting side"

    def _row(self, row: Any) -> None:
        key = int(row["instrument_id"])
        book = levels_of(row, "B"), levels_of(row, "A")
        action, side = row["action"].decode(), row["side"].decode()
        self.counts[action + side] = self.counts.get(action + side, 0) + 1
        if action == "R" or key in self.cleared:
            self._clear(row, key, book)
            return
        if () in (tuple(book[0]), tuple(book[1])) or key in self.withdrawn:
            self._withdrawn(row, key, book)
            return
        trades = self.trades.setdefault(key, [])
        auction = action == "T" and side == "N"
        if book[0] and book[1] and not auction:
            assert book[0][0][0] < book[1][0][0], "crossed or locked"
        if action == "T":
            assert row["flags"] in (0, 4)
            assert auction or book == self.books[key], "a trade row has the book before it"
            trades.append(row)
            return
        if key in self.books:
            assert row["flags"] in (130, 134, 168)
            self._change(row, trades, self.books[key], book)
        trades.clear()
        self.books[key] = book

    def _clear(self, row: Any, key: int, book: tuple[Levels, Levels]) -> None:
        # A clear, the bids, then the whole book as it was.
        assert row["side"] == b"N"
        if row["action"] == b"R":
            assert book == ([], [])
            assert row["price"] == UNDEFINED
            self.cleared.add(key)
        elif not book[1]:
            assert book[0] == self.books[key][0]
            assert row["flags"] == 40
        else:
            assert book == self.books[key]
            assert row["flags"] == 168
            self.cleared.remove(key)

    def _withdrawn(self, row: Any, key: int, book: tuple[Levels, Levels]) -> None:
        # All orders of one side go with one record, and come back with the next one.
        side = 0 if row["side"] == b"B" else 1
        assert book[1 - side] == self.books[key][1 - side]
        if key in self.withdrawn:
            assert row["action"] == b"A"
            assert book == self.books[key]
            self.withdrawn.remove(key)
        else:
            assert row["action"] == b"C"
            assert not book[side]
            self.withdrawn.add(key)

    @staticmethod
    def _change(
        row: Any, trades: list[Any], before: tuple[Levels, Levels], after: tuple[Levels, Levels]
    ) -> None:
        bid = change_of(before[0], after[0], "B")
        ask = change_of(before[1], after[1], "A")
        assert all(trade["ts_event"] == row["ts_event"] for trade in trades)
        if trades and trades[0]["side"] == b"N":
            assert row["side"] == b"N"
            assert bid == ask == {}  # only orders that came in the break are gone
            return
        if trades:
            check_execution(row, trades, bid, ask)
            return
        mine, other = (bid, ask) if row["side"] == b"B" else (ask, bid)
        assert other == {}
        {b"A": check_add, b"C": check_cancel, b"M": check_modify}[row["action"]](row, mine)
