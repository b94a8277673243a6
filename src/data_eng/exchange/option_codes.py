"""The CME Globex codes of the options on a root's futures.

Monthly or quarterly, end of month, and weekly options are products of their own. Codes of weeklies
number the weeks of a month; a fifth Friday of an equity index ends the month or is not listed.
As CME's contract specifications and notices name them. What is not listed on a date stands for
nothing there: Tuesdays and Thursdays of ES begin in 2022, Mondays of ZN in 2023.
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
    "GC": ("OG", *_weekly(_FIVE, "OG{}", "G{}M", "G{}T", "G{}W", "G{}R")),
    "ZN": ("OZN", *_weekly(_FIVE, "ZN{}", "VY{}", "GY{}", "WY{}", "HY{}")),
}
"""By root of the futures."""


def option_codes(root: str) -> tuple[str, ...]:
    """Return the codes of the options on a root's futures.

    Raises
    ------
    UsageError
        They are not known.
    """
    try:
        return OPTION_CODES[root]
    except KeyError:
        raise UsageError(
            f"the options on {root} are not known; known are those on {', '.join(OPTION_CODES)} "
            "(others are declared in exchange/option_codes.py; fetch takes --parents)"
        ) from None
