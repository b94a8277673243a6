"""What an instrument is worth at a moment, and how closely its quotes can follow."""

from __future__ import annotations

import math
from typing import Final

from ..compiled import part
from .market import TICKS, Market, View
from .randomness import normal

NANOS: Final = 1_000_000_000
_MARGIN: Final = 200.0  # ticks kept free at the ends of a book's arrays
_EARLY: Final = 0.75  # of the martingale's band, at which the mid moves in the reverting mode
_LOOKS: Final = 0.2  # of the records begin a cluster of events
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
def _record_rate(market: Market, i: int, start: int, end: int) -> float:
    # Records a second between two seconds of the day.
    progress = market.progress[market.instrument[i]["profile"]]
    done = progress[end] - progress[start]
    return float(market.instrument[i]["target"] * done / (end - start) + 1e-9)


@part
def _deep_band(rate: float, looks: float, variance: float, reverting: int) -> tuple[float, float]:
    # The gap at which the mid moves, and the gap it has by then.
    #
    # Events come in clusters, so the fair price is looked at some `looks` times a second and
    # is beyond the band by `beyond` on the average when it is seen there (exactly, at the
    # times of a Poisson process). A mid that moves by the nearest whole number of ticks is
    # a martingale if the gap on moving is that number on the average, which fixes the band.
    beyond = math.sqrt(0.5 * variance / looks)
    band = 0.76 + 0.24 / (1.0 + 4.4 * beyond)
    if reverting == 1:
        band *= _EARLY
    # A move over n prices costs 2 + n records and comes variance / n^2 times a second;
    # a third of the records may go into moves, more where they are scarce.
    budget = (0.33 + 0.1 / (1.0 + rate)) * rate
    least = 0.5 * (variance + math.sqrt(variance * variance + 8.0 * budget * variance)) / budget
    band = min(40.0, max(band, least - beyond))
    return band, band + beyond


@part
def _thin_band(rate: float, variance: float) -> float:
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
    rate = _record_rate(market, i, max(0, second - _SMOOTH), min(86_400, second + _SMOOTH))
    if item["deep"] == 1:
        looks = _LOOKS * _record_rate(market, i, second, second + 1)
        band, move = _deep_band(rate, looks, variance, state["reverting"])
    else:
        band = _thin_band(rate, variance)
        move = band
    between_moves = rate * move * move / variance
    mid = 0.5 * (market.edge[i, 0]["best"] + market.edge[i, 1]["best"])
    refill = 1.0 / (1.0 + 0.25 * between_moves)
    return View(fair, fair - mid, band, refill, now["book_size"] * item["book_scale"])
