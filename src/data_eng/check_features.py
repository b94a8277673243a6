"""``python -m src.data_eng.check_features``: features that stand twice or mix families."""

import sys

from .research.check_features import main

__all__ = ["main"]

if __name__ == "__main__":
    sys.exit(main())
