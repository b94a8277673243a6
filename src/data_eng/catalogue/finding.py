"""What a check found."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """FAIL must be repaired; WARN is looked at; ALLOWED is a WARN with a reason on file."""

    FAIL = "FAIL"
    WARN = "WARN"
    ALLOWED = "ALLOWED"


@dataclass(frozen=True)
class Finding:
    """One finding of a check, a line when printed.

    Attributes
    ----------
    severity : Severity
    check : str
        ``name``, ``coverage``, ``affine``, ``log affine``, ``across levels``, ``given the side``,
        ``sum``, ``product``, ``session offset``, ``session factor``, ``clock``, ``indicator``,
        ``mask``, ``dependence``, ``log dependence`` or ``decision rows``.
    columns : tuple of str
        The features it is about, the one to repair last.
    text : str
        What is wrong.
    """

    severity: Severity
    check: str
    columns: tuple[str, ...]
    text: str

    def __str__(self) -> str:
        return f"{self.severity:<7} {self.check}: {', '.join(self.columns)}: {self.text}"
