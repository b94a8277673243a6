"""A day of MBP-10 records, by second: what the features of a futures contract are computed from.

1. `record_chunk.RecordChunk`: records as arrays, prices in ticks. `book_rules` says what a record
   means to the book, and what a trade is.
2. `book_scan.BookScan`: one compiled scan of the book (`scan_kernel.scan_records`), which knows no
   level. It fills `second_sums.SecondSums`: sums by second, and the book as it stood at the end of
   each second; and `displayed_sizes.DisplayedSizes`: sums by second and price
   (`displayed_kernel`).
3. `trades.TradeReader` and `best_quotes.QuoteReader`: what happens between the changes of sizes,
   from a few columns of the records (`quote_records.QuoteRecords`). `market_events.MarketEvents`
   are both again in one order.
4. `day_seconds.DaySeconds`: windows of whole seconds, books and mids at whole seconds.

What stands for a time ``ts`` comes from records with ``ts_recv < ts`` alone.
"""
