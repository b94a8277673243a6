"""``python -m src.data_eng.runner``: build the lake's partitions."""

import sys

from .cli.run import main

__all__ = ["main"]

if __name__ == "__main__":
    sys.exit(main())
