"""The nodes of which nothing is to be done that need no closer look: nearly all of a nightly run.

A node is plain where all its tables are complete and current (`stages.series`), of the one contract
that its date has, and all nodes before it on the date are plain too: then none of its inputs is
skipped, blocked or of another contract. What is not plain, `complete` looks at.
"""

from __future__ import annotations

import datetime as dt

from ..errors import DataEngError
from ..lake.paths import Partition
from ..lake.settle import settled_dates
from ..stages.outcome import ALREADY, Outcome, Status
from ..stages.reads import Read
from ..stages.series import CurrentSeries
from ..stages.stage import Stage
from ..stages.staleness import Currency
from ..stages.write import outcome_of
from .plan import Graph, Request
from .run_task import contract_for


class PlainNodes:
    """Tells the outcomes of plain nodes, date by date, in the order of the graph's stages.

    Parameters
    ----------
    request : Request
    graph : Graph
    currency : Currency
        Of what is outside of the run.
    """

    def __init__(self, request: Request, graph: Graph, currency: Currency) -> None:
        self._request, self._currency = request, currency
        self._series = CurrentSeries(currency, frozenset(graph.dates))
        self._reads = {
            stage: any(isinstance(one, Read) and one.key in graph.writer_of for one in stage.reads)
            for stage in graph.stages
        }
        self._settled: dict[tuple[str, str], frozenset[dt.date]] = {}
        self._date, self._contract, self._is_plain = dt.date.min, "", False

    def begin(self, date: dt.date) -> None:
        """Go on with another date."""
        self._date, self._contract, self._is_plain = date, "", True

    def end(self) -> None:
        """Take note of a node of the date that is not plain."""
        self._is_plain = False

    def outcomes(self, stage: Stage) -> tuple[Outcome, ...] | None:
        """Return what a plain node came to, None for one that is not."""
        if not self._is_plain or stage.closure(self._date) is not None:
            return None
        try:
            contract = self._contract_of(stage)
            if contract is None or self._contract not in ("", contract):
                return None
            found = [self._series.of(one.key, contract).get(self._date) for one in stage.writes]
            there = [one for one in found if one is not None]
            if len(there) < len(found) or stage.exclusion(contract) is not None:
                return None
            if not self._request.dry_run and not self._is_settled(stage, contract):
                return None
        except DataEngError:
            return None  # the task tells it
        self._contract = contract
        return tuple(outcome_of(one, Status.COMPLETE, ALREADY) for one in there)

    def _contract_of(self, stage: Stage) -> str | None:
        # None where it is not plain.
        view, settings = self._currency.view, self._request.settings
        if self._reads[stage]:
            return self._contract or None
        if stage.is_raw:
            contracts = view.listing.contracts(stage.writes[0], self._request.symbol, self._date)
            return contracts[0] if len(contracts) == 1 else None
        return contract_for(stage, settings, view, self._request.symbol, self._date)

    def _is_settled(self, stage: Stage, contract: str) -> bool:
        # What is told as complete is on the disk, and alone.
        settings, view = self._request.settings, self._currency.view
        for table in stage.writes:
            where = table.key, contract
            if where not in self._settled:
                first = Partition(table, contract, self._date)
                self._settled[where] = settled_dates(
                    settings.lake_root, first, view.settled, shared=settings.shared_lake
                )
            if self._date not in self._settled[where]:
                return False
        return True
