"""Reading a lake for research: a dataset as a Polars LazyFrame or a DuckDB relation.

`scan` finds the complete partitions of a dataset, `to_duckdb` opens the same ones. Asked for a
root, they take on each date the contract that stands there, which handles rolls. What they read
they verify: a damaged value is an error that names the partition, never a row.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypedDict, get_args

from ..catalogue.contract import Contract
from ..catalogue.datasets import Dataset, dataset
from ..errors import ContractError, PartitionNotFoundError, UsageError
from ..exchange.roll import RULES
from ..exchange.symbols import is_contract, is_root
from ..lake.front import FUTURES, published_contracts
from ..lake.inputs import LEVEL_PARAMETERS
from ..lake.location import open_lake
from ..lake.manifest import Manifest
from ..lake.paths import Partition
from ..lake.reader import PublishedPartition
from ..lake.sessions_found import find_sessions
from ..lake.table import Verify
from ..lake.view import LakeView
from .dates import Dates, WantedDates
from .published import PublishedTables

if TYPE_CHECKING:
    import polars as pl


class Where(TypedDict, total=False):
    """Which lake, product and dates are read: the arguments that `scan` has too."""

    symbol: str
    dates: Dates
    lake_root: str | Path
    roll_rule: str


_INSTALL: Final = "{0} is not installed; install data-eng[research]"


def scan(
    key: str,
    *,
    symbol: str = "ES",
    dates: Dates = None,
    lake_root: str | Path = "lake",
    roll_rule: str = "volume",
    verify: Verify = "pages",
) -> pl.LazyFrame:
    """Return a dataset as a Polars LazyFrame, with the columns ``symbol`` and ``dt``.

    Manifests are read now, rows when the frame is collected. Columns, dates and row groups that
    are not asked for are not read.

    Parameters
    ----------
    key : str
        Dataset, as ``gold.future.feature_vector``.
    symbol : str
        A contract (``ESU5``), or a root (``ES``): then the front-month contract of each date.
    dates : str, date, iterable of them, optional
        ``"2025-06-02:2025-06-06"`` means what there is of the range; a date that is named itself
        must be there. All by default.
    lake_root : path
    roll_rule : str
        Of the front month, where a date has several contracts of the root.
    verify : str
        ``pages``: the footer by the manifest's hash of it, page headers by the footer, and the
        pages that are read by their checksums. ``file``: the whole file by its hash too, before.
        ``none``: ``_SUCCESS``, manifest and size alone.

    Raises
    ------
    UsageError
        An unknown dataset, symbol or way to verify, a malformed date, or Polars is not installed.
    CorruptPartitionError
        A partition is not what was published; collecting the frame raises it too.
    PartitionNotFoundError
        There is no complete partition, or not of a date that was named.
    ContractError
        A partition was written under another version of its contract, or partitions by other
        versions of the stage or with other parameters of the levels.
    """
    try:
        import polars  # noqa: F401, PLC0415 - not needed by the pipeline
    except ImportError as error:
        raise UsageError(_INSTALL.format("Polars")) from error
    from .polars_source import lazy_frame  # noqa: PLC0415 - as Polars

    return lazy_frame(_tables(key, (symbol, dates, lake_root, roll_rule), verify))


def to_duckdb(
    key: str,
    *,
    symbol: str = "ES",
    dates: Dates = None,
    lake_root: str | Path = "lake",
    roll_rule: str = "volume",
    verify: Verify = "pages",
    connection: Any = None,
) -> Any:
    """Return the same rows as a DuckDB relation.

    DuckDB makes every error that it meets while it runs a query a ``duckdb.Error``: of a damaged
    partition, one with the text of the `CorruptPartitionError`.

    DuckDB gives every time in UTC, the columns ``*_est`` too: cast to TIMESTAMPTZ and shift by
    ``timezone('America/New_York', ...)`` for New York's.

    Parameters
    ----------
    key, symbol, dates, lake_root, roll_rule, verify
        As for `scan`, with the same errors.
    connection : duckdb.DuckDBPyConnection, optional
        The default connection by default.
    """
    try:
        import duckdb  # noqa: PLC0415 - not needed by the pipeline
    except ImportError as error:
        raise UsageError(_INSTALL.format("DuckDB")) from error
    from .duckdb_source import PublishedDataset  # noqa: PLC0415 - as DuckDB

    tables = _tables(key, (symbol, dates, lake_root, roll_rule), verify)
    source = duckdb if connection is None else connection
    return source.from_arrow(PublishedDataset(tables))


def complete_partitions(
    key: str,
    symbol: str = "ES",
    dates: Dates = None,
    lake_root: str | Path = "lake",
    roll_rule: str = "volume",
) -> list[Partition]:
    """Return the complete partitions that a question means, by date; arguments as of `scan`."""
    found = _complete(key, symbol, dates, open_lake(lake_root), roll_rule)
    return [partition for partition, _ in found]


def _tables(key: str, where: tuple[str, Dates, str | Path, str], verify: Verify) -> PublishedTables:
    if verify not in get_args(Verify):
        raise UsageError(f"verify {verify!r}: use one of {', '.join(get_args(Verify))}")
    symbol, dates, lake_root, roll_rule = where
    root = open_lake(lake_root)
    found = _complete(key, symbol, dates, root, roll_rule)
    contents = {partition: manifest.content_sha256 for partition, manifest in found}
    return PublishedTables(root, contents, verify)


def _complete(
    key: str, symbol: str, dates: Dates, lake_root: Path, roll_rule: str
) -> list[tuple[Partition, Manifest]]:
    table = dataset(key)
    if roll_rule not in RULES:
        raise UsageError(f"roll_rule {roll_rule!r}: use one of {', '.join(RULES)}")
    if table.contract_path is None:
        raise UsageError(f"{key} is raw: read Bronze")
    if not isinstance(symbol, str) or not (is_root(symbol) or is_contract(symbol)):
        raise UsageError(f"symbol {symbol!r}: neither a root such as ES nor a contract")
    wanted = WantedDates(dates)
    contract_of_rows = table.contract()
    by_date: dict[dt.date, list[str]] = {}
    for contract, date in find_sessions(lake_root, [table], symbol, wanted):
        by_date.setdefault(date, []).append(contract)
    complete = []
    for date, contracts in sorted(by_date.items()):
        contract = _front_month(table, symbol, date, contracts, lake_root, roll_rule)
        partition = Partition(table, contract, date)
        manifest = published_manifest(partition, lake_root, contract_of_rows)
        if manifest is not None:
            complete.append((partition, manifest))
            wanted.found.add(date)
    missing = sorted(wanted.named - wanted.found)
    if missing or not complete:
        what = ", ".join(map(str, missing)) or str(dates or "any date")
        raise PartitionNotFoundError(
            f"{key} {symbol} {what}: no complete partition in {lake_root}; run the pipeline"
        )
    _check_made_alike(complete)
    return complete


def _front_month(
    table: Dataset,
    symbol: str,
    date: dt.date,
    contracts: list[str],
    lake_root: Path,
    roll_rule: str,
) -> str:
    if len(contracts) == 1:
        return contracts[0]
    chosen = published_contracts(LakeView(lake_root), dataset(FUTURES), symbol, date, roll_rule)
    found = [contract for contract in contracts if contract in chosen]
    if len(found) != 1:
        raise UsageError(
            f"{table.key} {symbol} {date}: {' and '.join(contracts)} are there, and Bronze does "
            f"not say which is the front month by roll rule {roll_rule}; name the contract"
        )
    return found[0]


def published_manifest(
    partition: Partition, lake_root: Path, contract: Contract
) -> Manifest | None:
    """Return the manifest of a complete partition, None without one; errors as of `scan`."""
    try:
        with PublishedPartition(lake_root, partition) as published:
            manifest = published.manifest
    except PartitionNotFoundError:
        return None
    if manifest.contract_sha256 != contract.sha256:
        raise ContractError(
            f"{partition}: was written under another version of contract {contract.path}; "
            f"rebuild it with --layer {partition.dataset.layer} --refresh-stale"
        )
    return manifest


def _check_made_alike(complete: list[tuple[Partition, Manifest]]) -> None:
    # Rows of a 15- and of a 30-minute opening range have the same columns.
    partition, first = complete[0]
    for other, manifest in complete[1:]:
        if (manifest.stage, manifest.stage_version) != (first.stage, first.stage_version):
            what = f"{manifest.stage} version {manifest.stage_version}"
        elif manifest.facts.get(LEVEL_PARAMETERS) != first.facts.get(LEVEL_PARAMETERS):
            what = f"levels of {manifest.facts.get(LEVEL_PARAMETERS)}"
        else:
            continue
        raise ContractError(
            f"{other}: made otherwise than {partition.date} ({what}); rebuild with --layer all "
            "--refresh-stale, or name dates that belong together"
        )
