"""The guards: of publishing and removal, object storage, readers, raw files, stages, orders."""

from __future__ import annotations

from typing import Final

from ..guard import Guard
from .fetch import FETCH
from .lake import LAKE
from .objects import OBJECTS
from .plans import PLANS
from .publish import PUBLISH
from .raw import RAW
from .removal import REMOVAL
from .stages import STAGES
from .stream import STREAM
from .values import VALUES

GUARDS: Final[tuple[Guard, ...]] = (
    *(*PUBLISH, *REMOVAL, *OBJECTS, *LAKE, *STREAM),
    *(*RAW, *VALUES, *STAGES, *PLANS, *FETCH),
)
