"""Contracts that are generated: their text, and writing or checking the files."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

CONTRACTS: Final = Path(__file__).parents[1] / "contracts"


def contract_text(
    layer: str, product_type: str, table: str, doc: str, fields: Sequence[Mapping[str, Any]]
) -> str:
    """Return an Avro contract, a field a line so that a change reads well as a difference."""
    head = {
        "type": "record",
        "name": table,
        "namespace": f"data_eng.{layer}.{product_type}",
        "doc": doc,
    }
    lines = [f"  {json.dumps(key)}: {json.dumps(value)}," for key, value in head.items()]
    rows = ",\n".join(f"    {json.dumps(field)}" for field in fields)
    return "\n".join(["{", *lines, '  "fields": [', rows, "  ]", "}", ""])


def write_or_check(
    contracts: Iterable[tuple[str, str]],
    command: str,
    doc: str | None,
    argv: Sequence[str] | None = None,
    root: Path = CONTRACTS,
) -> int:
    """Write generated contracts below ``root``, or with ``--check`` say which are stale.

    Parameters
    ----------
    contracts : iterable of tuple of str
        Path below ``root``, and text.
    command : str
        Module that writes them.
    doc : str or None
        What it does, for its help.
    argv : sequence of str, optional
    root : Path

    Returns
    -------
    int
        Exit code: 0, 1 where a contract is stale; argparse exits with 2.
    """
    parser = argparse.ArgumentParser(prog=f"python -m {command}", description=doc)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 where stale")
    check = parser.parse_args(argv).check
    code = 0
    for name, text in contracts:
        path = root / name
        if not check:
            path.write_text(text)
        elif not path.exists() or path.read_text() != text:
            sys.stderr.write(f"error: {name} is stale; run python -m {command}\n")
            code = 1
    return code
