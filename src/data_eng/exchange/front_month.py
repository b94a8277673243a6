"""The front-month contract of a root on a date, and the symbols it is written in.

Rule ``volume`` (the default): the outright with the highest traded volume of the partition
before 09:30 America/New_York, of the whole partition where nothing traded before; ties go
to the nearer expiry. Rule ``calendar``: the roll convention of the CME equity indices. The
calendar also checks the volume rule where a root has one. Everything the choice rests on is
in `FrontMonth.to_manifest`; where it would be a guess, `FrontMonthError` is raised.

Nothing here reads a file: the caller brings volumes and instrument ids.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Final

from ..errors import FrontMonthError, UsageError

RULES: Final = ("volume", "calendar")
MONTH_CODES: Final = "FGHJKMNQUVXZ"

# CME's notices of the roll convention name these roots and their micros.
CALENDAR_ROOTS: Final = frozenset({"ES", "NQ", "RTY", "YM", "EMD", "MES", "MNQ", "M2K", "MYM"})

BASIS_BEFORE_OPEN: Final = "volume before 09:30 America/New_York"
BASIS_PARTITION: Final = "volume of the partition"
BASIS_ONLY: Final = "only candidate"
BASIS_EQUAL: Final = "nearest expiry (equal volume)"
BASIS_NO_TRADE: Final = "nearest expiry (no trade in the partition)"
BASIS_CALENDAR: Final = "CME roll calendar"

_FIRST_MONDAY_ROLL: Final = (2022, 6)

_ROOT: Final = r"[0-9]{0,2}[A-Z][A-Z0-9]{0,3}"
_CONTRACT: Final = re.compile(rf"({_ROOT})([{MONTH_CODES}])([0-9]{{1,2}})")


@dataclass(frozen=True)
class Outright:
    """A single futures contract as its raw symbol names it.

    ``month`` is 1 to 12; ``year_digits`` are the one or two last digits of the year, which
    only a date resolves (`delivery_month`).
    """

    root: str
    month: int
    year_digits: str
    raw_symbol: str


def parse_outright(raw_symbol: str) -> Outright | None:
    """Return the parts of a CME futures symbol, None for anything but an outright.

    Spreads (``ESZ5-ESH6``), options (``ESU5 C5000``), user-defined instruments and bare
    roots are none.

    >>> parse_outright("6EM5")
    Outright(root='6E', month=6, year_digits='5', raw_symbol='6EM5')
    """
    match = _CONTRACT.fullmatch(raw_symbol)
    if match is None:
        return None
    root, code, year_digits = match.groups()
    return Outright(root, MONTH_CODES.index(code) + 1, year_digits, raw_symbol)


def outright_of_root(raw_symbol: str, root: str) -> Outright | None:
    """Return the parts of a futures symbol if it is an outright of one root, else None."""
    outright = parse_outright(raw_symbol)
    return outright if outright is not None and outright.root == root else None


def root_of(symbol: str) -> str:
    """Return the product root of a contract; a root is its own.

    >>> root_of("ESM5"), root_of("ES")
    ('ES', 'ES')
    """
    outright = parse_outright(symbol)
    return symbol if outright is None else outright.root


def is_contract(text: str) -> bool:
    """Return whether a text has the form of a futures contract, such as ``ESU5``."""
    return parse_outright(text) is not None


def is_root(text: str) -> bool:
    """Return whether a text has the form of a product root, such as ``ES`` or ``6E``.

    Capitals and digits with at least one letter, six characters at most: safe in a path. A
    text that reads as a contract is no root.
    """
    return re.fullmatch(_ROOT, text) is not None and not is_contract(text)


def delivery_month(outright: Outright, on: date) -> tuple[int, int]:
    """Return the year and month of delivery that a symbol means on a date.

    One year digit: the first such month from the one before ``on``'s, because a symbol is
    used again after ten years and its mapping outlives the contract by days. Two digits:
    the year within fifty years of ``on``.

    >>> delivery_month(Outright("ES", 3, "1", "ESH1"), date(2025, 12, 22))
    (2031, 3)
    """
    digits = int(outright.year_digits)
    if len(outright.year_digits) == 2:
        earliest = on.year - 50
        return earliest + (digits - earliest) % 100, outright.month
    year, month = divmod(on.year * 12 + on.month - 2, 12)  # the month before
    if outright.month < month + 1:
        year += 1
    return year + (digits - year) % 10, outright.month


def third_friday(year: int, month: int) -> date:
    """Return the third Friday of a month, on which CME equity-index futures expire.

    On a holiday the contract expires the day before; the roll counts from the Friday still.
    """
    first = date(year, month, 1)
    return first + timedelta(days=(4 - first.weekday()) % 7 + 14)


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
    if root not in CALENDAR_ROOTS:
        raise FrontMonthError(
            f"{root} has no roll calendar (only {', '.join(sorted(CALENDAR_ROOTS))} have one); "
            "use --roll-rule volume"
        )
    return next(
        (y, m) for y in (on.year, on.year + 1) for m in (3, 6, 9, 12) if on < roll_date(y, m)
    )


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
    is_scheduled = root in CALENDAR_ROOTS
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
