"""What lies in a folder: all of it, or an error.

`pathlib.Path.glob` passes over folders that it may not read, and half a day then looks whole.
"""

from __future__ import annotations

import os
from pathlib import Path

from ..errors import LakeError
from .store import store_at


def entries(folder: Path) -> list[Path]:
    """Return what lies in a folder, sorted; nothing where there is no such folder.

    Raises
    ------
    LakeError
        The folder is there and cannot be read.
    """
    return [folder / name for name in names(folder)]


def names(folder: Path) -> list[str]:
    """Return the names of what lies in a folder, sorted, as `entries`."""
    place = store_at(folder)
    if place is not None:
        return place.store.entries(place.name)
    try:
        return sorted(os.listdir(folder))
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise _unreadable(folder, error) from error


def kinds(folder: Path) -> list[tuple[Path, bool]]:
    """Return what lies in a folder, sorted, and whether it is a folder, as `entries`."""
    if store_at(folder) is not None:
        return [(path, is_folder(path)) for path in entries(folder)]
    try:
        with os.scandir(folder) as found:
            here = [(folder / one.name, one.is_dir(follow_symlinks=False), one) for one in found]
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise _unreadable(folder, error) from error
    return sorted((path, yes or (one.is_symlink() and is_folder(path))) for path, yes, one in here)


def is_folder(path: Path) -> bool:
    """Tell whether there is a folder at a path, or a link to one.

    Raises
    ------
    LakeError
        A folder above it cannot be searched.
    """
    place = store_at(path)
    if place is not None:
        return place.store.is_folder(place.name)
    try:
        return path.is_dir()
    except OSError as error:
        raise _unreadable(path, error) from error


def lies_at(path: Path) -> bool:
    """Tell whether anything lies at a path, a link to nowhere too."""
    place = store_at(path)
    if place is not None:
        return place.store.state(place.name) is not None or place.store.is_folder(place.name)
    return os.path.lexists(path)


def _unreadable(path: Path, error: OSError) -> LakeError:
    return LakeError(
        f"{path}: cannot be read ({error.strerror}); what it holds is not known: let the user of "
        "this run read it and the folders above it, or move it out of the lake"
    )
