"""``python -m src.data_eng.catalogue``: write what is derived."""

import sys

from .command import main

if __name__ == "__main__":
    sys.exit(main())
