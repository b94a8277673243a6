"""The catalogue of the LEVEL features of the book, and of the slope of SMA 90, in order."""

from __future__ import annotations

from typing import Final

from .level_feature import MOVING, LevelFeature

_VISIBLE = "Window: as of ts: the last complete book with ts_recv < ts."
_FLOW = (
    "Counted between two consecutive complete books with valid quotes, from the time that L is "
    "known; snapshots count nothing. Null until L is known for 60 s"
)

FEATURES_OF_BOOK: Final = (
    LevelFeature(
        "visible",
        "1 if the price of the {level} is visible, else 0. Inputs: mbp-10. "
        f"{_VISIBLE} Null without a valid quote.",
        minimum=0,
        maximum=1,
    ),
    LevelFeature(
        "resting_size",
        "Size displayed at the {level}. Unit: contracts, >=0; 0 is visible and empty. Inputs: "
        f"mbp-10. {_VISIBLE} Null if not visible. Source: Biais, Hillion & Spatt 1995.",
        minimum=0,
    ),
    LevelFeature(
        "resting_order_count",
        "Orders displayed at the {level}. Unit: orders, >=0; 0 is visible and empty. Inputs: "
        f"mbp-10 ct. {_VISIBLE} Null if not visible.",
        minimum=0,
    ),
    LevelFeature(
        "resting_size_ratio",
        "Size displayed at the {level} / mean size of the other displayed levels of that side. "
        f"Unit: ratio, >=0. Inputs: mbp-10. {_VISIBLE} Null if not visible, in the spread, or "
        "without another level on that side.",
        minimum=0,
    ),
    LevelFeature(
        "depth_to_level",
        "Size displayed from the best quote up to and without the {level}, on the side that the "
        "price must trade through. Unit: contracts, >=0; 0 at the best quote and in the spread. "
        f"Inputs: mbp-10. {_VISIBLE} Null if not visible. Source: cumulative depth.",
        minimum=0,
    ),
    LevelFeature(
        "depth_beyond_5_ticks",
        "Size displayed in the 5 ticks beyond the {level}, away from the price (asks above a level "
        "above m, bids below one below). Unit: contracts, >=0. Inputs: mbp-10. "
        f"{_VISIBLE} Null unless the level and the fifth tick are visible, and if tick(L) = m. "
        "Source: cumulative depth.",
        minimum=0,
    ),
    LevelFeature(
        "depth_imbalance_5_ticks",
        "(bids in the 5 ticks below the {level} - asks in the 5 ticks above it) / their sum. Unit: "
        f"[-1,1]. Inputs: mbp-10. {_VISIBLE} Null unless both bands are visible, or if the sum is "
        "0. Source: order book imbalance, Cao, Hansch & Wang 2009.",
        minimum=-1,
        maximum=1,
    ),
    LevelFeature(
        "visible_fraction_60s",
        "Share of the window in which the {level} was visible. Unit: [0,1]. Inputs: mbp-10. "
        "Window: 60 s. Null until L is known for 60 s.",
        minimum=0,
        maximum=1,
    ),
    LevelFeature(
        "resting_add_volume_60s",
        "Size added at the {level}: sum of positive dQ at tick(L) of the bids and of the asks, "
        "each side by itself, while visible before and after. Unit: contracts, >=0. Inputs: "
        f"mbp-10. Window: 60 s. {_FLOW}, or if "
        "visible_fraction_60s < 0.9. Source: Biais, Hillion & Spatt 1995.",
        minimum=0,
    ),
    LevelFeature(
        "resting_cancel_volume_60s",
        "Size cancelled at the {level}: sum over events of max(0, -dQ - e) at tick(L) of the side "
        "that rested there, while visible before and after, with e the contracts that trades of "
        "the event (T records with its ts_event) executed there. Unit: contracts, >=0. Inputs: "
        f"mbp-10. Window: 60 s. {_FLOW}, or if visible_fraction_60s < 0.9.",
        minimum=0,
    ),
    LevelFeature(
        "order_flow_imbalance_within_2_ticks_60s",
        "(sum dQ of bids - sum dQ of asks within 2 ticks of the {level}, executions included) / "
        "mean size displayed there after each change, while all five prices are visible before "
        f"and after. Unit: dimensionless. Inputs: mbp-10. Window: 60 s. {_FLOW}, or if the five "
        "prices were visible for less than 90 % of the window, without a change or displayed "
        "size. Source: Cont, Kukanov & Stoikov 2014, by price.",
    ),
    LevelFeature(
        "replenishment_ratio_60s",
        "resting_add_volume_60s / volume traded at the {level} (p = tick(L)). Unit: ratio, >=0. "
        "Inputs: mbp-10. Window: 60 s. Null as resting_add_volume_60s, or without a trade there. "
        "Source: Biais, Hillion & Spatt 1995; Large 2007.",
        minimum=0,
    ),
    LevelFeature(
        "resting_size_change_60s",
        "Size displayed at the {level} now less that of 60 s ago at the same price. Unit: "
        "contracts. Inputs: mbp-10. Window: 60 s, for a fixed level also of before it was known. "
        "Null unless visible at both ends, and if tick(L) changed. Source: Cont & de Larrard 2013.",
    ),
    LevelFeature(
        "slope_ticks_per_bar",
        "Slope of the {level}: (SMA_n - SMA_{{n-1}}) / tick. Unit: ticks/bar. Inputs: 2-minute "
        "bars. Window: 1 bar. Null until 91 closed bars, and next to a lapse.",
        levels=MOVING,
    ),
    LevelFeature(
        "slope_ticks_per_bar_10_bars",
        "Slope of the {level}: (SMA_n - SMA_{{n-10}}) / (10 tick). Unit: ticks/bar. Inputs: "
        "2-minute bars. Window: 10 bars. Null until 100 closed bars, and ten bars after a lapse.",
        levels=MOVING,
    ),
)
