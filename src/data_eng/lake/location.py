"""Where a lake root leads: a folder of this host, or the mirror of a lake on object storage."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ..errors import LakeError, UsageError, tell_as
from ..program import program
from .objects.url import is_url, parse_url
from .store import register

if TYPE_CHECKING:
    from .objects.mirror import ObjectLake


@dataclass
class _Opened:
    lake: ObjectLake
    view: str


_LAYERS: Final = frozenset(("raw", "bronze", "silver", "gold"))
_OPENED: Final[dict[str, _Opened]] = {}


def is_remote(lake_root: str | Path) -> bool:
    """Tell whether a lake root names object storage: ``s3://bucket/prefix``."""
    return is_url(lake_root)


def open_lake(lake_root: str | Path, *, view: str = "") -> Path:
    """Return the folder in which a lake is worked on.

    Parameters
    ----------
    lake_root : str or Path
        A folder, or ``s3://bucket/prefix`` (also as `pathlib` writes it).
    view : str
        What was listed on object storage is believed within a view of this name; by default it is
        looked at again.

    Raises
    ------
    UsageError
        The name is none, or the extra ``s3`` is not installed.
    LakeError
        The scratch folder cannot be made.
    """
    if not is_remote(lake_root):
        return Path(lake_root)
    from .objects.mirror import ObjectLake  # noqa: PLC0415 - only where it is asked for

    url = parse_url(lake_root)
    opened = _OPENED.get(url.folder_name)
    if opened is None:
        opened = _OPENED[url.folder_name] = _Opened(ObjectLake(url), view)
        register(opened.lake)
        tell_as(str(opened.lake.mirror), str(url))
    if not view or opened.view != view:
        opened.view = view
        opened.lake.look_again()
    return opened.lake.mirror


def open_lake_to_read(lake_root: str | Path, name: str = "--lake-root") -> Path:
    """Return the folder as `open_lake`; raises `UsageError`, of ``name``, where there is none."""
    found = open_lake(lake_root)
    try:
        is_folder = found.is_dir()
        whole = _lake_around(found) if is_folder and not is_remote(lake_root) else None
    except OSError as error:
        raise LakeError(
            f"{name} {found.absolute()}: cannot be read ({error.strerror}); let the user of this "
            "run read it and the folders above it, or look at the disk"
        ) from error
    if whole is not None:
        raise UsageError(
            f"{name} {found.absolute()}: a folder within a lake; did you mean {whole}?"
        )
    if is_folder:
        return found
    what = "not a folder" if os.path.lexists(found) else "no such folder"
    raise UsageError(
        f"{name} {found.absolute()}: {what}; name the folder of a lake, or build one with "
        f"{program('run')} (a sample with {program('demo')})"
    )


def _lake_around(folder: Path) -> Path | None:
    # The lake that a folder is a part of, by its path and by what lies in it; None without.
    whole = folder.absolute()
    if _LAYERS.isdisjoint(whole.parts):
        return None
    layers = [one for one in (whole, *whole.parents) if one.name in _LAYERS]
    if layers and any("=" in one.name for one in whole.iterdir()):
        return layers[0].parent
    return None


def check_writable(lake_root: str | Path) -> None:
    """Refuse object storage on which two runs could not see each other; raises `LakeError`."""
    if is_remote(lake_root):
        mirror = open_lake(lake_root)
        next(one.lake for one in _OPENED.values() if one.lake.mirror == mirror).check_conditions()


def take_requests() -> Counter[str]:
    """Return how many requests of object storage this process made, by kind, and forget them."""
    found: Counter[str] = Counter()
    for one in _OPENED.values():
        found += one.lake.take_requests()
    return found
