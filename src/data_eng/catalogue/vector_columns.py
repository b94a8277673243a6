"""The feature vector: which tables it joins, and its contracts, made from theirs.

``python -m src.data_eng.feature_vector`` writes the contracts, with ``--check`` it only says
whether they are what the contracts of the parts declare.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from .contract_files import CONTRACTS, contract_text, write_or_check
from .datasets import dataset
from .feature_tables import KEYS, LEVELS

MARKET: Final = "gold.future.market_first3h"
OPTION_MARKET: Final = "gold.future_option.market_first3h"
LEVEL_TABLES: Final = tuple(f"gold.future.level_{level}_first3h" for level in LEVELS)

VECTORS: Final = {
    "gold.future.feature_vector": (MARKET, OPTION_MARKET, *LEVEL_TABLES),
    "gold.future.feature_vector_without_options": (MARKET, *LEVEL_TABLES),
}
"""The tables of each vector, in the order of its columns."""

_DOCS: Final = {
    "gold.future.feature_vector": "MARKET features of the front-month futures contract and of the "
    "options on it, and LEVEL features of the five price levels, joined one to one on symbol and "
    "ts: a row a second from 09:30:00 to 12:30:00 America/New_York, both ends included. Every "
    "column as in its own table.",
    "gold.future.feature_vector_without_options": "MARKET features of the front-month futures "
    "contract and LEVEL features of the five price levels, joined one to one on symbol and ts: a "
    "row a second from 09:30:00 to 12:30:00 America/New_York, both ends included. Every column "
    "as in its own table. For dates and roots without data of options.",
}


def vector_contracts() -> Iterator[tuple[str, str]]:
    """Yield path below ``contracts`` and text of the contract of each vector."""
    for key, parts in VECTORS.items():
        layer, product_type, table = key.split(".")
        fields = [field for field in _fields(parts[0]) if field["name"] in KEYS]
        for part in parts:
            fields += [field for field in _fields(part) if field["name"] not in KEYS]
        text = contract_text(layer, product_type, table, _DOCS[key], fields)
        yield f"{layer}/{product_type}/{table}.avsc", text


def main(argv: Sequence[str] | None = None, root: Path = CONTRACTS) -> int:
    """Write the contracts, or check them; return the exit code (0, 1 stale, 2 usage)."""
    return write_or_check(vector_contracts(), "src.data_eng.feature_vector", __doc__, argv, root)


def _fields(key: str) -> list[Mapping[str, Any]]:
    path = dataset(key).contract_path
    assert path is not None
    fields: list[Mapping[str, Any]] = json.loads((CONTRACTS / path).read_text())["fields"]
    return fields


if __name__ == "__main__":
    sys.exit(main())
