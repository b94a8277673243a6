"""What the raw data of a date are, as Bronze manifests say: cover, silences, what is dropped."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from ..errors import CorruptPartitionError
from ..exchange.sessions import NEW_YORK, utc_day_ns
from ..lake.inputs import COVERED_FACT, FIRST_RECORD_FACT, LAST_RECORD_FACT
from ..lake.manifest import Manifest
from ..lake.summary import Summary
from .coverage import shortfall
from .silences import long_silences

_SECOND_NS: Final = 10**9
_NO_RECORDS: Final = "none"
_KEPT: Final = "outright"
_WATCHED: Final = ("market_by_price_10", "nbbo")
"""Tables whose records come all day; in others a minute without one says nothing."""


@dataclass(frozen=True)
class DeliveredDate:
    """One raw table of a date.

    Attributes
    ----------
    dataset, symbol, dt : str
        The Bronze partition.
    condition : str or None
        The vendor's word for the date.
    covered : tuple of str
        Ranges of the headers, New York clock; empty where they cover nothing, ``whole day``, or
        ``not stated``.
    records : str
        First and last receipt, New York clock.
    shortfall : str or None
        How it falls short of the product's times.
    silences : int
        Stretches of over a minute without a record, between pre-market and the grid's end, of
        tables whose records come all day.
    silent_seconds, longest_silence_seconds : float
    long_silences : str or None
        Where there is no record for long amid the others, in words.
    steps_back : int
        Records received before one ahead of them.
    largest_step_back_ns : int
    dropped : mapping of str to int
        Records that are not in the partition, by why.
    """

    dataset: str
    symbol: str
    dt: str
    condition: str | None
    covered: tuple[str, ...]
    records: str
    shortfall: str | None
    silences: int
    silent_seconds: float
    longest_silence_seconds: float
    steps_back: int
    largest_step_back_ns: int
    dropped: Mapping[str, int] = field(default_factory=dict)
    long_silences: str | None = None

    @property
    def is_notable(self) -> bool:
        """Whether there is something to tell besides what was dropped by rule."""
        is_odd = self.condition not in (None, "available") or self.shortfall is not None
        return is_odd or self.silences > 0 or self.steps_back > 0

    @property
    def cover_words(self) -> str:
        """What the files cover."""
        return ", ".join(self.covered) or "nothing"

    @property
    def silence_words(self) -> str:
        """Silences in words; ``none`` without one."""
        if not self.silences:
            return "none"
        total, longest = self.silent_seconds, self.longest_silence_seconds
        return f"{self.silences}, {total:,.0f} s in all, longest {longest:,.0f} s"

    @property
    def step_back_words(self) -> str:
        """Steps back in time in words; ``none`` without one."""
        if not self.steps_back:
            return "none"
        return f"{self.steps_back:,}, up to {self.largest_step_back_ns / 1e6:g} ms"

    @property
    def dropped_words(self) -> str:
        """Records that are not in the partition, and why; ``none`` without one."""
        return ", ".join(f"{count:,} {why}" for why, count in self.dropped.items()) or "none"

    def words(self) -> str:
        """Return all that there is of it in one line."""
        zone = "" if self.records == _NO_RECORDS else " New York"
        told = [f"files cover {self.cover_words}", f"records {self.records}{zone}"]
        told += [f"silences {self.silence_words}"] if self.silences else []
        told += [f"steps back {self.step_back_words}"] if self.steps_back else []
        told += [f"dropped {self.dropped_words}"] if self.dropped else []
        return "; ".join(told)


def delivered_date(manifest: Manifest | Summary) -> DeliveredDate:
    """Return what a manifest of Bronze, or its summary, says of its raw data.

    Raises
    ------
    CorruptPartitionError
        Its facts are none that Bronze writes. A hash that fits them says nothing of that, and a
        tombstone has none.
    """
    try:
        return _delivered_date(manifest)
    except (ArithmeticError, AttributeError, LookupError, OSError, TypeError, ValueError) as error:
        raise CorruptPartitionError(
            f"{manifest.dataset} {manifest.symbol} {manifest.dt}: what it says of its raw data is "
            f"malformed ({type(error).__name__}: {error}); delete it and run its layer again"
        ) from error


def _delivered_date(manifest: Manifest | Summary) -> DeliveredDate:
    facts = manifest.facts
    date = dt.date.fromisoformat(manifest.dt)
    table = manifest.dataset.rpartition(".")[2]
    found = facts.get("silences") if table in _WATCHED else None
    silences = found or {"count": 0, "seconds": 0.0, "longest": []}
    longest = max((_number(one["seconds"]) for one in silences["longest"]), default=0.0)
    first, last = facts[FIRST_RECORD_FACT], facts[LAST_RECORD_FACT]
    by_records = table == _WATCHED[0]
    condition = facts["condition"]
    if condition is not None and not isinstance(condition, str):
        raise TypeError(f"condition is {condition!r:.40}")
    return DeliveredDate(
        manifest.dataset,
        manifest.symbol,
        manifest.dt,
        condition,
        tuple(_covered(facts[COVERED_FACT], date)),
        _NO_RECORDS if first is None else f"{_clock(first)}-{_clock(last)}",
        shortfall(manifest.symbol, date, facts, by_records=by_records),
        _whole(silences["count"]),
        _number(silences["seconds"]),
        longest,
        _whole(facts["steps_back"]["count"]),
        _whole(facts["steps_back"]["largest_ns"]),
        dict(_dropped(facts, manifest.rows)),
        long_silences(facts) if by_records else None,
    )


def _covered(covered: Any, date: dt.date) -> Iterator[str]:
    if covered is None:
        yield "not stated"
        return
    for start, end in covered:
        is_whole = (start, end) == utc_day_ns(date)
        yield "whole day" if is_whole else f"{_clock(start)}-{_clock(end)}"


def _dropped(facts: Mapping[str, Any], rows: int) -> Iterator[tuple[str, int]]:
    if "records_read" in facts and _whole(facts["records_read"]) > rows:
        yield "other contracts", facts["records_read"] - rows
    for kind, count in facts.get("records", {}).items():
        if _whole(count) and kind != _KEPT:
            yield kind.replace("_", " "), count
    unknown = _whole(facts.get("instruments_without_definition", {}).get("records", 0))
    if unknown:
        yield "without a definition", unknown
    others = sum(map(_whole, facts.get("other_records", {}).values()))
    if others:
        yield "other record types", others


def _whole(value: Any) -> int:
    if type(value) is not int:
        raise TypeError(f"{value!r:.40} is no whole number")
    return value


def _number(value: Any) -> float:
    if type(value) not in (int, float):
        raise TypeError(f"{value!r:.40} is no number")
    return float(value)


def _clock(ns: int) -> str:
    return dt.datetime.fromtimestamp(ns // _SECOND_NS, NEW_YORK).strftime("%H:%M:%S")
