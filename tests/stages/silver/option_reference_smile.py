"""One expiration at one moment for `option_reference`, a strike after the other."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np
from py_lets_be_rational.exceptions import (  # type: ignore[import-untyped]
    AboveMaximumException,
    BelowIntrinsicException,
)
from scipy.stats import norm
from vollib.black.implied_volatility import implied_volatility

from tests.stages.silver.option_reference_quotes import SlowQuote

Number = float | None


@dataclass
class SlowSmile:
    years: float
    growth: float
    forward: float
    ids: dict[tuple[float, str], int]
    mids: dict[tuple[float, str], float]
    sigma: dict[float, float]

    def implied(self, strike: float, right: str, mid: float) -> Number:
        try:
            return float(
                implied_volatility(
                    mid * self.growth, self.forward, strike, 0.0, self.years, right.lower()
                )
            )
        except (BelowIntrinsicException, AboveMaximumException):
            return None

    def is_left_behind(self, strike: float, right: str, sigma: Number, quote: SlowQuote) -> bool:
        delta = 1.0
        if sigma is not None:
            delta = float(norm.cdf(self.d1(strike, sigma))) - (right == "P")
        assert quote.reference is not None
        move = abs(self.forward - quote.reference)
        return abs(delta) * move > max(quote.ask - quote.bid, 0.10)

    @property
    def is_smile(self) -> bool:
        sides = [k <= self.forward for k in self.sigma], [k >= self.forward for k in self.sigma]
        return len(self.sigma) >= 3 and all(any(side) for side in sides)

    @property
    def strikes(self) -> list[float]:
        return sorted({strike for strike, _ in self.ids})

    def right(self, strike: float) -> str:
        return "C" if strike >= self.forward else "P"

    def atm(self) -> Number:
        below = [k for k in self.sigma if k <= self.forward]
        above = [k for k in self.sigma if k >= self.forward]
        if not below or not above:
            return None
        low, high = max(below), min(above)
        weight = 0.0 if low == high else (self.forward - low) / (high - low)
        return self.sigma[low] + weight * (self.sigma[high] - self.sigma[low])

    def d1(self, strike: float, sigma: float) -> float:
        s = sigma * math.sqrt(self.years)
        return math.log(self.forward / strike) / s + s / 2

    def at_delta(self, delta: float) -> Number:
        strikes = sorted(self.sigma)
        found = []
        for low, high in itertools.pairwise(strikes):
            a, b = (norm.cdf(self.d1(k, self.sigma[k])) for k in (low, high))
            if (a - delta) * (b - delta) <= 0:
                weight = (delta - a) / (b - a)
                value = self.sigma[low] + weight * (self.sigma[high] - self.sigma[low])
                found.append((abs(low - self.forward), value))
        return float(min(found)[1]) if found else None

    def model_free(self) -> Number:
        base = max(k for k in self.strikes if k <= self.forward)
        quotes = {}
        for k in self.strikes:
            sides = "CP" if k == base else "P" if k < base else "C"
            if all((k, side) in self.mids for side in sides):
                quotes[k] = sum(self.mids[k, side] for side in sides) / len(sides)
        used = sorted(quotes)
        sides_of = (sum(k < base for k in used), sum(k > base for k in used))
        if base not in quotes or min(sides_of) < 10:
            return None
        total = 0.0
        for i, k in enumerate(used):
            low, high = used[max(i - 1, 0)], used[min(i + 1, len(used) - 1)]
            width = (high - low) / (1 if i in (0, len(used) - 1) else 2)
            total += width / k**2 * self.growth * quotes[k]
        return math.sqrt((2 * total - (self.forward / base - 1) ** 2) / self.years)

    def volatility(self, strike: float) -> float:
        known = sorted(self.sigma)
        return float(np.interp(strike, known, [self.sigma[k] for k in known]))
