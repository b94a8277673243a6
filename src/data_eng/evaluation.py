"""``python -m src.data_eng.evaluation``: rates beside placebo levels, and a baseline model."""

import sys

from .research.evaluation.__main__ import main

__all__ = ["main"]

if __name__ == "__main__":
    sys.exit(main())
