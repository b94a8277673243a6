"""The contracts of a product root on a date: expiries, calendar spreads, ids, shares."""

from __future__ import annotations

import datetime as dt
import itertools
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

from ..errors import UsageError
from ..exchange import products
from ..exchange.expiry import EXPIRY_RULES, third_friday
from ..exchange.roll import has_roll_calendar, roll_date
from ..exchange.symbols import MONTH_CODES

MAX_OUTRIGHTS: Final = 22
MAX_SPREADS: Final = 24
MAX_INSTRUMENTS: Final = MAX_OUTRIGHTS + MAX_SPREADS
_LAST_OF_A_ROLL: Final = 8  # days after it; by then the contract is gone, or only delivered


class Expiring(NamedTuple):
    """A contract: its month of delivery and when it expires."""

    year: int
    month: int
    expiry: dt.date


@dataclass(frozen=True)
class Product:
    """What the sample takes for a product root; its ticks are the exchange's.

    Attributes
    ----------
    root : str
    spread_tick : float
        Price increment of calendar spreads, points.
    price : float
        Price of the front month around 2025-01-01, points.
    daily_volatility : float
        Standard deviation of a weekday's log return.
    book_scale : float
        Contracts in a book relative to ES.
    roll_days : int, optional
        Days before expiry from which the next contract is the front month; None for a root with
        a roll calendar.
    """

    root: str
    spread_tick: float
    price: float
    daily_volatility: float
    book_scale: float
    roll_days: int | None = None

    @property
    def tick(self) -> float:
        """Price increment of outrights, points."""
        return products.PRODUCTS[self.root].tick_size

    @property
    def delivery_months(self) -> tuple[int, ...]:
        """Months of delivery, evenly over the year."""
        return products.PRODUCTS[self.root].delivery_months

    @property
    def contracts_a_year(self) -> int:
        """Contracts that expire in a year."""
        return len(self.delivery_months)

    def expiry(self, year: int, month: int) -> dt.date:
        """Return when a contract expires; of equity indices the Friday, a holiday or not."""
        if has_roll_calendar(self.root):
            return third_friday(year, month)
        rule = products.PRODUCTS[self.root].expiry_rule
        if rule is None:
            raise UsageError(f"no sample for {self.root}: it has no expiry rule")
        return EXPIRY_RULES[rule](year, month)

    def roll(self, contract: Expiring) -> dt.date:
        """Return the day from which the next contract is the front month."""
        if self.roll_days is None:
            return roll_date(contract.year, contract.month)
        return contract.expiry - dt.timedelta(days=self.roll_days)


PRODUCTS: Final = {
    "ES": Product("ES", 0.05, 5950.0, 0.0085, 1.0),
    "MES": Product("MES", 0.05, 5950.0, 0.0085, 0.8),
    "NQ": Product("NQ", 0.05, 21300.0, 0.0095, 0.15),
    "MNQ": Product("MNQ", 0.05, 21300.0, 0.0095, 0.3),
    "RTY": Product("RTY", 0.05, 2240.0, 0.0105, 0.3),
    "M2K": Product("M2K", 0.05, 2240.0, 0.0105, 0.3),
    "YM": Product("YM", 1.0, 42700.0, 0.0075, 0.2),
    "MYM": Product("MYM", 1.0, 42700.0, 0.0075, 0.2),
    "EMD": Product("EMD", 0.05, 3120.0, 0.0095, 0.1),
    # Trading moves on some days before a contract's last; of those that are delivered, before
    # its month begins.
    "CL": Product("CL", 0.01, 71.0, 0.019, 0.3, roll_days=4),
    "GC": Product("GC", 0.1, 2640.0, 0.01, 0.15, roll_days=29),
    "ZN": Product("ZN", 0.0078125, 108.75, 0.004, 12.0, roll_days=22),
}


@dataclass(frozen=True)
class Outright:
    """A future: its expiry, when it rolls, and its distance from the front month in contracts."""

    symbol: str
    expiry: dt.date
    rolls: dt.date
    step: int


@dataclass(frozen=True)
class Instrument:
    """One instrument of the sample.

    Attributes
    ----------
    symbol : str
    instrument_id : int
    near : int
        Contracts from the front month to the outright, or to the near leg.
    far : int or None
        Contracts to the far leg of a spread, none for an outright.
    share : float
        Fraction of the day's records.
    tick : float
        Price increment, points.
    expiry : datetime.date
        Expiry of the outright, or of the near leg.
    """

    symbol: str
    instrument_id: int
    near: int
    far: int | None
    share: float
    tick: float
    expiry: dt.date


def product(root: str) -> Product:
    """Return the product of `root`; `UsageError` lists the known ones."""
    try:
        return PRODUCTS[root]
    except KeyError:
        known = ", ".join(sorted(PRODUCTS))
        raise UsageError(f"no sample for product root {root!r}; known roots: {known}") from None


def _contracts_from(spec: Product, date: dt.date) -> Iterator[Expiring]:
    for year in itertools.count(date.year):
        for month in spec.delivery_months:
            expiry = spec.expiry(year, month)
            if expiry >= date:
                yield Expiring(year, month, expiry)


def outright_symbol(root: str, year: int, month: int) -> str:
    """Return the exchange's symbol with its one-digit year, such as ``ESM5``."""
    return f"{root}{MONTH_CODES[month - 1]}{year % 10}"


def outrights(root: str, date: dt.date, number: int) -> list[Outright]:
    """Return the listed futures in order of expiry, so many; the front month has step 0."""
    spec = product(root)
    listed = list(itertools.islice(_contracts_from(spec, date), number + 2))
    rolls = [spec.roll(one) for one in listed]
    front = next(index for index, roll in enumerate(rolls) if date < roll)
    return [
        Outright(outright_symbol(root, one.year, one.month), one.expiry, roll, index - front)
        for index, (one, roll) in enumerate(zip(listed, rolls, strict=True))
    ][: max(number, front + 1)]


def front_symbol(root: str, date: dt.date) -> str:
    """Return the front-month contract of `date` by the exchange's roll convention."""
    return next(o.symbol for o in outrights(root, date, 2) if o.step == 0)


def _stable_id(root: str, near: dt.date, far: dt.date | None) -> int:
    # The whole year is in the key: the one-digit symbol comes back after ten years.
    key = f"{root}{near:%Y%m}" + (f"-{far:%Y%m}" if far else "")
    return 4_000 + zlib.crc32(key.encode()) % 42_000_000


def _outright_count(instruments: int) -> int:
    if instruments <= 2:
        return instruments
    count = max(2, round(instruments * MAX_OUTRIGHTS / MAX_INSTRUMENTS))
    while count * (count - 1) // 2 < instruments - count:
        count += 1
    return count


def _busy_shares(date: dt.date, first_rolls: dt.date) -> tuple[float, float, float]:
    # Front month, other near month, their spread. The spread's part grows in roll week,
    # and on the roll day itself the new front month already leads clearly.
    days = (date - first_rolls).days
    if days < -7 or days > _LAST_OF_A_ROLL:
        return 0.905, 0.05, 0.03
    table = {0: (0.56, 0.25, 0.17), 1: (0.66, 0.19, 0.13), 2: (0.74, 0.14, 0.10)}
    table |= {3: (0.80, 0.11, 0.07), 4: (0.90, 0.035, 0.05)}
    if days in table:
        return table[days]
    return (0.87, 0.07, 0.045) if days < -3 else (0.76, 0.13, 0.095)


def instruments(root: str, date: dt.date, count: int) -> list[Instrument]:
    """Return the sample's instruments, the three busiest first.

    Raises
    ------
    UsageError
        If `count` is not between 1 and 46.
    """
    if not 1 <= count <= MAX_INSTRUMENTS:
        raise UsageError(f"instruments must be 1 to {MAX_INSTRUMENTS}, got {count}")
    spec = product(root)
    listed = outrights(root, date, max(2, _outright_count(count)))
    front = next(o for o in listed if o.step == 0)
    rolling = listed[0].step < 0
    other = listed[0] if rolling else listed[1]
    rest = [o for o in listed if o not in (front, other)]
    singles = [front, other, *rest][: _outright_count(count)]
    pairs = [(a, b) for b in listed for a in listed if a.expiry < b.expiry]
    pairs.sort(key=lambda p: (p[0].step + p[1].step - 2 * listed[0].step, p[0].expiry))
    pairs = [p for p in pairs if p[0] in singles and p[1] in singles]
    legs: list[tuple[Outright, Outright | None]] = [(o, None) for o in singles[:2]]
    legs += list(pairs[:1]) if count > 2 else []
    legs += [(o, None) for o in singles[2:]]
    legs += list(pairs[1:])
    legs = legs[:count]
    shares = _shares(date, listed[0].rolls, len(legs))
    return [
        Instrument(
            symbol=near.symbol if far is None else f"{near.symbol}-{far.symbol}",
            instrument_id=_stable_id(root, near.expiry, far.expiry if far else None),
            near=near.step,
            far=None if far is None else far.step,
            share=share,
            tick=spec.tick if far is None else spec.spread_tick,
            expiry=near.expiry,
        )
        for (near, far), share in zip(legs, shares, strict=True)
    ]


def _shares(date: dt.date, first_rolls: dt.date, count: int) -> list[float]:
    busy = list(_busy_shares(date, first_rolls))[:count]
    tail, weight = [], 1.0
    for _ in range(count - len(busy)):
        tail.append(weight + 0.02)
        weight *= 0.85
    thin = [(1.0 - sum(busy)) * weight / sum(tail) for weight in tail]
    total = sum(busy) + sum(thin)
    return [share / total for share in busy + thin]
