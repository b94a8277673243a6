"""Publish one partition: a process for ``strace`` to disturb. Exit code 3 where it is refused."""

from __future__ import annotations

import sys
from pathlib import Path

from src.data_eng.errors import DataEngError
from tests.lake_partitions import NEW, publish

if __name__ == "__main__":
    try:
        publish(Path(sys.argv[1]), NEW)
    except DataEngError as error:
        sys.stderr.write(f"{error}\n")
        raise SystemExit(3) from None
