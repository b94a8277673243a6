"""Pages of one day or of several, with links between them and an index."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ...catalogue.vectors import OUTCOME
from ...errors import DataEngError, UsageError
from ...exchange.asked_symbol import check_symbol
from ...exchange.dates import parse_date, parse_dates
from ...lake.paths import Partition
from ...lake.table import Verify
from ..found import find_partitions, is_meant
from ..published import check_made_alike, made_by
from ..web.output import write_page
from .day import load_day
from .index import DaySummary, index_page, summary
from .page import Neighbours, failed_page, report_page

INDEX: Final = "index.html"
_PAGE: Final = re.compile(r"(\w+)-(\d{4}-\d{2}-\d{2})\.html")


@dataclass(frozen=True)
class DayPages:
    """What is asked of every page: whose days, where they lie, which tracks, how verified.

    Raises
    ------
    UsageError
        The symbol is neither a root nor a contract.
    """

    symbol: str
    lake_root: Path
    roll_rule: str = "volume"
    features: Sequence[str] | None = None
    verify: Verify = "pages"

    def __post_init__(self) -> None:
        check_symbol(self.symbol)

    def found(self, dates: str | None) -> list[Partition]:
        """Return the outcomes that a question for dates means, by date."""
        found = find_partitions(
            OUTCOME, self.symbol, dates, self.lake_root, self.roll_rule, strict=False
        )
        return list(found)


def page_name(partition: Partition) -> str:
    """Return the file name of a day's page."""
    return f"{partition.symbol}-{partition.date}.html"


def write_day(
    pages: DayPages, date: str, output: Path | None = None, *, touch: int | None = None
) -> Path:
    """Write the page of a date; it links to those before and after it that lie beside it.

    Parameters
    ----------
    pages : DayPages
    date : str
    output : Path, optional
        The page, or a folder for it; by default one in the working directory.
    touch : int, optional
        As for `report_page`.

    Returns
    -------
    Path
        The page.

    Raises
    ------
    DataEngError
        As of `load_day` and `report_page`.
    OSError
        The page cannot be written.
    """
    parse_date(date)
    (one,) = pages.found(date)
    path = output or Path(page_name(one))
    if path.is_dir():
        path /= page_name(one)
    day = load_day(pages.lake_root, one.symbol, one.date, pages.verify)
    before, after = _beside(pages.symbol, one.date, path.parent)
    text = report_page(
        day,
        touch=touch,
        features=pages.features,
        neighbours=Neighbours(
            before=before,
            after=after,
            index=INDEX if (path.parent / INDEX).is_file() else None,
        ),
    )
    write_page(path, text)
    return path


def _beside(
    symbol: str, date: dt.date, folder: Path
) -> tuple[tuple[str, str] | None, tuple[str, str] | None]:
    # The last page before a date and the first after it; what other dates of the lake are worth
    # is nothing to this one.
    found = sorted(
        (match[2], match[0])
        for match in (_PAGE.fullmatch(path.name) for path in folder.glob("*.html"))
        if match is not None and is_meant(match[1], symbol)
    )
    before = [(name, day) for day, name in found if day < str(date)]
    after = [(name, day) for day, name in found if day > str(date)]
    return before[-1] if before else None, after[0] if after else None


def write_days(
    pages: DayPages, single: str | None, several: str, folder: Path
) -> tuple[Path, list[DataEngError]]:
    """Write a page for each date of several that is in the lake, and the index.

    A date that cannot be shown has a page that says why, and the others are written.

    Parameters
    ----------
    pages : DayPages
    single, several : str
        As of ``--dt`` and ``--dates``.
    folder : Path
        Made if it is not there.

    Returns
    -------
    tuple
        The index, and the errors of dates that cannot be shown.
    """
    asked, _ = parse_dates(single, several)
    found = _asked(pages, single, several)
    days: list[DaySummary] = []
    alike: tuple[Partition, tuple[Any, ...]] | None = None
    failed: dict[dt.date, DataEngError] = {}
    for n, one in enumerate(found):
        beside = Neighbours(
            before=_link(found[n - 1]) if n else None,
            after=_link(found[n + 1]) if n + 1 < len(found) else None,
            index=INDEX,
        )
        try:
            day = load_day(pages.lake_root, one.symbol, one.date, pages.verify)
            outcomes, _ = day.manifests[OUTCOME]
            alike = alike or (one, made_by(outcomes))
            check_made_alike(one, outcomes, *alike)
            text = report_page(day, features=pages.features, neighbours=beside)
            days.append(summary(day, page_name(one)))
        except UsageError:
            raise
        except DataEngError as error:
            failed[one.date] = error
            text = failed_page(f"{one.symbol} {one.date}", str(error), beside)
        folder.mkdir(parents=True, exist_ok=True)
        write_page(folder / page_name(one), text)
    absent = sorted(set(asked).difference(one.date for one in found))
    told = {date: str(error) for date, error in failed.items()}
    write_page(folder / INDEX, index_page(pages.symbol, days, absent, told))
    return folder / INDEX, list(failed.values())


def _link(partition: Partition) -> tuple[str, str]:
    return page_name(partition), str(partition.date)


def _asked(pages: DayPages, single: str | None, several: str) -> list[Partition]:
    found = {one.date: one for one in pages.found(several)}
    if single is not None:
        found |= {one.date: one for one in pages.found(single)}
    return [found[date] for date in sorted(found)]
