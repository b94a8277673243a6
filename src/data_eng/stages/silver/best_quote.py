"""The best quotes of a day: a row where what is displayed of the book changes, not its sizes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from ...catalogue.datasets import dataset
from ...catalogue.tables import BEST_QUOTE, CLEAN
from ...exchange.products import known_product, why_unknown
from ...exchange.sessions import utc_day_ns
from ...features.definitions import MAX_SILENCE_SECONDS
from ...lake.inputs import record_facts
from ...settings import Settings
from ..inputs import Inputs
from ..reads import Read
from ..stage import Stage
from ..target import Context, Made, Target, Writers


class SilverBestQuote(Stage):
    """Silver ``best_quote``: complete books that differ from the row before, in file order.

    A row for each complete book that changes the validity, the best bid or ask, or the lowest or
    highest displayed price; for each loss of the book, a minute after the last record too; and for
    the first complete book after a trade.
    """

    name: ClassVar[str] = "silver_best_quote"
    version: ClassVar[int] = 2
    reads = (Read(CLEAN),)
    writes = (dataset(BEST_QUOTE),)

    def exclusion(self, symbol: str) -> str | None:
        """Return why there are no quotes in ticks for a symbol, else None."""
        return why_unknown(symbol)

    def parameters(self, settings: Settings, symbol: str) -> Mapping[str, Any]:
        """Return the tick, and after how long a silence the book is lost."""
        return {
            "tick_size": known_product(symbol).tick_size,
            "max_silence_seconds": MAX_SILENCE_SECONDS,
        }

    def transform(self, context: Context, inputs: Inputs, target: Target, writers: Writers) -> Made:
        """Take the quotes out of every row group of records, a row group each."""
        from ...features.book.best_quotes import QuoteReader  # noqa: PLC0415 - compiled
        from ...records.best_quotes import QuoteRecordGroups, quote_batch  # noqa: PLC0415

        tick_size, contract = known_product(target.symbol).tick_size, self.output.contract()
        reader = QuoteReader()
        groups = QuoteRecordGroups(inputs[CLEAN].table, tick_size)
        for index, records in enumerate(groups):
            batch = quote_batch(reader.add(records), tick_size, contract)
            writers[self.output].write(batch)
            context.progress((index + 1) / len(groups.groups))
        last = reader.finish(utc_day_ns(target.date)[1] - 1)
        if len(last.record):
            writers[self.output].write(quote_batch(last, tick_size, contract))
        return Made(facts=record_facts(inputs[CLEAN].manifest))
