"""A partition that another process holds: when it is tried again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

FIRST_RETRY_S: Final = 0.05
LAST_RETRY_S: Final = 2.0
_DOUBLED: Final = 16
"""How often the pause is doubled at most."""


@dataclass
class Held:
    """When what another process holds is tried again.

    Attributes
    ----------
    since : float
        When it was met first, by the monotonic clock.
    tries : int
    again : float
        When it may be tried next.
    """

    TOLD_AFTER: ClassVar[int] = 6
    """Tries after which a run that waits says so: some three seconds."""

    since: float
    tries: int = 0
    again: float = 0.0

    def put_back(self, now: float) -> None:
        """Wait longer each time, so that a build of minutes is not asked about without end."""
        longer = 2.0 ** min(self.tries, _DOUBLED)  # of hours it would be no float any more
        self.again = now + min(FIRST_RETRY_S * longer, LAST_RETRY_S)
        self.tries += 1
