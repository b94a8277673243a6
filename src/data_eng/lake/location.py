"""Where a lake root leads: a folder of this host, or the mirror of a lake on object storage."""

from __future__ import annotations

import os
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ..errors import LakeError, UsageError, tell_as
from ..program import program
from .folders import names
from .objects.url import is_url, parse_url
from .store import register

if TYPE_CHECKING:
    from .objects.mirror import ObjectLake


@dataclass
class _Opened:
    lake: ObjectLake
    view: str


_LAYERS: Final = frozenset(("raw", "bronze", "silver", "gold"))
_SCHEME: Final = re.compile(r"[a-z][a-z0-9+]+:/")
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
        if _SCHEME.match(str(lake_root)) and not os.path.lexists(lake_root):
            raise UsageError(f"lake root {lake_root}: use a folder, or s3://BUCKET/PREFIX")
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
    here = str(parse_url(lake_root)) if is_remote(lake_root) else str(found.absolute())
    try:
        is_folder = found.is_dir()
        whole = _lake_around(found, here) if is_folder else None
    except OSError as error:
        raise LakeError(
            f"{name} {here}: cannot be read ({error.strerror}); let the user of this run read it "
            "and the folders above it, or look at the disk"
        ) from error
    if whole is not None:
        raise UsageError(f"{name} {here}: a folder within a lake; did you mean {whole}?")
    if is_folder:
        return found
    what = "not a folder" if os.path.lexists(found) else "no such folder"
    raise UsageError(
        f"{name} {found.absolute()}: {what}; name the folder of a lake, or build one with "
        f"{program('run')} (a sample with {program('demo')})"
    )


def _lake_around(folder: Path, here: str) -> str | None:
    # The lake that a folder is a part of, by its name and by what lies in it; None without.
    parts = here.split("/")
    layers = [n for n, part in enumerate(parts) if part in _LAYERS]
    inside = () if not layers else names(folder) if is_remote(here) else os.listdir(folder)
    if any("=" in one for one in inside):
        return "/".join(parts[: layers[-1]])
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
