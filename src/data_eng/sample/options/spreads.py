"""User-defined spreads: combinations of listed options that a user had the exchange list.

Symbols are the exchange's, such as ``UD:1V: VT 2812178``: a two-letter kind and the id.
The letters are VT vertical, SG strangle, ST straddle, RR risk reversal, BO butterfly,
IC iron condor, 12 ratio, HO horizontal calendar and GN generic, here a call covered by the
future, the one kind with a leg that is no option.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..randomness import normals
from .chain import Chain
from .market import LEG, NO_OPTION

FIRST_SPREAD_ID: Final = 2_800_000
MAX_SPREADS: Final = 100_000
COVERED: Final = "GN"
_KINDS: Final = {
    "VT": 0.36, COVERED: 0.22, "SG": 0.12, "12": 0.08, "BO": 0.06, "IC": 0.05, "RR": 0.05,
    "ST": 0.03, "HO": 0.03,
}  # fmt: skip
_DAY_NS: Final = 86_400 * 1_000_000_000
_LISTED_BEFORE: Final = 0.6  # of the spreads, before the day


@dataclass(frozen=True)
class Spreads:
    """The user-defined spreads of a day; one entry a spread, or a leg where it says so.

    Attributes
    ----------
    symbol, kind : list of str
    instrument_id : int64 array
    listed : int64 array, ns since epoch UTC
        When the exchange listed it: before the day, or during it.
    first_leg, legs : int64 arrays
        Its entries in `leg`, which lie together.
    leg : LEG array, one entry a leg
        A future's ratio is the delta hedged, at most one.
    """

    symbol: list[str]
    kind: list[str]
    instrument_id: NDArray[np.int64]
    listed: NDArray[np.int64]
    first_leg: NDArray[np.int64]
    legs: NDArray[np.int64]
    leg: NDArray[np.void]

    def __len__(self) -> int:
        return len(self.symbol)

    def is_mixed(self, index: int) -> bool:
        """Return whether a leg is on another product type, the future."""
        return self.kind[index] == COVERED


def _option_legs(chain: Chain, kind: str, expiry: int, strikes: list[int]) -> list[tuple[int, int]]:
    """Return option indices and signed ratios; `strikes` are four ascending indices."""
    a, b, c, d = strikes

    def put(k: int) -> int:
        return chain.option(expiry, k, is_call=False)

    def call(k: int) -> int:
        return chain.option(expiry, k, is_call=True)

    table = {
        COVERED: [(call(c), 1)],
        "SG": [(put(b), 1), (call(c), 1)],
        "ST": [(put(b), 1), (call(b), 1)],
        "RR": [(call(c), 1), (put(b), -1)],
        "12": [(put(c), 1), (put(b), -2)],
        "BO": [(call(a), 1), (call(b), -2), (call(c), 1)],
        "IC": [(put(a), 1), (put(b), -1), (call(c), -1), (call(d), 1)],
    }
    return table.get(kind, [(call(b), 1), (call(c), -1)])


def _calendar_legs(chain: Chain, expiry: int, strike: int) -> list[tuple[int, int]] | None:
    # The same strike must be listed on the next expiry.
    if expiry + 1 >= len(chain.expiries):
        return None
    level = chain.strikes_of(expiry)[strike]
    later = np.flatnonzero(chain.strikes_of(expiry + 1) == level)
    if later.size == 0:
        return None
    return [
        (chain.option(expiry + 1, int(later[0]), is_call=True), 1),
        (chain.option(expiry, strike, is_call=True), -1),
    ]


def _legs(
    chain: Chain, kind: str, expiry: int, strikes: list[int], forwards: NDArray[np.float64]
) -> tuple[str, list[tuple[int, float, int, float]]]:
    """Return the kind and, per leg, the fields of LEG."""
    if kind == "HO":
        calendar = _calendar_legs(chain, expiry, strikes[1])
        if calendar is not None:
            return kind, [(option, float(ratio), 0, 0.0) for option, ratio in calendar]
        kind = "VT"
    legs = [
        (option, float(ratio), 0, 0.0)
        for option, ratio in _option_legs(chain, kind, expiry, strikes)
    ]
    if kind == COVERED:
        forward = float(forwards[expiry])
        gap = (float(chain.strikes_of(expiry)[strikes[2]]) - forward) / forward
        hedge = round(float(np.clip(0.5 - 12.0 * gap, 0.05, 0.95)), 2)
        reference = round(forward * 4.0) / 4.0
        quarter = chain.expiries[expiry].underlying.near
        legs.append((NO_OPTION, -hedge, quarter, reference))
    return kind, legs


def _listed(
    rng: np.random.Generator, count: int, start: int, progress: NDArray[np.float64]
) -> NDArray[np.int64]:
    # Before the day: from 08:00 to 20:00 UTC of the last weekday (1970-01-01 was a Thursday).
    weekday = (start // _DAY_NS + 3) % 7
    last = start - {0: 3, 6: 2}.get(weekday, 1) * _DAY_NS
    before = last + ((8.0 + 12.0 * rng.random(count)) * 3_600e9).astype(np.int64)
    # During it: where the day's flow is, and not so late that nothing follows.
    second = np.searchsorted(progress, 0.02 + 0.9 * rng.random(count), side="right") - 1
    during = start + second * 1_000_000_000 + (rng.random(count) * 1e9).astype(np.int64)
    return np.where(rng.random(count) < _LISTED_BEFORE, before, during)


def build_spreads(
    chain: Chain,
    forwards: NDArray[np.float64],
    count: int,
    *,
    alive_until: NDArray[np.int64],
    progress: NDArray[np.float64],
    start: int,
    seed: np.random.SeedSequence,
) -> Spreads:
    """Draw `count` spreads, most of them on near expiries and strikes near the price.

    Parameters
    ----------
    forwards : float64 array, shape (number of expiries,), points
    alive_until : int64 array, shape (number of expiries,), ns since epoch
        A spread is only listed on options that live for hours after that.
    progress : float64 array, shape (86401,)
        Fraction of the day's records past at each second.
    start : int, ns since epoch
        Midnight UTC.
    """
    rng = np.random.default_rng(seed)
    kinds = rng.choice(list(_KINDS), size=count, p=list(_KINDS.values()))
    listed = _listed(rng, count, start, progress)
    ids = np.sort(rng.permutation(MAX_SPREADS)[:count]) + FIRST_SPREAD_ID
    nearness = np.cumprod(np.full(len(chain.expiries), 0.75))
    names: list[str] = []
    firsts: list[int] = []
    rows: list[tuple[int, float, int, float]] = []
    for n in range(count):
        weight = np.where(alive_until > listed[n] + int(2 * 3_600e9), nearness, 0.0)
        expiry = int(rng.choice(len(chain.expiries), p=weight / weight.sum()))
        middle = int(np.searchsorted(chain.strikes_of(expiry), forwards[expiry]))
        low = middle - 2.0 + chain.strikes / 10 * float(normals(rng, 1)[0])
        low = int(np.clip(low, 0, chain.strikes - 4))
        gaps = np.cumsum(rng.integers(1, 4, size=3))
        strikes = [low, *(np.minimum(low + gaps, chain.strikes - np.array([3, 2, 1]))).tolist()]
        kind, legs = _legs(chain, str(kinds[n]), expiry, strikes, forwards)
        names.append(kind)
        firsts.append(len(rows))
        rows += legs
    first_leg = np.array(firsts, np.int64)
    return Spreads(
        symbol=[f"UD:1V: {kind} {number}" for kind, number in zip(names, ids, strict=True)],
        kind=names,
        instrument_id=ids.astype(np.int64),
        listed=listed,
        first_leg=first_leg,
        legs=np.diff(np.append(first_leg, len(rows))),
        leg=np.array(rows, LEG) if rows else np.zeros(0, LEG),
    )
