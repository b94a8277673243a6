"""MARKET features of a futures contract, on a grid of one second.

Every window is a whole number of seconds and ends at a whole second, so each feature is a plain
NumPy function of a day by second (`features.book.day_seconds.DaySeconds`): `book_shape`,
`trade_flow`, `order_flow`, `volatility`, `price_location`, `liquidity`, `volume_buckets`,
`session_clock`. Each is declared beside its function (`features.feature`); `columns` puts the
declarations in the order of the table.

A row at ``ts`` uses records with ``ts_recv < ts`` alone. NaN stands for a missing value.
"""
