"""The state in which a day of options begins."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ...elementary import exp, log
from ..randomness import normals
from .chain import Chain
from .market import INSTRUMENT, NO_OPTION, NO_QUOTE, STATE
from .pricing import YEAR_NS
from .spreads import Spreads

WEIGHTS_STREAM: Final = 8
_USUAL_VOLATILITY: Final = 0.15
_ROUND: Final = ((100.0, 1.6), (50.0, 1.35), (25.0, 1.15))  # strikes that traders prefer


def instrument_rows(chain: Chain, spreads: Spreads) -> NDArray[Any]:
    """Return the INSTRUMENT array: the chain's options, then the spreads, without quotes."""
    options = len(chain)
    rows = np.zeros(options + len(spreads), INSTRUMENT)
    rows["bid"] = rows["ask"] = NO_QUOTE
    rows["highest_bid"] = rows["lowest_ask"] = NO_QUOTE
    rows["fair_second"] = -1
    outright, spread = rows[:options], rows[options:]
    outright["id"] = chain.instrument_id
    outright["strike"] = chain.strike
    outright["call"] = chain.is_call
    outright["last_of_group"] = (chain.expiry + 1) * chain.strikes * 2 - 1
    expiries = chain.expiries
    for name, values in (
        ("expiration", [item.expiration_ns for item in expiries]),
        ("quarter", [item.underlying.near for item in expiries]),
        ("american", [int(item.american) for item in expiries]),
    ):
        outright[name] = np.array(values, np.int64)[chain.expiry]
    spread["id"] = spreads.instrument_id
    spread["first_leg"] = spreads.first_leg
    spread["legs"] = spreads.legs
    spread["listed"] = spreads.listed
    spread["last_of_group"] = np.arange(options, rows.size)
    if len(spreads):
        # A spread ends with the first of its legs; futures outlive the options on them.
        legs = spreads.leg["option"]
        ends = np.where(legs == NO_OPTION, np.iinfo(np.int64).max, outright["expiration"][legs])
        spread["expiration"] = np.minimum.reduceat(ends, spreads.first_leg)
    return rows


def flow_weights(
    chain: Chain,
    spreads: Spreads,
    forwards: NDArray[np.float64],
    start_ns: int,
    seed: np.random.SeedSequence,
) -> NDArray[np.float64]:
    """Return the running sum of the instruments' parts of the flow, shape (n,).

    Up to 1 over the options, where those near the price and near expiry have most, and
    from there to 2 over the spreads.
    """
    left = np.array([item.expiration_ns for item in chain.expiries]) - start_ns
    years = (left / YEAR_NS)[chain.expiry]
    deviation = _USUAL_VOLATILITY * np.sqrt(years + 0.5 / 365.0)
    z = log(chain.strike / forwards[chain.expiry]) / deviation
    # Out of the money is where the flow is.
    in_the_money = np.where(chain.is_call, z < -0.3, z > 0.3)
    option = exp(-0.5 * (z / 1.2) ** 2) * np.where(in_the_money, 0.35, 1.0) + 0.01
    option /= 1.0 + years * 365.0 / 4.0
    for spacing, factor in _ROUND:
        option *= np.where(chain.strike % spacing == 0.0, np.sqrt(factor), 1.0)
    rng = np.random.default_rng(seed)
    spread = exp(normals(rng, len(spreads)))
    running = np.cumsum(option) / option.sum()
    return np.concatenate([running, 1.0 + np.cumsum(spread) / max(1.0, spread.sum())])


def new_state_row(
    start_ns: int,
    quotes: int,
    spread_share: float,
    seed: np.random.SeedSequence,
    *,
    snapshot_next: int,
) -> NDArray[Any]:
    """Return the STATE array of a day's start; the snapshot goes on from an instrument."""
    state = np.zeros(1, STATE)
    state["start"] = state["last_event"] = state["last_recv"] = start_ns
    state["target"] = quotes
    state["spread_share"] = spread_share
    state["sequence"] = 1_000_000 + int(seed.generate_state(3)[2]) % 9_000_000
    state["snapshot_next"] = snapshot_next
    return state
