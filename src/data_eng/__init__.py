"""Databento DBN files of CME futures and options to a lake of Parquet partitions."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .version import __version__

if TYPE_CHECKING:
    from .research.lake_contents import datasets, views
    from .research.reading import complete_partitions, scan, to_duckdb
    from .research.splits import PurgedSessionSplit, WalkForwardSplit
    from .research.training import TrainingSet, training_set

__all__ = [
    "PurgedSessionSplit",
    "TrainingSet",
    "WalkForwardSplit",
    "__version__",
    "complete_partitions",
    "datasets",
    "scan",
    "to_duckdb",
    "training_set",
    "views",
]

_MODULES = {
    "complete_partitions": "research.reading",
    "datasets": "research.lake_contents",
    "views": "research.lake_contents",
    "scan": "research.reading",
    "to_duckdb": "research.reading",
    "PurgedSessionSplit": "research.splits",
    "TrainingSet": "research.training",
    "WalkForwardSplit": "research.splits",
    "training_set": "research.training",
}


def __getattr__(name: str) -> Any:
    """Import what is for research when it is first asked for: the pipeline starts without it."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_MODULES[name]}", __name__), name)


def __dir__() -> list[str]:
    """Return what the package offers, imported or not."""
    return list(__all__)
