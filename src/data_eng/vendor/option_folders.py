"""Files of options laid under the options' own root, ``symbol=EW2``, and where they belong."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

from ..catalogue.datasets import Dataset
from ..errors import NoRawDataError
from ..exchange.sessions import utc_day_ns
from ..exchange.symbols import is_root
from ..lake.folders import is_folder
from ..lake.paths import table_folders
from .definitions import OptionInstruments, read_definitions
from .files import find_raw_day


def why_misplaced(
    lake_root: Path, definitions: Dataset, root: str, instruments: OptionInstruments
) -> str | None:
    """Return why the options of a folder have no underlying of its root, None where they have.

    Parameters
    ----------
    lake_root : Path
    definitions : Dataset
        Raw dataset of the definitions.
    root : str
        Of the folder.
    instruments : OptionInstruments
        What its definitions say.
    """
    roots = instruments.roots()
    if not roots or root in roots:
        return None
    folder = lake_root / definitions.folder(root).parent
    homes = " or ".join(str(lake_root / definitions.folder(one).parent) for one in roots)
    return (
        f"{folder}: holds options on futures of {' and '.join(roots)}, not of {root}; files of "
        f"options belong under the root of their underlying: move its tables into {homes} (several "
        f"parents may lie in one folder) and run with --symbol {roots[0]}"
    )


def misplaced_for(
    lake_root: Path, definitions: Dataset, root: str, date: dt.date, max_expansion: int
) -> str | None:
    """Return which other folders hold options on a root on a date, None where there is none."""
    found = []
    for other in _other_roots(lake_root, definitions, root):
        try:
            files = find_raw_day(lake_root, definitions, other, date).files
        except NoRawDataError:
            continue
        if read_definitions(files, utc_day_ns(date)[1], max_expansion).roots() == [root]:
            found.append(str(lake_root / definitions.folder(other).parent))
    if not found:
        return None
    home = lake_root / definitions.folder(root).parent
    return (
        f"{' and '.join(found)}: holds options on futures of {root} for {date}; files of options "
        f"belong under the root of their underlying: move its tables into {home}"
    )


def _other_roots(lake_root: Path, definitions: Dataset, root: str) -> Iterator[str]:
    for other, folder in table_folders(lake_root, definitions):
        if other != root and is_root(other) and is_folder(folder):
            yield other
