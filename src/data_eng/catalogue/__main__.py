"""``python -m src.data_eng.catalogue``: write the catalogue page."""

import sys

from .page import main

if __name__ == "__main__":
    sys.exit(main())
