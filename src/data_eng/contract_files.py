"""Contracts that are generated: their text, and writing or checking the files."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

CONTRACTS: Final = Path(__file__).parent / "contracts"


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
    contracts: Iterable[tuple[str, str]], *, check: bool, command: str, root: Path = CONTRACTS
) -> int:
    """Write generated contracts below ``root``, or say which are stale; return the exit code.

    Parameters
    ----------
    contracts : iterable of tuple of str
        Path below ``root``, and text.
    check : bool
        Write nothing; 1 where a file is not what it should be.
    command : str
        Module that writes them, for the message.
    root : Path
    """
    code = 0
    for name, text in contracts:
        path = root / name
        if not check:
            path.write_text(text)
        elif not path.exists() or path.read_text() != text:
            sys.stderr.write(f"error: {name} is stale; run python -m {command}\n")
            code = 1
    return code
