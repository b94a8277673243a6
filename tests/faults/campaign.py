"""What a campaign is: faults by number, what each came to, and a budget.

A fault is a function of the seed and its number alone, so that a finding is made again by both.
"""

from __future__ import annotations

import contextlib
import random
import signal
import time
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal, Protocol

from src.data_eng.errors import DataEngError

Kind = Literal["faults", "damages", "inputs"]
Broken = Literal["lost", "half_written", "wrong_values", "tracebacks", "hangs"]
BROKEN: Final[tuple[Broken, ...]] = (
    "lost",
    "half_written",
    "wrong_values",
    "tracebacks",
    "hangs",
)
KEPT_FINDINGS: Final = 20
WIDE_BYTES: Final = 8 << 30
"""Addresses of a campaign whose libraries reserve gigabytes that they never fill."""
CASE_S: Final = 20.0
"""How long one fault may take, seconds: far more than the slowest on a busy machine."""


class HungError(BaseException):
    """A case took longer than it may; no handler of errors holds it up."""


class Seeds:
    """Random numbers of each case, by its number."""

    def __init__(self, name: str, seed: int) -> None:
        self.name = name
        self.seed = seed

    def of(self, number: int) -> random.Random:
        """Return the generator of a case."""
        return random.Random(f"{self.name}:{self.seed}:{number}")


@dataclass
class Budget:
    """How many cases, and for how long.

    Attributes
    ----------
    folder : Path
        An empty folder, the campaign's own.
    cases : int or None
        Cases at most.
    seconds : float
        After which no case is begun.
    first : int
        Number of the first case: a finding is repeated by its number and one case.
    """

    folder: Path
    cases: int | None
    seconds: float
    first: int = 0

    def numbers(self) -> Iterator[int]:
        """Yield the numbers of the cases until the budget is spent."""
        end = time.monotonic() + self.seconds
        number = self.first
        while (self.cases is None or number < self.first + self.cases) and time.monotonic() < end:
            yield number
            number += 1


@dataclass(frozen=True)
class Finding:
    """A fault after which the promise was broken."""

    broken: Broken
    number: int
    text: str


@dataclass
class Counts:
    """What the faults of a campaign came to.

    Attributes
    ----------
    injected : int
        Faults, damages or inputs.
    survived_old, survived_new : int
        The old partition, or none where there was none, stood afterwards; the new one did. Of an
        input: it was read, and rightly.
    refused : int
        Ended in an error of the package: one line that says what to do.
    lost, half_written, wrong_values, tracebacks, hangs : int
        The promise was broken.
    peak_mib : float
        Most memory of any process of it.
    """

    name: str
    kind: Kind
    injected: int = 0
    survived_old: int = 0
    survived_new: int = 0
    refused: int = 0
    lost: int = 0
    half_written: int = 0
    wrong_values: int = 0
    tracebacks: int = 0
    hangs: int = 0
    peak_mib: float = 0.0
    seconds: float = 0.0
    findings: list[Finding] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def broken(self) -> int:
        """How often the promise was broken."""
        return sum(getattr(self, name) for name in BROKEN)

    def find(self, broken: Broken, number: int, text: str) -> None:
        """Count a broken promise, and keep the first of them."""
        setattr(self, broken, getattr(self, broken) + 1)
        if len(self.findings) < KEPT_FINDINGS:
            self.findings.append(Finding(broken, number, text))

    @contextlib.contextmanager
    def case(self, number: int, limit_s: float = CASE_S) -> Iterator[None]:
        """Count a case, and what it raises: an error of the package is a refusal."""
        self.injected += 1
        signal.setitimer(signal.ITIMER_REAL, limit_s)
        try:
            yield
        except DataEngError as error:
            signal.setitimer(signal.ITIMER_REAL, 0)
            self._refuse(number, error)
        except HungError:
            self.find("hangs", number, f"more than {limit_s:g} s")
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:  # noqa: BLE001 - what is looked for, panics of Rust too
            last = traceback.extract_tb(error.__traceback__)[-1]
            where = f"{Path(last.filename).name}:{last.lineno}"
            self.find("tracebacks", number, f"{type(error).__name__}: {error} at {where}"[:300])
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)

    def _refuse(self, number: int, error: DataEngError) -> None:
        try:
            text = str(error)
        except Exception as broken:  # noqa: BLE001 - as above
            self.find("tracebacks", number, f"the text of an error raises {broken!r}")
            return
        if not text.strip():
            self.find("tracebacks", number, "an error without a text")
        self.refused += 1


class Campaign(Protocol):
    """A module of one concern.

    Attributes
    ----------
    NAME : str
    KIND : str
    BOUNDED : int
        Cases of the bounded form.
    SHARE : float
        Share of the time of a long run.
    """

    NAME: str
    KIND: Kind
    BOUNDED: int
    SHARE: float

    def run(self, rng: Seeds, budget: Budget) -> Counts:
        """Run it."""


def hang(_signum: int, _frame: object) -> None:
    """Handle SIGALRM."""
    raise HungError
