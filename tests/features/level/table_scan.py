"""A day's records to the tables that LEVEL features come from, all in memory."""

from __future__ import annotations

from src.data_eng.features.book.best_quotes import BestQuotes, QuoteReader
from src.data_eng.features.book.book_scan import BookScan
from src.data_eng.features.book.displayed_sizes import DisplayedSizes
from src.data_eng.features.book.quote_records import quote_records
from src.data_eng.features.book.record_chunk import RecordChunk
from src.data_eng.features.book.second_sums import SecondSums
from src.data_eng.features.book.trades import TradeReader, Trades, counted_trades, joined
from src.data_eng.features.level.level_tables import LevelTables


class TableScan:
    """Scans records in file order and keeps every table.

    Parameters
    ----------
    start_ns, end_ns : int, ns since epoch UTC
        Bounds of the tables, as of `BookScan`.
    open_ns : int, ns since epoch UTC
        Where touch machines begin.

    Attributes
    ----------
    book : BookScan
    """

    def __init__(self, start_ns: int, end_ns: int, open_ns: int) -> None:
        self._bounds = (start_ns, end_ns, open_ns)
        self.book = BookScan(start_ns, end_ns)
        self._trades, self._quotes = TradeReader(), QuoteReader()
        self._found: tuple[list[Trades], list[BestQuotes], list[DisplayedSizes]] = ([], [], [])

    def add(self, chunk: RecordChunk) -> int:
        """Take the next records; return how many lie before ``end_ns``."""
        taken = self.book.add(chunk)
        records = quote_records(chunk)
        trades, quotes, displayed = self._found
        trades.append(counted_trades(self._trades.add(records)))
        quotes.append(self._quotes.add(records))
        displayed.append(self.book.take_displayed())
        return taken

    def finish(self) -> tuple[SecondSums, LevelTables]:
        """Return the seconds and the tables; no records may follow."""
        seconds = self.book.finish()
        trades, quotes, displayed = self._found
        displayed.append(self.book.take_displayed())
        if not trades:
            nothing = RecordChunk.empty()
            self.add(nothing)
        quotes.append(self._quotes.finish(self._bounds[1]))
        return seconds, LevelTables(
            joined(trades), joined(quotes), joined(displayed), *self._bounds
        )
