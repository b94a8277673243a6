"""Which futures contract the options of a date are taken of.

1. The contract that the futures' Bronze chose for the date, where it has run.
2. Otherwise CME's roll calendar among the contracts that the definitions name as underlyings. The
   rule ``volume`` needs the futures' trades, which definitions do not have, so a remark says that
   the calendar stood in for it.
3. For a root without a roll calendar, the underlying with the nearest expiry that has options
   alive.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ..catalogue.datasets import dataset
from ..errors import FrontMonthError
from ..exchange.roll import Candidate, calendar_front_month, choose_front_month, has_roll_calendar
from ..lake.front import FUTURES, published_contracts
from ..lake.view import LakeView

BASIS_FUTURES: Final = f"front month of {FUTURES}"


@dataclass(frozen=True)
class OptionFrontMonth:
    """The contract, and what the choice rests on.

    Attributes
    ----------
    symbol : str
        Futures contract.
    basis : str
        One phrase.
    candidates : tuple of Candidate
        Contracts of the root that options are written on; ``records`` is their number of options
        alive.
    remark : str
        What a user should know; empty where nothing is unusual.
    """

    symbol: str
    basis: str
    candidates: tuple[Candidate, ...]
    remark: str = ""

    def to_manifest(self) -> dict[str, Any]:
        """Return the choice as JSON-able values."""
        return {
            "symbol": self.symbol,
            "basis": self.basis,
            "options": {c.symbol: c.records for c in self.candidates},
        }


def choose_option_front_month(
    lake_root: Path,
    root: str,
    date: dt.date,
    candidates: Sequence[Candidate],
    roll_rule: str,
    folder: Path,
) -> OptionFrontMonth:
    """Choose the underlying contract of a date.

    Parameters
    ----------
    lake_root : Path
    root : str
        Product root.
    date : datetime.date
    candidates : sequence of Candidate
        Contracts of the root that the definitions name as underlyings.
    roll_rule : str
        ``volume`` or ``calendar``.
    folder : Path
        Where the definition files lie, for messages.

    Raises
    ------
    FrontMonthError
        No option on the front month is defined, or the futures' Bronze holds several contracts.
    """
    published = published_contracts(LakeView(lake_root), dataset(FUTURES), root, date, roll_rule)
    if len(published) > 1:
        raise FrontMonthError(
            f"{root} on {date}: {FUTURES} holds {' and '.join(published)}; delete the "
            "partition that is wrong"
        )
    remark = ""
    if published:
        symbol, basis = published[0], BASIS_FUTURES
    elif has_roll_calendar(root):
        symbol, basis = calendar_front_month(root, date), "CME roll calendar"
        if roll_rule != "calendar":
            remark = (
                f"{FUTURES} of the date is not there, so {symbol} was taken by the roll "
                "calendar; run --product-type future first for the rule volume"
            )
    else:
        chosen = choose_front_month("volume", root, date, candidates)
        symbol, basis = chosen.symbol, "nearest expiry with options alive"
        remark = f"{FUTURES} of the date is not there, so {symbol} was taken as the {basis}"
    alive = {c.symbol: c.records for c in candidates}
    if not alive.get(symbol):
        found = ", ".join(f"{name} ({n} alive)" for name, n in alive.items()) or "none"
        raise FrontMonthError(
            f"{folder}: no option on {symbol}, the front month of {root} on {date} ({basis}), is "
            f"alive in the definitions, whose options are on: {found}; download the definitions of "
            f"{date} for the parents of {root} options"
        )
    return OptionFrontMonth(symbol, basis, tuple(candidates), remark)
