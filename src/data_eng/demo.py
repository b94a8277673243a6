"""``python -m src.data_eng.demo``: a sample day through all layers."""

import sys

from .cli.demo import main

__all__ = ["main"]

if __name__ == "__main__":
    sys.exit(main())
