"""What an instrument is worth at a moment, and how closely its quotes can follow."""

from __future__ import annotations

import math
from typing import Final

from ..compiled import part
from .market import TICKS, Market, View
from .randomness import normal

NANOS: Final = 1_000_000_000
_MARGIN: Final = 200.0  # ticks kept free at the ends of a book's arrays
_SMOOTH: Final = 30  # seconds on either side over which the rate of records is taken


@part
def draw_latent(market: Market, t: int) -> None:
    """Move the efficient price on to `t`: a Brownian bridge between the seconds.

    No part of the path within a second can be foreseen from the part before.
    """
    state = market.state[0]
    second = min(86_399, (t - state["start"]) // NANOS)
    if second != state["second"]:
        state["second"] = second
        state["latent_ts"] = state["start"] + second * NANOS
        state["latent"] = market.second[second]["front"]
    left = state["start"] + (second + 1) * NANOS - state["latent_ts"]
    step = t - state["latent_ts"]
    if step <= 0 or left <= 0:
        return
    fraction = step / left
    variance = market.second[second]["variance"] * (left / NANOS) * fraction * (1.0 - fraction)
    drift = (market.second[second + 1]["front"] - state["latent"]) * fraction
    state["latent"] += drift + math.sqrt(max(0.0, variance)) * normal(market.random)
    state["latent_ts"] = t


@part
def _record_rate(market: Market, i: int, second: int) -> float:
    progress = market.progress[market.instrument[i]["profile"]]
    start = max(0, second - _SMOOTH)
    end = min(86_400, second + _SMOOTH)
    done = progress[end] - progress[start]
    return float(market.instrument[i]["target"] * done / (end - start) + 1e-9)


@part
def _band(deep: int, rate: float, variance: float) -> float:
    if deep == 1:
        # A move over n prices costs 2 + 2n records and comes variance / n^2 times a second;
        # a fifth of the records may go into moves, more where they are scarce.
        budget = (0.2 + 0.15 / (1.0 + rate)) * rate
        band = (variance + math.sqrt(variance * variance + 2.0 * budget * variance)) / budget
        return min(40.0, max(0.9, band))
    # Makers' quotes move by one modification a side.
    return min(120.0, max(1.5, math.sqrt(3.0 * variance / (0.4 * rate))))


@part
def view_of(market: Market, i: int) -> View:
    """Return one instrument's market at the time of the last `draw_latent`."""
    item = market.instrument[i]
    state = market.state[0]
    second = state["second"]
    now = market.second[second]
    tick = item["tick"]
    front = item["front_weight"]
    carry = item["carry_weight"]
    price = (front * state["latent"] + carry * now["carry"]) / tick - item["base"]
    fair = min(TICKS - _MARGIN, max(_MARGIN, price))
    variance = front * front * now["variance"] + carry * carry * state["carry_variance"]
    variance = variance / (tick * tick) + 1e-9
    rate = _record_rate(market, i, second)
    band = _band(item["deep"], rate, variance)
    between_moves = rate * band * band / variance
    mid = 0.5 * (market.edge[i, 0]["best"] + market.edge[i, 1]["best"])
    refill = 1.0 / (1.0 + 0.25 * between_moves)
    return View(fair, fair - mid, band, refill, now["book_size"] * item["book_scale"])
