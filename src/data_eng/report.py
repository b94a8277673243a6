"""``python -m src.data_eng.report``: one page of a day."""

import sys

from .research.report.__main__ import main

__all__ = ["main"]

if __name__ == "__main__":
    sys.exit(main())
