"""One thread of linear algebra a process, before NumPy is imported.

The workers of a run of tests share the processors: threads would wait for each other, spinning.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
