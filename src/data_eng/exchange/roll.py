"""The front-month contract of a root on a date: by traded volume, or by CME's roll calendar.

Rule ``volume`` (the default): the outright with the highest traded volume of the partition
before 09:30 America/New_York, of the whole partition where nothing traded before; ties go
to the nearer expiry. Rule ``calendar``: the roll convention of the CME equity indices. The
calendar also checks the volume rule where a root has one. Everything the choice rests on is
in `FrontMonth.to_manifest`; where it would be a guess, `FrontMonthError` is raised.

Nothing here reads a file: the caller brings volumes and instrument ids.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Final

from ..errors import FrontMonthError, UsageError
from .expiry import third_friday
from .products import PRODUCTS
from .symbols import MONTH_CODES, delivery_month, outright_of_root

RULES: Final = ("volume", "calendar")

BASIS_BEFORE_OPEN: Final = "volume before 09:30 America/New_York"
BASIS_PARTITION: Final = "volume of the partition"
BASIS_ONLY: Final = "only candidate"
BASIS_EQUAL: Final = "nearest expiry (equal volume)"
BASIS_NO_TRADE: Final = "nearest expiry (no trade in the partition)"
BASIS_CALENDAR: Final = "CME roll calendar"

_FIRST_MONDAY_ROLL: Final = (2022, 6)


def has_roll_calendar(root: str) -> bool:
    """Return whether CME's roll convention of the equity indices holds for a root."""
    product = PRODUCTS.get(root)
    return product is not None and product.roll_calendar == "equity_index"


def roll_date(year: int, month: int) -> date:
    """Return the day from which the next CME equity-index contract is the front month.

    The Monday before the third Friday of the delivery month from the roll of June 2022 on;
    until then the Thursday eight days before it.
    """
    days = 4 if (year, month) >= _FIRST_MONDAY_ROLL else 8
    return third_friday(year, month) - timedelta(days=days)


def calendar_front_month(root: str, on: date) -> str:
    """Return the raw symbol of the front month by CME's equity-index roll convention.

    FrontMonthError is raised for a root that the convention does not cover.

    >>> [calendar_front_month("ES", date(2025, 6, day)) for day in (13, 16)]
    ['ESM5', 'ESU5']
    """
    year, month = _calendar_delivery(root, on)
    return f"{root}{MONTH_CODES[month - 1]}{year % 10}"


def _calendar_delivery(root: str, on: date) -> tuple[int, int]:
    if not has_roll_calendar(root):
        some = ", ".join(sorted(filter(has_roll_calendar, PRODUCTS)))
        raise FrontMonthError(
            f"{root} has no roll calendar (only {some} have one); use --roll-rule volume"
        )
    months = PRODUCTS[root].delivery_months
    return next((y, m) for y in (on.year, on.year + 1) for m in months if on < roll_date(y, m))


@dataclass(frozen=True)
class Candidate:
    """An instrument of a partition: its records, and its traded volume in contracts.

    ValueError is raised where a count is negative, or the part exceeds the whole.
    """

    symbol: str
    instrument_id: int
    records: int
    volume_before_open: int
    volume: int

    def __post_init__(self) -> None:
        if self.records < 0 or not 0 <= self.volume_before_open <= self.volume:
            raise ValueError(f"impossible counts: {self}")


@dataclass(frozen=True)
class FrontMonth:
    """The contract chosen for a partition, and what the choice rests on.

    ``basis`` is one of the ``BASIS_`` phrases, ``candidates`` are the outrights by expiry,
    ``calendar_symbol`` is what CME's roll calendar says (None for a root without one).
    """

    rule: str
    root: str
    symbol: str
    instrument_id: int
    basis: str
    candidates: tuple[Candidate, ...]
    calendar_symbol: str | None
    differs_from_calendar: bool

    def to_manifest(self) -> dict[str, object]:
        """Return the choice as JSON-able values; equal choices give equal values."""
        return asdict(self) | {"candidates": [asdict(c) for c in self.candidates]}


def choose_front_month(
    rule: str, root: str, on: date, candidates: Sequence[Candidate]
) -> FrontMonth:
    """Choose the front-month contract of a root for a partition.

    Parameters
    ----------
    rule : str
        One of `RULES`.
    root : str
        Product root, such as ``ES``.
    on : date
        Date of the partition.
    candidates : sequence of Candidate
        Its instruments, in any order. Those that are no outright of the root do not compete.

    Raises
    ------
    UsageError
        The rule is unknown.
    FrontMonthError
        There is no outright of the root; two instruments claim one contract; no outright
        has a record, so that nothing separates them; or the contract of the calendar is not
        among the candidates.
    """
    if rule not in RULES:
        raise UsageError(f"unknown roll rule {rule!r}; use one of: {', '.join(RULES)}")
    outrights = _outrights(root, on, candidates)
    if rule == "calendar":
        chosen, basis = _by_calendar(root, on, outrights), BASIS_CALENDAR
    else:
        chosen, basis = _by_volume(root, on, list(outrights.values()))
    is_scheduled = has_roll_calendar(root)
    return FrontMonth(
        rule=rule,
        root=root,
        symbol=chosen.symbol,
        instrument_id=chosen.instrument_id,
        basis=basis,
        candidates=tuple(outrights.values()),
        calendar_symbol=calendar_front_month(root, on) if is_scheduled else None,
        differs_from_calendar=is_scheduled
        and outrights.get(_calendar_delivery(root, on)) != chosen,
    )


def _outrights(
    root: str, on: date, candidates: Sequence[Candidate]
) -> dict[tuple[int, int], Candidate]:
    # By delivery month, in its order; a clash is an error whatever the order of arrival.
    found: dict[tuple[int, int], Candidate] = {}
    ids: dict[int, Candidate] = {}
    for candidate in candidates:
        outright = outright_of_root(candidate.symbol, root)
        if outright is None:
            continue
        delivery = delivery_month(outright, on)
        other = found.get(delivery) or ids.get(candidate.instrument_id)
        if other is not None:
            pair = sorted(f"{c.symbol} (id {c.instrument_id})" for c in (other, candidate))
            raise FrontMonthError(
                f"{' and '.join(pair)} on {on} claim to be one contract of {root}: the raw "
                "file's symbol mappings are ambiguous; download the day as a file of its own"
            )
        found[delivery] = ids[candidate.instrument_id] = candidate
    if not found:
        raise FrontMonthError(
            f"no outright of {root} in the raw data of {on}, which hold "
            f"{_named([c.symbol for c in candidates])}; check what was downloaded"
        )
    return dict(sorted(found.items()))


def _by_calendar(root: str, on: date, outrights: dict[tuple[int, int], Candidate]) -> Candidate:
    chosen = outrights.get(_calendar_delivery(root, on))
    if chosen is None:
        symbol, held = calendar_front_month(root, on), [c.symbol for c in outrights.values()]
        raise FrontMonthError(
            f"the roll calendar's contract of {on} is {symbol}, but the raw data hold "
            f"{_named(held)}; download {symbol}, or use --roll-rule volume"
        )
    return chosen


def _by_volume(root: str, on: date, by_expiry: list[Candidate]) -> tuple[Candidate, str]:
    if len(by_expiry) == 1:
        return by_expiry[0], BASIS_ONLY
    before_open = [c.volume_before_open for c in by_expiry]
    partition = [c.volume for c in by_expiry]
    for volumes, basis in ((before_open, BASIS_BEFORE_OPEN), (partition, BASIS_PARTITION)):
        highest = max(volumes)
        if highest > 0:
            is_tied = volumes.count(highest) > 1
            return by_expiry[volumes.index(highest)], BASIS_EQUAL if is_tied else basis
    # A mapping outlives its contract: without trades, only records show which ones live.
    alive = [c for c in by_expiry if c.records > 0]
    if not alive:
        raise FrontMonthError(
            f"no record of any outright of {root} in the raw data of {on}, which map "
            f"{_named([c.symbol for c in by_expiry])}; leave the date out"
        )
    return alive[0], BASIS_NO_TRADE


def _named(symbols: list[str]) -> str:
    more = f" and {len(symbols) - 5} more" if len(symbols) > 5 else ""
    return (", ".join(sorted(symbols)[:5]) or "no instrument") + more
