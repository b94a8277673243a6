"""MARKET features of a futures contract, on a grid of one second.

1. `record_chunk.RecordChunk`: MBP-10 records as arrays, prices in ticks.
2. `book_kernel.advance`: one compiled pass over the records of a day, which fills `SecondSums`:
   sums by second, and the book as it stood at the end of each second.
3. Every window is a whole number of seconds and ends at a whole second, so each feature is a
   plain NumPy function of these arrays (`DaySeconds`): `book_shape`, `trade_flow`, `order_flow`,
   `volatility`, `price_location`, `liquidity`, `volume_buckets`, `true_range`, `expiry`.
4. `columns.market_columns` names the results, in the order of the contract.

A row at ``ts`` uses records with ``ts_recv < ts`` alone. NaN stands for a missing value.
"""
