"""The catalogue of the LEVEL features of the price and of trades, in the order of the tables."""

from __future__ import annotations

from typing import Final

from .level_feature import EXTREMES, LevelFeature

_LEG = (
    "Leg: from t0, the last second with |distance_ticks| >= 40 since the last touch ended and at "
    "most 1800 s back, else the farthest second of that span (the latest of equals), to ts; during "
    "a touch to the last second before it, so that the value is frozen. Null if not armed, "
    "|distance_ticks| > 40 or the leg is shorter than 10 s."
)

FEATURES_OF_PRICE: Final = (
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
        "[0,1]. Inputs: mbp-10. Null until L is known for 60 s, and without such time.",
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
        "Sign changes of m - L at the {level}, change by change of the mid or of L, zeros and "
        "times without a valid quote skipped; a change counts at its instant, and the sign "
        "before it may be older than the window, not older than the level. "
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
        "in all its complete books, per minute of leg. Unit: 1/min. Inputs: mbp-10. "
        f"{_LEG} Null without a change of the book or depth. Source: Cont, Kukanov & Stoikov 2014.",
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
        "Null if no touch was in progress in the window. Source: inverse of the form of Amihud "
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
)
