"""``python -m src.data_eng.level_contracts``: write the contracts of the LEVEL tables."""

import sys

from .catalogue.level_contracts import main

__all__ = ["main"]

if __name__ == "__main__":
    sys.exit(main())
