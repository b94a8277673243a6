"""``python -m src.data_eng.trading_calendar``: write the closures of XNYS."""

from .exchange.calendar import main

__all__ = ["main"]

if __name__ == "__main__":
    main()
