"""Reading a lake for research: a dataset as a Polars LazyFrame or a DuckDB relation.

`scan` finds the complete partitions of a dataset, `to_duckdb` the same ones. Asked for a root, they
take on each date the contract that stands there, which handles rolls. What they read they verify: a
damaged value is an error that names the partition, never a row.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict, Unpack, get_args

from ..errors import UsageError
from ..lake.location import open_lake_to_read
from ..lake.paths import Partition
from ..lake.table import Verify
from .dates import Dates
from .found import Symbols, find_partitions
from .modules import duckdb_module, polars_module
from .published import PublishedTables

if TYPE_CHECKING:
    import polars as pl


class Where(TypedDict, total=False):
    """Which lake, product and dates are read: the arguments that `scan` has too."""

    symbol: Symbols
    dates: Dates
    lake_root: str | Path
    roll_rule: str
    strict: bool


def scan(
    key: str,
    *,
    symbol: Symbols = "ES",
    dates: Dates = None,
    lake_root: str | Path = "lake",
    roll_rule: str = "volume",
    strict: bool = False,
    verify: Verify = "pages",
) -> pl.LazyFrame:
    """Return a dataset as a Polars LazyFrame, with the columns ``symbol`` and ``dt``.

    Folders are listed now. What a partition is, and whether it is whole, is looked at when it is
    read, as the frame is collected; columns, dates and row groups that are not asked for are not
    read. Rows are in order of date, symbol and the table.

    Parameters
    ----------
    key : str
        Dataset, as ``gold.future.feature_vector``; `datasets` lists them.
    symbol : str, iterable of str, or None
        A contract (``ESU5``), or a root (``ES``): then the front-month contract of each date.
        Several, or ``"ES,NQ"``; with None every contract that is there.
    dates : str, date, iterable of them, optional
        ``"2025-06-02:2025-06-06"`` means what there is of the range; a date that is named itself
        must be there. All by default.
    lake_root : path
    roll_rule : str
        Of the front month, where a date has several contracts of the root.
    strict : bool
        Refuse to leave out a trading day: of the range, or without ``dates`` between the first and
        the last that is there.
    verify : str
        ``pages``: the footer by the manifest's hash of it, page headers by the footer, and the
        pages that are read by their checksums; or a small file of which most is read by the hash
        of all of it, where that is less work, and when it is read again by the CRC-32 that it had
        then. ``file``: the whole file by its hash too, before.
        ``none``: ``_SUCCESS``, manifest and size alone.

    Raises
    ------
    UsageError
        An unknown dataset, symbol or way to verify, a malformed date, a lake root that is no
        folder, or Polars is not installed.
    PartitionNotFoundError
        There is no complete partition, or not of a date that was named; with ``strict`` not of
        every trading day.
    CorruptPartitionError
        A partition is not what was published; collecting the frame raises it too.
    ContractError
        A partition was written under another version of its contract, or partitions by other
        versions of the stage or with other parameters of the levels; collecting raises it too.
    LakeError
        Raised by collecting: a partition was rebuilt or deleted since.

    Examples
    --------
    The spread of each date, of which one column is read::

        market = scan("silver.future.market", symbol="ES", dates="2025-06-02:2025-06-06")
        spread = market.group_by("dt").agg(pl.col("quoted_spread_ticks").mean()).collect()
    """
    polars_module()
    from .polars_source import lazy_frame  # noqa: PLC0415 - as Polars

    where = Where(
        symbol=symbol, dates=dates, lake_root=lake_root, roll_rule=roll_rule, strict=strict
    )
    return lazy_frame(_tables(key, verify, **where))


def to_duckdb(
    key: str,
    *,
    symbol: Symbols = "ES",
    dates: Dates = None,
    lake_root: str | Path = "lake",
    roll_rule: str = "volume",
    strict: bool = False,
    verify: Verify = "pages",
    connection: Any = None,
) -> Any:
    """Return the same rows as a DuckDB relation.

    DuckDB makes every error that it meets while it runs a query a ``duckdb.Error``: of a damaged
    partition, one whose message begins with that of the `CorruptPartitionError`.

    DuckDB gives every time in UTC, the columns ``*_est`` too: ``ts AT TIME ZONE
    'America/New_York'`` is New York's.

    Parameters
    ----------
    key, symbol, dates, lake_root, roll_rule, strict, verify
        As for `scan`, with the same errors.
    connection : duckdb.DuckDBPyConnection, optional
        The default connection by default.

    Raises
    ------
    UsageError
        DuckDB is not installed, or older than 2.0.1: it cuts nanoseconds off, or refuses them.

    Examples
    --------
    ::

        touches = to_duckdb("gold.future.level_outcome", symbol="ES")
        touches.query("touches", "SELECT level, count(*) FROM touches GROUP BY level").df()
    """
    duckdb = duckdb_module()
    from .duckdb_source import PublishedDataset  # noqa: PLC0415 - as DuckDB

    where = Where(
        symbol=symbol, dates=dates, lake_root=lake_root, roll_rule=roll_rule, strict=strict
    )
    tables = _tables(key, verify, **where)
    source = duckdb if connection is None else connection
    return source.from_arrow(PublishedDataset(tables))


def complete_partitions(
    key: str,
    symbol: Symbols = "ES",
    dates: Dates = None,
    lake_root: str | Path = "lake",
    roll_rule: str = "volume",
    *,
    strict: bool = False,
) -> list[Partition]:
    """Return the complete partitions that a question means, by date and symbol.

    All their manifests are read. Arguments and errors as of `scan`.

    Examples
    --------
    ::

        [one.date for one in complete_partitions("silver.future.market", "ES")]
    """
    where = Where(
        symbol=symbol, dates=dates, lake_root=lake_root, roll_rule=roll_rule, strict=strict
    )
    tables = _tables(key, "none", **where)
    tables.check(every=True)
    return list(tables.marks)


def _tables(key: str, verify: Verify, **where: Unpack[Where]) -> PublishedTables:
    if verify not in get_args(Verify):
        raise UsageError(f"verify {verify!r}: use one of {', '.join(get_args(Verify))}")
    lake_root = open_lake_to_read(where["lake_root"], "lake_root")
    found = find_partitions(
        key,
        where["symbol"],
        where["dates"],
        lake_root,
        where["roll_rule"],
        strict=where["strict"],
    )
    tables = PublishedTables(lake_root, found, verify)
    tables.check()
    return tables
