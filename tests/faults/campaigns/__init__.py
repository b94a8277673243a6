"""The campaigns, one concern a module, in the order in which they run."""

from __future__ import annotations

from typing import Any, Final, cast

from ..campaign import Campaign
from . import fuzz_manifests, publish_errors

_MODULES: Final[tuple[Any, ...]] = (publish_errors, fuzz_manifests)
CAMPAIGNS: Final = cast("tuple[Campaign, ...]", _MODULES)
