"""The CME Globex codes of the options on a root's futures.

Monthly or quarterly, end of month, and weekly options are products of their own. Codes of weeklies
number the weeks of a month; a fifth Friday of an equity index ends the month or is not listed.
As CME's contract specifications and notices name them. What is not listed on a date stands for
nothing there: Tuesdays and Thursdays of ES begin in 2022, Mondays of ZN in 2023, Tuesdays of CL in
July 2024. A code that no public source names is left out (`LEFT_OUT`): an order with one that is
none is refused as a whole.

Those of CL, YM and EMD as they stand on pages of cmegroup.com, where nothing else is said:

- LO and LO1-LO5: trading/energy/weekly-energy-options.html. WL1-WL5, of Wednesdays:
  markets/energy/crude-oil/light-sweet-crude_contractSpecs_options.html?optionProductId=10503.
  Those of Mondays (ML), Tuesdays (NL) and Thursdays (XL), of which CME's pages name single ones,
  as NautilusTrader makes them from an expiry: ``crude_root`` of ``option_instrument_id.rs``.
- OYM, and YM1-YM4: trading/equity-index/us-index/e-mini-dow_contractSpecs_options.html, alone and
  with ?optionProductId=8043.
- EMD, and ME3: trading/equity-index/us-index/e-mini-sandp-midcap-400_contractSpecs_options.html,
  alone and with ?optionProductId=8406.
- Of the micro futures on equity indices those on the S&P 500 and the Nasdaq-100 alone have options:
  education/articles-and-reports/faq-options-on-micro-e-mini-s-p-500-and-nasdaq-100-futures.html.
"""

from __future__ import annotations

from typing import Final

from ..errors import UsageError

_FOUR: Final = "1234"
_FIVE: Final = "12345"


def _weekly(weeks: str, *patterns: str) -> tuple[str, ...]:
    return tuple(pattern.format(week) for pattern in patterns for week in weeks)


OPTION_CODES: Final[dict[str, tuple[str, ...]]] = {
    "ES": (
        *("ES", "EYC", "EW"),
        *_weekly(_FOUR, "EW{}"),
        *_weekly(_FIVE, "E{}A", "E{}B", "E{}C", "E{}D"),
    ),
    "MES": (
        *("MES", "EX"),
        *_weekly(_FOUR, "EX{}"),
        *_weekly(_FIVE, "X{}A", "X{}B", "X{}C", "X{}D"),
    ),
    "NQ": (
        *("NQ", "QNE"),
        *_weekly(_FOUR, "QN{}"),
        *_weekly(_FIVE, "Q{}A", "Q{}B", "Q{}C", "Q{}D"),
    ),
    "MNQ": (
        *("MNQ", "MQE"),
        *_weekly(_FOUR, "MQ{}"),
        *_weekly(_FIVE, "D{}A", "D{}B", "D{}C", "D{}D"),
    ),
    "RTY": (*("RTO", "RTM"), *_weekly(_FOUR, "R{}E"), *_weekly(_FIVE, "R{}A", "R{}C")),
    "CL": ("LO", *_weekly(_FIVE, "LO{}", "ML{}", "NL{}", "WL{}", "XL{}")),
    "YM": ("OYM", *_weekly(_FOUR, "YM{}")),
    "EMD": ("EMD", "ME3"),
    "GC": ("OG", *_weekly(_FIVE, "OG{}", "G{}M", "G{}T", "G{}W", "G{}R")),
    "ZN": ("OZN", *_weekly(_FIVE, "ZN{}", "VY{}", "GY{}", "WY{}", "HY{}")),
}
"""By root of the futures."""

LEFT_OUT: Final[dict[str, str]] = {
    "YM": "the end of month and weeklies other than those of Fridays, if there are any",
    "EMD": "the end of month and weeklies other than that of the third week",
}
"""By root, options whose codes no public source was found for."""
_WITHOUT: Final = ("M2K", "MYM")
"""Roots on which CME's pages name no options."""


def option_codes(root: str) -> tuple[str, ...]:
    """Return the codes of the options on a root's futures.

    Raises
    ------
    UsageError
        They are not known, or there are none.
    """
    if root in _WITHOUT:
        raise UsageError(
            f"CME's pages name no options on {root}; fetch --product-type future (or name by "
            "--parents those that it lists by now)"
        )
    try:
        return OPTION_CODES[root]
    except KeyError:
        raise UsageError(
            f"the options on {root} are not known; known are those on {', '.join(OPTION_CODES)} "
            "(others are declared in exchange/option_codes.py; fetch takes --parents)"
        ) from None
