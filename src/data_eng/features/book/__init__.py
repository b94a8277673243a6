"""A day of MBP-10 records, by second: what the features of a futures contract are computed from.

1. `record_chunk.RecordChunk`: records as arrays, prices in ticks.
2. `book_kernel.advance`: one compiled pass over the records (`day_pass.DayPass`), which fills
   `second_sums.SecondSums`: sums by second, and the book as it stood at the end of each second.
3. `day_seconds.DaySeconds`: windows of whole seconds, books and mids at whole seconds.

What stands for a time ``ts`` comes from records with ``ts_recv < ts`` alone.
"""
