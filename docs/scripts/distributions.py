"""Write how the features are distributed on a sample, for the pictures in ``docs/features.md``.

    uv run python -m src.data_eng.demo --sessions 25 --lake-root /tmp/lake25
    uv run python -m docs.scripts.distributions --lake-root /tmp/lake25
    uv run python -m src.data_eng.catalogue

It reads the published feature tables of every session of the lake. The same lake gives the same
file byte for byte.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import polars as pl

from src.data_eng import scan
from src.data_eng.catalogue.datasets import registry
from src.data_eng.catalogue.distributions import HEIGHT, LEVEL
from src.data_eng.catalogue.feature_tables import feature_datasets, feature_table

COLUMNS: Final = 32
Values = dict[str, dict[str, list[npt.NDArray[np.float64]]]]


def main(argv: Sequence[str] | None = None) -> None:
    """Read the lake and write the file."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--lake-root", type=Path, default=Path("lake"))
    parser.add_argument("--symbol", default="ES")
    parser.add_argument("--output", type=Path, default=Path("docs/distributions.json"))
    args = parser.parse_args(argv)
    sessions = 0
    values: Values = {}
    for one in feature_datasets(registry().values()):
        if one.layer != "silver":
            continue
        table = feature_table(one)
        rows = scan(one.key, symbol=args.symbol, lake_root=args.lake_root).collect()
        sessions = max(sessions, rows["dt"].n_unique())
        key = "future.level" if table.prefix else table.base_key
        of_table = values.setdefault(key, {})
        for name in table.columns:
            shown = f"{LEVEL}_{name.removeprefix(table.prefix)}" if table.prefix else name
            column = rows[name].cast(pl.Float64).fill_null(float("nan")).to_numpy()
            of_table.setdefault(shown, []).append(column)
    tables = {
        key: {name: distribution(np.concatenate(parts)) for name, parts in of_table.items()}
        for key, of_table in values.items()
    }
    lines = [
        f"{json.dumps(key)}: {{\n"
        + ",\n".join(f"{json.dumps(name)}: {json.dumps(item)}" for name, item in found.items())
        + "\n}"
        for key, found in tables.items()
    ]
    head = f'{{"sample_sessions": {sessions}, "tables": {{\n'
    args.output.write_text(head + ",\n".join(lines) + "\n}}\n")


def distribution(column: npt.NDArray[np.float64]) -> dict[str, Any]:
    """Return the small numbers of a feature.

    Parameters
    ----------
    column : float64 array, shape (n,)
        Its values; NaN for null.
    """
    known = column[~np.isnan(column)]
    null_share = round(1 - len(known) / max(len(column), 1), 4)
    if not len(known):
        return {"null_share": null_share, "quantiles": [], "columns": []}
    low, median, high = np.quantile(known, [0.01, 0.5, 0.99], method="inverted_cdf")
    edges = (low, high) if high > low else (low - 0.5, low + 0.5)
    counts, _ = np.histogram(np.clip(known, *edges), bins=COLUMNS, range=edges)
    heights = -(-counts * HEIGHT // counts.max())  # rounded up: what is there is seen
    quantiles = [float(f"{value:.4g}") for value in (low, median, high)]
    return {"null_share": null_share, "quantiles": quantiles, "columns": heights.tolist()}


if __name__ == "__main__":
    main()
