"""The campaigns, one concern a module, in the order in which they run."""

from __future__ import annotations

from typing import Any, Final, cast

from ..campaign import Campaign
from . import (
    damaged_partitions,
    fuzz_command_lines,
    fuzz_config,
    fuzz_contracts,
    fuzz_dbn,
    fuzz_footers,
    fuzz_manifests,
    fuzz_side_files,
    fuzz_zstd,
    publish_errors,
)

_MODULES: Final[tuple[Any, ...]] = (
    publish_errors,
    damaged_partitions,
    fuzz_dbn,
    fuzz_zstd,
    fuzz_manifests,
    fuzz_side_files,
    fuzz_footers,
    fuzz_contracts,
    fuzz_config,
    fuzz_command_lines,
)
CAMPAIGNS: Final = cast("tuple[Campaign, ...]", _MODULES)
