"""What a lake holds, table by table and column by column: rows, nulls, SHA-256 of the values.

Not file hashes: encodings and row groups may change, values may not.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

Summary = dict[str, dict[str, str]]


def lake_summary(lake_root: Path, date: str) -> Summary:
    """Return for each table of one date ``{column: "type rows nulls sha256"}``."""
    parts = sorted(lake_root.glob(f"*/**/dt={date}/part-*.parquet"))
    return {_key(lake_root, part): _columns(part) for part in parts}


def _key(lake_root: Path, part: Path) -> str:
    layer, *folders = part.relative_to(lake_root).parts[:-1]
    keys = dict(folder.split("=", 1) for folder in folders)
    return f"{layer}.{keys['product_type']}.{keys['table']} {keys['symbol']}"


def _columns(part: Path) -> dict[str, str]:
    table = pq.ParquetFile(part).read()
    found = {}
    for name in table.column_names:
        column = table[name].combine_chunks()
        kind = column.type
        if pa.types.is_dictionary(kind):
            column, kind = column.cast(kind.value_type), kind.value_type
        found[name] = f"{kind} {len(column)} {column.null_count} {_digest(column)}"
    return found


def _digest(column: pa.Array) -> str:
    digest = hashlib.sha256()
    if pa.types.is_string(column.type):
        digest.update("\n".join("" if v is None else v for v in column.to_pylist()).encode())
    elif pa.types.is_boolean(column.type):
        digest.update(column.fill_null(False).to_numpy(zero_copy_only=False).tobytes())
    else:
        width = column.type.bit_width // 8
        values = np.frombuffer(column.buffers()[1], f"V{width}")[column.offset :][: len(column)]
        values = values.copy()
        values[column.is_null().to_numpy(zero_copy_only=False)] = np.zeros(1, f"V{width}")
        digest.update(values.tobytes())
    digest.update(column.is_null().to_numpy(zero_copy_only=False).tobytes())
    return digest.hexdigest()
