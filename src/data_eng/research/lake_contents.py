"""What there is to read: the datasets of the package, those of a lake, and DuckDB views of them."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..catalogue.datasets import Dataset, registry
from ..errors import LakeError, PartitionNotFoundError, UsageError
from ..lake.keys import DATE, SYMBOL
from ..lake.location import is_remote, open_lake_to_read
from ..lake.manifest import Manifest
from ..lake.paths import Partition
from ..lake.reader import PublishedPartition
from ..lake.store import store_of
from ..lake.view import fetch_manifests
from ..words import counted
from .dates import WantedDates
from .found import complete_in
from .modules import duckdb_module, polars_module

if TYPE_CHECKING:
    import polars as pl

log = logging.getLogger(__name__)

_GLOB = re.compile(r"([\[*?])")


def datasets(lake_root: str | Path | None = None) -> pl.DataFrame:
    """Return the datasets that the package defines, or those that a lake has.

    Parameters
    ----------
    lake_root : path, optional
        A lake: only datasets with a complete partition are listed, with what their manifests say.
        No data are read.

    Returns
    -------
    polars.DataFrame
        One row a dataset: ``dataset``, the key that `scan` takes, ``columns``, their number, and
        ``description``. Of a lake also ``symbols``, a list, ``first_date``, ``last_date``,
        ``dates``, their number, ``partitions``, ``rows`` and ``bytes``.

    Raises
    ------
    UsageError
        The lake root is no folder, or Polars is not installed.
    CorruptPartitionError
        A manifest is not what was published.

    Examples
    --------
    ::

        datasets()["dataset"].to_list()
        datasets("lake").select("dataset", "symbols", "first_date", "last_date", "rows")
    """
    polars = polars_module()
    frame: pl.DataFrame
    if lake_root is None:
        frame = polars.DataFrame([_defined(table) for table in _tables()])
        return frame
    rows = []
    for table, found in _contents(open_lake_to_read(lake_root, "lake_root")):
        dates = {partition.date for partition, _ in found}
        rows.append(
            {
                **_defined(table),
                "symbols": sorted({partition.symbol for partition, _ in found}),
                "first_date": min(dates),
                "last_date": max(dates),
                "dates": len(dates),
                "partitions": len(found),
                "rows": sum(manifest.rows for _, manifest in found),
                "bytes": sum(entry.bytes for _, one in found for entry in one.files),
            }
        )
    schema = {
        **{"dataset": polars.String, "columns": polars.Int64, "description": polars.String},
        **{"symbols": polars.List(polars.String)},
        **{"first_date": polars.Date, "last_date": polars.Date, "dates": polars.Int64},
        **{"partitions": polars.Int64, "rows": polars.Int64, "bytes": polars.Int64},
    }
    frame = polars.DataFrame(rows, schema=schema)
    return frame


def views(connection: Any = None, *, lake_root: str | Path = "lake") -> list[str]:
    """Give a DuckDB connection a view of each dataset that a lake has; return their names.

    A view bears the key of its dataset: ``SELECT * FROM "gold.future.feature_vector"``. It has the
    columns of the table contract, then ``symbol`` and ``dt``, and reads the files that the
    manifests of the complete partitions named when it was made: make the views again after a run.
    Views of these names are replaced.

    **Nothing is verified.** DuckDB reads the files itself, and would show a damaged value, or the
    other rows of a partition that was rebuilt meanwhile; `to_duckdb` would not. A partition that
    was written under another version of its contract is left out, with a warning.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection, optional
        The default connection by default.
    lake_root : path

    Returns
    -------
    list of str

    Raises
    ------
    UsageError
        DuckDB is not installed or older than 2.0.1, the lake root is no folder of this host, or a
        folder above it is named as DuckDB takes for a column.
    CorruptPartitionError
        A manifest is not what was published.
    LakeError
        DuckDB cannot read a file's footer, or replace what has the name of a view.

    Examples
    --------
    ::

        connection = duckdb.connect()
        views(connection, lake_root="lake")
        connection.sql('SELECT dt, count(*) FROM "gold.future.level_outcome" GROUP BY dt').df()
    """
    duckdb = duckdb_module()
    if is_remote(lake_root):
        raise UsageError(f"lake_root {lake_root}: views read files of this host; use to_duckdb")
    root = open_lake_to_read(lake_root, "lake_root")
    made = []
    for table, found in _contents(root):
        contract = table.contract()
        ours = [one for one in found if one[1].contract_sha256 == contract.sha256]
        if len(ours) < len(found):
            log.warning(
                "%s: left out: %s of another version of contract %s; "
                "rebuild them with --layer %s --refresh-stale",
                *(
                    table.key,
                    counted(len(found) - len(ours), "partition"),
                    contract.path,
                    table.layer,
                ),
            )
        if ours:
            columns = [*(field.name for field in contract.fields), SYMBOL, DATE]
            _check_keys(root, columns)
            made.append((table.key, columns, _files(root, ours)))
    source = duckdb if connection is None else connection
    for key, columns, files in made:
        try:
            rows = source.read_parquet(files, hive_partitioning=True)
            rows.select(*map(duckdb.ColumnExpression, columns)).create_view(key, replace=True)
        except duckdb.Error as error:
            why = str(error).partition("\n")[0]
            raise LakeError(
                f"{key}: DuckDB cannot make the view ({why}); `verify --lake-root {root}` tells "
                "what is damaged or may not be read"
            ) from error
    return [key for key, _, _ in made]


def _tables() -> list[Dataset]:
    return [table for table in registry().values() if table.contract_path is not None]


def _defined(table: Dataset) -> dict[str, Any]:
    contract = table.contract()
    return {
        "dataset": table.key,
        "columns": len(contract.fields),
        "description": contract.doc,
    }


def _contents(
    lake_root: Path,
) -> Iterator[tuple[Dataset, list[tuple[Partition, Manifest]]]]:
    # The datasets with a complete partition, and what is there of each.
    store = store_of(lake_root)
    for table in _tables():
        found = []
        there = complete_in(lake_root, table, (), WantedDates(None))
        if store is not None:
            fetch_manifests(store, list(there))
        for partition in there:
            try:
                with PublishedPartition(lake_root, partition) as published:
                    found.append((partition, published.manifest))
            except PartitionNotFoundError:  # deleted since it was listed
                continue
        if found:
            found.sort(key=lambda one: (one[0].date, one[0].symbol))
            yield table, found


def _files(lake_root: Path, found: Sequence[tuple[Partition, Manifest]]) -> list[str]:
    root = lake_root.absolute()
    return [
        _GLOB.sub(r"[\1]", f"{root / partition.folder / entry.name}")
        for partition, manifest in found
        for entry in manifest.files
    ]


def _check_keys(lake_root: Path, columns: Sequence[str]) -> None:
    # Of two folders with the same key, DuckDB takes the first.
    for part in lake_root.absolute().parts:
        key, equals, _ = part.partition("=")
        if equals and key.lower() in columns:
            raise UsageError(
                f"lake_root {lake_root.absolute()}: DuckDB would take the folder {part} for the "
                f"column {key.lower()}; use to_duckdb, or move the lake"
            )
