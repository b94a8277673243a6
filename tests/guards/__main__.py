"""``python -m tests.guards``: break every guard, and tell which ones no test misses.

``--only WORD`` takes those whose name begins so; ``TMPDIR`` on a RAM disk makes it faster.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from .declared import GUARDS
from .harness import ROOT, Copy, Verdict


def main() -> int:
    """Return 1 where a guard can go without a test that fails."""
    parser = argparse.ArgumentParser(prog="python -m tests.guards", description=__doc__)
    parser.add_argument("--only", default="", help="guards whose name begins so")
    wanted = parser.parse_args().only
    chosen = [one for one in GUARDS if one.name.startswith(wanted)]
    if not chosen:
        parser.error(f"no guard is named {wanted}")
    found: Counter[Verdict] = Counter()
    with tempfile.TemporaryDirectory(prefix="guards-") as folder:
        copy = Copy(ROOT, Path(folder))
        copy.require_passing(sorted({test for one in chosen for test in one.tests}))
        for one in chosen:
            begin = time.monotonic()
            verdict = copy.verdict(one)
            found[verdict] += 1
            took = time.monotonic() - begin
            sys.stdout.write(f"{verdict.value:8}  {took:5.1f} s  {one.name}\n")
            sys.stdout.flush()
    survivors, waited = found[Verdict.SURVIVED], found[Verdict.WAITED]
    told = f"{len(chosen)} guards, {survivors} without a test that misses it"
    sys.stdout.write(f"{told}; {waited} of which one took too long\n")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
