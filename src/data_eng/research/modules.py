"""The libraries of the extra ``research``, imported when they are asked for."""

from __future__ import annotations

import re
from typing import Any, Final

from ..errors import UsageError

OLDEST_DUCKDB: Final = (2, 0, 1)

_INSTALL: Final = "{0} is not installed; install data-eng[research]"


def polars_module() -> Any:
    """Return the module of Polars; raises `UsageError` where it is not installed."""
    try:
        import polars  # noqa: PLC0415 - not needed by the pipeline
    except ImportError as error:
        raise UsageError(_INSTALL.format("Polars")) from error
    return polars


def duckdb_module() -> Any:
    """Return the module of DuckDB.

    Raises
    ------
    UsageError
        It is not installed, or a version that cuts nanoseconds off, or refuses them.
    """
    try:
        import duckdb  # noqa: PLC0415 - not needed by the pipeline
    except ImportError as error:
        raise UsageError(_INSTALL.format("DuckDB")) from error
    version = tuple(int(part) for part in re.findall(r"\d+", duckdb.__version__)[:3])
    if version < OLDEST_DUCKDB:
        raise UsageError(
            f"DuckDB {duckdb.__version__} cuts times to microseconds or refuses nanoseconds; "
            f"install duckdb>={'.'.join(map(str, OLDEST_DUCKDB))}"
        )
    return duckdb
