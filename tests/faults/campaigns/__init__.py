"""The campaigns, one concern a module, in the order in which they run."""

from __future__ import annotations

from typing import Any, Final, cast

from ..campaign import Campaign
from . import (
    concurrency,
    damaged_partitions,
    damaged_raw,
    fuzz_command_lines,
    fuzz_config,
    fuzz_contracts,
    fuzz_dbn,
    fuzz_footers,
    fuzz_manifests,
    fuzz_side_files,
    fuzz_zstd,
    guided_readers,
    limits,
    power_losses,
    publish_errors,
    publish_kills,
    stage_errors,
    stage_kills,
    stage_steps,
    system_calls,
)

_MODULES: Final[tuple[Any, ...]] = (
    publish_kills,
    publish_errors,
    power_losses,
    stage_steps,
    stage_kills,
    stage_errors,
    system_calls,
    limits,
    concurrency,
    damaged_partitions,
    damaged_raw,
    fuzz_dbn,
    fuzz_zstd,
    fuzz_manifests,
    fuzz_side_files,
    fuzz_footers,
    fuzz_contracts,
    fuzz_config,
    fuzz_command_lines,
    guided_readers,
)
CAMPAIGNS: Final = cast("tuple[Campaign, ...]", _MODULES)
