"""Keys of the Silver tables of a futures contract, as stages and readers name them."""

from __future__ import annotations

from typing import Final

CLEAN: Final = "silver.future.market_by_price_10_clean"
TRADES: Final = "silver.future.trades"
BEST_QUOTE: Final = "silver.future.best_quote"
SECONDS: Final = "silver.future.market_by_price_10_1s"
DISPLAYED: Final = "silver.future.displayed_size_1s"
BARS: Final = "silver.future.ohlcv_2m"
LEVEL: Final = "silver.future.level"
LEVEL_SECONDS: Final = "silver.future.level_1s"
LEVEL_TOUCH: Final = "silver.future.level_touch"
MARKET: Final = "silver.future.market"
