"""The contracts of the five LEVEL tables, made from one catalogue so that they cannot drift apart.

``python -m src.data_eng.level_contracts`` writes them, with ``--check`` it only says whether they
are what the catalogue declares.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from .feature_tables import LEVELS
from .features.level.catalogue import FEATURES, NOTATION, VALUES, WORDS, LevelFeature

CONTRACTS: Final = Path(__file__).parent / "contracts"

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


def level_contracts() -> Iterator[tuple[Path, str]]:
    """Yield path and text of each contract: Silver and Gold of every level."""
    for level in LEVELS:
        doc = NOTATION.format(level=WORDS[level], value=VALUES[level])
        gold_doc = _GOLD.format(name=level) + doc
        for layer, table, text in (
            ("silver", f"level_{level}", doc),
            ("gold", f"level_{level}_first3h", gold_doc),
        ):
            path = CONTRACTS / layer / "future" / f"{table}.avsc"
            yield path, _contract(layer, table, text, _fields(level))


def main(argv: Sequence[str] | None = None) -> int:
    """Write the contracts, or check them; return the exit code (0, 1 stale or failed, 2 usage)."""
    parser = argparse.ArgumentParser(
        prog="python -m src.data_eng.level_contracts", description=__doc__
    )
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 where stale")
    args = parser.parse_args(argv)
    code = 0
    for path, text in level_contracts():
        if not args.check:
            path.write_text(text)
        elif not path.exists() or path.read_text() != text:
            sys.stderr.write(
                f"error: {path.name} is stale; run python -m src.data_eng.level_contracts\n"
            )
            code = 1
    return code


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


def _contract(layer: str, table: str, doc: str, fields: Sequence[Mapping[str, Any]]) -> str:
    # A field a line, so that a change of the catalogue reads well as a difference.
    head = {
        "type": "record",
        "name": table,
        "namespace": f"data_eng.{layer}.future",
        "doc": doc,
    }
    lines = [f"  {json.dumps(key)}: {json.dumps(value)}," for key, value in head.items()]
    rows = ",\n".join(f"    {json.dumps(field)}" for field in fields)
    return "\n".join(["{", *lines, '  "fields": [', rows, "  ]", "}", ""])


if __name__ == "__main__":
    sys.exit(main())
