"""Print SHA-256 of the values of every column of a small day of futures and options.

``python -m tests.features.some_values``, run under other processors' settings by the tests.
"""

from __future__ import annotations

import hashlib
import sys

import numpy as np
import numpy.typing as npt

from src.data_eng.elementary import exp, log
from src.data_eng.features.option_market.snapshot import DayTerms, take_snapshot
from src.data_eng.options.black76 import black76_price, forward_greeks, implied_volatility
from src.data_eng.options.chain import NS_A_DAY, make_chain
from src.data_eng.options.pricing import price_chain
from tests.features.market.market_days import columns, random_records
from tests.options.quoted_chains import quotes_of

NOW = 1_746_538_200_000_000_000
FORWARD = 6001.25
STRIKES = np.arange(5700.0, 6301.0, 25.0)


def values() -> dict[str, npt.NDArray[np.float64]]:
    rng = np.random.default_rng(1)
    found = {"log": log(np.ldexp(rng.uniform(0.5, 1, 10_000), rng.integers(-99, 99, 10_000)))}
    found["exp"] = exp(rng.normal(0, 30, 10_000))
    found |= columns(random_records(7))
    count, days = len(STRIKES), (1.0, 10.0, 50.0)
    ends = np.repeat([NOW + round(d * NS_A_DAY) for d in days], 2 * count)
    strikes, is_call = np.tile(STRIKES, 6), np.tile(np.repeat([True, False], count), 3)
    chain = make_chain(np.arange(6 * count, dtype=np.uint32), ends, strikes, is_call)
    years = (ends - NOW) / (365 * NS_A_DAY)
    premium = black76_price(FORWARD, strikes, years, 0.2 + 1e-9 * (strikes - 6000) ** 2, is_call)
    found["premium"] = premium
    found["volatility"] = implied_volatility(premium, FORWARD, strikes, years, is_call)
    found["delta"], found["gamma"], found["vega"] = forward_greeks(FORWARD, strikes, years, 0.17)
    interest = rng.integers(0, 5000, len(premium)).astype(float)
    quotes = quotes_of(premium, NOW)
    terms = DayTerms(0.04, 50.0, NOW + NS_A_DAY)
    priced = price_chain(chain, quotes, NOW, 0.04)
    snapshot = take_snapshot(priced, quotes, NOW, interest, terms)
    found |= {name: np.array([value]) for name, value in snapshot.values.items()}
    return found


if __name__ == "__main__":
    for name, array in values().items():
        sys.stdout.write(f"{name} {hashlib.sha256(array.tobytes()).hexdigest()}\n")
