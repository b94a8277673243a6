"""The contracts of the five LEVEL tables, made from one catalogue so that they cannot drift apart.

``python -m src.data_eng.level_contracts`` writes them, with ``--check`` it only says whether they
are what the catalogue declares.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from ..features.level.catalogue import FEATURES, NOTATION, VALUES, WORDS, LevelFeature
from .contract_files import CONTRACTS, contract_text, write_or_check
from .feature_tables import LEVELS

_KEYS: Final = (
    {
        "name": "ts",
        "type": {"type": "long", "logicalType": "timestamp-nanos", "timeZone": "UTC"},
        "doc": "Time of the row: a whole second, both ends of 09:30:00 to 12:30:00 "
        "America/New_York included; nanoseconds since epoch, UTC. The row uses records with "
        "ts_recv < ts. Never null.",
    },
    {
        "name": "ts_est",
        "type": {"type": "long", "logicalType": "timestamp-nanos", "timeZone": "America/New_York"},
        "doc": "The same instant as ts, shown in America/New_York (IANA zone, daylight saving "
        "included); nanoseconds since epoch. Never null.",
    },
)
_GOLD: Final = (
    "Silver level_{name} from 09:30:00 to 12:30:00 America/New_York, both ends included. "
)


def level_contracts() -> Iterator[tuple[str, str]]:
    """Yield path below ``contracts`` and text of each: Silver and Gold of every level."""
    for level in LEVELS:
        doc = NOTATION.format(level=WORDS[level], value=VALUES[level])
        gold_doc = _GOLD.format(name=level) + doc
        for layer, table, text in (
            ("silver", f"level_{level}", doc),
            ("gold", f"level_{level}_first3h", gold_doc),
        ):
            contract = contract_text(layer, "future", table, text, _fields(level))
            yield f"{layer}/future/{table}.avsc", contract


def main(argv: Sequence[str] | None = None, root: Path = CONTRACTS) -> int:
    """Write the contracts, or check them; return the exit code (0, 1 stale, 2 usage)."""
    return write_or_check(level_contracts(), "src.data_eng.level_contracts", __doc__, argv, root)


def _fields(level: str) -> list[Mapping[str, Any]]:
    features = [feature for feature in FEATURES if level in feature.levels]
    return [*_KEYS, *(_field(level, feature) for feature in features)]


def _field(level: str, feature: LevelFeature) -> Mapping[str, Any]:
    bounds = {"minimum": feature.minimum, "maximum": feature.maximum}
    return {
        "name": f"{level}_{feature.name}",
        "type": ["null", "double"],
        "default": None,
        "doc": feature.doc.format(level=WORDS[level]),
        **{name: bound for name, bound in bounds.items() if bound is not None},
    }


if __name__ == "__main__":
    sys.exit(main())
