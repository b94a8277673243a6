"""The one scan of a day's book: two tables by second, which know no level.

1. `SilverBookScan` reads the date's records up to 13:00 America/New_York: the end of the grid and
   the longest horizon of a label.
2. One compiled pass (`features.book.book_scan.BookScan`) fills the sums by second and the sizes by
   second and price; the latter are written as they are finished.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, ClassVar, Final

from ...catalogue.datasets import dataset
from ...catalogue.tables import CLEAN, DISPLAYED, SECONDS
from ...exchange.products import known_product, watched_window
from ...exchange.sessions import NEW_YORK, RTH_OPEN, utc_day_ns, window_ns
from ...features.definitions import MAX_SILENCE_SECONDS
from ...lake.inputs import FIRST_RECORD_FACT, UNKNOWN_SECONDS_FACT, record_facts
from ...settings import Settings
from ..inputs import Inputs
from ..reads import Read
from ..regular_session import FeatureStage
from ..target import Context, Made, Target, Writers

SCAN_END: Final = dt.time(13, 0)
"""End of the scan, America/New_York."""


class SilverBookScan(FeatureStage):
    """Silver ``market_by_price_10_1s`` and ``displayed_size_1s``, from 00:00 UTC to 13:00 ET."""

    name: ClassVar[str] = "silver_book_scan"
    version: ClassVar[int] = 2
    reads = (Read(CLEAN),)
    writes = (dataset(SECONDS), dataset(DISPLAYED))

    def parameters(self, settings: Settings, symbol: str) -> Mapping[str, Any]:
        """Return the tick, the end of the scan, and after what silence the book is lost."""
        return {
            "tick_size": known_product(symbol).tick_size,
            "end": SCAN_END.isoformat(),
            "max_silence_seconds": MAX_SILENCE_SECONDS,
            "time_zone": NEW_YORK.key,
        }

    def transform(self, context: Context, inputs: Inputs, target: Target, writers: Writers) -> Made:
        """Stream the records once; write both tables, or the one that is wanted."""
        from ...features.book.book_scan import BookScan  # noqa: PLC0415 - compiled
        from ...records.displayed import DisplayedWriter  # noqa: PLC0415
        from ...records.exact_sums import require_exact_sizes, require_exact_sums  # noqa: PLC0415
        from ...records.mbp10_arrays import RecordChunks  # noqa: PLC0415
        from ...records.seconds import second_batch  # noqa: PLC0415

        tick_size = known_product(target.symbol).tick_size
        start_ns = utc_day_ns(target.date)[0]
        end_ns = window_ns(target.date, RTH_OPEN, SCAN_END)[1]
        seconds, displayed = self.writes
        scan = BookScan(start_ns, end_ns)
        sizes = None
        if writers.wants(displayed):
            contract = displayed.contract()
            sizes = DisplayedWriter(writers[displayed], contract, start_ns, tick_size)
        reader = RecordChunks(inputs[CLEAN].table, tick_size)
        where = f"{inputs[CLEAN].table.partition}"
        for index, chunk in enumerate(reader.chunks(end_ns)):
            scan.add(chunk)
            rows = scan.take_displayed()
            require_exact_sizes(rows, where)
            if sizes is not None:
                sizes.add(rows)
            context.progress((index + 1) / len(reader.groups))
        found = scan.finish()
        require_exact_sums(found, where)
        rows = scan.take_displayed()
        require_exact_sizes(rows, where)
        if sizes is not None:
            sizes.add(rows)
            sizes.finish()
        if writers.wants(seconds):
            writers[seconds].write(second_batch(found, tick_size, seconds.contract()))
        context.progress(1.0)  # the row groups after the end are not read
        watched = watched_window(target.symbol, target.date)
        facts = {
            **record_facts(inputs[CLEAN].manifest),
            FIRST_RECORD_FACT: scan.first_ns,
            UNKNOWN_SECONDS_FACT: None if watched is None else found.unknown_seconds(*watched),
        }
        return Made(facts=facts)
