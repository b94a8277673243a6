"""What every LEVEL feature is: the one text that the contracts of the five tables are made from.

``{level}`` in a text stands for the level's name in words. Columns have the order of the tables.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

ALL: Final = ("pm_high", "pm_low", "or_high", "or_low", "sma_90")
EXTREMES: Final = ALL[:4]
MOVING: Final = ALL[4:]

WORDS: Final = {
    "pm_high": "Pre-Market High",
    "pm_low": "Pre-Market Low",
    "or_high": "Opening Range High",
    "or_low": "Opening Range Low",
    "sma_90": "SMA 90",
}
"""The levels' names in words."""


@dataclass(frozen=True)
class LevelFeature:
    """A feature of a level.

    Attributes
    ----------
    name : str
        Base name, without the level's prefix.
    doc : str
        Meaning and formula, unit and range, inputs, window, null rule, source.
    minimum, maximum : int or None
        Range that the contract checks.
    levels : tuple of str
        Levels that have it.
    """

    name: str
    doc: str
    minimum: int | None = None
    maximum: int | None = None
    levels: tuple[str, ...] = ALL


NOTATION: Final = (
    "LEVEL features of the {level} of the front-month futures contract on a grid of one second, "
    "from its MBP-10 records. L is the level in force at ts, from silver.future.level: {value} "
    "Every column is null where L has no value at ts, so until it is known. tick(L) = "
    "floor(L / tick + 0.5) tick stands for L wherever a price of the book or of a trade is "
    "compared. m, books and valid quotes as in silver.future.market; a price is visible if it "
    "lies between the outermost of the ten levels of a valid book (a side with fewer levels hides "
    "nothing). Windows are [ts - w, ts) on ts_recv. Touches: the level is armed on a side once m "
    "is 8 ticks or more from L; the next trade at or through L starts a touch; it ends once m is 8 "
    "ticks or more from L again, on the side it came from as a bounce, else as a break, and the "
    "level is armed on that side at once. The machine starts when L is known; it also moves with "
    "the steps of L, and rests while L has no value."
)
"""Of the record; ``{value}`` is one of `VALUES`."""

VALUES: Final = {
    "pm_high": "the highest trade price of the pre-market (04:00 to 09:30 America/New_York unless "
    "the manifest says otherwise), known at 09:30. It is applied to windows that reach before.",
    "pm_low": "the lowest trade price of the pre-market (04:00 to 09:30 America/New_York unless "
    "the manifest says otherwise), known at 09:30. It is applied to windows that reach before.",
    "or_high": "the highest trade price of the opening range (the first 30 minutes from 09:30 "
    "America/New_York unless the manifest says otherwise), known at its end. It is applied to "
    "windows that reach before.",
    "or_low": "the lowest trade price of the opening range (the first 30 minutes from 09:30 "
    "America/New_York unless the manifest says otherwise), known at its end. It is applied to "
    "windows that reach before.",
    "sma_90": "the mean of the closes of the last 90 two-minute trade bars, which steps at each "
    "bar close and lapses where the bars span more than 240 minutes. What looks back uses the "
    "value that was in force then.",
}

_LEG = (
    "Leg: from t0, the last second with |distance_ticks| >= 40 since the last touch ended and at "
    "most 1800 s back, else the farthest second of that span (the latest of equals), to ts; during "
    "a touch to the last second before it, so that the value is frozen. Null if not armed, "
    "|distance_ticks| > 40 or the leg is shorter than 10 s."
)
_VISIBLE = "Window: as of ts: the last complete book with ts_recv < ts."
_FLOW = (
    "Counted between two consecutive complete books with valid quotes, from the time that L is "
    "known; snapshots count nothing. Null until L is known for 60 s"
)

FEATURES: Final = (
    LevelFeature(
        "distance_ticks",
        "Distance of the mid from the {level}: (m - L) / tick, signed, positive above. Unit: "
        "ticks. Inputs: mbp-10, L. Window: as of ts. Null without a valid quote.",
    ),
    LevelFeature(
        "distance_atr",
        "Distance of the mid from the {level} in average true ranges: (m - L) / ATR(14) of the "
        "last closed two-minute bar, signed. Unit: ATR. Inputs: mbp-10, 2-minute bars, L. Window: "
        "as of ts. Null without a valid quote, without ATR or if it is 0. Source: Wilder 1978.",
    ),
    LevelFeature(
        "seconds_since_extreme_set",
        "Time since the first trade at the extreme that is the {level}: ts - ts_recv of it. Unit: "
        "s, >=0. Inputs: mbp-10 T. Null only while L has no value.",
        minimum=0,
        levels=EXTREMES,
    ),
    LevelFeature(
        "approach_side",
        "Side from which the {level} is armed or being touched: -1 from below, +1 from above. "
        "Inputs: mbp-10. Window: as of ts. Null if not armed.",
        minimum=-1,
        maximum=1,
    ),
    LevelFeature(
        "touch_count",
        "Touches of the {level} started since it is known. Unit: count; 0 is a true zero. Null "
        "only while L has no value. Inputs: mbp-10. Source: Osler 2000 (hit).",
        minimum=0,
    ),
    LevelFeature(
        "seconds_since_last_touch",
        "Time since the last touch of the {level} started. Unit: s, >=0. Inputs: mbp-10. Null "
        "before the first touch.",
        minimum=0,
    ),
    LevelFeature(
        "touch_in_progress",
        "1 while a touch of the {level} is under way, else 0. Inputs: mbp-10. Window: as of ts. "
        "Null only while L has no value.",
        minimum=0,
        maximum=1,
    ),
    LevelFeature(
        "prior_bounce_count",
        "Completed touches that left the {level} on the side they came from (breaks are "
        "touch_count - prior_bounce_count - touch_in_progress). Unit: count; 0 is a true zero. "
        "Null only while L has no value. Inputs: mbp-10. Source: Osler 2000.",
        minimum=0,
    ),
    LevelFeature(
        "last_touch_penetration_ticks",
        "Largest excursion of a trade beyond the {level}, away from the approach side, in the last "
        "completed touch. Unit: ticks, >=0. Inputs: mbp-10 T. Null before the first.",
        minimum=0,
    ),
    LevelFeature(
        "max_touch_penetration_ticks",
        "Largest last_touch_penetration_ticks of the completed touches of the {level}. Unit: "
        "ticks, >=0. Inputs: mbp-10 T. Null before the first.",
        minimum=0,
    ),
    LevelFeature(
        "time_above_fraction",
        "Share of the time with a valid quote, since the {level} is known, in which m > L. Unit: "
        "[0,1]. Inputs: mbp-10. Null until L is known for 60 s.",
        minimum=0,
        maximum=1,
    ),
    LevelFeature(
        "dwell_seconds_within_8_ticks_300s",
        "Time with a valid quote and |m - L| <= 8 ticks about the {level}. Unit: s, 0..300; 0 is a "
        "true zero. Inputs: mbp-10. Window: 300 s. Null until L is known for 300 s.",
        minimum=0,
        maximum=300,
    ),
    LevelFeature(
        "crossing_count_1800s",
        "Sign changes of m - L at the {level}, change by change of the mid or of L, zeros skipped. "
        "Unit: count; 0 is a true zero. Inputs: mbp-10. Window: 1800 s, or since L is known. "
        "Null only while L has no value.",
        minimum=0,
    ),
    LevelFeature(
        "approach_velocity_ticks_per_minute",
        "Velocity of the approach to the {level}: (|d(t0)| - |d(ts)|) / (ts - t0) * 60 with d = "
        f"distance_ticks, positive while closing in. Unit: ticks/min. Inputs: mbp-10. {_LEG}",
    ),
    LevelFeature(
        "approach_acceleration_ticks_per_minute2",
        "Velocity of the second half of the approach to the {level} less that of the first half, "
        "per minute of half a leg; of a leg of n seconds the first half has floor(n / 2). Unit: "
        f"ticks/min^2. Inputs: mbp-10. {_LEG} Null also "
        "if it is shorter than 20 s, or without a quote at its middle.",
    ),
    LevelFeature(
        "approach_duration_seconds",
        "Length of the approach to the {level}: ts - t0. Unit: s, 10..1800. Inputs: mbp-10. "
        f"{_LEG}",
        minimum=10,
        maximum=1800,
    ),
    LevelFeature(
        "approach_efficiency_ratio",
        "Efficiency of the approach to the {level}: |net change of d| / sum |change of d| at "
        "steps of 5 s from t0, the last one ending at ts, seconds without a quote left out. Unit: "
        f"[0,1]. Inputs: mbp-10. {_LEG} Null if d never changes. Source: Kaufman 1995.",
        minimum=0,
        maximum=1,
    ),
    LevelFeature(
        "approach_trade_flow_imbalance",
        "(volume of aggressors trading toward the {level} - away from it) / sided volume, in the "
        f"leg. Unit: [-1,1]. Inputs: mbp-10 T. {_LEG} Null without sided volume. Source: Chordia, "
        "Roll & Subrahmanyam 2002.",
        minimum=-1,
        maximum=1,
    ),
    LevelFeature(
        "approach_order_flow_imbalance",
        "OFI_1 of the leg, oriented toward the {level}, over the mean depth of level 1 per side "
        "after each change, per minute of leg. Unit: 1/min. Inputs: mbp-10. "
        f"{_LEG} Null without a change of the book. Source: Cont, Kukanov & Stoikov 2014.",
    ),
    LevelFeature(
        "approach_relative_volume",
        "Volume per minute in the leg of the approach to the {level} / volume per minute since "
        f"09:30 America/New_York, both up to the end of the leg. Unit: ratio, >=0. Inputs: mbp-10 "
        f"T. {_LEG} Null if the leg ends before 09:32 or nothing traded since 09:30.",
        minimum=0,
    ),
    LevelFeature(
        "volume_within_2_ticks_300s",
        "Volume traded within 2 ticks of the {level}: sum v over |p - tick(L)| <= 2 ticks. Unit: "
        "contracts; 0 is a true zero. Inputs: mbp-10 T. Window: 300 s. Null only while L has no "
        "value. Source: volume at price.",
        minimum=0,
    ),
    LevelFeature(
        "volume_share_within_2_ticks_rth",
        "Share of the volume within 2 ticks of the {level}. Unit: [0,1]. Inputs: mbp-10 T. Window: "
        "since 09:30 America/New_York, or since L is known if that is later. Null without volume. "
        "Source: volume profile.",
        minimum=0,
        maximum=1,
    ),
    LevelFeature(
        "trade_flow_imbalance_within_2_ticks_300s",
        "(buy - sell) / (buy + sell) aggressor volume within 2 ticks of the {level}. Unit: "
        "[-1,1]. Inputs: mbp-10 T. Window: 300 s. Null without sided volume there. Source: "
        "Chordia, Roll & Subrahmanyam 2002.",
        minimum=-1,
        maximum=1,
    ),
    LevelFeature(
        "average_trade_size_within_2_ticks_300s",
        "Contracts per trade within 2 ticks of the {level}. Unit: contracts/trade. Inputs: mbp-10 "
        "T. Window: 300 s. Null without a trade there.",
        minimum=0,
    ),
    LevelFeature(
        "volume_per_penetration_tick_300s",
        "volume_within_2_ticks_300s / max(1, largest excursion of a trade of a touch beyond the "
        "{level} in the window, ticks). Unit: contracts/tick. Inputs: mbp-10 T. Window: 300 s. "
        "Null without a second of a touch in the window. Source: inverse of the form of Amihud "
        "2002 and Kyle 1985.",
        minimum=0,
    ),
    LevelFeature(
        "formation_volume_share_within_2_ticks",
        "Share of the volume of the window that formed the {level} that traded within 2 ticks of "
        "the final extreme. Unit: [0,1]. Inputs: mbp-10 T. Window: the pre-market or the opening "
        "range. Null only while L has no value. Source: volume profile.",
        minimum=0,
        maximum=1,
        levels=EXTREMES,
    ),
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
        f"Unit: ratio, >=0. Inputs: mbp-10. {_VISIBLE} Null if not visible, or in the spread.",
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
        "Size added at the {level}: sum of positive dQ at tick(L) while visible before and after. "
        f"Unit: contracts, >=0. Inputs: mbp-10. Window: 60 s. {_FLOW}, or if "
        "visible_fraction_60s < 0.9. Source: Biais, Hillion & Spatt 1995.",
        minimum=0,
    ),
    LevelFeature(
        "resting_cancel_volume_60s",
        "Size cancelled at the {level}: sum of negative dQ at tick(L) while visible before and "
        "after, less what the event's trades executed there. Unit: contracts, >=0. Inputs: "
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
        "contracts. Inputs: mbp-10. Window: 60 s. Null unless visible at both ends, until L is "
        "known for 60 s, and if tick(L) changed. Source: Cont & de Larrard 2013.",
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
"""Every feature, in the order of the tables."""
