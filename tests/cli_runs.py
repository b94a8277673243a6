"""What tests of the command line share."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from src.data_eng.pipeline.plan import LAYERS
from tests.dbn_files import DATE
from tests.lakes import tables_of

RAW = "raw/source=databento/product_type=future/symbol=ES/table=market_by_price_10"
BRONZE = "bronze/source=databento/product_type=future/symbol={}/table=market_by_price_10"
SILVER = "silver/product_type=future/symbol={}/table=market_by_price_10_clean"
GOLD = "gold/product_type=future/symbol={}/table=market_by_price_10_first3h"

RECORDS = (
    "--table",
    "market_by_price_10,market_by_price_10_clean,market_by_price_10_first3h,trades,best_quote",
)
"""Flags: of all layers the tables of records alone, without features of 10,801 seconds."""

NEXT = DATE.replace(day=6)
BUILT = ("bronze", "silver", "gold")


def future_tables() -> list[str]:
    """Return the datasets that a run of all layers writes for a futures contract and date."""
    return tables_of("future", *LAYERS)


@dataclass(frozen=True)
class Run:
    """What a run came to.

    The files of most tests are of seconds, which is a warning of its own: ``uncovered``, apart from
    the other lines of stderr.
    """

    code: int
    out: str
    stderr: list[str]
    lake: Path

    @property
    def errors(self) -> list[str]:
        return [line for line in self.stderr if line not in self.uncovered]

    @property
    def uncovered(self) -> list[str]:
        return [line for line in self.stderr if ": does not cover " in line]

    def manifest(self, table: str = BRONZE, symbol: str = "ESM5", date: Any = DATE) -> Any:
        path = self.lake / table.format(symbol) / f"dt={date}" / "_MANIFEST.json"
        return json.loads(path.read_text())

    def partitions(self) -> list[str]:
        """Return every partition and every leftover below the layers."""
        found = {
            str(path.relative_to(self.lake))
            for layer in ("bronze", "silver", "gold")
            for path in (self.lake / layer).rglob("*")
            if path.is_dir() and (path.name.startswith(("dt=", ".")))
        }
        return sorted(found)


Runner = Callable[..., Run]
