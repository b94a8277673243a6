"""``python -m src.data_eng.feature_vector``: write the contracts of the vectors."""

import sys

from .catalogue.vector_columns import main

__all__ = ["main"]

if __name__ == "__main__":
    sys.exit(main())
