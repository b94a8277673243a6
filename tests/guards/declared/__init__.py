"""The guards: of publishing, object storage, readers, raw files, stages and fetching."""

from __future__ import annotations

from typing import Final

from ..guard import Guard
from .fetch import FETCH
from .lake import LAKE
from .objects import OBJECTS
from .publish import PUBLISH
from .raw import RAW
from .stages import STAGES
from .stream import STREAM

GUARDS: Final[tuple[Guard, ...]] = (*PUBLISH, *OBJECTS, *LAKE, *STREAM, *RAW, *STAGES, *FETCH)
